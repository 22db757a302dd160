// What time brings about on many terminals of one minute – a window of a hundred thousand begins, every gate has acknowledged
// it – done a batch at a time instead of one by one. It decides what the single tick decides; what is few is left to that.
import { systemActor } from '../../domain/authority.ts'
import { tickTerminal } from '../../domain/terminal.ts'
import { writeMany } from '../../store/dossier.ts'
import { countDue, lockDue, readByIndex, readMany } from '../../store/bulk.ts'
import type { App } from '../app.ts'
import { told } from './batch.ts'
import { batch_terminals_max, due_together_min } from './bounds.ts'
import { followMany, outcomeOf, type Batch, type Written } from './outcome.ts'

/** Everything due by now, where it is much; what waits for a gate is looked at and left. How many were looked at, and moved. */
export async function tickMany(app: App): Promise<{ looked: number; moved: number }> {
  let [looked, moved] = [0, 0]
  if ((await app.db.transaction('*', (tx) => countDue(tx, app.clock.now(), due_together_min), { readOnly: true })) < due_together_min) return { looked, moved }
  for (let after = ''; ; ) {
    const { tids, written } = await batch(app, after)
    looked += tids.length
    moved += written.reduce((n, w) => n + w.tids.length, 0)
    if (written.length > 0) told(app, written)
    if (tids.length < batch_terminals_max) return { looked, moved }
    after = tids.at(-1)!
  }
}

const batch = (app: App, after: string): Promise<{ tids: string[]; written: Written[] }> => app.db.transaction('*', async (tx) => {
  const now = app.clock.now()
  await readByIndex(tx, true)
  const tids = await lockDue(tx, now, after, batch_terminals_max)
  if (tids.length === 0) return { tids, written: [] }
  const known = await readMany(tx, tids, false)
  await readByIndex(tx, false)
  const all: Written[] = []
  // A case's own tick moves its terminals along, its steps with them: those are left to it.
  const free = known.terminals.filter((t) => !known.cases.has(t.tid))
  for (const [provider, terminals] of Map.groupBy(free, (t) => t.provider)) {
    const decided = terminals.map((before) => ({ before, facts: tickTerminal({ ...before, gatesKnowAt: app.gatesKnowAt(before.gateSeq) }, now) })).filter((d) => d.facts.length > 0)
    const batch: Batch = { provider, actor: systemActor, command: 'tick', input: { terminals: decided.length }, policy: app.policyAt(provider, now).policy, now }
    const written = outcomeOf(app, decided, known, batch)
    await followMany(app, tx, written, decided, batch)
    if (written.length > 0) writeMany(tx, provider, written, [], now)
    all.push(...written)
  }
  return { tids, written: all }
})
