import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantOf } from './calendar.ts'
import {
  type Clearance,
  clearanceOf,
  clearanceRules,
  defaultClearancePolicy,
  openOfReference,
  type Transaction,
} from './clearance.ts'
import {
  clearanceKinds,
  type TransactionClass,
  type TransactionStatus,
  transactionClasses,
  transactionStatuses,
  words,
} from './vocabulary.ts'

const on = (wall: string): number => instantOf(wall.slice(0, 10), wall.slice(11))
const asOf = on('2026-11-20 16:00')
let serial = 0
/** 'sale approved 2026-11-20 10:00 R1' – class, status, moment, reference; a fresh reference where none is given. */
function row(text: string, more: Partial<Transaction> = {}): Transaction {
  const [name, status, date, time, reference] = text.split(' ')
  return {
    class: name as TransactionClass,
    status: status as TransactionStatus,
    amountFen: 10_000,
    at: on(`${date} ${time}`),
    reference: reference ?? `fresh-${serial++}`,
    ...more,
  }
}
const kinds = (clearance: Clearance): string => clearance.items.map((item) => `${item.kind}:${item.count}`).join(' ')
const open = (rows: Transaction[], at = asOf): string => kinds(clearanceOf(rows, at))

describe('class by class', () => {
  const moment = '2026-11-20 10:00'
  test.each([
    ['sale approved', 'unsettled:1'],
    ['sale pending', 'unsettled:1'],
    ['sale declined', ''],
    ['sale reversed', ''],
    ['sale disputed', 'dispute_open:1'],
    ['preauth approved', 'preauth_open:1'],
    ['preauth pending', 'preauth_open:1'],
    ['preauth declined', ''],
    ['preauth disputed', 'dispute_open:1'],
    ['preauth_completion approved', 'unsettled:1'],
    ['preauth_completion disputed', 'dispute_open:1'],
    ['preauth_cancel approved', ''],
    ['preauth_cancel pending', 'reversal_pending:1'],
    ['void approved', ''],
    ['void pending', 'reversal_pending:1'],
    ['reversal approved', ''],
    ['reversal pending', 'reversal_pending:1'],
    ['refund pending', 'refund_pending:1'],
    ['refund approved', 'refund_pending:1'],
    ['refund declined', ''],
    ['offline_upload pending', 'offline_pending:1'],
    ['offline_upload approved', 'unsettled:1'],
    ['test_sale approved', ''],
    ['settlement approved', ''],
    ['balance approved', ''],
    ['sign_on pending', ''],
  ])('%s: %s', (text, expected) => {
    expect(open([row(`${text} ${moment}`)])).toBe(expected)
  })

  test('no class or status is forgotten: those without a rule never open anything', () => {
    for (const name of words(transactionClasses))
      for (const status of words(transactionStatuses)) {
        const found = open([row(`${name} ${status} ${moment}`)])
        if (!(name in clearanceRules) || status === 'declined' || status === 'reversed') expect(found).toBe('')
      }
  })
})

