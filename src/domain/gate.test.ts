import { describe, expect, it, test } from 'vitest'
import {
  alwaysOpen, codeOf, decide, isAlwaysAccepted, permitted,
  type GateEntry, type GateHold, type GateInterval, type GateQuery, type GateRules,
} from './gate.ts'
import { modes, transactionClasses, words, type Mode, type TransactionClass } from './vocabulary.ts'

const instant = (text: string): number => Date.parse(text)
const fridayAtThree = instant('2026-11-27T15:00:00.000+08:00')
const hour_ms = 3_600_000

const rules: GateRules = {
  provider: 'yunhui', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24,
  signOnAfterReopening: true, positionToleranceMetres: 500, hotline: '400-820-1234',
}
const renovation: GateHold = { id: 'h1', reason: 'M02', owner: 'merchant', effectiveFrom: fridayAtThree, caseNo: 'TQ-1' }
const entry = (part: Partial<GateEntry> = {}): GateEntry => ({
  tid: '10000001', mid: '848059372301022', provider: 'yunhui', serial: '0000020381446356', longitude: 121.4737,
  latitude: 31.2304, signOnRequired: false, intervals: alwaysOpen, holds: [], version: 1, ...part,
})
const inMode = (mode: Mode, part: Partial<GateEntry> = {}): GateEntry => entry({
  intervals: [{ from: -Infinity, mode, holds: ['h1'], stopAt: fridayAtThree }], holds: [renovation], ...part,
})
/** Open, then drain from Friday at three, shut a day later, open again a week later. */
const weekOff: readonly GateInterval[] = [
  { from: -Infinity, to: fridayAtThree, mode: 'open', holds: [] },
  { from: fridayAtThree, to: fridayAtThree + 24 * hour_ms, mode: 'drain', holds: ['h1'], stopAt: fridayAtThree },
  { from: fridayAtThree + 24 * hour_ms, to: fridayAtThree + 168 * hour_ms, mode: 'shut', holds: ['h1'], stopAt: fridayAtThree },
  { from: fridayAtThree + 168 * hour_ms, mode: 'open', holds: [] },
]
const query = (transaction: TransactionClass, part: Partial<GateQuery> = {}): GateQuery =>
  ({ tid: '10000001', mid: '848059372301022', class: transaction, ...part })
const verdict = (e: GateEntry | undefined, q: GateQuery, now = fridayAtThree + hour_ms, r = rules): string => {
  const { decision, code, reason } = decide(e, q, now, r)
  expect(decision).toBe(code === '00' || reason === 'ok' ? 'approve' : 'decline')
  return `${code} ${reason}`
}

/** Every class in every mode: its field 39, for a plain query. Rows as in the rule book, columns the modes. */
const matrixOf = (part: Partial<GateEntry>, r: GateRules, extra: Partial<GateQuery> = {}): string => {
  const cell = (mode: Mode, transaction: TransactionClass): string =>
    verdict(inMode(mode, part), query(transaction, extra), fridayAtThree + hour_ms, r).slice(0, 2)
  const line = (name: string, cells: readonly string[]): string => [name.padEnd(18), ...cells.map((c) => c.padEnd(8))].join(' ').trimEnd()
  return ['', line('', words(modes)), ...words(transactionClasses).map((t) => line(t, words(modes).map((m) => cell(m, t)))), ''].join('\n')
}

test('the golden matrix: every mode and every class', () => {
  expect(matrixOf({}, rules)).toBe(`
                   open     restrict drain    shut     test     closed   unknown
sign_on            00       00       00       58       00       97       97
sign_off           00       00       00       00       00       97       97
echo               00       00       00       00       00       97       97
sale               00       58       58       58       58       97       97
preauth            00       58       58       58       58       97       97
preauth_completion 00       00       00       58       58       97       97
preauth_cancel     00       00       00       58       58       97       97
void               00       00       00       58       58       97       97
refund             00       00       00       58       58       97       97
reversal           00       00       00       00       00       97       97
settlement         00       00       00       00       00       97       97
batch_upload       00       00       00       00       00       97       97
offline_upload     00       00       58       58       58       97       97
balance            00       58       58       58       58       97       97
parameter_download 00       00       00       58       00       97       97
status             00       00       00       00       00       97       97
test_sale          58       58       58       58       00       97       97
`)
})

