// Provider's stops in full, and what is looked after while a terminal is stopped – each promise on a real database.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCareFiles, type CareFiles } from '../src/app/care/evidence.ts'
import { commandDuty } from '../src/app/care/duties.ts'
import { letterOfHold, type HoldLetter } from '../src/app/care/letter.ts'
import { papersOf } from '../src/app/care/papers.ts'
import { careOf } from '../src/app/care/reading.ts'
import type { DutySeen, TicketSeen } from '../src/app/care/seen-by.ts'
import { commandTicket, reportFault, reportLoss } from '../src/app/care/tickets.ts'
import { payBack, recordPayment, returnPayment } from '../src/app/ledger/payments.ts'
import { letters } from '../src/app/letters.ts'
import { observed } from '../src/app/observed.ts'
import { openPress } from '../src/app/press.ts'
import { drawPaper } from '../src/demo/paper.ts'
import { demoProviders } from '../src/demo/policies.ts'
import type { Actor } from '../src/domain/authority.ts'
import { careSchema } from '../src/domain/care-policy.ts'
import type { DutyCommand } from '../src/domain/care.ts'
import { entryOf } from '../src/domain/ledger.ts'
import { sentenceOf, type Refusal } from '../src/domain/refusals.ts'
import type { TicketCommand } from '../src/domain/ticket.ts'
import type { Reason } from '../src/domain/vocabulary.ts'
import { readerOf } from '../src/http/reader.ts'
import { viewDuty, viewTicket } from '../src/http/view-care.ts'
import { openDb } from '../src/store/db.ts'
import { postEntries } from '../src/store/ledger.ts'
import { appRole } from '../src/store/migrate.ts'
import * as acts from './acts.ts'
import { at, makeWorld, mid, people, person, startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())

const cashier = person('cashier', 'merchant_staff', { kind: 'merchant', id: mid })
const admin = person('admin', 'provider_admin', { kind: 'provider', id: 'yunhui' })
const stranger = person('stranger', 'merchant_owner', { kind: 'merchant', id: '102290058129999' })
const demoCare = { ...demoProviders[0]!.policy.care, at: '10:00', wakeUp: { ...demoProviders[0]!.policy.care.wakeUp!, due: { from: 'expectedUntil' as const, offset: '-7d', at: '10:00' } } }
const tid = '10000001'

const inWorld = (now: string, care: Partial<typeof demoCare>, story: (world: World) => Promise<void>) => async (): Promise<void> => {
  const world = await makeWorld(server.url, { now, policy: { care: careSchema.parse({ ...demoCare, ...care }) } })
  try { await story(world) } finally { await world.close() }
}

/** What a command of care came to: the thing as it is seen, or the refusal. */
type Heard<T> = { seen?: T; refused?: Refusal }
const refusedOf = (heard: Heard<unknown>): string | undefined => heard.refused?.refused
async function hear<T>(act: (telling: { view(value: T): { status: number; body: string; headers: object }; refusal(r: Refusal): { status: number; body: string; headers: object } }) => Promise<unknown>): Promise<Heard<T>> {
  const heard: Heard<T> = {}
  await act({
    view(value) { heard.seen = value; return { status: 200, body: '{}', headers: {} } },
    refusal(refused) { heard.refused = refused; return { status: 409, body: '', headers: {} } },
  })
  return heard
}
const report = (w: World, actor: Actor, reason: Reason, words = '打印卡纸', on = tid) => hear<TicketSeen>((t) => reportFault(w.app, { actor }, on, { reason, words }, t as never))
const lose = (w: World, actor: Actor, what: 'lost' | 'stolen' | 'damaged', more: object = {}, on = tid) => hear<TicketSeen>((t) => reportLoss(w.app, { actor }, on, { what, words: '说明', ...more }, t as never))
const ticket = (w: World, actor: Actor, no: string, command: TicketCommand) => hear<TicketSeen>((t) => commandTicket(w.app, { actor }, no, command, t as never))
const duty = (w: World, actor: Actor, id: string, command: DutyCommand) => hear<DutySeen>((t) => commandDuty(w.app, { actor }, { id, command }, t as never))
const stateOf = (heard: Heard<TicketSeen>): string => heard.seen?.stored.ticket.state ?? `refused: ${heard.refused?.refused}`
const ticketsOn = (w: World, on = tid) => w.sql<{ no: string; state: string; reason: string; serial: string; hold: string | null; due_at: Date | null }>('select * from ticket where tid = $1 order by opened_at, no', [on])
const dutiesOn = (w: World, on = tid) => w.sql<{ id: string; kind: string; state: string; due_at: Date; next_at: Date | null; escalated_at: Date | null }>('select * from care_duty where tid = $1 order by due_at, kind', [on])
const holdsOn = async (w: World, on = tid): Promise<string[]> => (await w.sql<{ reason: string }>('select reason from hold where tid = $1 and lifted_at is null and withdrawn_at is null order by reason', [on])).map((h) => h.reason)
const service = async (w: World, on = tid): Promise<string> => (await w.sql<{ service: string }>('select service from terminal where tid = $1', [on]))[0]!.service
const told = async (w: World, audience: 'merchant' | 'provider', kind?: string): Promise<string[]> =>
  (await w.sql<{ said: string }>(`select words_zh || ' ' || words_en as said from notice where audience = $1 and ($2::text is null or kind = $2) order by at, id`, [audience, kind ?? null])).map((n) => n.said)
