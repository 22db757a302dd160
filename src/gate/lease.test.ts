// The lease table of the design, cell by cell: first that it says what the design says, then that a decision under it does.
import { describe, expect, test } from 'vitest'
import { alwaysOpen, codeOf, isAlwaysAccepted, type GateEntry, type GateQuery, type GateRules, type StandinRules } from '../domain/gate.ts'
import { transactionClasses, words, type Basis, type TransactionClass } from '../domain/vocabulary.ts'
import {
  conditionOf, decideUnsure, fresh_ms, goesOnForGood, hasStopAhead, leaseTable, onlyTighter, standinMsOf, type Consequence, type Situation,
} from './lease.ts'
import { gate_lease_ms as lease_ms } from '../limits.ts'

const now = Date.parse('2026-11-27T07:00:00Z')
const hour_ms = 3_600_000
const standin: StandinRules = { seconds: 900, floorLimitFen: 1_000_00, countMax: 3, totalFenMax: 2_000_00, afterwards: 'decline' }
const rules: GateRules = { provider: 'yunhui', responseCodes: {}, refundWhileShut: true, completionWhileShut: true, offlineUploadHours: 24, signOnAfterReopening: true, standin }
const goesOn: GateRules = { ...rules, standin: { ...standin, afterwards: 'approve_within_limits' } }
const hold = { id: 'h', reason: 'M02', owner: 'merchant', effectiveFrom: now } as const
const active: GateEntry = { tid: '10000001', mid: '104110045110012', provider: 'yunhui', signOnRequired: false, intervals: alwaysOpen, holds: [], version: 1 }
const turning = (at: number, before: 'open' | 'shut', after: 'open' | 'shut'): GateEntry => ({
  ...active, holds: [hold],
  intervals: [{ from: -Infinity, to: at, mode: before, holds: before === 'shut' ? ['h'] : [] }, { from: at, mode: after, holds: after === 'shut' ? ['h'] : [], stopAt: after === 'shut' ? at : undefined }],
})
const shut: GateEntry = { ...active, holds: [hold], intervals: [{ from: -Infinity, mode: 'shut', holds: ['h'], stopAt: now - hour_ms }] }
const ask = (kind: TransactionClass = 'sale'): GateQuery => ({ tid: active.tid, mid: active.mid, class: kind, amount: 100 })
const sureUntil = now - 60_000
const unsure = (condition: Basis, more: object = {}) => ({ condition, sureUntil: condition === 'fresh' || condition === 'leased' ? now : sureUntil, isRisky: false, isFenced: false, ...more })

describe('the table is the design’s', () => {
  const cells: Record<Situation, string> = {
    //            fresh    leased   standin       expired
    stopped:       'decline  decline  decline        decline',
    active:        'approve  approve  within_limits  as_written',
    flagged:       'approve  approve  out_of_touch   out_of_touch',
    unknown:       'decline  decline  decline        decline',
    stop_due:      'applied  applied  applied        applied',
    reopening_due: 'applied  applied  not_applied    not_applied',
  }
  const conditions: Basis[] = ['fresh', 'leased', 'standin', 'expired']
  for (const [situation, row] of Object.entries(cells) as [Situation, string][])
    test(situation, () => { expect(conditions.map((c) => leaseTable[c][situation])).toEqual(row.split(/ +/)) })
})

describe('what a sale is answered', () => {
  type Cell = [answer: string, consequence: Consequence]
  const yes: Cell = ['approve 00', 'approve']
  const limits: Cell = ['approve 00', 'within_limits']
  const no91: Cell = ['decline 91', 'out_of_touch']
  const no58: Cell = ['decline 58', 'decline']
  const no97: Cell = ['decline 97', 'decline']
  const due = now - 30_000
  const rows: [string, GateEntry | undefined, object, GateRules, [Cell, Cell, Cell, Cell]][] = [
    ['stopped', shut, {}, rules, [no58, no58, no58, no58]],
    ['active', active, {}, rules, [yes, yes, limits, no91]],
    ['active, and the provider wrote that it goes on', active, {}, goesOn, [yes, yes, limits, limits]],
    ['its merchant is held for risk', active, { isRisky: true }, goesOn, [yes, yes, no91, no91]],
    ['a stop is due within 24 hours', turning(now + 24 * hour_ms, 'open', 'shut'), {}, goesOn, [yes, yes, no91, no91]],
    ['a stop is due after that', turning(now + 24 * hour_ms + 1, 'open', 'shut'), {}, rules, [yes, yes, limits, no91]],
    ['unknown', undefined, {}, rules, [no97, no97, no97, no97]],
    ['a scheduled stop has fallen due since', turning(due, 'open', 'shut'), {}, goesOn, [no58, no58, no58, no58]],
    ['a scheduled stop falls due now', turning(now, 'open', 'shut'), {}, goesOn, [no58, no58, no58, no58]],
    // After a reopening the terminal signs on first.
    ['a scheduled reopening has fallen due since', turning(due, 'shut', 'open'), {}, goesOn, [['decline 77', 'decline'], ['decline 77', 'decline'], no58, no58]],
    ['it was reopened while the lease held', turning(sureUntil, 'shut', 'open'), {}, { ...rules, signOnAfterReopening: false }, [yes, yes, limits, no91]],
    ['fenced', active, { isFenced: true }, goesOn, [['decline 91', 'decline'], ['decline 91', 'decline'], ['decline 91', 'decline'], ['decline 91', 'decline']]],
  ]
  for (const [name, entry, more, own, cells] of rows)
    for (const [i, condition] of (['fresh', 'leased', 'standin', 'expired'] as const).entries())
      test(`${name}, ${condition}`, () => {
        const { answer, consequence } = decideUnsure(entry, ask(), now, own, unsure(condition, more))
        expect([`${answer.decision} ${answer.code}`, consequence]).toEqual(cells[i])
      })
})

