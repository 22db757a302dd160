// Cases about terminals whose clearance changed look at themselves now, not when the clock next looks: whoever brought the
// corrected file sees the closure go on in the same breath.
import { instantParam } from '../../store/db.ts'
import type { App } from '../app.ts'
import { tickCase } from '../cases.ts'

export async function tickCasesOf(app: App, tids: readonly string[]): Promise<void> {
  if (tids.length === 0) return
  const due = await app.db.transaction(
    '*',
    (tx) =>
      tx.many<{ no: string }>(
        `select distinct a.no from application a join application_terminal x using (no)
         where x.tid = any($1) and x.open and a.due_at <= $2 order by a.no`,
        [tids, instantParam(app.clock.now())],
      ),
    { readOnly: true },
  )
  for (const { no } of due)
    await tickCase(app, no).catch((error: Error) => app.log.warn({ case: no, error: error.message }, 'the case could not look at itself yet'))
}