const holdId = async (w: World, reason: string): Promise<string> => (await w.sql<{ id: string }>('select id from hold where reason = $1 order by effective_from desc limit 1', [reason]))[0]!.id
const wall = (d: Date | null | undefined): string | undefined => d ? new Date(d.getTime() + 8 * 3_600_000).toISOString().slice(0, 16) : undefined
async function suspend(w: World, from: string, until?: string): Promise<void> {
  const filed = await acts.file(w, people.owner, { kind: 'suspend', terminals: [tid], reason: 'M02', effectiveFrom: at(from), ...(until ? { expectedUntil: at(until) } : {}), submit: true })
  const { no, state } = filed.after!.dossier.case!.case
  if (state === 'submitted') await acts.command(w, people.reviewer, no, { command: 'approve' })
}

describe('a fault', () => {
  test('reported by the cashier, repaired, tested: a passed test is its only way out', inWorld('2026-11-23T10:00', {}, async (w) => {
    const opened = await report(w, cashier, 'D01', '屏幕摔裂')
    expect(stateOf(opened)).toBe('reported')
    const { no } = opened.seen!.stored.ticket
    expect(no).toMatch(/^TQ-G2026-1123\d{5}-\d$/)
    await w.moveTo('2026-11-23T10:01')
    expect([await holdsOn(w), w.ask('sale').code]).toEqual([['D01'], '58'])
    expect((await ticketsOn(w))[0]!.hold).not.toBeNull()
    expect((await told(w, 'provider', 'fault_ticket'))[0]).toContain('D01')
    expect(refusedOf(await report(w, people.agent, 'D01'))).toBe('ticket_exists')
    // In its order, by whoever may.
    expect(stateOf(await ticket(w, people.field, no, { command: 'repair', words: '换屏' }))).toBe('refused: ticket_not_in_this_state')
    expect(stateOf(await ticket(w, cashier, no, { command: 'diagnose', words: '看看' }))).toBe('refused: role_missing')
    expect(stateOf(await ticket(w, people.field, no, { command: 'diagnose', words: '屏幕总成损坏', minutes: 15 }))).toBe('diagnosed')
    expect(stateOf(await ticket(w, people.field, no, { command: 'dismiss', words: '没坏' }))).toBe('refused: test_needed')
    expect(stateOf(await ticket(w, people.field, no, { command: 'repair', words: '换屏', minutes: 40, parts: [{ name: '屏幕', count: 1 }], costFen: 12_000, payer: 'merchant' }))).toBe('working')
    const ready = await ticket(w, people.field, no, { command: 'ready' })
    expect([stateOf(ready), await service(w)]).toEqual(['testing', 'testing'])
    // A failed test brings it back to the bench; the terminal stays shut.
    await acts.testOf(w, people.field, tid, acts.items(['screen']))
    expect([(await ticketsOn(w))[0]!.state, await service(w), w.ask('sale').code]).toEqual(['diagnosed', 'testing', '58'])
    expect(stateOf(await ticket(w, people.field, no, { command: 'reinstall', words: '重装固件', minutes: 20 }))).toBe('working')
    expect(stateOf(await ticket(w, people.field, no, { command: 'ready' }))).toBe('testing')
    await acts.testOf(w, people.field, tid, acts.items())
    expect([(await ticketsOn(w))[0]!.state, await service(w), await holdsOn(w)]).toEqual(['closed', 'active', []])
    // Who did what, for how long, at whose cost; and the merchant owes its part.
    const care = (await careOf(w.app, people.field, tid))!
    const seen = viewTicket(w.app, care.tickets[0]!, { actor: people.field, language: 'zh' })
    expect(seen.entries.map((e) => [e.act, e.by.role, e.minutes])).toEqual([
      ['opened', 'merchant_staff', null], ['note', 'merchant_staff', null], ['diagnose', 'field', 15], ['repair', 'field', 40], ['ready', 'field', null], ['fail', 'field', null],
      ['reinstall', 'field', 20], ['ready', 'field', null], ['pass', 'field', null],
    ])
    expect([seen.total.minutes, seen.total.merchant.fen, seen.failedTests, seen.entries[0]!.words, seen.entries[3]!.parts]).toEqual([75, 12_000, 1, '屏幕摔裂', [{ name: '屏幕', count: 1 }]])
    expect(Number((await w.sql<{ fen: string }>(`select ledger_balance($1, 'yunhui') as fen`, [mid]))[0]!.fen)).toBe(12_000)
    // The merchant reads what was done, not by whom; a stranger finds nothing; the words are sealed in the table.
    const theirs = viewTicket(w.app, (await careOf(w.app, people.owner, tid))!.tickets[0]!, { actor: people.owner, language: 'en' })
    expect(theirs.entries.find((e) => e.act === 'repair')).toMatchObject({ by: { role: 'field', name: null }, words: '换屏', cost: { fen: 12_000 }, payer: 'merchant' })
    expect(await careOf(w.app, stranger, tid)).toBeUndefined()
    expect((await w.sql<{ row: string }>('select string_agg(e::text, chr(10)) as row from ticket_entry e'))[0]!.row).not.toContain('换屏')
  }))

  test('one that need not stop it at once goes on until somebody looked; repeated faults of a device are raised', inWorld('2026-11-23T10:00', { faults: { ...demoCare.faults, repeatCount: 2 } }, async (w) => {
    const first = (await report(w, people.owner, 'D11')).seen!.stored.ticket.no
    expect([await holdsOn(w), w.ask('sale').code]).toEqual([[], '00'])
    expect(stateOf(await ticket(w, people.agent, first, { command: 'dismiss', words: '已指导取出卡纸' }))).toBe('dismissed')
    const second = (await report(w, people.owner, 'D11')).seen!.stored.ticket.no
    expect((await told(w, 'provider', 'fault_ticket')).some((n) => n.includes('次故障'))).toBe(false)
    await ticket(w, people.field, second, { command: 'diagnose', words: '打印头磨损', stop: true })
    await w.moveTo('2026-11-23T10:01')
    expect([await holdsOn(w), (await ticketsOn(w)).map((t) => t.state)]).toEqual([['D11'], ['dismissed', 'diagnosed']])
    await report(w, people.owner, 'D13', '没网')
    expect((await told(w, 'provider', 'fault_ticket')).some((n) => n.includes('第 2 次故障'))).toBe(true)
    expect(refusedOf(await report(w, people.owner, 'R09' as Reason))).toBe('reason_not_yours')
    expect(refusedOf(await report(w, stranger, 'D12'))).toBe('not_found')
  }))

  test('the desk’s own hold opens one, and giving it free sends it to its test', inWorld('2026-11-23T10:00', {}, async (w) => {
    await acts.place(w, people.agent, tid, { reason: 'D09', words: '系统反复崩溃' })
    expect((await ticketsOn(w)).map((t) => [t.reason, t.state])).toEqual([['D09', 'reported']])
    await acts.lift(w, people.agent, await holdId(w, 'D09'))
    expect([(await ticketsOn(w))[0]!.state, await service(w)]).toEqual(['testing', 'testing'])
    await acts.testOf(w, people.field, tid, acts.items())
    expect([(await ticketsOn(w))[0]!.state, await service(w)]).toEqual(['closed', 'active'])
  }))

  test('under another stop its hold ends, but not the ticket: that waits for the test', inWorld('2026-11-23T10:00', {}, async (w) => {
    await acts.place(w, people.risk, tid, { reason: 'R09', words: '核查' })
    await acts.place(w, people.agent, tid, { reason: 'D09', words: '崩溃' })
    await acts.lift(w, people.agent, await holdId(w, 'D09'))
    expect([await holdsOn(w), (await ticketsOn(w)).map((t) => `${t.reason} ${t.state}`).toSorted()]).toEqual([['R09'], ['D09 testing', 'R09 opened']])
    await acts.lift(w, people.risk, await holdId(w, 'R09'))
    await acts.testOf(w, people.field, tid, acts.items())
    expect([await service(w), (await ticketsOn(w)).map((t) => t.state)]).toEqual(['active', ['closed', 'closed']])
  }))
})