test('the golden matrix: policy yes, something to clear, offline transactions made before the stop', () => {
  const generous = { ...rules, refundWhileShut: true, completionWhileShut: true }
  expect(matrixOf({ openWork: true }, generous, { madeAt: fridayAtThree - 1 })).toBe(`
                   open     restrict drain    shut     test     closed   unknown
sign_on            00       00       00       58       00       97       97
sign_off           00       00       00       00       00       00       97
echo               00       00       00       00       00       00       97
sale               00       58       58       58       58       97       97
preauth            00       58       58       58       58       97       97
preauth_completion 00       00       00       00       58       97       97
preauth_cancel     00       00       00       00       58       97       97
void               00       00       00       00       58       97       97
refund             00       00       00       00       58       97       97
reversal           00       00       00       00       00       00       97
settlement         00       00       00       00       00       00       97
batch_upload       00       00       00       00       00       00       97
offline_upload     00       00       00       00       58       97       97
balance            00       58       58       58       58       97       97
parameter_download 00       00       00       58       00       97       97
status             00       00       00       00       00       00       97
test_sale          58       58       58       58       00       97       97
`)
})

test('the golden matrix: after a reopening, until signed on', () => {
  expect(matrixOf({ signOnRequired: true }, rules)).toBe(`
                   open     restrict drain    shut     test     closed   unknown
sign_on            00       00       00       58       00       97       97
sign_off           00       00       00       00       00       97       97
echo               00       00       00       00       00       97       97
sale               77       58       58       58       58       97       97
preauth            77       58       58       58       58       97       97
preauth_completion 77       77       77       58       58       97       97
preauth_cancel     77       77       77       58       58       97       97
void               77       77       77       58       58       97       97
refund             77       77       77       58       58       97       97
reversal           00       00       00       00       00       97       97
settlement         00       00       00       00       00       97       97
batch_upload       00       00       00       00       00       97       97
offline_upload     77       77       58       58       58       97       97
balance            77       58       58       58       58       97       97
parameter_download 77       77       77       58       00       97       97
status             00       00       00       00       00       97       97
test_sale          58       58       58       58       00       97       97
`)
})

test('always accepted is what a shut terminal may send', () => {
  expect(words(transactionClasses).filter(isAlwaysAccepted))
    .toEqual(['sign_off', 'echo', 'reversal', 'settlement', 'batch_upload', 'status'])
  for (const mode of words(modes)) expect(Object.keys(permitted[mode]).toSorted()).toEqual(words(transactionClasses).toSorted())
})

test('how a mode says no', () => {
  expect(words(modes).map((mode) => `${mode}: ${verdict(inMode(mode), query('test_sale'))}`)).toEqual([
    'open: 58 class_not_permitted', 'restrict: 58 restricted', 'drain: 58 draining', 'shut: 58 stopped', 'test: 00 ok',
    'closed: 97 closed', 'unknown: 97 terminal_unknown',
  ])
})

describe('the clock', () => {
  const e = entry({ intervals: weekOff, holds: [renovation] })
  const week = fridayAtThree + 168 * hour_ms
  it.each([
    ['sale', fridayAtThree - 1, '00 ok'],
    ['sale', fridayAtThree, '58 draining'],
    ['reversal', fridayAtThree + 5000, '00 ok'],
    ['refund', fridayAtThree + 24 * hour_ms - 1, '00 ok'],
    ['refund', fridayAtThree + 24 * hour_ms, '58 stopped'],
    ['sale', week - 1, '58 stopped'],
    ['sale', week, '77 sign_on_required'],
    ['sign_on', week - 1, '58 stopped'],
    ['sign_on', week, '00 ok'],
  ] as const)('%s at %d answers %s', (transaction, at, expected) => {
    expect(verdict(e, query(transaction), at)).toBe(expected)
  })

  it('tells the holds, the mode and when the mode ends', () => {
    expect(decide(e, query('sale'), fridayAtThree, rules)).toEqual({
      decision: 'decline', code: '58', reason: 'draining', holds: ['h1'], mode: 'drain', asOf: fridayAtThree,
      until: fridayAtThree + 24 * hour_ms, securityEvent: undefined,
    })
    expect(decide(e, query('sale'), week, rules)).toMatchObject({ holds: [], mode: 'open', until: undefined })
    expect(decide(entry(), query('sale'), week, rules)).toMatchObject({ decision: 'approve', mode: 'open', until: undefined })
  })

  it('declines with 96 where the mode is not known, but accepts what is always accepted', () => {
    const gap = entry({ intervals: weekOff.slice(1) })
    expect(verdict(gap, query('sale'), fridayAtThree - 1)).toBe('96 cannot_decide')
    expect(verdict(gap, query('sign_on'), fridayAtThree - 1)).toBe('96 cannot_decide')
    expect(verdict(gap, query('reversal'), fridayAtThree - 1)).toBe('00 ok')
    expect(verdict(entry({ intervals: [] }), query('sale'))).toBe('96 cannot_decide')
    expect(verdict(entry({ intervals: [weekOff[0]!, weekOff[2]!] }), query('sale'), fridayAtThree)).toBe('96 cannot_decide')
  })
})

