// Replacement, installation and appeal on a real database: what the register, the gate and the chain of custody say of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sharp from 'sharp'
import { answerTo, drawUpHandover, type HandoverAsked } from '../src/app/handovers.ts'
import { fileInstallation } from '../src/app/installs.ts'
import { signedOn } from '../src/app/terminals.ts'
import type { CaseCommand } from '../src/domain/application/decide.ts'
import type { Actor } from '../src/domain/authority.ts'
import type { Policy } from '../src/domain/policy.ts'
import { oneDevice, oneHandover, pageOfDevices } from '../src/http/devices.ts'
import { riskOf } from '../src/http/risk.ts'
import type { Asker } from '../src/http/services.ts'
import * as acts from './acts.ts'
import { at, ear, makeWorld, mid, people, person, startServer, type Told, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())

const operations = person('operations', 'operations', { kind: 'provider', id: 'yunhui' })
const position = { longitude: 121.48, latitude: 31.23 }
const fresh = '00001204000900'
const inWorld = async (policy: Partial<Policy>, story: (world: World) => Promise<void>): Promise<void> => {
  const world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: { straightThrough: [], secondApproval: [], materials: [], ...policy } })
  try {
    await world.sql(`insert into device (serial, provider, model, type, ownership, deposit_fen, state) values ($1, 'yunhui', 'A920', 'smart', 'lent', 0, 'in_stock'), ('00001204000901', 'hairun', 'A920', 'smart', 'lent', 0, 'in_stock')`, [fresh])
    await world.sql(`insert into store (mid, name, address) values ($1, '二店', '福州路 2 号')`, [mid])
    await story(world)
  } finally {
    await world.close()
  }
}
const stateOf = (told: Told): string => told.refusal?.refused ?? told.after!.dossier.case!.case.state
const noOf = (told: Told): string => told.after!.dossier.case!.case.no
const asked = async (world: World, actor: Actor, no: string, what: CaseCommand): Promise<string> => {
  const state = stateOf(await acts.command(world, actor, no, what))
  await world.moveTo(new Date(world.clock.now() + 8 * 3_600_000).toISOString().slice(0, -1))
  return state
}
const service = async (world: World, tid: string): Promise<string> => (await world.sql<{ service: string }>('select service from terminal where tid = $1', [tid]))[0]!.service
const deviceState = async (world: World, serial: string): Promise<string> => (await world.sql<{ state: string }>('select state from device where serial = $1', [serial]))[0]!.state
const sale = (world: World, tid: string, serial?: string): string => {
  const { decision, code, reason } = world.gate.door.decide({ tid, mid, class: 'sale', ...(serial && { serial }) })
  return `${decision} ${code}${reason === 'ok' ? '' : ` ${reason}`}`
}