describe('a breach', () => {
  test('demanded, handed in, judged: only an accepted rectification gives it free', inWorld('2026-11-23T10:00', {}, async (w) => {
    await acts.place(w, people.risk, tid, { reason: 'R09', words: '拆分交易' })
    const { no } = (await ticketsOn(w))[0]!
    expect(no).toMatch(/^TQ-W/)
    const due = at('2026-12-04T18:00')
    expect(stateOf(await ticket(w, people.agent, no, { command: 'demand', words: '交签购单' }))).toBe('refused: role_missing')
    expect(stateOf(await ticket(w, people.owner, no, { command: 'hand-in', words: '早了' }))).toBe('refused: ticket_not_in_this_state')
    expect(stateOf(await ticket(w, people.risk, no, { command: 'demand', words: '停止拆分交易，提交签购单', dueAt: due }))).toBe('demanded')
    const notice = (await told(w, 'merchant', 'rectification'))[0]!
    for (const word of ['R09', '停止拆分交易', '2026-12-04 18:00', '可以申诉', no]) expect(notice).toContain(word)
    // No way round it.
    const lifted = await acts.lift(w, people.risk, await holdId(w, 'R09'))
    expect([lifted.refusal?.refused, sentenceOf(lifted.refusal!, 'en')]).toEqual(['rectification_open', expect.stringContaining(no)])
    expect(stateOf(await ticket(w, people.risk, no, { command: 'judge', accepted: true, words: '好' }))).toBe('refused: ticket_not_in_this_state')
    // Reminded by the ladder while nothing comes.
    await w.moveTo('2026-12-04T10:00')
    expect((await told(w, 'merchant', 'care_due')).at(-1)).toContain('2026-12-04 18:00')
    expect(stateOf(await ticket(w, people.owner, no, { command: 'hand-in', words: '已停止，凭证在此' }))).toBe('handed_in')
    expect((await dutiesOn(w)).find((d) => d.kind === 'rectification')!.state).toBe('done')
    expect(stateOf(await ticket(w, people.risk, no, { command: 'judge', accepted: false, words: '缺 11 月 20 日的' }))).toBe('demanded')
    expect((await dutiesOn(w)).filter((d) => d.kind === 'rectification').map((d) => [d.state, wall(d.due_at)])).toEqual([['done', '2026-12-04T18:00'], ['open', '2026-12-18T18:00']])
    await ticket(w, people.owner, no, { command: 'hand-in', words: '补上了' })
    expect(stateOf(await ticket(w, people.risk, no, { command: 'judge', accepted: true, words: '齐了', responsibility: 'staff' }))).toBe('accepted')
    expect(await service(w)).toBe('testing')
    await acts.testOf(w, people.field, tid, acts.items())
    expect([(await ticketsOn(w))[0]!.state, await service(w)]).toEqual(['closed', 'active'])
    expect((await w.sql('select responsibility, closed_at from ticket'))[0]).toMatchObject({ responsibility: 'staff' })
  }))

  test('what the policy wants demanded first is not given free on the spot; the rest is, in words', inWorld('2026-11-23T10:00', { violations: { rectifyWorkingDays: 10, demandFirst: ['R02'] } }, async (w) => {
    await acts.place(w, people.risk, tid, { reason: 'R02', words: '欺诈' })
    await acts.place(w, people.risk, '10000002', { reason: 'R09', words: '违规' })
    expect((await acts.lift(w, people.risk, await holdId(w, 'R02'))).refusal?.refused).toBe('demand_first')
    expect((await acts.lift(w, people.risk, await holdId(w, 'R09'))).refusal).toBeUndefined()
    expect([await service(w), await service(w, '10000002'), (await ticketsOn(w, '10000002'))[0]!.state]).toEqual(['suspended', 'testing', 'accepted'])
  }))

  test('evidence is sealed, in the chain, and neither altered nor lost', inWorld('2026-11-23T10:00', {}, async (w) => {
    const files: CareFiles = openCareFiles(w.app)
    await acts.place(w, people.risk, tid, { reason: 'R09', words: '拆分交易' })
    const { no } = (await ticketsOn(w))[0]!
    const paper = new Uint8Array(await drawPaper('other'))
    const added = await hear<TicketSeen>((t) => files.add({ actor: people.owner }, no, { type: 'transaction_vouchers', fileName: '签购单.png', bytes: paper, words: '十一月' }, t as never))
    const [evidence] = added.seen!.evidence
    const sha256 = createHash('sha256').update(paper).digest('hex')
    expect(evidence).toMatchObject({ sha256, ticket: no, type: 'transaction_vouchers' })
    expect(await files.read(people.risk, evidence!.id)).toMatchObject({ mediaType: 'image/png', fileName: '签购单.png' })
    expect(await files.read(stranger, evidence!.id)).toMatchObject({ refused: 'not_found' })
    expect((await w.sql<{ n: number }>(`select count(*)::int as n from journal where body like '%evidence_added%' and body like $1`, [`%${sha256}%`]))[0]!.n).toBe(1)
    expect((await told(w, 'provider', 'rectification')).at(-1)).toContain(no)
    const db = openDb(w.url, { role: appRole, connections_max: 1 })
    try {
      for (const sql of ['update evidence set sha256 = sha256', 'delete from evidence', 'update ticket_entry set at = at', 'delete from ticket_entry', 'update merchant set wrapped_key = null'])
        await expect(db.transaction('*', (tx) => tx.run(sql)), sql).rejects.toMatchObject({ code: '23514' })
    } finally { await db.close() }
    // A file that is no evidence leaves nothing behind.
    const bad = await hear<TicketSeen>((t) => files.add({ actor: people.owner }, no, { type: 'other', fileName: 'x.png', bytes: new Uint8Array([1, 2, 3]) }, t as never))
    expect(refusedOf(bad)).toBe('file_type')
    expect(await files.sweep()).toBe(0)
    await acts.lift(w, people.risk, await holdId(w, 'R09'))
    await acts.testOf(w, people.field, tid, acts.items())
    expect(refusedOf(await hear<TicketSeen>((t) => files.add({ actor: people.owner }, no, { type: 'other', fileName: 'x.png', bytes: paper }, t as never)))).toBe('ticket_not_in_this_state')
    const papers = (await papersOf(w.app, people.risk, tid))!
    expect(papers.filter((p) => p.kind === 'evidence').map((p) => p.keptUntil && wall(new Date(p.keptUntil)))).toEqual(['2036-11-23T23:59', '2036-11-23T23:59'])
  }))
})

