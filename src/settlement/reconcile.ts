// The thread side of `match`: the engine finds what is not plain, judged here group by group as it streams past, so that
// neither ten million pairs nor ten million breaks are ever held. What the result lists is in a fixed order, whatever
// the order of the files.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBValue } from '@duckdb/node-api'
import { type Fen, rateOf } from '../domain/money.ts'
import type { CardKind } from '../domain/vocabulary.ts'
import { type Book, openBook } from './book.ts'
import { engine_memory_mb, group_lines_max } from './bounds.ts'
import { coverageOf } from './coverage.ts'
import { type Day, judgeDay } from './days.ts'
import { type Engine, openEngine, type Watch } from './engine.ts'
import { cutName } from './gbk.ts'
import { type Group, judge, type RecordLine, type Rules, type SlipLine } from './pair.ts'
import type { MoneyClass } from './records.ts'
import * as sql from './statements.ts'
import type { Contract, Matched, MatchOptions, RecordKind, Taken } from './types.ts'

export type MatchTask = Pick<MatchOptions, 'files' | 'register' | 'contracts'> & { scratch: string }

/** How much of the whole each step is, roughly, in the order they come; for progress only. */
const steps = { find: 0.6, judge: 0.3, days: 0.1 } as const

export const reconcile = async (task: MatchTask, watch: Watch = {}): Promise<Matched> => {
  let done = 0
  let step: keyof typeof steps = 'find'
  let furthest = 0
  // Every query begins at nothing again; what is told never goes back.
  const tell = (share: number): void => {
    furthest = Math.max(furthest, share)
    watch.progress?.(furthest)
  }
  const engine = await openEngine(task.scratch, engine_memory_mb, {
    ...watch,
    progress: (share) => tell(done + share * steps[step]),
  })
  const next = (name: keyof typeof steps): void => {
    done += steps[step]
    step = name
    tell(done)
  }
  try {
    await prepare(engine, task)
    const [nameless] = await engine.rows<{ n: boolean }>(sql.nameless)
    await engine.run(sql.outcome(nameless!.n))
    await engine.run(sql.crowded)
    await engine.run(sql.odd)
    next('judge')
    const book = openBook(task.files)
    const rules = rulesOf(task)
    await judgeGroups(engine, rules, book)
    await engine.run(sql.booked)
    for (const [mid, tid, n, amount] of await table(engine, sql.terminals))
      book.terminal(mid!, tid!, Number(n), Number(amount))
    next('days')
    await judgeDays(engine, rules, book)
    const [counted] = await engine.rows<Record<RecordKind, bigint>>(sql.counts)
    const rows = { slips: Number(counted!.slips), unionpay: Number(counted!.unionpay), bank: Number(counted!.bank) }
    tell(1)
    return book.close(rows)
  } finally {
    engine.close()
  }
}

// ── What is held against what ───────────────────────────────────────────────────────────────────────────────────────

type Rates = { ppm: number; capFen?: Fen | undefined }
/** What a merchant pays by kind of card; a contract that names a card counts before one that does not. */
const ratesOf = (contracts: readonly Contract[]): ((mid: string, card: CardKind | null) => Rates | undefined) => {
  const byMid = new Map<string, Map<CardKind | null, Rates>>()
  for (const { mid, ppm, capFen, card } of contracts) {
    const rates = byMid.get(mid) ?? new Map<CardKind | null, Rates>()
    byMid.set(mid, rates.set(card ?? null, { ppm, capFen }))
  }
  return (mid, card) => byMid.get(mid)?.get(card) ?? byMid.get(mid)?.get(null)
}

const rulesOf = ({ files, register, contracts }: MatchTask): Rules => {
  const rates = ratesOf(contracts)
  const merchants = new Map(register.map((merchant) => [merchant.mid, merchant]))
  return {
    coverage: coverageOf(files),
    registered: (mid) => merchants.get(mid),
    feeOf: (mid, card, amountFen) => {
      const rate = rates(mid, card)
      return rate && rateOf(amountFen, rate.ppm, rate.capFen)
    },
  }
}