describe('a replacement', () => {
  test('old serial refused, new one only after its test and sign-on; number, history and holds to come stay', () => inWorld({}, async (world) => {
    const [{ serial: old }] = await world.sql<{ serial: string }>(`select serial from terminal where tid = '10000001'`) as [{ serial: string }]
    const later = await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: at('2026-12-21T10:00'), submit: true })
    expect(await asked(world, people.reviewer, noOf(later), { command: 'approve' })).toBe('approved')
    expect(sale(world, '10000001', old)).toBe('approve 00')
    const no = noOf(await acts.file(world, people.owner, { kind: 'replace', terminals: ['10000001'], reason: 'D11', submit: true }))
    expect(await asked(world, people.reviewer, no, { command: 'approve' })).toMatch(/approved|in_progress/)
    expect([await service(world, '10000001'), sale(world, '10000001', old)]).toEqual(['suspended', 'decline 58 stopped'])
    expect(await asked(world, people.field, no, { command: 'bind-device', serial: '00001204000901', position })).toBe('device_unknown')
    expect(await asked(world, people.field, no, { command: 'unbind-device' })).toBe('in_progress')
    expect([sale(world, '10000001', old), sale(world, '10000001', fresh)]).toEqual(['decline 58 serial_mismatch', 'decline 58 serial_mismatch'])
    expect(await deviceState(world, old)).toBe('swapped_out')
    expect(await asked(world, people.field, no, { command: 'bind-device', serial: fresh, position })).toBe('in_progress')
    expect([sale(world, '10000001', old), sale(world, '10000001', fresh), await deviceState(world, fresh)]).toEqual(['decline 58 serial_mismatch', 'decline 58 stopped', 'deployed'])
    expect(await asked(world, people.field, no, { command: 'record-test', items: acts.items() })).toBe('steps_open')
    expect(await asked(world, operations, no, { command: 'complete-step', step: 'replace-filing', evidence: 'UP-2026-0042' })).toBe('in_progress')
    expect(await service(world, '10000001')).toBe('testing')
    expect(await asked(world, people.field, no, { command: 'record-test', items: acts.items() })).toBe('in_progress')
    expect([await service(world, '10000001'), sale(world, '10000001', fresh), sale(world, '10000001', old)]).toEqual(['active', 'decline 77 sign_on_required', 'decline 58 serial_mismatch'])
    await signedOn(world.app, '10000001')
    await world.moveTo('2026-11-23T10:01')
    expect(sale(world, '10000001', fresh)).toBe('approve 00')
    // What is to come came through: the stop asked for before still waits for its day.
    expect(await world.sql(`select reason, started_at is null as ahead from hold where tid = '10000001' and lifted_at is null`)).toEqual([{ reason: 'M02', ahead: true }])
    expect(await world.sql(`select old_serial, new_serial, result from application_terminal where no = $1`, [no])).toEqual([{ old_serial: old, new_serial: fresh, result: 'reopened' }])
    expect(await world.sql(`select serial, tid from device_binding`)).toEqual([{ serial: old, tid: '10000001' }])
    expect(await world.sql(`select tid, mid, serial, model, longitude, latitude from terminal_registration`)).toEqual([{ tid: '10000001', mid, serial: fresh, model: 'A920', ...position }])
    // It waits for the old device, and no longer.
    await acts.onDevice(world, people.field, '10000001', { command: 'receive-device' })
    await acts.onDevice(world, people.field, '10000001', { command: 'inspect-device', parts: [{ part: 'body', condition: 'fine' }] })
    expect(await world.sql('select state from application where no = $1', [no])).toEqual([{ state: 'completed' }])
    const [letter] = await world.sql<{ kind: string; facts: { terminals: { serial: string; formerSerial: string }[] } }>('select kind, facts from letter where case_no = $1', [no])
    expect([letter!.kind, letter!.facts.terminals[0]]).toMatchObject(['handover_list', { serial: fresh, formerSerial: old }])
    expect(await deviceState(world, old)).toBe('in_custody')
    expect(stateOf(await acts.onDevice(world, people.field, '10000001', { command: 'restock-device' }))).toBe('completed')
    expect(await deviceState(world, old)).toBe('in_stock')
  }), 60_000)

  test('its own stop is in nobody’s hand', () => inWorld({}, async (world) => {
    const no = noOf(await acts.file(world, people.owner, { kind: 'replace', terminals: ['10000001'], reason: 'D11', submit: true }))
    await asked(world, people.reviewer, no, { command: 'approve' })
    const [{ id }] = await world.sql<{ id: string }>(`select id from hold where tid = '10000001'`) as [{ id: string }]
    expect((await acts.lift(world, people.agent, id)).refusal?.refused).toBe('hold_by_replacement')
  }), 60_000)

  test('two engineers with one device: one of them has it', () => inWorld({ steps: [] }, async (world) => {
    const nos: string[] = []
    for (const tid of ['10000001', '10000002']) {
      nos.push(noOf(await acts.file(world, people.owner, { kind: 'replace', terminals: [tid], reason: 'D11', submit: true })))
      await asked(world, people.reviewer, nos.at(-1)!, { command: 'approve' })
    }
    const told = await Promise.all(nos.map((no) => acts.command(world, people.field, no, { command: 'bind-device', serial: fresh, position })))
    expect(told.map((t) => t.refusal?.refused ?? 'on it').toSorted()).toEqual(['device_bound_already', 'on it'])
  }), 60_000)
})