describe('what a provider’s stop says', () => {
  test.each([
    ['A03', people.finance, ['account_licence'], '2026-12-07T18:00', true], ['R07', people.risk, ['business_licence', 'id_card'], '2026-12-07T18:00', true],
    ['D12', people.agent, [], undefined, false], ['S05', people.risk, ['relocation_proof', 'device_photo'], '2026-11-30T18:00', true],
  ] as const)('%s: code, plain words, what to hand in, by when, who decides, whether an appeal exists', (reason, who, materials, dueBy, appeal) => inWorld('2026-11-23T10:00', {}, async (w) => {
    await acts.place(w, who, tid, { reason, words: '说明' })
    await w.moveTo('2026-11-23T10:01')
    const hold = (await readerOf(w.app).terminals.one({ actor: people.owner, language: 'zh' }, tid))!.holds.find((h) => h.reason === reason)!
    expect(hold.demands).toMatchObject({ materials: materials.map((type) => expect.objectContaining({ type })), dueBy: dueBy === undefined ? null : new Date(at(dueBy)).toISOString(), appeal, decidedBy: { owner: hold.owner } })
    // The notice says the same.
    const [notice] = await told(w, 'merchant', 'hold_placed')
    for (const { words } of hold.demands!.materials) expect(notice).toContain(words)
    if (dueBy) expect(notice).toContain(dueBy.replace('T', ' '))
    expect(notice).toContain(reason)
    expect(notice!.includes('申诉')).toBe(appeal)
    expect((await readerOf(w.app).terminals.one({ actor: people.owner, language: 'en' }, tid))!.holds[0]!.demands!.words).toMatch(/^[A-Z].*Decided by/)
    if (reason === 'A03') expect(w.cashierReads(tid, 'zh')).toContain('开户证明')
  })())

  test('on paper: one signed notice per hold, with the same words, whoever asks first', inWorld('2026-11-23T10:00', {}, async (w) => {
    await acts.place(w, people.finance, tid, { reason: 'A03', words: '户名不符', effectiveFrom: at('2026-11-25T09:00') })
    const ask = (who: Actor, hold: string) => hear<HoldLetter>((t) => letterOfHold(w.app, { actor: who }, hold, t as never))
    const first = await ask(people.owner, await holdId(w, 'A03'))
    expect(first.seen!.no).toMatch(/^TQ-N2026-\d{5}-\d$/)
    expect((await ask(people.agent, await holdId(w, 'A03'))).seen).toEqual(first.seen)
    expect(refusedOf(await ask(stranger, await holdId(w, 'A03')))).toBe('not_found')
    const hold = (await readerOf(w.app).terminals.one({ actor: people.owner, language: 'zh' }, tid))!.holds[0]!
    const [row] = await w.sql<{ facts: { demand: { zh: string } } }>('select facts from letter')
    expect(row!.facts.demand.zh).toBe(hold.demands!.words)
    const press = await openPress(w.app)
    try {
      const printed = await letters(w.app, press).pdf(people.owner, first.seen!.no)
      expect('pdf' in printed && printed.pdf.subarray(0, 5).toString()).toBe('%PDF-')
    } finally { await press.close() }
  }))

  test('a partial hold: refunds and completions only, at the gate, in the sentence, in the notice, and back without a test', inWorld('2026-11-23T10:00', {}, async (w) => {
    await acts.place(w, people.finance, tid, { reason: 'A03', effect: 'restrict', words: '核对账户' })
    await w.moveTo('2026-11-23T10:01')
    expect(['sale', 'preauth', 'refund', 'preauth_completion', 'reversal', 'sign_on'].map((c) => w.ask(c as 'sale').decision)).toEqual(['decline', 'decline', 'approve', 'approve', 'approve', 'approve'])
    const seen = (await readerOf(w.app).terminals.one({ actor: people.owner, language: 'zh' }, tid))!
    expect([seen.service, seen.mode, seen.holds[0]!.effect, seen.holds[0]!.demands!.dueBy]).toEqual(['restricted', 'restrict', 'restrict', expect.any(String)])
    expect(seen.sentence).toContain('只能退货')
    const [notice] = await told(w, 'merchant', 'hold_placed')
    expect([notice!.includes('只能退货和完成预授权'), notice!.includes('stops terminal')]).toEqual([true, false])
    expect(w.cashierReads(tid, 'zh')).toContain('只退不收')
    await acts.lift(w, people.finance, await holdId(w, 'A03'))
    await w.moveTo('2026-11-23T10:02')
    expect([await service(w), w.ask('sale').code]).toEqual(['active', '00'])
  }))
})

