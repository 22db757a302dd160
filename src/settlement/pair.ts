// Slips and UnionPay's records of one merchant, terminal and reference, held against each other. Pure, and called only
// for groups that are not plainly one slip and one equal record. In this order, each step taking from what is left:
//   1. the same transaction twice on one side (same voucher; same trace and time): all but one are duplicates;
//   2. pairs: same class and amount; same class; same amount and direction; same direction – what differs is a break;
//   3. a void or reversal without a record of its own: UnionPay settled what was undone, or, having no sale either, knew
//      in time and there is nothing to settle;
//   4. pairs of opposite direction: one side calls a sale what the other calls a refund;
//   5. what remains: a second line of what was paired or told already is a duplicate; else it is there on one side only
//      where the other side's file is (coverage.ts), and pending where it is not.
// A pair is held against the contract too; lines without their other half are not: one fault, one break.
import { dateOf } from '../domain/calendar.ts'
import type { Break, Side } from '../domain/breaks.ts'
import type { Fen } from '../domain/money.ts'
import type { BreakKind, CardKind } from '../domain/vocabulary.ts'
import type { Coverage } from './coverage.ts'
import { isSameName } from './gbk.ts'
import { kins, type SlipRow, type UnionPayRow } from './records.ts'

type InFile = { file: number }
export type SlipLine = SlipRow & InFile
export type RecordLine = UnionPayRow & InFile
export type Group = {
  mid: string
  tid: string
  reference: string
  slips: readonly SlipLine[]
  records: readonly RecordLine[]
}

export type Rules = {
  coverage: Coverage
  /** Name and MCC a merchant is registered under, for slips that carry none. */
  registered: (mid: string) => { name: string; mcc: string } | undefined
  /** What the contract has the merchant pay for an amount, negative for one given back; undefined: no contract. */
  feeOf: (mid: string, card: CardKind | null, amountFen: Fen) => Fen | undefined
}

/** A break before it has its number. */
export type Found = Omit<Break, 'id'>
export type Judgement = {
  breaks: Found[]
  matched: Tally
  unmatched: Tally
  pending: Tally
  /** Records that are there twice: what a bank may have left out when it paid. */
  duplicates: RecordLine[]
}
export type Tally = { count: number; fen: Fen }

type Line = SlipLine | RecordLine
const kinOf = (line: Line): string => kins[line.class]
const isCredit = (line: Line): boolean => kinOf(line) === 'undo' || kinOf(line) === 'refund'
const add = (tally: Tally, fen: Fen): void => {
  tally.count += 1
  tally.fen += fen
}

const slipSide = (slip: SlipLine): Side => ({
  amountFen: Math.abs(slip.amountFen),
  class: slip.class,
  name: slip.name,
  mcc: slip.mcc,
  at: slip.at,
  ...(slip.batch === null ? {} : { batch: slip.batch }),
  ...(slip.trace === null ? {} : { trace: slip.trace }),
  file: slip.file,
  line: slip.line,
})
const recordSide = (record: RecordLine): Side => ({
  amountFen: Math.abs(record.amountFen),
  class: record.class,
  name: record.name,
  mcc: record.mcc,
  ...(record.feeFen === null ? {} : { feeFen: record.feeFen }),
  at: record.at,
  ...(record.trace === null ? {} : { trace: record.trace }),
  file: record.file,
  line: record.line,
})

/** Lines in the order of what they say, so that it does not matter in which they come. */
const inOrder = <L extends Line>(lines: readonly L[]): L[] => {
  const said = (line: Line): string =>
    JSON.stringify([
      line.settledOn,
      line.class,
      line.amountFen,
      line.trace,
      'batch' in line ? line.batch : line.feeFen,
      line.name,
      line.mcc,
    ])
  return lines.toSorted(
    (a, b) => a.at - b.at || (said(a) < said(b) ? -1 : said(a) > said(b) ? 1 : a.file - b.file || a.line - b.line),
  )
}

/** What two lines of one side agree on when they are one transaction told twice; undefined: cannot be told. */
const voucherOf = (slip: SlipLine): string | undefined =>
  slip.trace === null ? undefined : `${slip.class} ${slip.batch} ${slip.trace}`