const install = async (world: World, actor: Actor, filing: Partial<Parameters<typeof fileInstallation>[2]> = {}): Promise<Told> => {
  const { telling, heard } = ear()
  await fileInstallation(world.app, { actor }, { provider: 'yunhui', store: '二店', submit: true, ...filing }, telling)
  return heard
}

describe('an installation', () => {
  test('number with the approval, service after test and sign-on; the number is nobody’s before and after', () => inWorld({ installation: { tidLead: '1' } }, async (world) => {
    expect(stateOf(await install(world, people.owner, { store: '三店' }))).toBe('store_unknown')
    expect(stateOf(await install(world, people.owner, { provider: 'nobody' }))).toBe('provider_needed')
    const told = await install(world, people.owner)
    const no = noOf(told)
    expect([stateOf(told), await world.sql('select count(*)::int as n from application_terminal where no = $1', [no])]).toEqual(['submitted', [{ n: 0 }]])
    expect(await asked(world, people.reviewer, no, { command: 'approve' })).toBe('approved')
    const [{ tid }] = await world.sql<{ tid: string }>('select tid from application_terminal where no = $1', [no]) as [{ tid: string }]
    expect([tid, await service(world, tid), world.gate.door.decide({ tid, mid, class: 'test_sale' }).code]).toEqual(['10000004', 'pending_setup', '58'])
    expect(await world.sql('select s.name from terminal t join store s on s.id = t.store_id where t.tid = $1', [tid])).toEqual([{ name: '二店' }])
    expect(await asked(world, people.field, no, { command: 'bind-device', serial: fresh, position, photo: 'IMG_1' })).toBe('in_progress')
    expect([world.gate.door.decide({ tid, mid, class: 'test_sale' }).code, sale(world, tid)]).toEqual(['00', 'decline 58 testing'])
    expect(await asked(world, operations, no, { command: 'complete-step', step: 'install-filing', evidence: 'UP-1' })).toBe('in_progress')
    expect(await asked(world, people.field, no, { command: 'record-test', items: acts.items() })).toBe('in_progress')
    expect([await service(world, tid), sale(world, tid, fresh)]).toEqual(['active', 'decline 77 sign_on_required'])
    await signedOn(world.app, tid)
    await world.moveTo('2026-11-23T10:05')
    expect(await world.sql('select state from application where no = $1', [no])).toEqual([{ state: 'completed' }])
    expect([sale(world, tid, fresh), (await world.sql('select kind from letter where case_no = $1', [no]))]).toEqual(['approve 00', [{ kind: 'handover_list' }]])
    // Taken back: the next number after it is another one.
    const second = noOf(await install(world, people.owner))
    await asked(world, people.reviewer, second, { command: 'approve' })
    expect(await asked(world, people.owner, second, { command: 'withdraw' })).toBe('withdrawn')
    const third = noOf(await install(world, people.owner, { count: 2 }))
    await asked(world, people.reviewer, third, { command: 'approve' })
    expect(await world.sql('select tid, service from terminal where tid > $1 order by tid', [tid])).toEqual([
      { tid: '10000005', service: 'closed' }, { tid: '10000006', service: 'pending_setup' }, { tid: '10000007', service: 'pending_setup' },
    ])
    expect(world.gate.door.decide({ tid: '10000005', mid, class: 'sale' }).code).toBe('97')
  }), 60_000)

  test('by a merchant new to the provider: its submission lets the provider see it', () => inWorld({}, async (world) => {
    const draft = await install(world, people.owner, { provider: 'chengfutong', submit: false })
    const seen = (): Promise<unknown[]> => world.app.db.transaction('p:chengfutong', (tx) => tx.many('select name from merchant'))
    expect(await seen()).toEqual([])
    await acts.command(world, people.owner, noOf(draft), { command: 'submit' })
    expect(await seen()).toEqual([{ name: '老盛昌汤包' }])
  }), 60_000)
})

