import { describe, expect, test } from 'vitest'
import { foremost, isRefusal, refusals, refuse, refuseField, sentenceOf, type RefusalCode } from './refusals.ts'

const codes = Object.keys(refusals) as RefusalCode[]
const marks = (words: string): string[] => [...words.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).toSorted()

describe('every refusal', () => {
  test.each(codes)('%s', (code) => {
    const { status, words: [zh, en] } = refusals[code]
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    // Both languages say the same particulars; each is a sentence, and in its own script.
    expect(marks(zh)).toEqual(marks(en))
    expect(zh).toMatch(/[\u4e00-\u9fff].*。$/)
    expect(en).toMatch(/^[A-Z{"].*\.$/)
    expect(en).not.toMatch(/[\u4e00-\u9fff]/)
    expect(code).toMatch(/^[a-z_]+$/)
  })
})

test('what may pass later without being changed is a conflict or a wait', () => {
  for (const code of codes) if (refusals[code].retry) expect([409, 429, 503], code).toContain(refusals[code].status)
})

test('a sentence is filled in the reader’s language; a mark nobody filled stays visible', () => {
  const refusal = refuse('held_by_another', { tid: '10000001', reason: 'R09', owner: ['风控', 'risk'], wayOut: ['申诉', 'an appeal'] })
  expect(sentenceOf(refusal, 'en')).toBe('Terminal 10000001 is also held for R09; it belongs to risk. Way out: an appeal.')
  expect(sentenceOf(refusal, 'zh')).toBe('终端 10000001 另有停用项 R09，由风控负责，办法：申诉。')
  expect(sentenceOf(refuse('stop_too_long', { days: 180 }), 'en')).toContain('180 days')
  expect(sentenceOf(refuse('stop_too_long'), 'en')).toContain('{days}')
})

test('what people write is not read as a mark', () => {
  expect(sentenceOf(refuse('claimed_by_another', { name: '{name} {0} $&' }), 'en')).toBe('The case is being handled by {name} {0} $&.')
})

test('a refused field says where it is and why, in both languages', () => {
  expect(refuseField('/expectedUntil', 'stop_too_long', { days: 90 })).toEqual({
    refused: 'stop_too_long', with: { days: 90 },
    fields: [{ pointer: '/expectedUntil', code: 'stop_too_long', words: ['临时停机最长 90 天；更长请办停用。', 'A temporary stop may last 90 days at most; for longer, deactivate.'] }],
  })
})

test('of several, the one that stands first is given', () => {
  expect(foremost([refuse('maker_is_checker'), refuse('role_missing'), refuse('not_in_this_state')])?.refused).toBe('role_missing')
  expect(foremost([])).toBeUndefined()
})

test.each([[refuse('internal'), true], [{ refused: 'x' }, true], [[], false], [undefined, false], [null, false], ['refused', false], [{}, false]])('%j is a refusal: %s', (value, expected) => {
  expect(isRefusal(value)).toBe(expected)
})