describe('a hold for money', () => {
  const owes = async (w: World, fen: number): Promise<void> => {
    await w.app.db.transaction('*', (tx) => postEntries(tx, [entryOf({ id: `test/${fen}`, kind: 'charge', provider: 'yunhui', mid, at: w.clock.now(), words: ['月费', 'fee'] }, [{ debit: 'receivable', credit: 'revenue_other', fen }])]))
  }
  const pay = (w: World, fen: number, reference: string) => hear<{ id: string }>((t) => recordPayment(w.app, { actor: people.finance }, mid, { amountFen: fen, method: 'transfer', reference }, t as never))

  test('ends by the fact and not by hand: paid in part not, paid in full at once; then test, then open', inWorld('2026-11-23T10:00', {}, async (w) => {
    await owes(w, 9_000)
    await acts.place(w, people.finance, tid, { reason: 'A01', words: '欠月费' })
    const refused = await acts.lift(w, people.finance, await holdId(w, 'A01'))
    expect([refused.refusal?.refused, sentenceOf(refused.refusal!, 'zh')]).toEqual(['account_not_good', expect.stringContaining('¥90.00')])
    await pay(w, 4_000, 'P-1')
    await w.moveTo('2026-11-23T11:00')
    expect(await service(w)).toBe('suspended')
    await pay(w, 5_000, 'P-2')
    await w.moveTo('2026-11-23T12:00')
    expect(await service(w)).toBe('testing')
    expect((await told(w, 'merchant', 'account_good'))[0]).toContain('A01')
    expect((await w.sql<{ n: number }>(`select count(*)::int as n from journal where body::json -> 'actor' ->> 'role' = 'system' and body like '%account_good%'`))[0]!.n).toBe(1)
    await acts.testOf(w, people.field, tid, acts.items())
    await w.moveTo('2026-11-23T12:01')
    expect([await service(w), w.ask('sale').code]).toEqual(['active', '77'])
    expect((await w.sql('select * from care_account')).length).toBe(0)
  }))

  test('a debit that came back (A02), and a balance too short (A04) up to what the policy wants', inWorld('2026-11-23T10:00', { topUpFen: 10_000 }, async (w) => {
    await owes(w, 3_000)
    const paid = (await pay(w, 3_000, 'P-1')).seen!
    await hear((t) => returnPayment(w.app, { actor: people.finance }, paid.id, '账户余额不足', t as never))
    await acts.place(w, people.finance, tid, { reason: 'A02', words: '扣款被退' })
    await acts.place(w, people.finance, '10000002', { reason: 'A04', effect: 'restrict', words: '余额不足' })
    await pay(w, 3_000, 'P-3')
    await w.moveTo('2026-11-23T11:00')
    expect([await service(w), await service(w, '10000002')]).toEqual(['testing', 'restricted'])
    await pay(w, 10_000, 'P-4')
    await w.moveTo('2026-11-23T12:00')
    expect(await service(w, '10000002')).toBe('active')
    // What moves afterwards asks nothing any more.
    await hear((t) => payBack(w.app, { actor: people.finance }, mid, { amountFen: 5_000, method: 'transfer', reference: 'P-5' }, t as never))
    expect((await w.sql('select * from care_account')).length).toBe(0)
  }))
})