describe('an appeal', () => {
  test('granted by another person, the hold is free and the test is still to come; one at a time; told to the merchant', () => inWorld({}, async (world) => {
    await acts.place(world, people.risk, '10000001', { reason: 'R09', words: 'cash-out' })
    const [{ id }] = await world.sql<{ id: string }>(`select id from hold where tid = '10000001'`) as [{ id: string }]
    const filing = { kind: 'appeal', terminals: ['10000001'], hold: id, words: 'the sales were real', submit: true } as const
    expect(stateOf(await acts.file(world, people.owner, { ...filing, hold: '00000000-0000-4000-8000-000000000000' }))).toBe('not_found')
    const told = await acts.file(world, people.owner, filing)
    expect(stateOf(told)).toBe('submitted')
    expect(stateOf(await acts.file(world, people.owner, filing))).toBe('case_open_already')
    // Beside it everything else goes on: another case, another hold.
    expect(stateOf(await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: at('2026-12-21T10:00'), submit: true }))).toBe('submitted')
    const riskAsReviewer = person('risk', 'reviewer', { kind: 'provider', id: 'yunhui' })
    expect(await asked(world, riskAsReviewer, noOf(told), { command: 'approve' })).toBe('appeal_own_hold')
    expect(await asked(world, people.reviewer, noOf(told), { command: 'approve' })).toBe('completed')
    expect([await service(world, '10000001'), sale(world, '10000001')]).toEqual(['testing', 'decline 58 testing'])
    expect(await world.sql(`select words_zh from notice where kind = 'application_decided' and case_no = $1`, [noOf(told)])).toMatchObject([{ words_zh: expect.stringContaining('成立') }])
    expect((await acts.testOf(world, people.field, '10000001', acts.items())).status).toBe(200)
    expect(await service(world, '10000001')).toBe('active')
  }), 60_000)

  test('refused, or settled by the desk meanwhile', () => inWorld({}, async (world) => {
    await acts.place(world, people.risk, '10000001', { reason: 'R09', words: 'cash-out' })
    const [{ id }] = await world.sql<{ id: string }>(`select id from hold where tid = '10000001'`) as [{ id: string }]
    const filing = { kind: 'appeal', terminals: ['10000001'], hold: id, words: 'not so', submit: true } as const
    const first = noOf(await acts.file(world, people.owner, filing))
    expect(await asked(world, people.reviewer, first, { command: 'reject', words: 'the vouchers do not fit' })).toBe('rejected')
    expect(await service(world, '10000001')).toBe('suspended')
    const second = noOf(await acts.file(world, people.owner, filing))
    await acts.lift(world, people.risk, id)
    await world.moveTo('2026-11-23T10:01')
    expect(await world.sql('select state from application where no = $1', [second])).toEqual([{ state: 'withdrawn' }])
  }), 60_000)
})

