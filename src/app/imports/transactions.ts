// The transaction file: what a provider's host says was done on its terminals. It is merged by key, never replaced, and
// whose clearance it may have changed is written down with it (see outbox.ts).
import { formatYuan } from '../../domain/money.ts'
import {
  checkTransactionFile,
  transactionColumns,
  type TransactionColumn,
  type TransactionRow,
} from '../../files/transactions.ts'
import type { Cells } from '../../files/table.ts'
import { analyse, makeStaging, stage, stagingTable, unstage, type StoredImport } from '../../store/imports.ts'
import {
  countChanged,
  mergeTransactions,
  stagedTransactions,
  transactionClashes,
  transactionLayout,
  type StagedTransaction,
} from '../../store/transactions.ts'
import type { App } from '../app.ts'
import { staged_rows_max } from './bounds.ts'
import { Overtaken, type Importer } from './importer.ts'
import { faultAt, rejectRow, takeBatch } from './report.ts'

const staged = (row: TransactionRow, line: number): unknown[] => [
  line,
  row.tid,
  row.mid,
  row.batch,
  row.trace,
  row.reference,
  row.class,
  row.amountFen,
  new Date(row.at).toISOString(),
  row.settledOn,
  row.cardKind,
  row.cardMasked,
  row.authCode,
  row.status,
]

const cellsOf = (row: StagedTransaction): Cells<TransactionColumn> => ({
  tid: row.tid,
  mid: row.mid,
  batch: row.batch,
  trace: row.trace,
  reference: row.reference,
  class: row.class,
  amountYuan: formatYuan(Number(row.amount_fen)),
  at: row.at.toISOString(),
  settledOn: row.settled_on ?? '',
  cardKind: row.card_kind,
  cardMasked: row.card_masked ?? '',
  authCode: row.auth_code ?? '',
  status: row.status,
})

export function transactionImporter(app: App, running: StoredImport): Importer {
  const table = stagingTable(running.id)
  const ownProvider = running.actor.party.kind === 'provider' ? running.actor.party.id : undefined
  return {
    columns: Object.keys(transactionColumns),
    async read(source, report, pace) {
      await app.db.transaction('*', (tx) => makeStaging(tx, table, transactionLayout))
      let waiting: unknown[][] = []
      const send = async (): Promise<void> => {
        await app.db.transaction('*', (tx) => stage(tx, table, transactionLayout, waiting))
        waiting = []
      }
      for await (const batch of checkTransactionFile(source)) {
        takeBatch(report, batch)
        for (const { line, row } of batch.rows) waiting.push(staged(row, line))
        if (waiting.length >= staged_rows_max) await send()
        await pace(batch.read)
      }
      await send()
      await app.db.transaction('*', (tx) => analyse(tx, table))
    },
    check: (report) =>
      app.db.transaction('*', async (tx) => {
        const clashes = await transactionClashes(tx, table, ownProvider)
        const byLine = Map.groupBy(clashes, (clash) => clash.line)
        const lines = [...byLine.keys()]
        for (const row of await stagedTransactions(tx, table, lines)) {
          const faults = byLine.get(row.line)!.map((c) => faultAt(row.line, c.column, c.code, c.value))
          rejectRow(report, { line: row.line, cells: cellsOf(row), faults })
        }
        await unstage(tx, table, lines)
        return clashes.length
      }),
    async apply(tx, dryRun) {
      if ((await transactionClashes(tx, table, ownProvider)).length > 0) throw new Overtaken()
      return dryRun ? countChanged(tx, table) : mergeTransactions(tx, table)
    },
    async applied() {},
  }
}
