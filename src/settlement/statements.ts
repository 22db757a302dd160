// The statements of matching. The engine finds the groups – merchant, terminal, reference, as one key – that are not
// plainly one slip and one equal record, by one full join over two numbers a line; only those are fetched whole and judged
// (pair.ts). Where a line is there twice, the join tells its other half twice: a bucket of keys that has more lines after
// the join than before is searched for repetitions.
import { days_max } from './bounds.ts'
import { parquetOf, quoted } from './engine.ts'
import type { RecordKind } from './types.ts'

export type Files = Record<RecordKind, readonly string[]>
/** Where there is no file of a kind there are no rows of it. */
const empty: Record<RecordKind, string> = {
  slips: `null::integer as line, null::varchar as mid, null::varchar as tid, null::varchar as reference, null::varchar as class,
    null::tinyint as kin, null::bigint as amount, null::bigint as made_at, null::date as settled_on, null::varchar as name,
    null::varchar as cut, null::varchar as mcc, null::bigint as label, null::integer as trace, null::integer as batch, null::uuid as key, null::varchar as filename`,
  unionpay: `null::integer as line, null::varchar as mid, null::varchar as tid, null::varchar as reference, null::varchar as class,
    null::tinyint as kin, null::bigint as amount, null::bigint as made_at, null::date as settled_on, null::varchar as name,
    null::varchar as cut, null::varchar as mcc, null::bigint as label, null::integer as trace, null::uuid as key, null::varchar as card, null::bigint as fee,
    null::bigint as net, null::varchar as filename`,
  bank: `null::integer as line, null::varchar as mid, null::date as settled_on, null::bigint as net, null::date as booked_on,
    null::varchar as reference, null::varchar as filename`,
}
/** Views over the files: `slips`, `unionpay`, `bank`; `…_named` also say which file a row is from. */
export const views = (files: Files): string[] =>
  (Object.keys(files) as RecordKind[]).flatMap((kind) => {
    const none = `select ${empty[kind]} where false`
    const given = files[kind]
    return [
      `create view ${kind} as ${given.length > 0 ? `from ${parquetOf(given)}` : none}`,
      `create view ${kind}_named as ${given.length > 0 ? `from ${parquetOf(given, ', filename = true')}` : none}`,
    ]
  })

/** Merchants by number with their registered name and MCC and what they pay, as a file of text. */
export const merchantTable = (path: string): string => `
  create table merchant as select * from read_csv(${quoted(path)}, auto_detect = false, header = false, delim = '\t', quote = '',
    escape = '', columns = {'mid': 'varchar', 'cut': 'varchar', 'mcc': 'varchar', 'ppm': 'bigint', 'cap': 'bigint',
    'debit_ppm': 'bigint', 'debit_cap': 'bigint', 'credit_ppm': 'bigint', 'credit_cap': 'bigint', 'qr_ppm': 'bigint', 'qr_cap': 'bigint'})`

const rate = (what: 'ppm' | 'cap'): string =>
  `case card when 'debit' then m.debit_${what} when 'credit' then m.credit_${what} when 'qr' then m.qr_${what} else m.${what} end`

/** Are there lines without a name or MCC? Then the register speaks for them, which takes a join more. */
export const nameless = `
  select exists (from slips where label is null) or exists (from unionpay where label is null) as n`

/** What a slip and its record must agree on, as one number; what differs is taken for equal once in 10^18 times. */
const facts = 'xor(label, amount * 8 + kin)'
const factsWithRegister = 'hash(kin, amount, coalesce(t.cut, m.cut), coalesce(t.mcc, m.mcc))'
const lines = (kind: 'slips' | 'unionpay', isNameless: boolean): string =>
  isNameless
    ? `select key, ${factsWithRegister} as facts from ${kind} t left join merchant m using (mid)`
    : `select key, ${facts} as facts from ${kind}`
const bucket = '(hash(key) & 16383)::usmallint'