const prepare = async (engine: Engine, task: MatchTask): Promise<void> => {
  const of = (kind: Taken['kind']): string[] =>
    task.files.filter((file) => file.kind === kind).map((file) => file.parquet)
  for (const view of sql.views({ slips: of('slips'), unionpay: of('unionpay'), bank: of('bank') }))
    await engine.run(view)
  const rates = ratesOf(task.contracts)
  const merchants = new Map(task.register.map((merchant) => [merchant.mid, merchant]))
  const lines = [...new Set([...merchants.keys(), ...task.contracts.map(({ mid }) => mid)])].map((mid) => {
    const known = merchants.get(mid)
    const paid = ([null, 'debit', 'credit', 'qr'] as const).flatMap((card) => {
      const rate = rates(mid, card)
      return [rate?.ppm ?? '', rate?.capFen ?? '']
    })
    return [mid, known ? cutName(known.name).replace(/\s+/g, ' ') : '', known?.mcc ?? '', ...paid].join('\t')
  })
  const path = join(task.scratch, 'merchants.txt')
  await writeFile(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  await engine.run(sql.merchantTable(path))
}

// ── Groups and days, as they stream past ────────────────────────────────────────────────────────────────────────────

const text = (value: DuckDBValue): string => value as string
const textOrNull = (value: DuckDBValue): string | null => value as string | null
/** Vouchers and traces are kept as numbers. */
const sixDigits = (value: DuckDBValue): string | null => (value === null ? null : String(value).padStart(6, '0'))
const fenOrNull = (value: DuckDBValue): Fen | null => (value === null ? null : Number(value))

const judgeGroups = async (engine: Engine, rules: Rules, book: Book): Promise<void> => {
  let group: (Group & { slips: SlipLine[]; records: RecordLine[] }) | undefined
  const end = (): void => {
    if (group) book.judged(group, judge(group, rules))
  }
  for await (const rows of engine.stream(sql.oddLines)) {
    for (const row of rows) {
      const [
        mid,
        tid,
        reference,
        side,
        kind,
        amount,
        madeAt,
        settledOn,
        name,
        mcc,
        trace,
        batch,
        card,
        fee,
        net,
        path,
        line,
      ] = row as [...DuckDBValue[]] & { length: 17 }
      if (!group || group.reference !== reference || group.tid !== tid || group.mid !== mid) {
        end()
        group = { mid: text(mid!), tid: text(tid!), reference: text(reference!), slips: [], records: [] }
      }
      const common = {
        mid: group.mid,
        tid: group.tid,
        reference: group.reference,
        class: text(kind!) as MoneyClass,
        amountFen: Number(amount),
        at: Number(madeAt),
        settledOn: text(settledOn!),
        name: textOrNull(name!),
        cut: null,
        mcc: textOrNull(mcc!),
        trace: sixDigits(trace!),
        file: book.placeOf(text(path!)),
        line: Number(line),
      }
      const isSlip = side === 'slip'
      // Hundreds of lines under one reference repeat each other; judging all of them would take for ever.
      if ((isSlip ? group.slips : group.records).length >= group_lines_max)
        book.repeated(isSlip ? 'duplicate_slip' : 'duplicate_unionpay', common)
      else if (isSlip) group.slips.push({ ...common, batch: sixDigits(batch!) })
      else
        group.records.push({
          ...common,
          card: textOrNull(card!) as CardKind | null,
          feeFen: fenOrNull(fee!),
          netFen: Number(net),
        })
    }
  }
  end()
}

/** Where a bank line is matters only where it differs. */
const nowhere = { file: -1, line: 0 }

const judgeDays = async (engine: Engine, rules: Rules, book: Book): Promise<void> => {
  await engine.run(sql.days)
  const [counted] = await engine.rows<{ with_lines: bigint; agreeing: bigint }>(sql.dayCounts)
  await engine.run(counted!.with_lines > 0n ? sql.firstLines : sql.noFirstLines)
  for await (const rows of engine.stream(sql.differingLines)) {
    for (const [mid, settledOn, unionpay, bank, lines, bookedOn, reference, path, line] of rows) {
      const day: Day = {
        mid: text(mid!),
        settledOn: text(settledOn!),
        unionpayFen: fenOrNull(unionpay!),
        bank:
          bank === null
            ? null
            : {
                netFen: Number(bank),
                bookedOn: textOrNull(bookedOn!),
                reference: textOrNull(reference!),
                lines: Number(lines),
                ...(path === null ? nowhere : { file: book.placeOf(text(path!)), line: Number(line) }),
              },
      }
      book.day(day, judgeDay(day, book.duplicateFen(day), rules.coverage))
    }
  }
  book.agreeing(Number(counted!.agreeing), await table(engine, sql.agreeingDays))
}

const table = async (engine: Engine, query: string): Promise<string[][]> => {
  const text = await engine.text(sql.asText(query))
  return text === '' ? [] : text.split('\n').map((line) => line.split(' '))
}
