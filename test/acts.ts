// What people and machines do to a world, as one call each; the answer is what they heard.
import { commandCase, fileCase, type Filing } from '../src/app/cases.ts'
import type { Asking } from '../src/app/execute.ts'
import { recomputeClearance } from '../src/app/imports/clearance.ts'
import { commandReturn } from '../src/app/devices.ts'
import type { LineCommand } from '../src/domain/device.ts'
import { answerDormancy, liftHold, placeHoldOn, testTerminal, type HoldRequest } from '../src/app/terminals.ts'
import type { CaseCommand } from '../src/domain/application/decide.ts'
import type { Actor } from '../src/domain/authority.ts'
import type { TestedItem } from '../src/domain/terminal.ts'
import { testItems, words, type DormancyAnswer, type TestItem } from '../src/domain/vocabulary.ts'
import { ear, mid, type Told, type World } from './world.ts'

export type Heard = Told

type More = Omit<Asking, 'actor'>
const hear = async (act: (telling: ReturnType<typeof ear>['telling']) => Promise<unknown>): Promise<Told> => {
  const { telling, heard } = ear()
  await act(telling)
  return heard
}

export const file = (world: Pick<World, 'app'>, actor: Actor, filing: Filing, more: More = {}): Promise<Told> =>
  hear((telling) => fileCase(world.app, { actor, ...more }, filing, telling))
export const command = (world: Pick<World, 'app'>, actor: Actor, no: string, what: CaseCommand, more: More = {}): Promise<Told> =>
  hear((telling) => commandCase(world.app, { actor, ...more }, no, what, telling))
export const place = (world: Pick<World, 'app'>, actor: Actor, tid: string, wanted: HoldRequest, more: More = {}): Promise<Told> =>
  hear((telling) => placeHoldOn(world.app, { actor, ...more }, tid, wanted, telling))
export const lift = (world: Pick<World, 'app'>, actor: Actor, hold: string, more: More = {}): Promise<Told> =>
  hear((telling) => liftHold(world.app, { actor, ...more }, hold, { words: 'put right' }, telling))
export const testOf = (world: Pick<World, 'app'>, actor: Actor, tid: string, items: readonly TestedItem[], more: More = {}): Promise<Told> =>
  hear((telling) => testTerminal(world.app, { actor, ...more }, tid, items, telling))
export const answer = (world: Pick<World, 'app'>, actor: Actor, tid: string, said: DormancyAnswer): Promise<Told> =>
  hear((telling) => answerDormancy(world.app, { actor }, tid, said, telling))

/** Carries a command to the device of a terminal that is on its way back. */
export async function onDevice(world: World, actor: Actor, tid: string, what: LineCommand, more: More = {}): Promise<Told> {
  const [line] = await world.sql<{ rma: string }>('select rma from device_return where tid = $1 order by opened_at desc limit 1', [tid])
  return hear((telling) => commandReturn(world.app, { actor, ...more }, line?.rma ?? 'none', what, telling))
}

/** A chargeback of one sale comes in, or is decided for the merchant. */
export async function chargeback(world: World, tid: string, trace: string, open: boolean): Promise<void> {
  await sell(world, tid, trace, true)
  await world.sql(`update transaction set status = case when $3 then 'disputed' else 'approved' end where tid = $1 and trace = $2`, [tid, trace, open])
  await world.app.db.transaction('*', (tx) => recomputeClearance(world.app, tx, [tid]))
}

export const items = (failing: readonly TestItem[] = []): TestedItem[] =>
  words(testItems).map((item) => (failing.includes(item) ? { item, passed: false, note: 'timeout' } : { item, passed: true }))

/** A sale comes in, or what was sold is settled: as an import does it, the terminal's clearance is computed again. */
export async function sell(world: World, tid: string, trace: string, settled: boolean, amountFen = 58_800): Promise<void> {
  await world.sql(
    `insert into transaction (tid, mid, provider, batch, trace, reference, class, amount_fen, at, settled_on, card_kind, status)
     values ($1, $2, 'yunhui', '1', $3, $3, 'sale', $4, $5::timestamptz, case when $6 then ($5::timestamptz at time zone 'Asia/Shanghai')::date end, 'debit', 'approved')
     on conflict (tid, batch, trace, reference, class) do update set settled_on = excluded.settled_on`,
    [tid, mid, trace, amountFen, new Date(world.clock.now()).toISOString(), settled],
  )
  await world.app.db.transaction('*', (tx) => recomputeClearance(world.app, tx, [tid]))
}
