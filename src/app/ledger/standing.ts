// How accounts stand, for people: the balance of a merchant with each of its providers, and every entry that made it so.
import type { Actor } from '../../domain/authority.ts'
import type { Fen } from '../../domain/money.ts'
import { standingOf, type Posted } from '../../domain/receivables.ts'
import { isRefusal, type Refusal } from '../../domain/refusals.ts'
import { list_total_exact_max } from '../../limits.ts'
import { readProvidersOf } from '../../store/contracts.ts'
import { cursorAt, listOf, placeOf, totalOf, type Total } from '../../store/cursor.ts'
import type { Tx } from '../../store/db.ts'
import { countStatement, depositsHeld, readPosted, readStatement, wordsOf, type StatementRow } from '../../store/ledger.ts'
import type { App } from '../app.ts'
import { scopeOf } from '../execute.ts'
import { overdueFen } from './invoices.ts'
import { waiverFrom, type Waiver } from './waivers.ts'

export type AccountStanding = {
  provider: string; mid: string; owedFen: Fen; creditFen: Fen; overdueFen: Fen; depositsFen: Fen; openCharges: number; oldestOpenAt: number | undefined
  waiversWaiting: readonly Waiver[]
}

async function standing(app: App, tx: Tx, mid: string, provider: string): Promise<AccountStanding> {
  const { charges, owedFen, creditFen } = standingOf(await readPosted(tx, mid, provider))
  const open = charges.filter((c) => c.openFen > 0)
  const waivers = await tx.many<Parameters<typeof waiverFrom>[0]>('select * from waiver where mid = $1 and provider = $2 and entry is null order by proposed_at', [mid, provider])
  return {
    provider, mid, owedFen, creditFen, overdueFen: Math.min(owedFen, await overdueFen(app, tx, mid, provider)), depositsFen: await depositsHeld(tx, mid, provider),
    openCharges: open.length, oldestOpenAt: open[0]?.at, waiversWaiting: waivers.map(waiverFrom),
  }
}

/** With each provider the asker sees; undefined where the merchant is not theirs. */
export const balancesOf = (app: App, actor: Actor, mid: string, provider?: string): Promise<AccountStanding[] | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const providers = (await readProvidersOf(tx, mid)).filter((p) => provider === undefined || p === provider)
    if (providers.length === 0) return undefined
    const found: AccountStanding[] = []
    for (const p of providers) found.push(await standing(app, tx, mid, p))
    return found
  }, { readOnly: true })

export type StatementEntry = Posted & { provider: string; depositFen: Fen }
const entryFrom = (r: StatementRow): StatementEntry => ({
  id: r.id, kind: r.kind, at: r.at, provider: r.provider, fen: r.fen, depositFen: r.deposit_fen, caseNo: r.case_no ?? undefined, tid: r.tid ?? undefined,
  month: r.month ?? undefined, reverses: r.reverses ?? undefined, ...wordsOf(r),
})

type Asked = { provider?: string | undefined; cursor?: string | undefined; limit: number }
export type StatementPage = { items: StatementEntry[]; next: string | null; total: Total }

const isTheirs = async (tx: Tx, mid: string, provider?: string): Promise<boolean> =>
  (await readProvidersOf(tx, mid)).some((p) => provider === undefined || p === provider)

/** Every entry, the newest first. */
export const statementOf = (app: App, actor: Actor, mid: string, { provider, cursor, limit }: Asked): Promise<StatementPage | Refusal | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const list = listOf('statement', { mid, provider })
    const place = placeOf(list, cursor, ['number', 'string'])
    if (isRefusal(place)) return place
    if (!(await isTheirs(tx, mid, provider))) return undefined
    const [at, id] = (place?.key ?? []) as [number, string]
    const rows = await readStatement(tx, mid, provider, place && { at, id }, limit + 1)
    const total = place?.total ?? await totalOf(await countStatement(tx, mid, provider, list_total_exact_max + 1), () => list_total_exact_max)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return { items: shown.map(entryFrom), total, next: rows.length > limit && last ? cursorAt(list, { key: [last.at, last.id], total }) : null }
  }, { readOnly: true })

/** Rows read at once for an export. */
const export_rows_max = 1_000

/** All of it, in pieces, for an export; undefined where the merchant is not theirs. */
export async function wholeStatement(app: App, actor: Actor, mid: string, provider?: string): Promise<AsyncIterable<StatementEntry[]> | undefined> {
  const reading = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => app.db.transaction(scopeOf(actor), work, { readOnly: true })
  if (!(await reading((tx) => isTheirs(tx, mid, provider)))) return undefined
  return (async function* () {
    for (let below: { at: number; id: string } | undefined; ;) {
      const rows = await reading((tx) => readStatement(tx, mid, provider, below, export_rows_max))
      if (rows.length > 0) yield rows.map(entryFrom)
      const last = rows.at(-1)
      if (last === undefined || rows.length < export_rows_max) return
      below = { at: last.at, id: last.id }
    }
  })()
}
