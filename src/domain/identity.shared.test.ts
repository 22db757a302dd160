// The checks against the estate's files: every number of the good fleet passes, the bad one fails where it should.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  checkLatitude,
  checkLongitude,
  checkMcc,
  checkMid,
  checkPhone,
  checkTid,
  checkTusn,
  checkUscc,
  scrubPans,
} from './identity.ts'
import { isMcc } from './mcc.ts'

const shared = process.env.TINGQI_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname
const text = (name: string): string => readFileSync(join(shared, name), 'utf8').replace(/^\ufeff/, '')
/** Rows of a file whose cells hold no quoted comma. */
const rows = (name: string): Record<string, string>[] => {
  const [header = '', ...lines] = text(name).trim().split(/\r?\n/)
  return lines.map((line) =>
    Object.fromEntries(header.split(',').map((column, index) => [column, line.split(',')[index] ?? ''])),
  )
}

const checks = {
  mid: checkMid,
  uscc: checkUscc,
  mcc: checkMcc,
  contactPhone: checkPhone,
  tid: checkTid,
  serial: checkTusn,
  longitude: checkLongitude,
  latitude: checkLatitude,
}
const faults = (name: string): { line: number; column: string; code: string }[] =>
  rows(name).flatMap((row, index) =>
    Object.entries(checks).flatMap(([column, check]) => {
      const answer = check(row[column]!)
      return 'code' in answer ? [{ line: index + 2, column, code: answer.code }] : []
    }),
  )

test('the fleet of 1,500 terminals has no fault', () => {
  expect(rows('estate/fleet.csv')).toHaveLength(1_500)
  expect(faults('estate/fleet.csv')).toEqual([])
})

test('the bad fleet has the faults it says, as far as a single number shows them', () => {
  const ofOneNumber = ['uscc_check_digit', 'phone_format', 'tid_format', 'mcc_unknown', 'mid_format', 'position_range']
  const expected = (
    JSON.parse(text('estate/fleet-bad.expected.json')) as { line: number; column: string; code: string }[]
  ).filter((fault) => ofOneNumber.includes(fault.code))
  expect(expected).toHaveLength(6)
  expect(faults('estate/fleet-bad.csv')).toEqual(expected)
})

test('every published merchant category is known', () => {
  const codes = ['mcc/greggles-mcc_codes.csv', 'mcc/unionpay-mcc-zh.csv'].flatMap((name) =>
    text(name)
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.slice(0, 4)),
  )
  expect(codes.length).toBeGreaterThan(1_200)
  expect(codes.filter((code) => code !== '' && !isMcc(code))).toEqual([])
})

test('scrubbing changes no line of the estate', () => {
  for (const name of [
    'estate/fleet.csv',
    'estate/transactions.csv',
    'estate/reconciliation/slips.csv',
    'estate/reconciliation/bank.csv',
  ])
    for (const line of text(name).split('\n')) expect(scrubPans(line)).toBe(line)
})
