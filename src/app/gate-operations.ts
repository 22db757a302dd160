// What people do about gates: fence one that must not answer any more, readmit one that may, and hear in time of one that
// does not know a stop which is near. Fencing is an operator's word that the gate is off; who said so and why is kept.
import { mayNot, systemActor } from '../domain/authority.ts'
import { when } from '../domain/effects.ts'
import { refuse, refuseField, type Refusal } from '../domain/refusals.ts'
import type { Words } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from '../store/db.ts'
import { fence, lockGate, nearStops, readGate, readmit, type GateRow, type NearStop } from '../store/gates.ts'
import type { App } from './app.ts'
import { execute, type Asking, type Outcome, type Reply } from './execute.ts'
import type { Gates } from './gates.ts'
import { notify } from './notices.ts'

export type GateTelling = { view: (gate: GateRow) => Reply; refusal: (refusal: Refusal) => Reply }

type Act = { command: 'fence-gate' | 'readmit-gate'; fact: string; isDone(gate: GateRow): boolean; act(tx: Tx, by: string): Promise<unknown> }

function onGate(app: App, asking: Asking, id: string, words: string, telling: GateTelling, { command, fact, isDone, act }: Act): Promise<Reply> {
  return execute(app, asking, {
    command,
    // What is said of a gate is about nobody: it is kept as it is, in the fact.
    input: { gate: id },
    refusal: telling.refusal,
    lock: async (tx) => (await lockGate(tx, id)) ? undefined : refuse('not_found'),
    async decide(tx, now): Promise<Outcome | Refusal> {
      const refusal = mayNot(asking.actor, 'run-gates') ?? (words.trim() === '' ? refuseField('/words', 'words_required') : undefined)
      if (refusal) return refusal
      const done = isDone((await readGate(tx, id))!)
      if (!done) await act(tx, asking.actor.person)
      const after = (await readGate(tx, id))!
      return {
        changes: undefined, before: undefined, tids: [], mid: undefined,
        // Gates answer for every provider: what is done to one stands in the journal of whoever did it.
        provider: asking.actor.party.kind === 'provider' ? asking.actor.party.id : undefined,
        facts: done ? [] : [{ fact, gate: id, at: now, by: asking.actor.person, acknowledgedSeq: after.acknowledgedSeq, why: words }],
        reply: telling.view(after),
      }
    },
  })
}

/** From now on it gets no lease; it counts no more once the lease it has is over. Fenced already: nothing changes. */
export const fenceGate = (app: App, asking: Asking, id: string, words: string, telling: GateTelling): Promise<Reply> =>
  onGate(app, asking, id, words, telling, {
    command: 'fence-gate', fact: 'gate_fenced', isDone: (gate) => gate.fencedAt !== undefined, act: (tx, by) => fence(tx, id, by, words),
  })

/** It is given a lease again, and believed again where it found history lost. */
export const readmitGate = (app: App, asking: Asking, id: string, words: string, telling: GateTelling): Promise<Reply> =>
  onGate(app, asking, id, words, telling, {
    command: 'readmit-gate', fact: 'gate_readmitted',
    isDone: (gate) => gate.fencedAt === undefined && (gate.tightenedAt === undefined || (gate.readmittedAt ?? 0) >= gate.tightenedAt),
    act: (tx, by) => readmit(tx, id, by),
  })

// ── A minute before a stop ──────────────────────────────────────────────────────────────────────────────────────────
/** By then every gate must know of a stop. */
export const known_before_ms = 60_000
const near_stops_max = 10_000

/**
 * Raises an alarm for every gate that does not know a stop which begins within a minute: once per gate, provider and moment,
 * to the provider's operations, naming the gate.
 */
export async function alarmLateGates(app: App, gates: Pick<Gates, 'late' | 'standing'>): Promise<void> {
  if (gates.late().length === 0) return
  const lateIds = new Set(gates.late().map((g) => g.id))
  const now = app.clock.now()
  const near = await app.db.transaction('*', (tx) => nearStops(tx, now, now + known_before_ms, near_stops_max), { readOnly: true })
  const missing = near.flatMap((stop) => gates.standing(stop.seq).outstanding.filter((o) => lateIds.has(o.id)).map((o) => ({ stop, gate: o.id })))
  // The same gate, provider and moment give the same notice, whoever raises it.
  const each = Map.groupBy(missing, ({ gate, stop }) => `${gate}\n${stop.provider}\n${stop.at}`)
  for (const [key, group] of each) await raise(app, group[0]!.gate, group.map((g) => g.stop), key)
}

const named_max = 3
function lateWords(app: App, gate: string, stops: readonly NearStop[]): Words {
  const tids = stops.slice(0, named_max).map((s) => s.tid)
  const more = stops.length > named_max
  const at = when(stops[0]!.at, app.zone)
  return [
    `闸口 ${gate} 尚未确认 ${at} 的停机（${stops.length} 台：${tids.join('、')}${more ? ' 等' : ''}）。请立即恢复该闸口，或确认其已关闭后隔离。`,
    `Gate ${gate} has not acknowledged the stop at ${at} (${stops.length} terminal${stops.length === 1 ? '' : 's'}: ${tids.join(', ')}${more ? ' …' : ''}). Bring it back at once, or make sure that it is off and fence it.`,
  ]
}

async function raise(app: App, gate: string, stops: readonly NearStop[], key: string): Promise<void> {
  const { provider, mid, tid, at } = stops[0]!
  const words = lateWords(app, gate, stops)
  let raised = false
  await execute(app, { actor: systemActor }, {
    command: 'alarm', input: { gate, at: instantParam(at) }, quiet: true,
    refusal: () => ({ status: 409, body: '', headers: {} }),
    lock: async () => undefined,
    async decide(tx, now) {
      raised = await notify(tx, { kind: 'gate_behind', provider, mid, audience: 'provider', tid, words, at: now }, key)
      return {
        changes: undefined, before: undefined, tids: stops.map((s) => s.tid), provider, mid: undefined,
        facts: raised ? [{ fact: 'gate_behind', gate, at: now, stopAt: at }] : [], reply: { status: 204, body: '', headers: {} },
      }
    },
  })
  if (raised) app.log.error({ gate, provider, stopAt: instantParam(at), terminals: stops.length }, 'a gate does not know a stop that is near')
}