/** Per bucket of keys: lines of either side after the join, and the keys of groups that are not plain. */
export const outcome = (isNameless: boolean): string => `
  create temp table outcome as
  select ${bucket} as bucket, count(s.facts) as slips, count(r.facts) as records,
    list(key) filter (not coalesce(s.facts = r.facts, false)) as odd
  from (${lines('slips', isNameless)}) s full join (${lines('unionpay', isNameless)}) r using (key)
  group by bucket`

const linesBefore = (kind: 'slips' | 'unionpay'): string =>
  `select ${bucket} as bucket, count(*) as n from ${kind} group by bucket`
export const crowded = `
  create temp table crowded as
  select bucket from outcome o left join (${linesBefore('slips')}) s using (bucket) left join (${linesBefore('unionpay')}) r using (bucket)
  where slips <> coalesce(s.n, 0) or records <> coalesce(r.n, 0)`
const repeated = (kind: 'slips' | 'unionpay'): string =>
  `select key from ${kind} where ${bucket} in (from crowded) group by key having count(*) > 1`

/** The groups that are judged: not plain, there twice, or with a fee that is not the contract's. */
export const odd = `
  create temp table odd as
  select unnest(odd) as key from outcome where odd is not null
  union ${repeated('slips')} union ${repeated('unionpay')}
  union
  select key from unionpay join merchant m using (mid)
  where fee <> sign(amount) * least((abs(amount) * ${rate('ppm')} + 500000) // 1000000, coalesce(${rate('cap')}, 9000000000000000000))`

/** All lines of those groups, group by group. */
export const oddLines = `
  select mid, tid, reference, 'slip' as side, class, amount, made_at, settled_on::varchar, name, mcc, trace, batch,
    null as card, null::bigint as fee, null::bigint as net, filename, line
  from slips_named semi join odd using (key)
  union all
  select mid, tid, reference, 'record', class, amount, made_at, settled_on::varchar, name, mcc, trace, null, card, fee, net, filename, line
  from unionpay_named semi join odd using (key)
  order by mid, tid, reference`

/** UnionPay's records of each terminal and settlement date: scanned once, added up both ways. */
export const booked = `
  create temp table booked as
  select mid, tid, settled_on, count(*) as n, sum(amount)::bigint as amount, sum(net)::bigint as net from unionpay group by all`
export const terminals = `
  select mid, tid, sum(n) as n, sum(amount) as amount from booked group by mid, tid order by mid, tid`

/** What UnionPay says of a day and what the bank says, side by side. */
export const days = `
  create temp table day as
  with said as (select mid, settled_on, sum(net)::bigint as net from booked group by mid, settled_on),
    paid as (select mid, settled_on, sum(net)::bigint as net, count(*) as n, max(booked_on) as booked_on from bank group by mid, settled_on)
  select mid, settled_on, s.net as said, p.net as paid, p.n, p.booked_on from said s full join paid p using (mid, settled_on)`
/** The first bank line of each day that differs. */
export const firstLines = `
  create temp table first_line as
  select mid, settled_on,
    arg_min({'reference': b.reference, 'filename': filename, 'line': line}, {'filename': filename, 'line': line}) as first
  from bank_named b semi join (from day where said is distinct from paid) d using (mid, settled_on) group by mid, settled_on`
export const noFirstLines = `
  create temp table first_line as
  select mid, settled_on, null::struct(reference varchar, filename varchar, line integer) as first from day where false`
export const dayCounts = `
  select count(*) filter (paid is not null and said is distinct from paid) as with_lines, count(*) filter (said = paid) as agreeing from day`
export const differingLines = `
  select mid, settled_on::varchar, said, paid, n, booked_on::varchar, first.reference, first.filename, first.line
  from (from day where said is distinct from paid) left join first_line using (mid, settled_on) order by 1, 2`
export const agreeingDays = `select mid, settled_on, said from day where said = paid order by mid, settled_on limit ${days_max}`

/** Rows as one text, columns by blanks: a hundred thousand of them are read faster so than value by value. */
export const asText = (query: string): string =>
  `select coalesce(string_agg(concat_ws(' ', *columns(*)), chr(10)), '') as text from (${query})`

export const counts = `
  select (select count(*) from slips) as slips, (select count(*) from unionpay) as unionpay, (select count(*) from bank) as bank`