describe('what must always be taken is taken, whatever the condition', () => {
  const always = words(transactionClasses).filter(isAlwaysAccepted)
  test('the classes', () => expect(always).toEqual(expect.arrayContaining(['reversal', 'settlement', 'batch_upload', 'sign_off', 'echo'])))
  test.each(['fresh', 'leased', 'standin', 'expired'] as const)('%s', (condition) => {
    for (const kind of always)
      for (const entry of [active, shut, turning(now - 1, 'open', 'shut')])
        for (const isFenced of [false, true])
          expect(decideUnsure(entry, ask(kind), now, rules, unsure(condition, { isFenced, isRisky: true })).answer, kind).toMatchObject({ decision: 'approve', code: '00' })
  })
  test('what is served in part while a terminal is stopped waits for the primary', () => {
    expect(decideUnsure(shut, ask('refund'), now, rules, unsure('leased')).answer.code).toBe('00')
    expect(decideUnsure(shut, ask('refund'), now, rules, unsure('standin')).answer.code).toBe('91')
    expect(decideUnsure(shut, ask('refund'), now, goesOn, unsure('expired')).answer.code).toBe('91')
  })
  test('a provider’s own code for 91 is used', () => {
    const mapped = { ...rules, responseCodes: { 91: '96' } }
    expect(decideUnsure(active, ask(), now, mapped, unsure('expired')).answer.code).toBe('96')
    expect(codeOf.out_of_touch).toBe('91')
  })
})

describe('conditions', () => {
  test.each([
    [0, 900_000, 'fresh'], [fresh_ms, 900_000, 'fresh'], [fresh_ms + 1, 900_000, 'leased'], [lease_ms, 900_000, 'leased'], [lease_ms + 1, 900_000, 'standin'],
    [lease_ms + 900_000, 900_000, 'standin'], [lease_ms + 900_001, 900_000, 'expired'], [lease_ms + 1, 0, 'expired'], [Number.POSITIVE_INFINITY, 900_000, 'expired'],
    [Number.NaN, 900_000, 'expired'],
  ] as const)('%s ms after the renewal was sent, H = %s ms: %s', (age, standinMs, condition) => expect(conditionOf(age, standinMs)).toBe(condition))
  test('a lease shorter than what counts as fresh', () => expect([conditionOf(299, 1_000, 300), conditionOf(301, 1_000, 300)]).toEqual(['fresh', 'standin']))
  test('H is the provider’s, 15 minutes where it wrote none', () => {
    expect([standinMsOf(rules), standinMsOf({ ...rules, standin: undefined })]).toEqual([900_000, 900_000])
    expect([goesOnForGood(rules), goesOnForGood(goesOn), goesOnForGood({ ...rules, standin: undefined })]).toEqual([false, true, false])
  })
})

describe('only tighter', () => {
  const interval = (from: number, to: number, mode: 'open' | 'drain' | 'shut') => ({ from, to, mode, holds: [] })
  test('turns before the end of the lease are believed, later ones only where they tighten', () => {
    const all = [interval(-Infinity, 10, 'shut'), interval(10, 20, 'open'), interval(20, 30, 'drain'), interval(30, 40, 'shut'), interval(40, Infinity, 'open')]
    const modes = (sure: number): string => onlyTighter(all, sure).map((i) => `${i.from} ${i.mode} ${i.to}`).join(', ')
    expect(modes(10)).toBe('-Infinity shut 10, 10 open 20, 20 drain 30, 30 shut Infinity')
    expect(modes(9)).toBe('-Infinity shut 30, 30 shut Infinity')
    expect(modes(40)).toBe('-Infinity shut 10, 10 open 20, 20 drain 30, 30 shut 40, 40 open Infinity')
  })
  test('a stop ahead', () => {
    expect(hasStopAhead(alwaysOpen, now)).toBe(false)
    expect(hasStopAhead(turning(now + 1, 'open', 'shut').intervals, now)).toBe(true)
    expect(hasStopAhead(turning(now - 1, 'open', 'shut').intervals, now)).toBe(false)
  })
})