describe('offline transactions uploaded after the stop', () => {
  const drain = inMode('drain')
  const shut = inMode('shut')
  it.each([
    ['drain, made a millisecond before', drain, fridayAtThree - 1, 200, '00 ok'],
    ['drain, made at the stop', drain, fridayAtThree, 1, '58 made_after_stop'],
    ['drain, not said when', drain, undefined, 1, '58 made_after_stop'],
    ['drain, said with nonsense', drain, Number.NaN, 1, '58 made_after_stop'],
    ['shut, within the hours', shut, fridayAtThree - 1, 23.999, '00 ok'],
    ['shut, at the end of the hours', shut, fridayAtThree - 1, 24, '58 upload_too_late'],
    ['shut, made after', shut, fridayAtThree + 1, 1, '58 made_after_stop'],
    ['test', inMode('test'), fridayAtThree - 1, 1, '58 testing'],
  ] as const)('%s', (_, e, madeAt, hours, expected) => {
    expect(verdict(e, query('offline_upload', { madeAt }), fridayAtThree + hours * hour_ms)).toBe(expected)
  })
  it('accepts none where nobody knows when the stop began', () => {
    const e = inMode('shut', { intervals: [{ from: -Infinity, mode: 'shut', holds: ['h1'] }] })
    expect(verdict(e, query('offline_upload', { madeAt: fridayAtThree - 1 }))).toBe('58 made_after_stop')
  })
})

describe('sign-on after a reopening', () => {
  const monday = fridayAtThree + 168 * hour_ms
  const reopensByClock = entry({ intervals: weekOff, holds: [renovation] })
  it('is demanded by the clock alone, and settled by a sign-on at or after the reopening', () => {
    expect(verdict(reopensByClock, query('sale'), monday + 1)).toBe('77 sign_on_required')
    expect(verdict({ ...reopensByClock, signedOnAt: monday - 1 }, query('sale'), monday + 1)).toBe('77 sign_on_required')
    expect(verdict({ ...reopensByClock, signedOnAt: monday }, query('sale'), monday + 1)).toBe('00 ok')
  })
  it('is settled by any sign-on where the reopening is past', () => {
    expect(verdict(entry({ signOnRequired: true }), query('sale'))).toBe('77 sign_on_required')
    expect(verdict(entry({ signOnRequired: true, signedOnAt: 1 }), query('sale'))).toBe('00 ok')
  })
  it('is asked for again after the next stop, and not forgotten while that one drains', () => {
    const again: GateInterval[] = [
      { from: -Infinity, to: 100, mode: 'shut', holds: [] }, { from: 100, to: 200, mode: 'open', holds: [] },
      { from: 200, to: 300, mode: 'drain', holds: [], stopAt: 200 }, { from: 300, mode: 'open', holds: [] },
    ]
    const e = entry({ intervals: again })
    expect([100, 200, 300].map((at) => verdict(e, query('void'), at))).toEqual(Array(3).fill('77 sign_on_required'))
    const signedOn = { ...e, signedOnAt: 150 }
    expect([150, 200, 300].map((at) => verdict(signedOn, query('void'), at))).toEqual(['00 ok', '00 ok', '77 sign_on_required'])
  })
  it('is not asked for when a restriction ends, nor where the policy waives it', () => {
    const restricted = entry({ intervals: [{ from: -Infinity, to: 100, mode: 'restrict', holds: [] }, { from: 100, mode: 'open', holds: [] }] })
    expect(verdict(restricted, query('sale'), 100)).toBe('00 ok')
    expect(verdict(entry({ signOnRequired: true }), query('sale'), 0, { ...rules, signOnAfterReopening: false })).toBe('00 ok')
  })
})

