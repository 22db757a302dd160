// Clearance of every terminal of the estate's transaction file against what is expected of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clearanceOf, type Transaction } from './clearance.ts'
import { parseYuan } from './money.ts'
import type { TransactionClass, TransactionStatus } from './vocabulary.ts'

const shared = process.env.TINGQI_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname
const read = (name: string): string => readFileSync(join(shared, 'estate', name), 'utf8').replace(/^\ufeff/, '')
const expected = JSON.parse(read('transactions.expected.json')) as {
  asOf: string
  terminals: Record<string, { clear: boolean; items: Record<string, number> }>
}

const [header = '', ...lines] = read('transactions.csv').trim().split(/\r?\n/)
const columns = header.split(',')
const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [columns[index], cell])))
const byTerminal = Map.groupBy(rows, (row) => row.tid!)
const transaction = (row: Record<string, string>): Transaction => ({
  class: row.class as TransactionClass,
  status: row.status as TransactionStatus,
  amountFen: parseYuan(row.amountYuan!)!,
  at: Date.parse(row.at!),
  settledOn: row.settledOn || undefined,
  reference: row.reference!,
})

test('all 120 terminals', () => {
  const asOf = Date.parse(expected.asOf)
  const found = Object.fromEntries(
    [...byTerminal].map(([tid, ofTerminal]) => {
      const { clear, items } = clearanceOf(ofTerminal.map(transaction), asOf)
      return [tid, { clear, items: Object.fromEntries(items.map(({ kind, count }) => [kind, count])) }]
    }),
  )
  expect(Object.keys(found)).toHaveLength(120)
  expect(found).toEqual(expected.terminals)
})

test('amounts are those of the open rows', () => {
  // 500.00 pre-authorised and not completed on every terminal that has one open
  for (const [tid, { items }] of Object.entries(expected.terminals)) {
    if (!items.preauth_open) continue
    const item = clearanceOf(byTerminal.get(tid)!.map(transaction), Date.parse(expected.asOf)).items.find(
      ({ kind }) => kind === 'preauth_open',
    )
    expect(item).toMatchObject({ amountFen: 50_000, count: 1, owner: 'merchant' })
  }
})
