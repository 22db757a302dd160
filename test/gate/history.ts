// What clients were answered, and the law it is held to. A history is every answer of every gate with its decision time, epoch
// and sequence number, terminal and client – in columns, for there are millions – and beside it the stretches in which a
// terminal was stopped, as the primary's journal and those who asked for them tell. `broken` is pure and believes no gate:
// it knows nothing of leases but their length. What is promised of `seq`: to one client, by one gate – whatever becomes of the
// gate's process between two questions –, an answer never says less than an earlier one. Two gates may differ.
import type { Basis } from '../../src/domain/vocabulary.ts'

/** What a stop forbids, and what even a stopped terminal may send. */
export type Asked = 'sale' | 'reversal'
export type Reply = { decision: string; basis: Basis; asOf: number; epoch: number; seq: number; ageMs: number }
/** One question and its answers; several terminals are asked about at once. Instants are the client's clock. */
export type Exchange = { client: number; gate: number; sentAt: number; receivedAt: number }

const bases = ['fresh', 'leased', 'standin', 'expired'] as const satisfies readonly Basis[]

/** Columns that grow. */
type Columns = {
  exchange: Uint32Array; terminal: Uint16Array; flags: Uint8Array; asOf: Float64Array; epoch: Uint32Array; seq: Uint32Array; age: Float64Array
}
const approve_flag = 1
const always_flag = 2
const basis_shift = 2

export type History = {
  readonly terminals: readonly string[]
  readonly exchanges: Exchange[]
  readonly columns: Columns
  readonly count: number
  add(exchange: Exchange, asked: readonly { terminal: number; kind: Asked }[], replies: readonly Reply[]): void
}

const room_min = 4_096
const columnsOf = (room: number): Columns => ({
  exchange: new Uint32Array(room), terminal: new Uint16Array(room), flags: new Uint8Array(room), asOf: new Float64Array(room), epoch: new Uint32Array(room),
  seq: new Uint32Array(room), age: new Float64Array(room),
})

export function createHistory(terminals: readonly string[]): History {
  let columns = columnsOf(room_min)
  let count = 0
  const exchanges: Exchange[] = []
  const grow = (): void => {
    const larger = columnsOf(columns.flags.length * 2)
    for (const name of Object.keys(larger) as (keyof Columns)[]) larger[name].set(columns[name])
    columns = larger
  }
  return {
    terminals, exchanges,
    get columns() { return columns },
    get count() { return count },
    add(exchange, asked, replies) {
      const of = exchanges.push(exchange) - 1
      for (const [i, { decision, basis, asOf, epoch, seq, ageMs }] of replies.entries()) {
        if (count === columns.flags.length) grow()
        const { terminal, kind } = asked[i]!
        columns.exchange[count] = of
        columns.terminal[count] = terminal
        columns.flags[count] = (decision === 'approve' ? approve_flag : 0) | (kind === 'reversal' ? always_flag : 0) | (bases.indexOf(basis) << basis_shift)
        columns.asOf[count] = asOf
        columns.epoch[count] = epoch
        columns.seq[count] = seq
        columns.age[count] = ageMs
        count += 1
      }
    },
  }
}

/** One stop of a terminal, from the commit that placed it until it was open again; by the primary's clock unless said otherwise. */
export type Stretch = {
  terminal: number
  /** Of the commit gates know it by. */
  epoch: number
  seq: number
  from: number
  /** Called effective since. */
  blockedAt?: number | undefined
  /** When somebody had read that, by the clients' clock. */
  toldAt?: number | undefined
  /** When the reopening was asked for, by the clients' clock, and when it was. */
  reopenAskedAt?: number | undefined
  reopenedAt?: number | undefined
}

export type Terms = {
  lease_ms: number
  standin_ms: number
  /** Stand-in approvals that gates reported, by gate and terminal (`standinKey`); absent where that is not looked at. */
  reported?: ReadonlyMap<string, number> | undefined
}
export const standinKey = (gate: number, terminal: string): string => `${gate} ${terminal}`