describe('seen by a gate', () => {
  const saw = async (w: World, query: object): Promise<void> => {
    w.gate.door.decide({ tid, mid, class: 'sale', ...query })
    for (let i = 0; i < 50; i++) {
      await observed(w.app).run()
      if ((await w.sql('select 1 from gate_report where taken_at is not null')).length > 0) return
      await new Promise((r) => setTimeout(r, 100))
    }
  }
  test('another serial number: held by policy, with what was seen; an alarm alone where the policy says so', inWorld('2026-11-23T10:00', { seen: { ...demoCare.seen, serialMismatch: 'hold' } }, async (w) => {
    await saw(w, { serial: '0000999999999999' })
    await w.moveTo('2026-11-23T10:05')
    expect([await holdsOn(w), await service(w)]).toEqual([['S06'], 'suspended'])
    const seen = viewTicket(w.app, (await careOf(w.app, people.risk, tid))!.tickets[0]!, { actor: people.risk, language: 'zh' })
    expect(seen.entries.map((e) => [e.act, e.words])).toEqual([['opened', null], ['evidence', expect.stringMatching(/test.*序列号.*…9999/)]])
    expect(await w.sql('select * from care_seen')).toEqual([])
  }))
  test('by default the alarm is all', inWorld('2026-11-23T10:00', {}, async (w) => {
    await saw(w, { serial: '0000999999999999' })
    await w.moveTo('2026-11-23T10:05')
    expect([await holdsOn(w), (await told(w, 'provider', 'security_event')).length]).toEqual([[], 1])
  }))
})

