// What people are shown over a real database, from filing to the stop: shapes that are the contract's, sentences, who is told
// what, timelines and notices page by page.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ear, makeWorld, mid, people, person, startServer, type World } from '../../test/world.ts'
import { commandCase, fileCase } from '../app/cases.ts'
import { placeHoldOn } from '../app/terminals.ts'
import type { CaseCommand } from '../domain/application/decide.ts'
import type { Actor } from '../domain/authority.ts'
import { isRefusal } from '../domain/refusals.ts'
import { readerOf, type Reader } from './reader.ts'
import type { Asker } from './services.ts'
import { timelineRow, type TimelineRow } from './shapes.ts'
import { maskedPhone } from './view-terminal.ts'
import { applicationRow, applicationView, noticeView, terminalRow, terminalView, viewCase, viewTerminalAfter } from './views.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let reader: Reader
const zh = (actor: Actor): Asker => ({ actor, language: 'zh' })
const en = (actor: Actor): Asker => ({ actor, language: 'en' })
const root = person('root', 'platform_admin', { kind: 'platform', id: 'platform' })
const elsewhere = person('elsewhere', 'reviewer', { kind: 'provider', id: 'hairun' })
const stranger = person('stranger', 'merchant_owner', { kind: 'merchant', id: '102290058120009' })
const friday = Date.parse('2026-11-27T15:00+08:00')
const february = Date.parse('2027-02-24T00:00+08:00')

const file = async (terminals: string[], submit = true): Promise<string> => {
  const { telling, heard } = ear()
  await fileCase(world.app, { actor: people.owner }, { kind: 'suspend', terminals, reason: 'M02', effectiveFrom: friday, expectedUntil: february, words: '店面翻修', submit }, telling)
  expect(heard.refusal).toBeUndefined()
  return heard.after!.dossier.case!.case.no
}
const command = async (actor: Actor, no: string, asked: CaseCommand) => {
  const { telling, heard } = ear()
  await commandCase(world.app, { actor }, no, asked, telling)
  expect(heard.refusal).toBeUndefined()
  return heard.after!
}
const page = <T>(answer: T): Exclude<T, { refused: unknown } | undefined> => {
  if (answer === undefined || isRefusal(answer)) throw new Error('no page')
  return answer as Exclude<T, { refused: unknown } | undefined>
}

beforeAll(async () => {
  server = await startServer()
  world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: { straightThrough: [], secondApproval: [], materials: [] } })
  reader = readerOf(world.app)
  const [row] = await world.sql<{ wrapped_key: Buffer }>('select wrapped_key from merchant where mid = $1', [mid])
  const key = world.app.vault.openKey(row!.wrapped_key, mid)!
  await world.sql('update merchant set contact_sealed = $2, phone_sealed = $3 where mid = $1', [mid, key.seal('刘燕', `merchant.contact:${mid}`), key.seal('13812341234', `merchant.phone:${mid}`)])
  await world.sql(`insert into store (mid, name, address) values ($1, '徐汇总店', '漕溪路 1 号')`, [mid])
  await world.sql('update terminal set store_id = (select id from store)')
}, 120_000)
afterAll(async () => {
  await world?.close()
  await server?.stop()
})

