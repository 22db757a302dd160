// Groups of slips and records, judged: one line of the table per story.
import { expect, test } from 'vitest'
import type { Coverage } from './coverage.ts'
import { judgeDay } from './days.ts'
import { judge, type RecordLine, type SlipLine } from './pair.ts'
import { type MoneyClass, settlementDate, signOf } from './records.ts'

const [mid, tid, reference] = ['848046458120439', '98428041', '508821208897']
const noon = Date.parse('2026-09-01T12:00:00+08:00')
const hour_ms = 3_600_000
const all: Coverage = { hasUnionPay: () => true, hasSlips: () => true, hasBank: () => true }
const none: Coverage = { hasUnionPay: () => false, hasSlips: () => false, hasBank: () => false }

type Given = {
  class?: MoneyClass
  yuan?: number
  at?: number
  trace?: string
  name?: string | null
  mcc?: string | null
  fee?: number
}
const common = ({
  class: kind = 'sale',
  yuan = 588,
  at = noon,
  trace = '000001',
  name = '金银首饰',
  mcc = '5944',
}: Given) => ({
  line: 1,
  file: 0,
  mid,
  tid,
  reference,
  class: kind,
  amountFen: signOf(kind) * yuan * 100,
  at,
  settledOn: settlementDate(at),
  name,
  cut: name,
  mcc,
  trace,
})
const slip = (given: Given = {}): SlipLine => ({ ...common(given), batch: '000243' })
const record = (given: Given = {}): RecordLine => {
  const base = common(given)
  const feeFen = given.fee ?? Math.round(base.amountFen * 0.006)
  return { ...base, card: 'debit', feeFen, netFen: base.amountFen - feeFen }
}
const rules = (coverage: Coverage) => ({
  coverage,
  registered: () => ({ name: '金银首饰', mcc: '5944' }),
  feeOf: (_mid: string, _card: unknown, amountFen: number) => Math.round(amountFen * 0.006),
})
const judged = (slips: SlipLine[], records: RecordLine[], coverage = all) => {
  const { breaks, matched, unmatched, pending } = judge({ mid, tid, reference, slips, records }, rules(coverage))
  return `${breaks.map(({ kind }) => kind).join(' ')} ${matched.count}/${unmatched.count}/${pending.count}`.trim()
}

const [void_, refund, reversal] = ['void', 'refund', 'reversal'] as const
test.each<[string, SlipLine[], RecordLine[], string]>([
  ['one slip, one record', [slip()], [record()], '1/0/0'],
  ['no record', [slip()], [], 'slip_only 0/1/0'],
  ['no slip', [], [record()], 'unionpay_only 0/1/0'],
  ['another amount', [slip()], [record({ yuan: 589 })], 'amount_differs 0/1/0'],
  [
    'another name and MCC (跳码)',
    [slip()],
    [record({ name: '某某慈善会', mcc: '8398' })],
    'merchant_name_differs mcc_differs 0/1/0',
  ],
  [
    'a slip without name: the register speaks',
    [slip({ name: null, mcc: null })],
    [record({ mcc: '8398' })],
    'mcc_differs 0/1/0',
  ],
  ['a record without name says nothing of it', [slip()], [record({ name: null, mcc: null })], '1/0/0'],
  [
    'a name cut to 32 bytes',
    [slip({ name: '红河哈尼族彝族自治州红河县锦绣珠宝行' })],
    [record({ name: '红河哈尼族彝族自治州红河县锦绣珠' })],
    '1/0/0',
  ],
  [
    'a name whose rare character GBK lacks',
    [slip({ name: '遵化市䶮记加油站' })],
    [record({ name: '遵化市记加油站' })],
    '1/0/0',
  ],
  ['another fee', [slip()], [record({ fee: 400 })], 'fee_differs 0/1/0'],
  ['a refund whose fee is given back', [slip({ class: refund })], [record({ class: refund })], '1/0/0'],
  ['a refund that is a sale there', [slip({ class: refund })], [record()], 'type_differs 0/1/0'],
  [
    'a void that is a refund there',
    [slip(), slip({ class: void_, trace: '000002' })],
    [record(), record({ class: refund, trace: '000002' })],
    'type_differs 1/1/0',
  ],
  ['the record twice', [slip()], [record(), record()], 'duplicate_unionpay 1/1/0'],
  [
    'the record twice, one wrong: the right one is it',
    [slip()],
    [record({ yuan: 1 }), record()],
    'duplicate_unionpay 1/1/0',
  ],
  [
    'the record again under another trace',
    [slip()],
    [record(), record({ trace: '000009' })],
    'duplicate_unionpay 1/1/0',
  ],
  ['the slip twice', [slip(), slip()], [record()], 'duplicate_slip 1/1/0'],
  ['both twice', [slip(), slip()], [record(), record()], 'duplicate_slip duplicate_unionpay 1/2/0'],
  ['the record twice and no slip', [], [record(), record()], 'duplicate_unionpay unionpay_only 0/2/0'],
  [
    'two part refunds under one reference',
    [slip({ class: refund, yuan: 30, trace: '2' }), slip({ class: refund, yuan: 50, trace: '3' })],
    [record({ class: refund, yuan: 50, trace: '8' }), record({ class: refund, yuan: 30, trace: '9' })],
    '2/0/0',
  ],
  [
    'a part refund without slip',
    [slip()],
    [record(), record({ class: refund, yuan: 30, trace: '2' })],
    'unionpay_only 1/1/0',
  ],
  [
    'a void settled as one',
    [slip(), slip({ class: void_, trace: '2' })],
    [record(), record({ class: void_, trace: '2' })],
    '2/0/0',
  ],
  ['a void in time: neither is settled', [slip(), slip({ class: void_, trace: '2' })], [], '0/0/0'],
  ['a void that came too late', [slip(), slip({ class: void_, trace: '2' })], [record()], 'reversed_but_settled 0/1/0'],
  [
    'a reversal without a slip of its sale, settled',
    [slip({ class: reversal })],
    [record()],
    'reversed_but_settled 0/1/0',
  ],
  ['a reversal of nothing that was settled', [slip({ class: reversal })], [], '0/0/0'],
  ['an offline sale is a sale', [slip({ class: 'offline_upload' })], [record()], '1/0/0'],
  ['a completion that is a sale there', [slip({ class: 'preauth_completion' })], [record()], 'type_differs 0/1/0'],
])('%s', (_story, slips, records, expected) => {
  expect(judged(slips, records)).toBe(expected)
  // Which of them comes first decides nothing.
  expect(judged(slips.toReversed(), records.toReversed())).toBe(expected)
})