describe('while it is stopped', () => {
  test('custody: a look every 30 days by photo and place; missed, the ladder is climbed and somebody above the desk is told', inWorld('2026-11-02T09:00', {}, async (w) => {
    await w.sql(`insert into store (mid, name, address, longitude, latitude) values ($1, '总店', '南京西路', 121.4737, 31.2304)`, [mid])
    await w.sql(`update terminal set store_id = (select id from store limit 1) where tid = $1`, [tid])
    await suspend(w, '2026-11-03T15:00')
    await w.moveTo('2026-11-04T09:00')
    const [look] = (await dutiesOn(w)).filter((d) => d.kind === 'custody_check')
    expect([look!.state, wall(look!.due_at)]).toEqual(['open', '2026-12-03T10:00'])
    await w.moveTo('2026-12-03T10:00')
    expect((await told(w, 'merchant', 'care_due')).length).toBe(1)
    await w.moveTo('2026-12-06T09:59')
    expect((await told(w, 'merchant', 'care_overdue')).length).toBe(0)
    await w.moveTo('2026-12-06T10:00')
    expect((await told(w, 'merchant', 'care_overdue')).length).toBe(1)
    await w.moveTo('2026-12-09T10:00')
    await w.moveTo('2026-12-11T10:00')
    expect((await told(w, 'provider', 'care_overdue')).at(-1)).toContain('请致电商户')
    expect(refusedOf(await duty(w, people.owner, look!.id, { command: 'call', reached: false }))).toBe('role_missing')
    expect((await duty(w, people.agent, look!.id, { command: 'call', reached: false, words: '无人接听' })).seen!.stored.duty.calls).toHaveLength(1)
    await w.moveTo('2026-12-13T10:00')
    expect((await told(w, 'provider', 'care_overdue')).at(-1)).toContain('机构管理员')
    expect([(await dutiesOn(w)).find((d) => d.id === look!.id)!.escalated_at !== null, (await dutiesOn(w)).find((d) => d.id === look!.id)!.next_at]).toEqual([true, null])
    // Looked at in the end: the photo is sealed, the next look is 30 days later, and the device was where it should be.
    const files = openCareFiles(w.app)
    const photo = new Uint8Array(await drawPaper('other'))
    expect(refusedOf(await duty(w, people.owner, look!.id, { command: 'answer', answer: 'extend' }))).toBe('duty_asks_otherwise')
    const done = await hear<DutySeen>((t) => files.check({ actor: cashier }, look!.id, { fileName: 'pos.png', bytes: photo, position: { longitude: 121.4739, latitude: 31.2305 } }, t as never))
    const seen = viewDuty(w.app, done.seen!, { actor: people.agent, language: 'zh' })
    expect([seen.state, seen.evidence.length, seen.position!.metres]).toEqual(['done', 1, 22])
    await w.moveTo('2026-12-14T09:00')
    expect((await dutiesOn(w)).filter((d) => d.kind === 'custody_check').map((d) => [d.state, wall(d.due_at)])).toEqual([['done', '2026-12-03T10:00'], ['open', '2027-01-12T10:00']])
    expect((await dutiesOn(w)).filter((d) => d.kind === 'moved')).toEqual([])
  }))

  test('found elsewhere: asked, answered, put right – and held where it is not', inWorld('2026-11-02T09:00', { custody: { everyDays: 10, toleranceMetres: 500 } }, async (w) => {
    await w.sql(`insert into store (mid, name, address, longitude, latitude) values ($1, '总店', '南京西路', 121.4737, 31.2304)`, [mid])
    await w.sql(`update terminal set store_id = (select id from store limit 1)`)
    await suspend(w, '2026-11-03T15:00')
    await w.moveTo('2026-11-13T10:00')
    const [look] = (await dutiesOn(w)).filter((d) => d.kind === 'custody_check')
    const files = openCareFiles(w.app)
    await hear<DutySeen>((t) => files.check({ actor: people.owner }, look!.id, { fileName: 'pos.png', bytes: new Uint8Array(0), position: { longitude: 121.6, latitude: 31.2 } }, t as never))
    expect((await dutiesOn(w)).find((d) => d.id === look!.id)!.state).toBe('open')
    const photo = new Uint8Array(await drawPaper('other'))
    await hear<DutySeen>((t) => files.check({ actor: people.owner }, look!.id, { fileName: 'pos.png', bytes: photo, position: { longitude: 121.6, latitude: 31.2 } }, t as never))
    const [moved] = (await dutiesOn(w)).filter((d) => d.kind === 'moved')
    expect([moved!.state, wall(moved!.due_at)]).toEqual(['open', '2026-11-16T18:00'])
    expect((await told(w, 'merchant', 'care_due')).join()).toContain('不在登记地址')
    expect(refusedOf(await duty(w, people.owner, moved!.id, { command: 'answer', answer: 'extend' }))).toBe('duty_asks_otherwise')
    expect((await duty(w, people.owner, moved!.id, { command: 'answer', answer: 'moved_back', words: '仓库临时存放' })).seen!.stored.duty.state).toBe('answered')
    expect(refusedOf(await duty(w, people.owner, moved!.id, { command: 'settle', words: '好了' }))).toBe('role_missing')
    expect((await duty(w, people.agent, moved!.id, { command: 'settle', words: '已核对照片' })).seen!.stored.duty.state).toBe('done')
    // The next time nobody answers: at the top of the ladder it is held for it.
    await w.moveTo('2026-11-24T09:00')
    const [next] = (await dutiesOn(w)).filter((d) => d.kind === 'custody_check' && d.state === 'open')
    await hear<DutySeen>((t) => files.check({ actor: people.owner }, next!.id, { fileName: 'pos.png', bytes: photo, position: { longitude: 121.6, latitude: 31.2 } }, t as never))
    await w.moveTo('2026-12-07T10:00')
    expect(await holdsOn(w)).toEqual(['M02', 'S05'])
    expect((await ticketsOn(w)).map((t) => [t.reason, t.state])).toEqual([['S05', 'opened']])
  }))

  test('care before the return, item by item, by type of device; another return date reckons it anew', inWorld('2026-11-02T09:00', {}, async (w) => {
    await suspend(w, '2026-11-03T15:00', '2026-12-01T09:00')
    await w.moveTo('2026-11-05T09:00')
    const wake = async () => (await dutiesOn(w)).filter((d) => d.kind === 'wake_up')
    expect((await wake()).map((d) => [d.state, wall(d.due_at)])).toEqual([['open', '2026-11-24T10:00']])
    await acts.file(w, people.owner, { kind: 'extend', terminals: [tid], expectedUntil: at('2026-12-20T09:00'), submit: true })
    await w.moveTo('2026-11-24T10:00')
    expect((await wake()).map((d) => [d.state, wall(d.due_at)])).toEqual([['cancelled', '2026-11-24T10:00'], ['open', '2026-12-13T10:00']])
    await w.moveTo('2026-12-13T10:00')
    const [, open] = await wake()
    expect((await told(w, 'merchant', 'care_due')).at(-1)).toContain('唤醒保养')
    const first = await duty(w, people.owner, open!.id, { command: 'complete', checks: [{ item: 'battery', ok: true }, { item: 'sim', ok: false, note: '欠费停机' }] })
    expect(first.seen!.stored.duty.state).toBe('open')
    expect((await told(w, 'provider', 'care_due')).at(-1)).toContain('1 项未通过')
    const rest = await duty(w, people.field, open!.id, { command: 'complete', checks: (['certificate', 'firmware', 'sim', 'keys'] as const).map((item) => ({ item, ok: true })) })
    expect(rest.seen!.stored.duty.state).toBe('done')
    // Late, and nobody brought it back: asked again and again, until a reactivation is under way.
    await w.moveTo('2026-12-23T10:00')
    expect((await told(w, 'merchant', 'care_overdue')).at(-1)).toContain('原定 2026-12-20 09:00 恢复')
    await acts.file(w, people.owner, { kind: 'reactivate', terminals: [tid], submit: true })
    const before = (await told(w, 'merchant', 'care_overdue')).length
    await w.moveTo('2026-12-27T10:00')
    expect((await told(w, 'merchant', 'care_overdue')).length).toBe(before)
  }))

  test('the longest pause is talked about in time, and held by policy where nobody answers', inWorld('2026-03-02T09:00', { custody: undefined, longestPause: { openEndedDays: 60, askDaysBefore: 14, unanswered: 'hold' } }, async (w) => {
    await suspend(w, '2026-03-03T15:00')
    await w.moveTo('2026-03-05T09:00')
    const [talk] = (await dutiesOn(w)).filter((d) => d.kind === 'longest_pause')
    expect(wall(talk!.due_at)).toBe('2026-04-18T10:00')
    await w.moveTo('2026-04-18T10:00')
    expect((await told(w, 'merchant', 'care_due')).at(-1)).toContain('最长期限')
    await w.moveTo('2026-04-28T10:00')
    expect(await holdsOn(w)).toEqual(['I01', 'M02'])
  }))

  test('a device lost: stopped, charged what the deposit does not cover, once; found, it is tested', inWorld('2026-11-23T10:00', {}, async (w) => {
    await w.sql('update device set deposit_fen = 30000')
    const lost = await lose(w, cashier, 'lost')
    expect(stateOf(lost)).toBe('reported')
    await w.moveTo('2026-11-23T10:01')
    expect([await holdsOn(w), await service(w), w.ask('refund').code]).toEqual([['D02'], 'suspended', '58'])
    expect((await w.sql<{ state: string }>('select d.state from device d join terminal t on t.serial = d.serial where t.tid = $1', [tid]))[0]!.state).toBe('lost')
    expect(Number((await w.sql<{ fen: string }>(`select ledger_balance($1, 'yunhui') as fen`, [mid]))[0]!.fen)).toBe(90_000)
    expect((await told(w, 'merchant', 'device_loss'))[0]).toContain('¥900.00')
    expect(refusedOf(await lose(w, people.owner, 'lost'))).toBe('ticket_exists')
    const { no } = lost.seen!.stored.ticket
    await ticket(w, people.field, no, { command: 'diagnose', words: '已找到，外观完好' })
    await ticket(w, people.field, no, { command: 'ready' })
    await acts.testOf(w, people.field, tid, acts.items())
    expect([(await ticketsOn(w))[0]!.state, (await w.sql<{ state: string }>('select d.state from device d join terminal t on t.serial = d.serial where t.tid = $1', [tid]))[0]!.state]).toEqual(['closed', 'deployed'])
    const damaged = await lose(w, people.owner, 'damaged', { parts: [{ part: 'printer_cover', condition: 'broken' }] }, '10000002')
    expect(stateOf(damaged)).toBe('reported')
    expect((await told(w, 'merchant', 'device_loss')).at(-1)).toContain('¥80.00')
  }))

  test('nothing is nobody else’s business: another merchant and another provider see and do nothing', inWorld('2026-11-02T09:00', { custody: { everyDays: 5, toleranceMetres: 500 } }, async (w) => {
    await suspend(w, '2026-11-03T15:00')
    await w.moveTo('2026-11-05T09:00')
    const [look] = await dutiesOn(w)
    const foreign = person('foreign', 'agent', { kind: 'provider', id: 'chengfutong' })
    for (const who of [stranger, foreign]) {
      expect(refusedOf(await duty(w, who, look!.id, { command: 'call', reached: true }))).toMatch(/not_found|role_missing/)
      expect(await careOf(w.app, who, tid)).toBeUndefined()
    }
    expect(refusedOf(await duty(w, foreign, look!.id, { command: 'call', reached: true }))).toBe('not_found')
    expect(refusedOf(await ticket(w, admin, 'TQ-G2026-000000000-0', { command: 'note', words: 'x' }))).toBe('not_found')
  }))
})

