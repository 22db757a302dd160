// One replay from where it was left to its end: a stretch of cases read, judged twice each, written down with how far it is.
// A program that is killed goes on behind the last stretch it wrote; between cases others get their turn.
import { setImmediate as turn } from 'node:timers/promises'
import { policySchema, type Policy } from '../../domain/policy.ts'
import { differencesOf, group, isOtherwise, outcomeUnder, type Group } from '../../domain/replay.ts'
import { endReplay, noteStretch, pastCases, type Found, type StoredReplay } from '../../store/replay.ts'
import type { App } from '../app.ts'

export type Wish = { isClosing: boolean }
const stretch_cases = 500
/** After so many cases others get their turn: a few milliseconds. */
const turn_cases = 20
/** Kinds of difference that are told; rarer ones only count. */
const groups_max = 200

export async function carryOutReplay(app: App, stored: StoredReplay, wish: Wish): Promise<void> {
  const now = (): number => app.clock.now()
  try {
    const draft = await app.db.transaction('*', (tx) => tx.one<{ document: unknown }>('select document from policy where provider = $1 and version = $2', [stored.provider, stored.version]), { readOnly: true })
    const policy = policySchema.parse(draft!.document)
    const run = { ...stored }
    const groups = new Map<string, Group>(run.groups.map((g) => [JSON.stringify([g.what, g.from, g.to]), g]))
    for (;;) {
      if (wish.isClosing) return
      const cases = await app.db.transaction('*', (tx) => pastCases(tx, run, run.reached, stretch_cases), { readOnly: true })
      const found: Found[] = []
      for (const [i, past] of cases.entries()) {
        if (i % turn_cases === turn_cases - 1) await turn()
        run.looked += 1
        const base = past.version === null ? undefined : policyOf(app, run.provider, past.version)
        if (past.with === null || base === undefined) { run.unknown += 1; continue }
        const known = { no: past.no, submittedAt: past.submittedAt, version: past.version!, with: past.with }
        const ground = { calendar: app.calendar(), zone: app.zone }
        const differences = differencesOf(outcomeUnder(base, known, ground), outcomeUnder(policy, known, ground))
        if (differences.length === 0) continue
        const otherwise = differences.some(isOtherwise)
        run.differing += 1
        if (otherwise) run.otherwise += 1
        group(groups, differences)
        found.push({ no: past.no, otherwise, differences })
      }
      run.reached = cases.at(-1)?.no ?? run.reached
      run.groups = [...groups.values()].toSorted((a, b) => b.count - a.count).slice(0, groups_max)
      const asked = await app.db.transaction('*', (tx) => noteStretch(tx, run, found, now()))
      const isLast = cases.length < stretch_cases
      if (!asked && !isLast) continue
      await app.db.transaction('*', (tx) => endReplay(tx, run.id, asked && !isLast ? 'stopped' : 'done', now()))
      return
    }
  } catch (error) {
    app.log.error({ replay: stored.id, error: (error as Error).message }, 'the replay failed')
    await app.db.transaction('*', (tx) => endReplay(tx, stored.id, 'failed', now()))
  }
}

/** The version a case was submitted under; none where it was never in force here. */
function policyOf(app: App, provider: string, version: number): Policy | undefined {
  try {
    return app.policyVersion(provider, version).policy
  } catch {
    return undefined
  }
}