test('what has not come yet is pending, and a repetition is none the less one', () => {
  expect(judged([slip()], [], none)).toBe('0/0/1')
  expect(judged([], [record()], none)).toBe('0/0/1')
  expect(judged([slip(), slip({ class: 'void', trace: '2' })], [record()], none)).toBe('1/0/1')
  expect(judged([], [record(), record()], none)).toBe('duplicate_unionpay 0/1/1')
})

test('after 23:00 the record is due with the next settlement date', () => {
  const late = slip({ at: noon + 11 * hour_ms + 300_000 })
  const until = (last: string): Coverage => ({ ...all, hasUnionPay: (_mid, day) => day <= last })
  expect(judged([late], [], until('2026-09-01'))).toBe('0/0/1')
  expect(judged([late], [], until('2026-09-02'))).toBe('slip_only 0/1/0')
  expect(judged([late], [{ ...record({ at: late.at }), settledOn: '2026-09-02' }], until('2026-09-02'))).toBe('1/0/0')
})

const bank = (yuan: number) => ({
  netFen: yuan * 100,
  bookedOn: '2026-09-02',
  reference: null,
  lines: 1,
  file: 0,
  line: 2,
})
test.each([
  ['paid', 100, bank(100), 0, all, 'matched'],
  ['not paid', 100, null, 0, all, 'bank_missing'],
  ['not paid yet', 100, null, 0, none, 'pending'],
  ['paid less', 100, bank(50), 0, all, 'bank_amount_differs'],
  ['paid without the record that is there twice', 100, bank(90), 10, all, 'matched'],
  ['paid with it', 100, bank(100), 10, all, 'matched'],
  ['paid for nothing', null, bank(100), 0, all, 'bank_extra'],
  ['paid for a day whose file has not come', null, bank(100), 0, none, 'pending'],
  ['refunds and sales are even', 0, null, 0, all, 'matched'],
  ['refunds were more than sales', -20, bank(-20), 0, all, 'matched'],
] as const)('a day %s', (_story, unionpay, credit, duplicate, coverage, expected) => {
  const unionpayFen = unionpay === null ? null : unionpay * 100
  const { state, found } = judgeDay(
    { mid, settledOn: '2026-09-01', unionpayFen, bank: credit },
    duplicate * 100,
    coverage,
  )
  expect(found?.kind ?? state).toBe(expected)
})
