// The demo's settlement desk of this morning: slips, UnionPay's files and the bank's lines about yesterday, of merchants no
// story is about. They are handed in like anybody's files and matched like them; four faults are planted, one of each kind
// that people meet most: a sale under another name and category (跳码), one that UnionPay does not know, one with another
// amount, and a bank that credited too little.
import type { Actor } from '../domain/authority.ts'
import { addDays, dateOf } from '../domain/calendar.ts'
import type { Refusal } from '../domain/refusals.ts'
import type { ImportKind } from '../domain/vocabulary.ts'
import type { Imports } from '../app/imports/imports.ts'
import type { Settlement } from '../app/settlement/settlement.ts'
import { bankFile, slipFile, unionpayFile, type Line } from '../settlement/written.ts'
import { settlementDate } from '../settlement/records.ts'
import type { Takings } from './books.ts'
import { settledUpTo, type DemoTransaction } from './trade.ts'
import type { DemoMerchant, DemoTerminal, Estate } from './estate.ts'

/** Files and whoever hands them in. */
export type Morning = { actor: Actor; files: DemoFile[] }
export type DemoFile = { kind: ImportKind; fileName: string; bytes: Buffer }

const merchants_wanted = 6
const sales_min = 4
/** What the demo's provider takes of a card or QR sale where no contract says otherwise; see its policy. */
const rate_ppm = { credit: 6_000, debit: 5_000, qr: 3_800 } as const
const debit_fee_fen_max = 2_000
const bank_short_fen = 1_000

/** The files of one provider about the last day whose settlement has come. */
export function threeRecords(estate: Estate, takings: Takings, provider: string, now: number): DemoFile[] {
  const day = addDays(settledUpTo(now), -1)
  const chosen = estate.merchants
    .filter((m) => m.key === undefined && m.providers.length === 1 && m.providers[0] === provider)
    .map((m) => linesOf(m, estate.terminals.filter((t) => t.mid === m.mid), takings, day))
    .filter((lines): lines is [Line, ...Line[]] => lines !== undefined)
    .slice(0, merchants_wanted)
  const slips = chosen.flat()
  const [otherName, unknown, otherAmount, short] = chosen
  const unionpay = chosen.map((lines): [Line, ...Line[]] => {
    const [first, ...rest] = lines
    if (lines === otherName) return [{ ...first, name: '惠民生鲜超市', mcc: '5411' }, ...rest]
    if (lines === unknown) return rest as [Line, ...Line[]]
    if (lines === otherAmount) return [{ ...first, fen: first.fen + 10_000 }, ...rest]
    return lines
  })
  const credited = unionpay.flatMap((lines, i) => (chosen[i] === short ? [{ ...lines[0], fen: lines[0].fen - bank_short_fen }, ...lines.slice(1)] : lines))
  const csv = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`)
  return [
    { kind: 'slips', fileName: `slips-${day}.csv`, bytes: csv(slipFile(slips)) },
    ...unionpay.map((lines): DemoFile => { const file = unionpayFile(lines); return { kind: 'unionpay', fileName: file.name, bytes: file.bytes } }),
    { kind: 'bank', fileName: `bank-${day}.csv`, bytes: csv(bankFile(credited)) },
  ]
}

/** The sales of a merchant on a day, or undefined where anything but plain sales happened, or too little. */
function linesOf(merchant: DemoMerchant, tills: readonly DemoTerminal[], takings: Takings, day: string): [Line, ...Line[]] | undefined {
  const rows = tills.flatMap((till) => (takings.get(till.tid) ?? []).filter((r) => settlementDate(r.at) === day).map((row) => ({ till, row })))
  const isPlain = rows.every(({ row }) => row.class === 'sale' && row.status === 'approved' && dateOf(row.at) === day)
  if (!isPlain || rows.length < sales_min) return undefined
  return rows.map(({ till, row }) => lineOf(merchant, till, row, day)) as [Line, ...Line[]]
}

const lineOf = ({ mid, name, mcc }: DemoMerchant, { tid }: DemoTerminal, row: DemoTransaction, settledOn: string): Line => ({
  mid, tid, name, mcc, settledOn, reference: row.reference, fen: row.amountFen, batch: row.batch, trace: row.trace, authCode: row.authCode,
  feeFen: Math.min(Math.round((row.amountFen * rate_ppm[row.cardKind]) / 1_000_000), row.cardKind === 'debit' ? debit_fee_fen_max : Infinity),
  at: new Date(row.at + 8 * 3_600_000).toISOString().slice(0, 19),
  cardMasked: row.cardMasked ?? '',
})

/** Hands them in and waits until they are matched, so that whoever opens the desk first finds it at work. */
export async function handIn({ actor, files }: Morning, imports: Imports, settlement: Settlement): Promise<void> {
  const quiet = { view: () => ({ status: 202, body: '', headers: {} }), refusal: ({ refused }: Refusal) => ({ status: 409, body: refused, headers: {} }) }
  for (const file of files) await imports.start({ actor }, { ...file, dryRun: false, partial: false }, quiet)
  await imports.idle()
  await settlement.runs.start({ actor }, {}, quiet)
  await settlement.idle()
}
