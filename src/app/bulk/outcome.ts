// From facts on many terminals to rows: what app/settle.ts does for one command, for a batch – grouped by merchant, because
// the journal's rows, the notices and the sealed words are a merchant's own.
import { randomUUID } from 'node:crypto'
import type { Actor } from '../../domain/authority.ts'
import { noticesOfMany, type ManyAround } from '../../domain/bulk-words.ts'
import { happeningsOf, type Happening } from '../../domain/telling.ts'
import type { Policy } from '../../domain/policy.ts'
import { evolveAll, isOver, nextDue, type TerminalFact } from '../../domain/terminal.ts'
import type { Changes, StoredTerminal } from '../../store/dossier.ts'
import type { ManyTerminals } from '../../store/bulk.ts'
import type { Tx } from '../../store/db.ts'
import { providerWords, type App } from '../app.ts'
import { followTickets } from '../care/follow.ts'
import { redact } from '../execute.ts'
import { nextBackupAt } from '../settle.ts'

/** A terminal as it was, and what happens to it. */
export type Decided = { before: StoredTerminal; facts: readonly TerminalFact[] }
export type Batch = {
  provider: string
  actor: Actor
  command: string
  input: object
  policy: Policy
  /** Sealed beside every new hold. */
  words?: string | undefined
  now: number
}
export type Written = { changes: Changes; before: { terminals: StoredTerminal[] }; mid: string; tids: string[]; body: string; events: (Happening & { id: string })[] }

/** Facts the gates must hear of. */
const changesGate = new Set<TerminalFact['fact']>([
  'hold_placed', 'hold_withdrawn', 'hold_shut', 'hold_cleared', 'hold_lifted', 'reopened', 'signed_on',
])

/** Tickets follow what happens to their terminals, as after a single command. */
export const followMany = (app: App, tx: Tx, written: readonly Written[], decided: readonly Decided[], { actor, now }: Batch): Promise<void> =>
  followTickets(app, tx, { actor, now, facts: decided.flatMap((d) => d.facts), terminals: written.flatMap((w) => w.changes.terminals!.map((t) => t.terminal)) })

/** Everything the facts of a batch change, merchant by merchant. */
export function outcomeOf(app: App, decided: readonly Decided[], { keys, cases }: Pick<ManyTerminals, 'keys' | 'cases'>, batch: Batch): Written[] {
  const provider = app.provider(batch.provider)
  const around: ManyAround = { now: batch.now, zone: app.zone, hotline: provider.hotline, providerName: providerWords(provider) }
  const backups = backupsOf(app, batch.policy)
  const changed = decided.filter((d) => d.facts.length > 0)
  return [...Map.groupBy(changed, (d) => d.before.mid)].map(([mid, of]): Written => {
    const key = batch.words === undefined ? undefined : app.vault.openKey(keys.get(mid), mid)
    const after = of.map((d) => ({ ...d, terminal: evolved(d) }))
    const tids = of.map((d) => d.before.tid)
    const facts = of.flatMap((d) => d.facts)
    return {
      mid, tids, before: { terminals: of.map((d) => d.before) }, body: bodyOf(batch, facts),
      events: happeningsOf(facts, { now: batch.now, case: undefined, letters: [] }).map((h) => ({ ...h, id: randomUUID() })),
      changes: {
        provider: batch.provider, mid,
        terminals: after.map(({ before, terminal, facts }) => {
          const was = new Map(before.holds.map((h) => [h.id, h]))
          return {
            terminal, now: batch.now, gate: facts.some((f) => changesGate.has(f.fact)),
            holds: terminal.holds.filter((h) => was.get(h.id) !== h).map((h) => (key && !was.has(h.id) ? { ...h, wordsSealed: key.seal(batch.words!, `hold.words:${terminal.tid}`) } : h)),
          }
        }),
        notices: noticesOfMany(after, around).map((n) => ({ ...n, id: randomUUID(), caseNo: undefined, at: batch.now })),
        tests: of.flatMap((d) => d.facts.flatMap((f) => f.fact !== 'tested' ? [] : [{
          id: randomUUID(), tid: d.before.tid, at: f.at, by: f.by, passed: f.passed, items: f.items, caseNo: undefined,
        }])),
        backups: after.flatMap(({ terminal, facts }) => facts.flatMap((f) => (f.fact === 'hold_started' ? backups(terminal, f.at) : []))),
        poke: [...new Set(tids.flatMap((tid) => cases.get(tid) ?? []))],
      },
    }
  })
}

/** When the clock must next look at what the batch changed. */
export function dueOf(written: readonly Written[]): number | undefined {
  const due = written.flatMap((w) => w.changes.terminals!.map((t) => nextDue(t.terminal))).filter((at) => at !== undefined)
  return due.length === 0 ? undefined : due.reduce((a, b) => Math.min(a, b))
}

const evolved = ({ before, facts }: Decided): StoredTerminal => ({ ...before, ...evolveAll(before, facts) })

/** As execute.ts writes its rows. */
const bodyOf = ({ actor, command, input, now }: Batch, facts: readonly TerminalFact[]): string => JSON.stringify({
  at: new Date(now).toISOString(), id: randomUUID(),
  actor: { person: actor.person, account: actor.account, role: actor.role, party: `${actor.party.kind}:${actor.party.id}`, via: actor.via },
  command, input, outcome: 'accepted', facts,
}, redact)

type Backup = { id: string; tid: string; dueAt: number }
/** Backups due while a terminal is stopped; many stop at one moment, so each moment is computed once. */
function backupsOf(app: App, { backup }: Policy): (terminal: StoredTerminal, from: number) => Backup[] {
  const known = new Map<string, number | undefined>()
  return (terminal, from) => {
    if (backup.every === 'none') return []
    const until = terminal.holds.find((h) => !isOver(h) && h.effectiveFrom <= from)?.expectedUntil
    const key = `${from} ${until}`
    if (!known.has(key)) known.set(key, nextBackupAt(from, until, backup.at, app.zone))
    const dueAt = known.get(key)
    return dueAt === undefined ? [] : [{ id: randomUUID(), tid: terminal.tid, dueAt }]
  }
}
