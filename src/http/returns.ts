// Devices on their way back, read for people: each with its case, because the case says what may be done with it.
import type { App } from '../app/app.ts'
import { scopeOf } from '../app/execute.ts'
import { settingOf } from '../app/settle.ts'
import { isRefusal, type Refusal } from '../domain/refusals.ts'
import type { DepositState, ReturnState } from '../domain/vocabulary.ts'
import { list_total_exact_max } from '../limits.ts'
import { cursorAt, listOf, placeOf, totalOf } from '../store/cursor.ts'
import { caseOfReturn, countReturns, listReturns } from '../store/devices.ts'
import { readCases, type ReadCase } from '../store/reads.ts'
import type { Asker, Paging } from './services.ts'
import type { Page } from './shapes.ts'
import { viewReturn } from './view-return.ts'
import type { Seen } from './view-terminal.ts'
import type { ReturnView } from './views.ts'

export type ReturnsQuery = Paging & { state?: ReturnState | undefined; deposit?: DepositState | undefined }

function viewsOf(app: App, asker: Asker, read: ReadCase): Map<string, ReturnView> {
  const seen: Seen = { dossier: read.dossier, beside: read.beside, setting: settingOf(app, read.dossier, asker.actor, app.clock.now()), app }
  return new Map((read.dossier.returns ?? []).filter((r) => r.caseNo === read.dossier.case.case.no).map((line) => [line.rma, viewReturn(seen, asker, line)]))
}

export async function oneReturn(app: App, asker: Asker, rma: string): Promise<ReturnView | undefined> {
  const read = await app.db.transaction(scopeOf(asker.actor), async (tx) => {
    const no = await caseOfReturn(tx, rma)
    return no === undefined ? undefined : (await readCases(tx, [no]))[0]
  }, { readOnly: true })
  return read && viewsOf(app, asker, read).get(rma)
}

/** Newest first. */
export async function pageOfReturns(app: App, asker: Asker, { cursor, limit, ...filters }: ReturnsQuery): Promise<Page<ReturnView> | Refusal> {
  const list = listOf('returns', filters)
  const place = placeOf(list, cursor, ['number', 'string'])
  if (isRefusal(place)) return place
  const [at, rma] = (place?.key ?? []) as [number, string]
  const found = await app.db.transaction(scopeOf(asker.actor), async (tx) => {
    const rows = await listReturns(tx, { ...filters, before: place && { at, rma }, limit: limit + 1 })
    const total = place?.total ?? await totalOf(await countReturns(tx, filters, list_total_exact_max + 1), () => list_total_exact_max)
    return { rows, total, reads: await readCases(tx, [...new Set(rows.slice(0, limit).map((r) => r.case_no))]) }
  }, { readOnly: true })
  const views = new Map(found.reads.flatMap((read) => [...viewsOf(app, asker, read)]))
  const shown = found.rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.flatMap((r) => views.get(r.rma) ?? []), total: found.total,
    next: found.rows.length > limit && last ? cursorAt(list, { key: [last.opened_at, last.rma], total: found.total }) : null,
  }
}