const queryOf = (record: RecordLine): string => `${record.class} ${record.trace} ${record.at}`

/** The lines without their repetitions; of several the one whose amount the other side has stays. */
const once = <L extends Line>(
  lines: readonly L[],
  identity: (line: L) => string | undefined,
  others: readonly Line[],
): { kept: L[]; repeated: L[] } => {
  const kept: L[] = []
  const repeated: L[] = []
  for (const [, same] of Map.groupBy(lines, (line) => identity(line) ?? line)) {
    const best = same.find((line) => others.some((other) => other.amountFen === line.amountFen)) ?? same[0]!
    kept.push(best)
    repeated.push(...same.filter((line) => line !== best))
  }
  return { kept, repeated }
}

const agreements: readonly ((slip: SlipLine, record: RecordLine) => boolean)[] = [
  (slip, record) => kinOf(slip) === kinOf(record) && slip.amountFen === record.amountFen,
  (slip, record) => kinOf(slip) === kinOf(record),
  (slip, record) => slip.amountFen === record.amountFen,
  (slip, record) => isCredit(slip) === isCredit(record),
]

type Pair = { slip: SlipLine; record: RecordLine }
/** A group while it is judged: what is not yet accounted for on either side, and what is. */
type Open = {
  group: Group
  rules: Rules
  slips: SlipLine[]
  records: RecordLine[]
  pairs: Pair[]
  repeatedSlips: SlipLine[]
  repeatedRecords: RecordLine[]
  /** Records of sales that a slip says were undone. */
  undone: Set<RecordLine>
  out: Judgement
}

export const judge = (group: Group, rules: Rules): Judgement => {
  const slips = once(inOrder(group.slips), voucherOf, group.records)
  const records = once(inOrder(group.records), queryOf, group.slips)
  const open: Open = {
    group,
    rules,
    slips: slips.kept,
    records: records.kept,
    pairs: [],
    repeatedSlips: slips.repeated,
    repeatedRecords: records.repeated,
    undone: new Set(),
    out: {
      breaks: [],
      matched: { count: 0, fen: 0 },
      unmatched: { count: 0, fen: 0 },
      pending: { count: 0, fen: 0 },
      duplicates: [],
    },
  }
  for (const agree of agreements) pairWhere(open, agree)
  for (const undo of open.slips.filter((slip) => kinOf(slip) === 'undo')) settleUndo(open, undo)
  pairWhere(open, () => true)
  for (const pair of open.pairs) tellPair(open, pair)
  sortAlone(open)
  for (const slip of open.repeatedSlips) {
    tell(open, 'duplicate_slip', { slip, record: pairedLike(open, slip)?.record }, [0, slip.amountFen])
    count(open, slip)
  }
  for (const record of open.repeatedRecords) {
    tell(open, 'duplicate_unionpay', { slip: pairedLike(open, record)?.slip, record }, [0, record.amountFen])
    count(open, record)
    open.out.duplicates.push(record)
  }
  for (const line of [...open.slips, ...open.records]) tellAlone(open, line)
  return open.out
}

const tell = (
  { group: { mid, tid, reference }, out }: Open,
  kind: BreakKind,
  { slip, record }: { slip?: SlipLine | undefined; record?: RecordLine | undefined },
  money?: readonly [expected: Fen, actual: Fen],
): void => {
  out.breaks.push({
    kind,
    mid,
    tid,
    reference,
    settledOn: (record ?? slip)!.settledOn,
    ...(slip ? { slip: slipSide(slip) } : {}),
    ...(record ? { unionpay: recordSide(record) } : {}),
    ...(money ? { expectedFen: money[0], actualFen: money[1] } : {}),
  })
}
/** One more transaction with a break. */
const count = ({ out }: Open, line: Line): void => add(out.unmatched, Math.abs(line.amountFen))

/** Pairs, in order, whatever agrees among what is left. */
const pairWhere = (open: Open, agree: (slip: SlipLine, record: RecordLine) => boolean): void => {
  for (const slip of [...open.slips]) {
    const record = open.records.find((one) => agree(slip, one))
    if (!record) continue
    open.pairs.push({ slip, record })
    open.slips = open.slips.filter((one) => one !== slip)
    open.records = open.records.filter((one) => one !== record)
  }
}