describe('who and where', () => {
  // 0.0045 degrees of latitude are 500.4 metres, 0.0052 degrees of longitude at 31.23 N are 494 metres.
  const at = (longitude: number, latitude: number): Partial<GateQuery> => ({ position: { longitude, latitude } })
  it.each([
    ['unknown terminal', undefined, {}, '97 terminal_unknown', undefined],
    ['another merchant', entry(), { mid: '848059372301023' }, '97 merchant_mismatch', 'merchant_mismatch'],
    ['same serial', entry(), { serial: '0000020381446356' }, '00 ok', undefined],
    ['another serial', entry(), { serial: '0000020381446357' }, '58 serial_mismatch', 'serial_mismatch'],
    ['no serial registered', entry({ serial: undefined }), { serial: '1' }, '00 ok', undefined],
    ['in place', entry(), at(121.4737, 31.2304), '00 ok', undefined],
    ['494 m east', entry(), at(121.4789, 31.2304), '00 ok', undefined],
    ['500.4 m north', entry(), at(121.4737, 31.2349), '58 position_mismatch', 'position_mismatch'],
    ['no number', entry(), at(Number.NaN, 31.2304), '58 position_mismatch', 'position_mismatch'],
    ['no position registered', entry({ longitude: undefined, latitude: undefined }), at(0, 0), '00 ok', undefined],
    ['another serial, closed', inMode('closed'), { serial: '1' }, '97 closed', 'serial_mismatch'],
    ['another serial, stopped', inMode('shut'), { serial: '1' }, '58 serial_mismatch', 'serial_mismatch'],
  ] as const)('%s', (_, e, part, expected, event) => {
    expect(verdict(e, query('sale', part))).toBe(expected)
    expect(decide(e, query('sale', part), fridayAtThree, rules).securityEvent).toBe(event)
  })
  it('does not compare positions without a tolerance', () => {
    expect(verdict(entry(), query('sale', at(0, 0)), 0, { ...rules, positionToleranceMetres: undefined })).toBe('00 ok')
  })
  it('accepts a reversal from a wrong device, and reports it', () => {
    const answer = decide(entry(), query('reversal', { serial: '1' }), 0, rules)
    expect(answer).toMatchObject({ decision: 'approve', code: '00', securityEvent: 'serial_mismatch' })
  })
  it('accepts nothing from another merchant, and tells it nothing', () => {
    for (const transaction of words(transactionClasses))
      expect(decide(inMode('shut'), query(transaction, { mid: '000000000000000' }), 0, rules))
        .toMatchObject({ decision: 'decline', code: '97', holds: [], mode: 'unknown', until: undefined })
  })
})

test('a stopped merchant: 03 for all that is not always accepted, after who and closed, before the terminal\'s own stop', () => {
  const merchantStopped = true
  const accepted = words(transactionClasses).filter((t) => verdict(entry({ merchantStopped }), query(t)) === '00 ok')
  expect(accepted).toEqual(words(transactionClasses).filter(isAlwaysAccepted))
  expect(verdict(entry({ merchantStopped }), query('sale'))).toBe('03 merchant_stopped')
  expect(verdict(inMode('shut', { merchantStopped }), query('sale'))).toBe('03 merchant_stopped')
  expect(verdict(inMode('closed', { merchantStopped }), query('sale'))).toBe('97 closed')
  expect(verdict(entry({ merchantStopped }), query('sale', { serial: '1' }))).toBe('58 serial_mismatch')
  expect(verdict(entry({ merchantStopped, signOnRequired: true }), query('sale'))).toBe('03 merchant_stopped')
})

test('a provider maps codes, and only the code changes', () => {
  const mapped = { ...rules, responseCodes: { '97': '58', '58': 'ED' } }
  expect(decide(undefined, query('sale'), 0, mapped)).toMatchObject({ code: '58', reason: 'terminal_unknown' })
  expect(decide(inMode('shut'), query('sale'), 0, mapped)).toMatchObject({ code: 'ED', reason: 'stopped' })
  expect(decide(entry(), query('sale'), 0, mapped)).toMatchObject({ code: '00', reason: 'ok' })
  expect(new Set(Object.values(codeOf))).toEqual(new Set(['00', '03', '58', '77', '91', '96', '97']))
})

test('a class nobody knows is refused in every mode', () => {
  for (const mode of words(modes))
    expect(decide(inMode(mode), query('gift' as TransactionClass), fridayAtThree, rules).decision).toBe('decline')
})