describe('how an item closes', () => {
  test.each([
    ['2026-11-20', ''],
    ['2026-11-19', ''],
    ['2026-11-21', 'unsettled:1'],
    [undefined, 'unsettled:1'],
  ])('a sale settled on %s: %s', (settledOn, expected) => {
    expect(open([row('sale approved 2026-11-19 10:00', { settledOn })])).toBe(expected)
  })
  test('a dispute stays open although its sale was settled', () => {
    expect(open([row('sale disputed 2026-11-16 10:00', { settledOn: '2026-11-17' })])).toBe('dispute_open:1')
  })

  const preauth = 'preauth approved 2026-11-17 15:00 P'
  const settled = { settledOn: '2026-11-20' }
  test.each<[string, Transaction[], string]>([
    ['open', [row(preauth)], 'preauth_open:1'],
    [
      'completed for another amount',
      [row(preauth), row('preauth_completion approved 2026-11-19 11:00 P', { amountFen: 64, ...settled })],
      '',
    ],
    [
      'completed, not yet settled',
      [row(preauth), row('preauth_completion approved 2026-11-20 11:00 P')],
      'unsettled:1',
    ],
    ['completion declined', [row(preauth), row('preauth_completion declined 2026-11-19 11:00 P')], 'preauth_open:1'],
    [
      'completion pending',
      [row(preauth), row('preauth_completion pending 2026-11-19 11:00 P')],
      'unsettled:1 preauth_open:1',
    ],
    ['completion reversed', [row(preauth), row('preauth_completion reversed 2026-11-19 11:00 P')], 'preauth_open:1'],
    ['completion disputed', [row(preauth), row('preauth_completion disputed 2026-11-19 11:00 P')], 'dispute_open:1'],
    ['cancelled', [row(preauth), row('preauth_cancel approved 2026-11-19 11:00 P')], ''],
    [
      'cancellation pending',
      [row(preauth), row('preauth_cancel pending 2026-11-19 11:00 P')],
      'preauth_open:1 reversal_pending:1',
    ],
    [
      'another reference completed',
      [row(preauth), row('preauth_completion approved 2026-11-19 11:00 Q', settled)],
      'preauth_open:1',
    ],
    [
      'an earlier completion of the same reference',
      [row('preauth_completion approved 2026-11-16 11:00 P', settled), row(preauth)],
      'preauth_open:1',
    ],
    [
      'completed after we look',
      [row(preauth), row('preauth_completion approved 2026-11-20 16:01 P')],
      'preauth_open:1',
    ],
    [
      'completion voided: it holds again',
      [row(preauth), row('preauth_completion approved 2026-11-19 11:00 P'), row('void approved 2026-11-19 12:00 P')],
      'preauth_open:1',
    ],
    [
      'completion reversed by a row of its own',
      [
        row(preauth),
        row('preauth_completion approved 2026-11-19 11:00 P'),
        row('reversal approved 2026-11-19 11:01 P'),
      ],
      'preauth_open:1',
    ],
    [
      'both marked and a row: undone once',
      [
        row(preauth),
        row('preauth_completion reversed 2026-11-19 11:00 P'),
        row('reversal approved 2026-11-19 11:01 P'),
      ],
      'preauth_open:1',
    ],
    ['reversed itself', [row(preauth), row('reversal approved 2026-11-17 15:01 P')], ''],
    [
      'the void of its completion reversed, then the completion',
      [
        row(preauth),
        row('preauth_completion approved 2026-11-19 11:00 P'),
        row('void approved 2026-11-19 11:01 P'),
        row('reversal approved 2026-11-19 11:02 P'),
        row('reversal approved 2026-11-19 11:03 P'),
      ],
      'preauth_open:1',
    ],
    [
      'cancellation reversed: it holds again',
      [row(preauth), row('preauth_cancel approved 2026-11-19 11:00 P'), row('reversal approved 2026-11-19 11:01 P')],
      'preauth_open:1',
    ],
  ])('pre-authorisation %s', (_, rows, expected) => {
    expect(open(rows)).toBe(expected)
    expect(open(rows.toReversed())).toBe(expected) // order of rows does not matter, time does
  })

  test('a pre-authorisation lapses after the policy’s days, to the millisecond', () => {
    const made = row('preauth approved 2026-10-21 16:00')
    expect(open([made], asOf - 1)).toBe('preauth_open:1')
    expect(open([made], asOf)).toBe('')
    expect(kinds(clearanceOf([made], asOf, { ...defaultClearancePolicy, preauthDays: 45 }))).toBe('preauth_open:1')
  })

  test.each<[string, Transaction[], string]>([
    ['voided', [row('sale approved 2026-11-20 10:00 S'), row('void approved 2026-11-20 10:05 S')], ''],
    [
      'void pending',
      [row('sale approved 2026-11-20 10:00 S'), row('void pending 2026-11-20 10:05 S')],
      'unsettled:1 reversal_pending:1',
    ],
    [
      'void declined',
      [row('sale approved 2026-11-20 10:00 S'), row('void declined 2026-11-20 10:05 S')],
      'unsettled:1',
    ],
    ['reversed by a row', [row('sale pending 2026-11-20 10:00 S'), row('reversal approved 2026-11-20 10:01 S')], ''],
    [
      'void reversed: the sale stands',
      [
        row('sale approved 2026-11-20 10:00 S'),
        row('void approved 2026-11-20 10:05 S'),
        row('reversal approved 2026-11-20 10:06 S'),
      ],
      'unsettled:1',
    ],
    [
      'voided twice, the first undone',
      [
        row('sale approved 2026-11-20 10:00 S'),
        row('void approved 2026-11-20 10:05 S'),
        row('reversal approved 2026-11-20 10:06 S'),
        row('void approved 2026-11-20 10:07 S'),
      ],
      '',
    ],
    ['only a void in sight', [row('void approved 2026-11-20 10:05 S')], ''],
    [
      'a refund is not undone by a void',
      [row('refund pending 2026-11-20 10:00 S'), row('void approved 2026-11-20 10:05 S')],
      'refund_pending:1',
    ],
  ])('sale %s', (_, rows, expected) => {
    expect(open(rows)).toBe(expected)
  })
})

