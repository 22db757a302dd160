// How much each terminal was approved for while the gate went on by itself. It is counted per stretch without the primary
// and forgotten when the lease is renewed. Memory is bounded: a terminal that finds no room is not approved.
import { standinDefaults, type GateQuery, type GateRules } from '../domain/gate.ts'
import type { TransactionClass } from '../domain/vocabulary.ts'

const terminals_max = 200_000

/** Classes that move no money: they count as one approval of nothing. */
const moneyless: readonly TransactionClass[] = ['sign_on', 'parameter_download', 'balance', 'test_sale']

export type Velocity = {
  /** Whether this approval passes the limits; it is counted if so. */
  take(query: GateQuery, rules: GateRules): boolean
  /** Gives back what was taken last for a terminal and not approved after all. */
  giveBack(query: GateQuery): void
  /** Counts what was approved before a restart. */
  recall(tid: string, amountFen: number): void
  forget(): void
}

export const createVelocity = (): Velocity => {
  const taken = new Map<string, { count: number; fen: number }>()
  const of = (tid: string): { count: number; fen: number } | undefined => {
    const known = taken.get(tid)
    if (known !== undefined) return known
    if (taken.size >= terminals_max) return undefined
    const fresh = { count: 0, fen: 0 }
    taken.set(tid, fresh)
    return fresh
  }
  const add = (tid: string, count: number, fen: number): void => {
    const before = of(tid)
    if (before === undefined) return
    before.count += count
    before.fen += fen
  }
  return {
    take({ tid, class: kind, amount }, { standin = standinDefaults }) {
      // An amount nobody named cannot be within a limit.
      const fen = moneyless.includes(kind) ? 0 : (amount ?? Number.POSITIVE_INFINITY)
      if (!(fen >= 0 && fen <= standin.floorLimitFen)) return false
      const before = of(tid)
      if (before === undefined || before.count + 1 > standin.countMax || before.fen + fen > standin.totalFenMax) return false
      add(tid, 1, fen)
      return true
    },
    giveBack: ({ tid, class: kind, amount }) => add(tid, -1, moneyless.includes(kind) ? 0 : -(amount ?? 0)),
    recall: (tid, amountFen) => add(tid, 1, amountFen),
    forget: () => taken.clear(),
  }
}
