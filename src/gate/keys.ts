// Whose key is it? Answered from memory, by the key's SHA-256; the database is asked only for what changed.
import { hash } from 'node:crypto'
import { mayNot, type Actor } from '../domain/authority.ts'
import type { Refusal } from '../domain/refusals.ts'
import type { GateKey } from '../store/gate.ts'

/** Whom a caller may ask about: everybody's terminals, a provider's, a merchant's; or why it may not ask at all. */
export type Caller = { scope: '*' | `p:${string}` | `m:${string}`; refusal?: Refusal | undefined }

export type Keys = {
  of(key: string): Caller | undefined
  take(keys: readonly GateKey[]): void
  all(): readonly GateKey[]
  /** Grows with every change: what was remembered of a key before is void. */
  readonly generation: number
}

const keyShape = /^tq_[0-9A-Za-z_-]{43}$/

const callerOf = ({ role, party }: GateKey): Caller => {
  const actor: Actor = { person: '', account: '', name: '', role, party, via: 'key' }
  return { scope: party.kind === 'platform' ? '*' : `${party.kind === 'provider' ? 'p' : 'm'}:${party.id}`, refusal: mayNot(actor, 'ask-gate') }
}

export const createKeys = (): Keys => {
  let callers = new Map<string, Caller>()
  let kept: readonly GateKey[] = []
  let generation = 0
  return {
    of: (key) => (keyShape.test(key) ? callers.get(hash('sha256', key, 'base64')) : undefined),
    take(keys) {
      kept = keys
      callers = new Map(keys.map((key) => [key.hash, callerOf(key)]))
      generation += 1
    },
    all: () => kept,
    get generation() { return generation },
  }
}