test('rows without a reference do not close one another', () => {
  const none = { reference: '' }
  const rows = [
    row('preauth approved 2026-11-17 15:00', none),
    row('preauth_completion approved 2026-11-19 11:00', none),
  ]
  expect(open(rows)).toBe('unsettled:1 preauth_open:1')
})

test('items carry sum, count, owner and the earliest deadline', () => {
  const rows = [
    row('sale approved 2026-11-19 23:30', { amountFen: 100 }),
    row('sale approved 2026-11-20 10:00', { amountFen: 23 }),
    row('preauth approved 2026-11-18 14:00', { amountFen: 50_000 }),
    row('refund pending 2026-11-19 16:00', { amountFen: 12_800 }),
    row('sale disputed 2026-11-16 13:00'),
    row('offline_upload pending 2026-11-20 22:59'),
    row('reversal pending 2026-11-20 15:00', { amountFen: 7 }),
  ]
  expect(clearanceOf(rows, on('2026-11-20 23:10'), defaultClearancePolicy, { count: 2, amountFen: 58_800 })).toEqual({
    clear: false,
    items: [
      // made after 23:00 on the 19th, it belongs to the day that ends at 23:00 on the 20th
      { kind: 'unsettled', amountFen: 123, count: 2, owner: 'merchant', dueBy: on('2026-11-20 23:00') },
      { kind: 'preauth_open', amountFen: 50_000, count: 1, owner: 'merchant', dueBy: on('2026-12-18 14:00') },
      { kind: 'refund_pending', amountFen: 12_800, count: 1, owner: 'provider', dueBy: on('2026-12-19 16:00') },
      { kind: 'reversal_pending', amountFen: 7, count: 1, owner: 'provider', dueBy: on('2026-11-20 23:00') },
      { kind: 'dispute_open', amountFen: 10_000, count: 1, owner: 'provider' },
      { kind: 'offline_pending', amountFen: 10_000, count: 1, owner: 'merchant', dueBy: on('2026-11-20 23:00') },
      { kind: 'unmatched', amountFen: 58_800, count: 2, owner: 'provider' },
    ],
  })
  expect(clearanceOf([], asOf)).toEqual({ clear: true, items: [] })
})

test('what a store keeps per row – kind and until – answers as the whole does, whatever the rows', () => {
  const moment = fc
    .integer({ min: on('2026-11-01 00:00') / 60_000, max: on('2026-11-20 15:59') / 60_000 })
    .map((minutes) => minutes * 60_000)
  const transaction = fc.record({
    class: fc.constantFrom(...words(transactionClasses)),
    status: fc.constantFrom(...words(transactionStatuses)),
    amountFen: fc.nat(),
    at: moment,
    settledOn: fc.option(fc.constantFrom('2026-11-19', '2026-11-20', '2026-11-21'), { nil: undefined }),
    reference: fc.constantFrom('A', 'B', 'C'),
  })
  fc.assert(
    fc.property(fc.array(transaction, { maxLength: 12 }), (rows) => {
      const whole = clearanceOf(rows, asOf)
      const kept = ['A', 'B', 'C'].flatMap((reference) =>
        openOfReference(rows.filter((t) => t.reference === reference).toSorted((a, b) => a.at - b.at)),
      )
      const stillOpen = kept.filter(({ until }) => until === undefined || until > asOf)
      for (const kind of words(clearanceKinds))
        expect(whole.items.find((item) => item.kind === kind)?.count ?? 0).toBe(
          stillOpen.filter((item) => item.kind === kind).length,
        )
      expect(whole.clear).toBe(stillOpen.length === 0)
      // One terminal's references do not touch one another.
      const apart = ['A', 'B', 'C'].map((reference) =>
        clearanceOf(
          rows.filter((t) => t.reference === reference),
          asOf,
        ).items.reduce((n, item) => n + item.count, 0),
      )
      expect(whole.items.reduce((n, item) => n + item.count, 0)).toBe(apart[0]! + apart[1]! + apart[2]!)
    }),
  )
})
