// People: each has terminals of their own and stops them at once or to a moment, twice over, withdraws, lifts, tests and reopens
// them – sometimes before the stop was effective, sometimes long after.
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { App } from '../../src/app/app.ts'
import * as acts from '../acts.ts'
import type { Random } from '../model/random.ts'
import { people } from '../world.ts'

/** When somebody had read that a stop of a terminal is effective since then, by the clients' clock: `tid blockedAt` → instant. */
export type Seen = Map<string, number>
export const seenKey = (tid: string, blockedAt: number): string => `${tid} ${blockedAt}`

const look_every_ms = 30

/** Reads again and again which stops are called effective. */
export function watchTold(url: string): { seen: Seen; close(): Promise<void> } {
  const seen: Seen = new Map()
  let isOver = false
  const watch = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    while (!isOver) {
      const { rows } = await client.query<{ tid: string; at: Date }>('select tid, host_blocked_at as at from terminal where host_blocked_at is not null')
      const now = Date.now()
      for (const { tid, at } of rows) if (!seen.has(seenKey(tid, at.getTime()))) seen.set(seenKey(tid, at.getTime()), now)
      await pause(look_every_ms)
    }
    await client.end()
  }
  const watching = watch()
  return { seen, async close() { isOver = true; await watching } }
}

/** Of the finance desk both: a hold for risk would keep stand-in from every terminal of the merchant. */
type Why = 'A01' | 'A02'
type Own = { tid: string; holds: Map<string, Why>; from: number; since: number; wait_ms: number }
const ahead_ms_max = 1_500
const stay_ms_max = 1_500

/** `asks`: when lifting a hold was first asked for, by the clients' clock. */
export function openWriters(app: App, terminals: readonly string[], count: number, random: Random, seen: Seen): { asks: ReadonlyMap<string, number>; commands(): number; close(): Promise<void> } {
  const asks = new Map<string, number>()
  let isOver = false
  let commands = 0
  const isKnown = ({ tid, from }: Own): boolean => [...seen.keys()].some((each) => each.startsWith(tid) && Number(each.slice(tid.length + 1)) >= from)

  const stop = async (own: Own, reason: Why, effectiveFrom: number | undefined): Promise<void> => {
    const { after } = await acts.place({ app }, people.finance, own.tid, { reason, words: 'looked into', effectiveFrom })
    commands += 1
    const hold = after?.dossier.terminals[0]?.holds.find((h) => h.reason === reason && h.liftedAt === undefined && h.withdrawnAt === undefined)
    if (hold === undefined) return
    own.holds.set(hold.id, reason)
    own.from = Math.max(own.from, hold.effectiveFrom)
  }
  const lift = async (own: Own): Promise<void> => {
    for (const hold of own.holds.keys()) {
      asks.set(hold, Date.now())
      await acts.lift({ app }, people.finance, hold)
      commands += 1
    }
    // Withdrawn before it began, there is nothing to test.
    await acts.testOf({ app }, people.field, own.tid, acts.items())
    commands += 1
    own.holds.clear()
    own.from = 0
  }
  const act = async (own: Own): Promise<void> => {
    if (own.holds.size === 0) {
      const effectiveFrom = random.chance(0.35) ? Date.now() + 50 + random.below(ahead_ms_max) : undefined
      await stop(own, random.chance(0.5) ? 'A01' : 'A02', effectiveFrom)
      if (random.chance(0.2)) await stop(own, own.holds.values().next().value === 'A01' ? 'A02' : 'A01', undefined)
    } else if (isKnown(own) || random.chance(0.1)) await lift(own)
    else return
    own.since = Date.now()
    own.wait_ms = random.below(stay_ms_max)
  }
  const work = async (own: readonly Own[]): Promise<void> => {
    while (!isOver) {
      const one = random.pick(own)
      // A command that meets another's lock, or a moment that has just passed, is refused; that is no matter here.
      if (Date.now() - one.since >= one.wait_ms) await act(one)
      await pause(random.below(20))
    }
  }
  const owned = (n: number): Own[] => terminals.filter((_, i) => i % count === n).map((tid) => ({ tid, holds: new Map(), from: 0, since: 0, wait_ms: random.below(stay_ms_max) }))
  const working = Array.from({ length: count }, (_, n) => work(owned(n)))
  return {
    asks, commands: () => commands,
    async close() {
      isOver = true
      await Promise.all(working)
    },
  }
}
