// What every door is given – HTTP, ISO 8583, WebSocket, in process – and all it needs to know of the gate behind it.
// `decide` answers from memory under the lease table and itself notes attempts on stopped terminals, stand-in approvals
// and security events; a door observes what only it can see (observation.ts). Nothing here waits or throws.
import type { Answer, GateEntry, GateQuery, GateRules } from '../domain/gate.ts'
import type { Basis } from '../domain/vocabulary.ts'
import type { Observation } from './observation.ts'

/** `ageMs`: since the primary was last heard of. */
export type GateReply = Answer & { basis: Basis; epoch: number; seq: number; ageMs: number }

export type Door = {
  /** Epoch milliseconds; never goes back. The primary's clock, or the demo's hand. */
  now(): number
  decide(query: GateQuery): GateReply
  /** The same for many at one instant, in their order, and about twice as fast for each. */
  decideAll(queries: readonly GateQuery[]): GateReply[]
  /** What is known of a terminal; a copy. */
  entry(tid: string): GateEntry | undefined
  /** The rules in force of a provider, or the house's own. */
  rulesOf(provider: string | undefined): GateRules
  observe(o: Observation): void
  /** False while draining for shutdown, or where there is no snapshot to answer from: take nothing new. */
  accepting(): boolean
}
