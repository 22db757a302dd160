import { expect, test } from 'vitest'
import { type Break, explain, inQuestionFen, type Side } from './breaks.ts'
import { breakKinds, words } from './vocabulary.ts'

const at = Date.parse('2026-09-02T20:27:52+08:00')
const slip: Side = { amountFen: 58_800, class: 'sale', name: '长青酒楼', mcc: '5812', at, file: 0, line: 2 }
const unionpay: Side = { ...slip, name: '某某慈善会', mcc: '8398', feeFen: 383, file: 1, line: 9 }
const bank = { netFen: 50_000, bookedOn: '2026-09-03', reference: null, lines: 1, file: 2, line: 3 }
const one = (given: Partial<Break>): Break => ({
  id: 'x',
  kind: 'slip_only',
  mid: '848046458120439',
  tid: '98428041',
  reference: '508821208897',
  settledOn: '2026-09-02',
  slip,
  unionpay,
  ...given,
})

// Scenario 8 of the domain: a name and a trade that are not those of the slip.
test.each<[Partial<Break>, string, string]>([
  [
    { kind: 'mcc_differs' },
    '2026年9月2日 20:27 的交易（参考号 508821208897，¥588.00）签购单的商户类别是 5812（就餐场所和餐馆），银联记录是 8398（慈善和社会公益服务组织），属于跳码；请收单机构说明并更正商户类别码。',
    'The transaction of 2 Sept 2026 20:27 (reference 508821208897, ¥588.00) is filed under 5812 (Eating places and Restaurants) on the slip and 8398 (Charitable and Social Service Organizations) at UnionPay; have the acquirer explain it and correct the merchant category code.',
  ],
  [
    { kind: 'merchant_name_differs' },
    '2026年9月2日 20:27 的交易（参考号 508821208897，¥588.00）签购单上的商户是「长青酒楼」，银联记录是「某某慈善会」；请收单机构说明为什么用了别的商户名称并更正。',
    'The transaction of 2 Sept 2026 20:27 (reference 508821208897, ¥588.00) names "长青酒楼" on the slip and "某某慈善会" at UnionPay; have the acquirer explain the other name and correct it.',
  ],
  [
    { kind: 'fee_differs', expectedFen: 353, actualFen: 383 },
    '2026年9月2日 20:27 的交易（参考号 508821208897，¥588.00）按合同手续费应为 ¥3.53，银联记录为 ¥3.83；请收单机构按合同费率更正，差额退补。',
    'The transaction of 2 Sept 2026 20:27 (reference 508821208897, ¥588.00) should cost ¥3.53 by the contract and was charged ¥3.83; have the acquirer charge what the contract says and settle the difference.',
  ],
  [
    { kind: 'bank_amount_differs', bank, expectedFen: 50_100, actualFen: 50_000 },
    '清算日期 2026年9月2日 应入账 ¥501.00，银行入账 ¥500.00，少 ¥1.00；请收单机构说明差额并补齐或冲回。',
    'The settlement of 2 Sept 2026 should be ¥501.00; the bank booked ¥500.00, ¥1.00 too little; have the acquirer explain the difference and make it good.',
  ],
])('%j', (given, zh, en) => {
  expect(explain(one(given), 'zh')).toBe(zh)
  expect(explain(one(given), 'en')).toBe(en)
})

test('every kind has its sentence, also where a side lacks what it could say', () => {
  const bare = { slip: { ...slip, name: null, mcc: null }, unionpay: { ...unionpay, mcc: '0000' } }
  const said = words(breakKinds).flatMap((kind) =>
    [one({ kind, bank }), one({ kind, ...bare }), { id: 'x', kind, mid: '848046458120439' }].flatMap((given) => [
      explain(given, 'zh'),
      explain(given, 'en'),
    ]),
  )
  for (const sentence of said) {
    expect(sentence).not.toMatch(/undefined|null|NaN/)
    expect(sentence).toMatch(/[。.]$/)
  }
  const first = words(breakKinds).map((kind) => explain(one({ kind, bank }), 'zh'))
  expect(new Set(first).size).toBe(first.length)
})

test('what is in question is the transaction, or the difference of a day', () => {
  expect(inQuestionFen(one({}))).toBe(58_800)
  expect(
    inQuestionFen({ id: 'x', kind: 'bank_amount_differs', mid: '848046458120439', expectedFen: 100, actualFen: 30 }),
  ).toBe(70)
})
