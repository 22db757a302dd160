// A settlement file on its way in: recognised and checked by the reader, kept as one Parquet file, written down with the
// merchants and days it speaks of. It takes the place of an earlier file about the same; the same bytes again change nothing.
// All of it or nothing: a record file with a hole would prove what is not so.
import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { intake } from '../../settlement/intake.ts'
import type { Taken } from '../../settlement/types.ts'
import { detail, type Fault } from '../../files/fault.ts'
import { firstBytes, type Source } from '../../files/text.ts'
import {
  daysOf,
  insertSettlementFile,
  listMappings,
  oweClearance,
  sameFile,
  strangeTerminals,
  supersede,
  type Mapping,
  type Part,
  type RecordKind,
} from '../../store/settlement-files.ts'
import { queueRunForFile } from '../../store/settlement-runs.ts'
import type { StoredImport } from '../../store/imports.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import type { Importer } from '../imports/importer.ts'
import { breakFile, type Report } from '../imports/report.ts'
import { header_bytes_max } from './bounds.ts'
import { dropWorkFolder, keepParquet, makeWorkFolder } from './folder.ts'
import { linesOfTerminals, partsOf } from './parquet.ts'
import { paced } from './paced.ts'
import { wakeSettlement } from './wake.ts'

/** Detail and difference files of UnionPay stand beside each other; everything else of a kind is one series. */
const seriesOf = (kind: RecordKind, layout: string): string =>
  kind === 'unionpay' ? (layout.includes('zme') ? 'unionpay.zme' : 'unionpay.zm') : kind

export function settlementImporter(app: App, running: StoredImport): Importer {
  // What it must be; a file handed in as one of the three, whichever, is what its content says.
  const wanted = running.kind === 'settlement' ? undefined : (running.kind as RecordKind)
  const provider = running.actor.party.kind === 'provider' ? running.actor.party.id : undefined
  const id = randomUUID()
  let taken: Taken | undefined
  let parts: Part[] = []
  let isKept = false

  return {
    columns: [],
    async read(source, report, pace) {
      const folder = await makeWorkFolder(app, running.id)
      const [mids, mapping] = await app.db.transaction('*', async (tx) => [await midsOf(tx, provider), await mappingFor(tx, wanted, provider, source)] as const, { readOnly: true })
      const answer = await paced(pace, (progress, signal) =>
        intake({
          source, name: running.fileName, folder, mids, progress, signal, ...(wanted === undefined ? {} : { kind: wanted }),
          ...(mapping === undefined ? {} : { mapping }),
        }),
      )
      if (Array.isArray(answer)) return refuseFile(report, answer)
      taken = answer
      report.total = answer.rows
      parts = await partsOf(answer)
    },
    async check(report) {
      if (taken === undefined || taken.kind !== 'slips') return 0
      const strange = await app.db.transaction('*', (tx) => strangeTerminals(tx, parts), { readOnly: true })
      if (strange.length === 0) return 0
      const lines = await linesOfTerminals(taken, strange)
      refuseFile(report, strange.map(({ mid, tid }, i): Fault => ({ line: lines[i]!, column: 'tid', code: 'tid_unknown', detail: detail('tid_unknown', `${tid} (${mid})`) })))
      return strange.length
    },
    async apply(tx, dryRun) {
      if (taken === undefined) return 0
      const { parquet, ...told } = taken
      const { kind } = told
      if (wanted === undefined && !dryRun) await tx.run('update import set kind = $2 where id = $1', [running.id, kind])
      if ((await sameFile(tx, kind, taken.sha256)) !== undefined) return 0
      if (dryRun) return taken.rows
      if (!isKept) await keepParquet(app, parquet, id)
      isKept = true
      const now = app.clock.now()
      await insertSettlementFile(tx, {
        id, import: running.id, kind, layout: taken.layout, series: seriesOf(kind, taken.layout), fileName: basename(running.fileName), sha256: taken.sha256,
        taken: told, takenAt: now, takenBy: running.actor.person,
      }, parts, provider)
      if (parts.length > 0) {
        await supersede(tx, id)
        await oweClearance(tx, id)
        await queueRunForFile(tx, randomUUID(), { provider, ...(await daysOf(tx, id)), actor: running.actor, now })
      }
      return taken.rows
    },
    async applied() {
      wakeSettlement(app)
    },
    ended: () => dropWorkFolder(app, running.id),
  }
}

/** The merchants whose files somebody may hand in: a provider its own, the platform all that are registered. */
const midsOf = async (tx: Tx, provider: string | undefined): Promise<string[]> =>
  (await tx.many<{ mid: string }>('select distinct mid from merchant_provider where $1::text is null or provider = $1', [provider ?? null])).map((r) => r.mid)

/** Every fault counts as its row; none of the file is taken. */
function refuseFile(report: Report, faults: readonly Fault[]): void {
  breakFile(report, faults)
  const rows = new Set(faults.map((f) => f.line)).size
  report.total = Math.max(report.total, rows)
  report.rejected = Math.min(report.total, Math.max(report.rejected, rows))
}

/** Of the saved mappings the one whose columns all stand in this file's header; the most of them, where several do. */
async function mappingFor(tx: Tx, kind: RecordKind | undefined, provider: string | undefined, source: Source): Promise<Record<string, string> | undefined> {
  if (kind === 'unionpay') return undefined
  const saved = (await listMappings(tx, kind)).filter((m) => provider === undefined || m.provider === provider)
  if (saved.length === 0) return undefined
  const bytes = await firstBytes(source, header_bytes_max)
  const headers = ['utf-8', 'gb18030'].map((encoding) => new TextDecoder(encoding).decode(bytes).split(/\r?\n|\r/)[0]!)
  const fits = (m: Mapping): boolean => headers.some((header) => Object.values(m.columns).every((theirs) => header.includes(theirs)))
  return saved.filter(fits).toSorted((a, b) => Object.keys(b.columns).length - Object.keys(a.columns).length)[0]?.columns
}