test('the evening’s look: not settled, left signed on, unused – told once, the same evening', inWorld('2026-11-23T10:00', { watch: { at: '22:30', unusedDays: 3 } }, async (w) => {
  await acts.sell(w, tid, '000001', false)
  await w.sql(`insert into care_session (tid, provider, mid, signed_on_at) values ('10000002', 'yunhui', $1, '2026-11-23T09:00:00+08:00')`, [mid])
  await w.sql(`update terminal set last_transaction_at = '2026-11-20T11:00:00+08:00' where tid = '10000003'`)
  await w.moveTo('2026-11-23T22:29')
  expect(await told(w, 'merchant', 'end_of_day')).toEqual([])
  await w.moveTo('2026-11-23T22:30')
  const [said, ...more] = await told(w, 'merchant', 'end_of_day')
  expect(more).toEqual([])
  for (const words of [`${tid} 批次还没有结算`, '10000002 仍在签到状态', '10000003 已 3 天没有交易']) expect(said).toContain(words)
  await w.moveTo('2026-11-23T23:30')
  expect((await told(w, 'merchant', 'end_of_day')).length).toBe(1)
  // Put right, it is not said again.
  await acts.sell(w, tid, '000001', true)
  await w.sql(`update care_session set signed_off_at = '2026-11-24T21:00:00+08:00'`)
  await w.moveTo('2026-11-24T22:30')
  expect((await told(w, 'merchant', 'end_of_day')).length).toBe(1)
}))