export const laws = {
  effective: 'approved as of an instant at which the stop was called effective',
  told: 'approved although it was asked after the stop was known to be effective',
  known: 'approved against a stop that it says it knows',
  back: 'said less than it had said before',
  always: 'refused what must always be taken',
  expired: 'approved with nothing to go by any more',
  stale: 'older than its basis allows',
  unwritten: 'approved in stand-in and did not write it down',
} as const
export type Law = keyof typeof laws
export type Broken = { law: Law; words: string }

/** By how much the clocks of gate, primary and client may differ: each has its own. */
const clocks_apart_ms = 25
const told_of_each_max = 5

export function broken(history: History, stretches: readonly Stretch[], terms: Terms): Broken[] {
  const { columns, count, exchanges, terminals } = history
  const found: Broken[] = []
  const told = new Map<Law, number>()
  const say = (law: Law, i: number, facts: object = {}): void => {
    const times = (told.get(law) ?? 0) + 1
    told.set(law, times)
    if (times > told_of_each_max) return
    const { client, gate, sentAt, receivedAt } = exchanges[columns.exchange[i]!]!
    const { flags, terminal, asOf, epoch, seq, age } = columns
    found.push({
      law, words: `${laws[law]}: ${JSON.stringify({
        gate, client, tid: terminals[terminal[i]!], basis: bases[flags[i]! >> basis_shift], asOf: asOf[i], epoch: epoch[i], seq: seq[i], ageMs: age[i], sentAt, receivedAt, ...facts,
      })}`,
    })
  }
  const stops = new Map(Map.groupBy(stretches, (s) => s.terminal))
  /** What a client heard last from a gate. */
  const last = new Map<number, { epoch: number; seq: number }>()
  const standins = new Map<string, number>()
  let exchange = -1
  for (let i = 0; i < count; i++) {
    const terminal = columns.terminal[i]!
    const [epoch, seq] = [columns.epoch[i]!, columns.seq[i]!]
    if (columns.exchange[i] !== exchange) exchange = columns.exchange[i]!
    const asked = exchanges[exchange]!
    const stream = asked.client * 1_000 + asked.gate
    const before = last.get(stream)
    if (before !== undefined && isBefore({ epoch, seq }, before)) say('back', i, { before })
    else last.set(stream, { epoch, seq })
    const flags = columns.flags[i]!
    const basis = bases[flags >> basis_shift]!
    const age = columns.age[i]!
    const isApproved = (flags & approve_flag) !== 0
    if (((basis === 'fresh' || basis === 'leased') && age > terms.lease_ms) || (basis === 'standin' && age > terms.lease_ms + terms.standin_ms)) say('stale', i)
    if ((flags & always_flag) !== 0) {
      if (!isApproved) say('always', i)
      continue
    }
    if (!isApproved) continue
    if (basis === 'expired') say('expired', i)
    if (basis === 'standin') {
      const key = standinKey(asked.gate, terminals[terminal]!)
      standins.set(key, (standins.get(key) ?? 0) + 1)
      if (terms.reported && standins.get(key)! > (terms.reported.get(key) ?? 0)) say('unwritten', i, { reported: terms.reported.get(key) ?? 0 })
    }
    for (const stop of stops.get(terminal) ?? []) {
      const law = brokenBy(stop, columns.asOf[i]!, { epoch, seq }, asked)
      if (law !== undefined) say(law, i, { stop })
    }
  }
  return found
}

const isBefore = (a: { epoch: number; seq: number }, b: { epoch: number; seq: number }): boolean => a.epoch < b.epoch || (a.epoch === b.epoch && a.seq < b.seq)

/** The law that an approval breaks beside a stop. */
function brokenBy(stop: Stretch, asOf: number, at: { epoch: number; seq: number }, { sentAt, receivedAt }: Exchange): Law | undefined {
  const { from, blockedAt, toldAt, reopenAskedAt = Number.POSITIVE_INFINITY, reopenedAt = Number.POSITIVE_INFINITY } = stop
  const isReopened = asOf >= reopenedAt - clocks_apart_ms
  if (blockedAt !== undefined && asOf >= blockedAt && !isReopened) return 'effective'
  // Whatever the gate says the time was: it answered after it was asked, and before anybody asked to reopen.
  if (toldAt !== undefined && sentAt > toldAt + clocks_apart_ms && receivedAt < reopenAskedAt) return 'told'
  if (asOf >= from && !isReopened && !isBefore(at, stop)) return 'known'
  return undefined
}