describe('devices in hands', () => {
  test('two signatures make a link of the chain; the merchant’s may be drawn, and is sealed', () => inWorld({}, async (world) => {
    const asker = (actor: Actor): Asker => ({ actor, language: 'en' })
    const draw = async (actor: Actor, asked: HandoverAsked): Promise<string> => {
      let said = ''
      await drawUpHandover(world.app, { actor }, asked, {
        view: (h) => { said = `${h.state} ${h.id}`; return { status: 201, body: '{}', headers: {} } }, refusal: (r) => { said = r.refused; return { status: 409, body: r.refused, headers: {} } },
      })
      return said
    }
    const sign = async (actor: Actor, id: string): Promise<string> => {
      let said = ''
      await answerTo(world.app, { actor }, id, 'sign', { view: (h) => { said = h.state; return { status: 200, body: '{}', headers: {} } }, refusal: (r) => { said = r.refused; return { status: 409, body: '', headers: {} } } })
      return said
    }
    const [warehouse, engineer, merchant] = [{ kind: 'warehouse', id: '' }, { kind: 'field', id: 'field' }, { kind: 'merchant', id: mid }] as const
    const item = { serial: fresh, condition: [{ part: 'body', condition: 'fine' }], accessories: ['charger', 'base'] } as const
    const [, id] = (await draw(operations, { from: warehouse, to: engineer, items: [item] })).split(' ') as [string, string]
    expect(await draw(operations, { from: warehouse, to: engineer, items: [item] })).toBe('handover_under_way')
    expect(await sign(people.owner, id)).toBe('not_found')
    expect(await sign(people.field, id)).toBe('done')
    expect((await oneDevice(world.app, asker(operations), fresh))!).toMatchObject({ custodian: { kind: 'field' }, accessories: ['charger', 'base'], custody: [{ from: { kind: 'warehouse' }, to: { kind: 'field' }, drawn: false }] })
    expect(await draw(operations, { from: warehouse, to: engineer, items: [item] })).toBe('handover_not_holder')
    const png = await sharp({ create: { width: 40, height: 20, channels: 3, background: 'white' } }).png().toBuffer()
    expect(await draw(people.field, { from: engineer, to: merchant, items: [item], signature: { name: '王店长', png: Buffer.from('no picture') } })).toBe('file_type')
    const handed = await draw(people.field, { from: engineer, to: merchant, items: [item], signature: { name: '王店长', png } })
    expect(handed).toMatch(/^done /)
    expect((await oneHandover(world.app, asker(people.field), handed.slice(5)))!).toMatchObject({ state: 'done', given: { kind: 'person' }, taken: { kind: 'drawn', name: '王店长' } })
    expect((await oneHandover(world.app, asker(people.owner), handed.slice(5)))!).toMatchObject({ given: { kind: 'person', name: null }, taken: { name: '王店长' } })
    expect(JSON.stringify(await world.sql('select body from journal'))).not.toContain('王店长')
    // In a merchant's hands it is nobody else's to use.
    const no = noOf(await acts.file(world, people.owner, { kind: 'replace', terminals: ['10000001'], reason: 'D11', submit: true }))
    await asked(world, people.reviewer, no, { command: 'approve' })
    expect(await asked(world, people.field, no, { command: 'bind-device', serial: fresh, position })).toBe('device_not_in_stock')
    const { items } = await pageOfDevices(world.app, asker(operations), { limit: 50, free: true }) as { items: { serial: string }[] }
    expect(items.map((d) => d.serial)).toEqual([fresh])
  }), 60_000)

  test('where a device was: on which terminals, by which case, instead of which', () => inWorld({ steps: [] }, async (world) => {
    const [{ serial: old }] = await world.sql<{ serial: string }>(`select serial from terminal where tid = '10000001'`) as [{ serial: string }]
    const no = noOf(await acts.file(world, people.owner, { kind: 'replace', terminals: ['10000001'], reason: 'D11', submit: true }))
    await asked(world, people.reviewer, no, { command: 'approve' })
    await asked(world, people.field, no, { command: 'bind-device', serial: fresh, position })
    const asker: Asker = { actor: operations, language: 'en' }
    expect((await oneDevice(world.app, asker, fresh))!).toMatchObject({ terminal: '10000001', terminals: [{ tid: '10000001', to: null, application: no }], swaps: [{ replaced: old, replacedBy: null }], registrations: [{ position, application: no }] })
    expect((await oneDevice(world.app, asker, old))!).toMatchObject({ terminal: null, custodian: { kind: 'merchant' }, terminals: [{ tid: '10000001' }], swaps: [{ replaced: null, replacedBy: fresh }] })
  }), 60_000)

  test('the risk page: of its own provider, from the tables', () => inWorld({}, async (world) => {
    await acts.place(world, people.risk, '10000002', { reason: 'R09', words: 'cash-out' })
    await acts.sell(world, '10000001', '000001', false)
    await acts.chargeback(world, '10000003', '000007', true)
    const no = noOf(await install(world, people.owner))
    const view = (await riskOf(world.app, { actor: people.reviewer, language: 'en' }, no))!
    expect(view).toMatchObject({
      merchant: { mid, trade: expect.any(String) }, standing: { good: false, terminals: [{ service: 'active', count: 2 }, { service: 'suspended', count: 1 }] },
      holds: [{ tid: '10000002', reason: 'R09', liftedAt: null }], chargebacks: { count: 1, open: 1, amount: { fen: 58_800 } }, months: [{ month: '2026-11', sales: 2 }],
    })
    expect(await riskOf(world.app, { actor: person('r', 'reviewer', { kind: 'provider', id: 'hairun' }), language: 'en' }, no)).toBe(undefined)
  }), 60_000)
})
