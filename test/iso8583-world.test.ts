// The whole way of a stop as the terminal lives it: real cases decide, a real gate learns, and a client on TCP sees a sale, the
// refusal at three o'clock sharp, a reversal and a settlement after it, the test sale, the demand to sign on, and a sale again;
// what it did comes back as clearance, attempts and the device's own word.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { observed } from '../src/app/observed.ts'
import { clientOf, type Client } from '../src/gate/front/client.fixtures.ts'
import { startFront, type Front } from '../src/gate/front/start.ts'
import { balancedIn, test_card, type Ask, type Heard, type Said } from '../src/gate/front/terminal.ts'
import { command, file, items } from './acts.ts'
import { at, makeWorld, mid, people, startServer, type World } from './world.ts'

const tid = '10000001'
let server: Awaited<ReturnType<typeof startServer>>
let world: World
let front: Front
let client: Client
beforeAll(async () => {
  server = await startServer()
  world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: { straightThrough: [] } })
  front = await startFront(world.gate.door, { port: 0, secret: 's'.repeat(40) })
  client = await clientOf(front.port)
}, 120_000)
afterAll(async () => {
  client?.close()
  await front?.close()
  await world?.close()
  await server?.stop()
})

const ask = (what: Ask, said: Partial<Said> = {}): Promise<Heard> => client.ask(what, { tid, mid, card: test_card, ...said })
/** Until what the gate saw has come to the register. */
async function told<T extends object>(query: string, isThere: (rows: T[]) => boolean): Promise<T[]> {
  const due = performance.now() + 10_000
  for (;;) {
    await world.gate.pull()
    await observed(world.app).run()
    const rows = await world.sql<T>(query)
    if (isThere(rows) || performance.now() > due) return rows
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('Friday at three, there and back, on the wire', async () => {
  const filed = await file(world, people.owner, {
    kind: 'suspend', terminals: [tid], reason: 'M02', effectiveFrom: at('2026-11-27T15:00'), expectedUntil: at('2026-12-24T09:00'), submit: true,
  })
  await command(world, people.reviewer, filed.after!.dossier.case!.case.no, { command: 'approve' })
  await world.moveTo('2026-11-27T14:59:59.999')
  const sold = await ask('sale', { trace: 41 })
  expect([sold.mti, sold.code, sold.sentence]).toEqual(['0210', '00', ''])
  const sale = await told<{ reference: string; card_masked: string }>('select * from transaction', (rows) => rows.length > 0)
  expect(sale).toMatchObject([{ class: 'sale', batch: '000001', trace: '000041', reference: sold.fields[37], card_masked: '621234******0001', settled_on: null }])

  await world.moveTo('2026-11-27T15:00:00.000')
  const refused = await ask('sale', { trace: 42 })
  expect([refused.mti, refused.code]).toEqual(['0210', '58'])
  expect(refused.sentence).toMatch(/^停机清算中，不能收款（58）。.*12月24日 09:00.*400-800-0000。$/)
  await world.moveTo('2026-11-27T15:00:05')
  expect(await ask('reversal', { trace: 42 })).toMatchObject({ mti: '0410', code: '00' })
  const settled = await ask('settle', { trace: 43, totals: { debitFen: 58_800, debits: 1, creditFen: 0, credits: 0 } })
  expect([settled.mti, settled.code, balancedIn(settled)]).toEqual(['0510', '00', true])
  expect((await ask('sign-off', { trace: 44 })).code).toBe('00')
  const [row] = await told<{ device_confirmed_at: Date | null }>(`select * from terminal where tid = '${tid}'`, ([t]) => t!.device_confirmed_at !== null)
  expect(row).toMatchObject({ clearance: [], device_confirmed_at: new Date(at('2026-11-27T15:00:05')) })
  expect(await world.sql('select class, count from gate_attempt')).toEqual([{ class: 'sale', count: 1 }])

  await world.moveTo('2026-12-23T10:00')
  const back = await file(world, people.owner, { kind: 'reactivate', terminals: [tid], submit: true })
  const { no } = back.after!.dossier.case!.case
  await command(world, people.reviewer, no, { command: 'approve' })
  await world.moveTo('2026-12-23T11:00')
  expect((await ask('sale', { trace: 51, batch: 2 })).code).toBe('00')
  await command(world, people.field, no, { command: 'record-test', items: items() })
  await world.moveTo('2026-12-24T11:00')
  const asked = await ask('sale', { trace: 52, batch: 2 })
  expect([asked.code, asked.command]).toEqual(['77', 3])
  expect(await ask('sign-on', { trace: 53, batch: 2 })).toMatchObject({ mti: '0810', code: '00', batch: 2 })
  expect((await ask('sale', { trace: 54, batch: 2 })).code).toBe('00')
  const all = await told<{ class: string }>('select class from transaction order by at, trace', (rows) => rows.length === 3)
  expect(all.map((t) => t.class)).toEqual(['sale', 'test_sale', 'sale'])
  // The test sale was nobody's attempt to sell.
  expect(await world.sql('select class, count from gate_attempt')).toEqual([{ class: 'sale', count: 1 }])
}, 60_000)