/** A void or reversal that has no record of its own. */
const settleUndo = (open: Open, undo: SlipLine): void => {
  const { hasUnionPay } = open.rules.coverage
  const { mid } = open.group
  open.slips = open.slips.filter((one) => one !== undo)
  if (!hasUnionPay(mid, undo.settledOn)) {
    add(open.out.pending, undo.amountFen)
    return
  }
  const settled = [...open.pairs.map(({ record }) => record), ...open.records]
  const record = settled.find((one) => !isCredit(one) && !open.undone.has(one))
  if (record) {
    tell(open, 'reversed_but_settled', { slip: undo, record }, [0, record.amountFen])
    count(open, record)
    open.undone.add(record)
    open.records = open.records.filter((one) => one !== record)
    return
  }
  const sale = open.slips.find((slip) => !isCredit(slip))
  if (sale && hasUnionPay(mid, sale.settledOn)) open.slips = open.slips.filter((one) => one !== sale)
}

const tellPair = (open: Open, pair: Pair): void => {
  const found = differences(pair.slip, pair.record, open.rules)
  for (const [kind, money] of found) tell(open, kind, pair, money)
  // The transaction is counted with the break that says it was undone.
  if (open.undone.has(pair.record)) return
  if (found.length === 0) add(open.out.matched, pair.record.amountFen)
  else count(open, pair.record)
}

/** The pair a line repeats: of its class and, where several part refunds may share a reference, of its amount. */
const pairedLike = ({ pairs }: Open, line: Line): Pair | undefined =>
  pairs.find(
    ({ slip, record }) =>
      kinOf(isRecord(line) ? record : slip) === kinOf(line) && (!isCredit(line) || record.amountFen === line.amountFen),
  )
const isRecord = (line: Line): line is RecordLine => 'card' in line

/** Moves what repeats a pair, or another line that is alone, to the repetitions. */
const sortAlone = (open: Open): void => {
  const alone = <L extends Line>(lines: readonly L[], repeated: L[]): L[] => {
    const first: L[] = []
    for (const line of lines) {
      const isSaid = first.some((one) => kinOf(one) === kinOf(line) && one.amountFen === line.amountFen)
      if (isSaid || pairedLike(open, line)) repeated.push(line)
      else first.push(line)
    }
    return first
  }
  open.slips = alone(open.slips, open.repeatedSlips)
  open.records = alone(open.records, open.repeatedRecords)
}

/** A line whose other half is not there: missing where its file is on file, else pending. */
const tellAlone = (open: Open, line: Line): void => {
  const { coverage } = open.rules
  const { mid } = open.group
  const isMissing = isRecord(line) ? coverage.hasSlips(mid, dateOf(line.at)) : coverage.hasUnionPay(mid, line.settledOn)
  if (!isMissing) {
    add(open.out.pending, line.amountFen)
    return
  }
  if (isRecord(line)) tell(open, 'unionpay_only', { record: line }, [0, line.amountFen])
  else tell(open, 'slip_only', { slip: line }, [line.amountFen, 0])
  count(open, line)
}

type Difference = readonly [kind: BreakKind, money?: readonly [expected: Fen, actual: Fen]]
const differences = (slip: SlipLine, record: RecordLine, rules: Rules): Difference[] => {
  const found: Difference[] = []
  const { mid } = record
  if (kinOf(slip) !== kinOf(record)) found.push(['type_differs', [slip.amountFen, record.amountFen]])
  if (Math.abs(slip.amountFen) !== Math.abs(record.amountFen))
    found.push(['amount_differs', [slip.amountFen, record.amountFen]])
  const registered = slip.name === null || slip.mcc === null ? rules.registered(mid) : undefined
  const name = slip.name ?? registered?.name
  if (name !== undefined && record.name !== null && !isSameName(name, record.name))
    found.push(['merchant_name_differs'])
  const mcc = slip.mcc ?? registered?.mcc
  if (mcc !== undefined && record.mcc !== null && mcc !== record.mcc) found.push(['mcc_differs'])
  const fee = rules.feeOf(mid, record.card, record.amountFen)
  if (fee !== undefined && record.feeFen !== null && fee !== record.feeFen)
    found.push(['fee_differs', [fee, record.feeFen]])
  return found
}