describe('a case on its way', () => {
  let no: string
  beforeAll(async () => { no = await file(['10000001', '10000002']) })

  it('is shown in the contract’s shape, to each in its own words', async () => {
    const mine = await reader.applications.one(zh(people.owner), no)
    expect(applicationView.strict().parse(mine)).toEqual(mine)
    expect(mine).toMatchObject({
      no, kind: 'suspend', state: 'submitted', merchant: { mid, name: '老盛昌汤包', contact: { name: '刘燕', phone: '138****1234' } }, words: '店面翻修',
      applicant: { name: 'owner', onBehalf: false }, assignee: null, terminals: [{ tid: '10000001', result: 'pending' }, { tid: '10000002' }],
      effectiveFrom: '2026-11-27T07:00:00.000Z', checkpointAt: '2026-11-25T01:00:00.000Z', expectedUntil: '2027-02-23T16:00:00.000Z',
      deadline: { workingDays: 7, overdue: false, paused: false }, decision: { by: null, rule: null, policyVersion: 1 }, letters: [],
      allowed: { withdraw: true, approve: 'role_missing', 'add-material': true }, version: 1,
    })
    expect(mine!.sentence).toMatch(/^已提交，等待审核，最晚 12月2日 18:00 前答复（还有 7 个工作日）。批准后 周五 15:00 停机，2月24日 恢复。/)
    const theirs = await reader.applications.one(en(people.reviewer), no)
    expect(theirs).toMatchObject({ allowed: { approve: true, claim: true, withdraw: 'role_missing' }, merchant: { contact: { phone: '138****1234' } } })
    expect(theirs!.sentence).toMatch(/^Waiting for review; the answer comes by 18:00 on 2 Dec \(7 working days left\)\./)
  })

  it('is not there for others, and the platform reads no private words', async () => {
    expect(await reader.applications.one(zh(elsewhere), no)).toBeUndefined()
    expect(await reader.applications.one(zh(stranger), no)).toBeUndefined()
    expect(await reader.applications.one(zh(root), no)).toMatchObject({ words: null, merchant: { contact: null } })
  })

  it('is the same in a list', async () => {
    const list = page(await reader.applications.list(zh(people.reviewer), { queue: 'open', limit: 10 }))
    const one = await reader.applications.one(zh(people.reviewer), no)
    const { words: _, said: __, asked: ___, returns: ____, proof: _____, merchant, ...rest } = one!
    expect(list).toEqual({ items: [{ ...rest, merchant: { mid: merchant.mid, name: merchant.name } }], next: null, total: 1 })
    expect(applicationRow.strict().parse(list.items[0])).toEqual(list.items[0])
  })

  it('tells the merchant what a reviewer wrote, and not who', async () => {
    await command(people.reviewer, no, { command: 'claim' })
    await command(people.reviewer, no, { command: 'return', words: '请补装修合同；并说明起止日期。', materials: [{ type: 'renovation_proof', words: '缺章' }] })
    const mine = await reader.applications.one(zh(people.owner), no)
    expect(mine).toMatchObject({ state: 'returned', said: '请补装修合同；并说明起止日期。', asked: [{ type: 'renovation_proof', words: '缺章' }], assignee: null, deadline: { paused: true, workingDays: 7 } })
    expect(mine!.sentence).toMatch(/^需要补件：装修证明（缺章）。审核意见：请补装修合同；并说明起止日期。请在 12月7日 18:00 前补交/)
    expect(await reader.applications.one(zh(people.reviewer), no)).toMatchObject({ assignee: { id: 'reviewer', name: 'reviewer' } })
    await command(people.owner, no, { command: 'submit' })
    expect(await reader.applications.one(zh(people.owner), no)).toMatchObject({ said: null })
  })

  it('once approved, is seen on its terminals before anything happens', async () => {
    const after = await command(people.approver, no, { command: 'approve' })
    const told = viewCase(after, zh(people.owner))
    expect(applicationView.strict().parse(told)).toEqual(told)
    expect(told.decision).toMatchObject({ by: '云汇支付', policyVersion: 1 })
    expect(viewCase(after, zh(people.approver)).decision.by).toBe('approver')

    const t = await reader.terminals.one(zh(people.owner), '10000001')
    expect(terminalView.strict().parse(t)).toEqual(t)
    expect(t).toMatchObject({
      service: 'active', mode: 'open', term: null, sentence: '周五 15:00 停机，2月24日 恢复。', store: { name: '徐汇总店' }, device: { model: 'A920', state: 'deployed' },
      upcoming: [{ at: '2026-11-27T07:00:00.000Z', mode: 'drain' }, { at: '2026-11-28T07:00:00.000Z', mode: 'shut' }],
      holds: [{ reason: 'M02', reasonWords: '装修', owner: 'merchant', application: no, allowed: { lift: 'role_missing' } }],
      allowed: { suspend: 'case_open_already', close: 'case_open_already' },
    })
    expect(t!.schedule.map((s) => s.mode)).toEqual(['open', 'drain', 'shut'])
    expect(t!.schedule[0]!.from).toBe('2026-10-24T02:00:00.000Z')
    expect(t!.schedule.at(-1)!.to).toBe('2027-05-22T02:00:00.000Z')
    for (const [i, s] of t!.schedule.slice(1).entries()) expect(s.from).toBe(t!.schedule[i]!.to)
  })

  it('asks for what is open, by the checkpoint', async () => {
    await world.sql(`update terminal set clear = false, clearance = $2 where tid = $1`, ['10000001', JSON.stringify([{ kind: 'unsettled', count: 2, amountFen: 17_600, owner: 'merchant', dueBy: Date.parse('2026-11-23T15:00Z') }])])
    const t = await reader.terminals.one(zh(people.owner), '10000001')
    expect(t!.sentence).toBe('周五 15:00 停机，2月24日 恢复。还有 2 笔交易未结清，周三 09:00 前请结清。')
    expect(t!.clearance).toEqual({ clear: false, items: [{ kind: 'unsettled', amount: { fen: 17_600, currency: 'CNY' }, count: 2, dueBy: '2026-11-23T15:00:00.000Z', owner: 'merchant', toDo: '在终端上做批结算，等清算日到账' }] })
    await world.sql(`update terminal set clear = true, clearance = '[]' where tid = $1`, ['10000001'])
  })

  it('ends with its letter', async () => {
    await world.moveTo('2026-11-27T15:00')
    const done = await reader.applications.one(zh(people.owner), no)
    expect(done).toMatchObject({ state: 'completed', letters: [{ kind: 'stop_confirmation' }] })
    expect(done!.letters[0]!.href).toBe(`/api/v1/letters/${done!.letters[0]!.no}.pdf`)
    expect(done!.letters[0]!.verifyHref).toMatch(/^http:\/\/localhost\/verify\//)
    expect(done!.sentence).toMatch(/^已办结，今天 15:00 起停机（装修）。停机确认函 TQ-T2026-/)
    expect(await reader.terminals.one(zh(people.owner), '10000001')).toMatchObject({
      service: 'suspended', mode: 'shut', term: 'temporary', hostBlockedAt: '2026-11-27T07:00:00.000Z', sentence: '已停机（装修），2月24日 测试后恢复。不会自动开机，请提前申请复机。',
    })
  })
})

describe('a stop of the provider’s', () => {
  it('is told with its reason, way out and whom to call', async () => {
    const { telling, heard } = ear()
    await placeHoldOn(world.app, { actor: people.finance }, '10000003', { reason: 'A03', words: '结算账户退票' }, telling)
    const told = viewTerminalAfter(heard.after!, zh(people.finance))
    expect(terminalView.strict().parse(told)).toEqual(told)
    expect(told.holds[0]).toMatchObject({ reason: 'A03', owner: 'finance', allowed: { lift: true } })
    const mine = await reader.terminals.one(zh(people.owner), '10000003')
    expect(mine!.sentence).toMatch(/^云汇支付因结算账户异常（A03）停用。请更正结算账户。请在 [^。]+ 前提交：开户证明。由财务负责，办法：缴清欠费或账户恢复正常，由财务解除；可以申诉，客服 400-800-0000。/)
    expect(mine!.holds[0]!.allowed.lift).toBe('role_missing')
  })

  it('is in the list under its reason', async () => {
    const list = page(await reader.terminals.list(zh(people.finance), { reason: 'A03', limit: 50 }))
    expect(list.items.map((t) => t.tid)).toEqual(['10000003'])
    expect(terminalRow.strict().parse(list.items[0])).toEqual(list.items[0])
    expect(page(await reader.terminals.list(zh(elsewhere), { reason: 'A03', limit: 50 }))).toEqual({ items: [], next: null, total: 0 })
  })
})

describe('timelines and notices', () => {
  const whole = async (asker: Asker, limit: number): Promise<TimelineRow[]> => {
    const rows: TimelineRow[] = []
    for (let cursor: string | undefined, first = true; first || cursor; first = false) {
      const found = page(await reader.terminals.timeline(asker, '10000001', { cursor, limit }))
      rows.push(...found.items)
      cursor = found.next ?? undefined
      expect(found.items.length).toBeLessThanOrEqual(limit)
    }
    return rows
  }

  it('every fact, newest first, the same however it is paged', async () => {
    const all = await whole(zh(people.owner), 200)
    expect(all.map((r) => timelineRow.strict().parse(r))).toEqual(all)
    expect(await whole(zh(people.owner), 3)).toEqual(all)
    expect(page(await reader.terminals.timeline(zh(people.owner), '10000001', { limit: 5 })).total).toBe(all.length)
    const facts = all.map((r) => r.fact)
    for (const fact of ['opened', 'submitted', 'returned', 'approved', 'hold_placed', 'hold_started', 'hold_shut', 'host_blocked', 'completed']) expect(facts).toContain(fact)
    expect(facts.indexOf('completed')).toBeLessThan(facts.indexOf('hold_started'))
    expect(all.map((r) => r.seq)).toEqual(all.map((r) => r.seq).toSorted((a, b) => b - a))
    expect(all.find((r) => r.fact === 'hold_placed')!.sentence).toBe('停用项 M02（装修），今天 15:00 生效')
    expect(all.every((r) => /[一-鿿]/.test(r.sentence) && !r.sentence.includes('undefined'))).toBe(true)
    expect((await whole(en(people.owner), 200)).every((r) => /^[A-Z"\d]/.test(r.sentence) && !/[一-鿿]|undefined/.test(r.sentence))).toBe(true)
  })

  it('of the other terminal of the same case are its own', async () => {
    const rows = page(await reader.terminals.timeline(zh(people.owner), '10000003', { limit: 200 })).items
    expect(rows.map((r) => r.fact)).not.toContain('submitted')
    expect(rows.find((r) => r.fact === 'hold_placed')).toMatchObject({ by: { role: 'finance', party: { kind: 'provider', id: 'yunhui' } }, application: null })
  })

  it('are not there for others', async () => {
    expect(await reader.terminals.timeline(zh(elsewhere), '10000001', { limit: 5 })).toBeUndefined()
    expect(await reader.terminals.timeline(zh(people.owner), '10000001', { cursor: 'x', limit: 5 })).toMatchObject({ refused: 'fields_invalid' })
  })

  it('notices to each party, newest first', async () => {
    const first = page(await reader.notices.list(zh(people.owner), { limit: 2 }))
    expect(first.items.map((n) => noticeView.strict().parse(n))).toEqual(first.items)
    expect(first.total).toBeGreaterThan(3)
    const rest = page(await reader.notices.list(zh(people.owner), { cursor: first.next!, limit: 200 }))
    expect([...first.items, ...rest.items]).toHaveLength(first.total as number)
    expect([...first.items, ...rest.items].map((n) => n.at)).toEqual([...first.items, ...rest.items].map((n) => n.at).toSorted().toReversed())
    expect(page(await reader.notices.list(zh(elsewhere), { limit: 5 })).items).toEqual([])
    expect(page(await reader.notices.list(en(people.reviewer), { limit: 5 })).items[0]!.sentence).not.toMatch(/[一-鿿]/)
  })
})

it.each([['13812341234', '138****1234'], ['021-64331234', '021****1234'], ['12345', '****']])('%s is shown as %s', (phone, masked) => {
  expect(maskedPhone(phone)).toBe(masked)
})
