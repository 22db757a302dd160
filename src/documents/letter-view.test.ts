import { describe, expect, test } from 'vitest'
import { momentZh, fromPdfDate, pdfDate } from './instants.ts'
import { letterView, yuan } from './letter-view.ts'
import type { LetterFacts } from './letter.ts'
import { letterFactsSchema, letterTerminals_max } from './letter.ts'
import { at, closureLetter, fleetLetter, reopeningLetter, stopLetter } from './letter.fixtures.ts'

const view = (facts: LetterFacts) => letterView(facts, text => text, '')
const without = (facts: LetterFacts, ...keys: (keyof LetterFacts['terminals'][number])[]): LetterFacts => ({
  ...facts,
  terminals: facts.terminals.map(t =>
    Object.fromEntries(Object.entries(t).filter(([key]) => !keys.includes(key as never))) as typeof t),
})

describe('what a letter says', () => {
  test('a stop of one terminal names its moment, reason, return and way back', () => {
    const { sentences, salutation } = view(stopLetter)
    expect(salutation).toBe('上海老盛昌汤包有限公司（商户号 898310058120027）：')
    expect(sentences.zh).toEqual([
      '兹确认：贵商户名下终端 66585402（徐汇总店）已于 2026年11月27日 15:00:00 停止收款；停机原因为装修（M02），预计 2027年2月24日 09:00:00 恢复。',
      '签发时没有未结清的交易。停机不会自行解除；恢复方式：提交复机申请并通过测试。',
    ])
  })

  test('both moments stand apart, and a missing one is said', () => {
    const moments = (facts: LetterFacts) =>
      view(facts).moments.map(({ zh, day, clock }) => `${zh} ${day} ${clock}`.trim())
    expect(moments(stopLetter)).toEqual([
      '停止收款 2026年11月27日 15:00:00', '主机确认 2026年11月27日 15:00:00', '机具确认 2026年11月27日 15:02:11',
    ])
    expect(moments(without(stopLetter, 'deviceConfirmedAt'))[2]).toBe('机具确认 待上报')
    expect(moments(reopeningLetter)).toEqual([
      '开机测试通过 2027年2月24日 08:47:12', '恢复收款 2027年2月24日 09:00:00', '机具确认 2027年2月24日 09:01:33',
    ])
  })

  test('many terminals: what they share is in the sentence, what differs in the table', () => {
    const fleet = view(fleetLetter(12))
    expect(fleet.sentences.zh[0]).toContain('贵商户名下 12 台终端已于 2026年11月27日 15:00:00 停止收款')
    expect(fleet.sentences.zh[1]).toContain('仍有 4 笔未结清，合计 ¥352.00')
    expect(fleet.sentences.en[0]).toContain('4 items were still open, ¥352.00 in all')
    expect(fleet.rows).toHaveLength(12)
    expect(fleet.rows[2]!.at(-1)).toMatchObject({ main: '2 笔', sub: '¥176.00' })
    const facts = fleetLetter(2)
    facts.terminals[1]!.effectiveFrom = at('2026-11-27T16:00:00')
    expect(view(facts).sentences.zh[0]).toContain('已停止收款，各终端的时刻见下表')
  })

  test('a certificate of closure names the moment, the device, the deposit to the fen, and how long chargebacks may come', () => {
    const { sentences, moments, rows, basis, title } = view(closureLetter)
    expect(title).toEqual({ zh: '注销证明', en: 'Certificate of closure' })
    expect(sentences.zh).toEqual([
      '兹证明：贵商户名下终端 66585402（徐汇总店）已于 2027年1月21日 14:00:00 注销，终端号不再启用，机具序列号已解除绑定；注销原因为停业（M21）。',
      '签发时没有未结清的交易。押金 ¥300.00，扣 ¥80.00，已退 ¥220.00。拒付追溯期至 2027年5月26日，此前的交易如被拒付仍由贵商户承担。',
    ])
    expect(sentences.en[0]).toContain('Of the deposit of ¥300.00, ¥80.00 was deducted and ¥220.00 refunded.')
    expect(moments.map(m => m.zh)).toEqual(['停止收款', '注销', '拒付追溯至'])
    expect(rows[0]!.slice(-2).map(cell => cell.main)).toEqual(['已退还', '退 ¥220.00'])
    expect(basis[1]!.zh).toBe('注销原因')
    const owned = view(without(closureLetter, 'deposit', 'device', 'chargebackUntil'))
    expect(owned.sentences.zh[1]).toBe('签发时没有未结清的交易。')
  })

  test('an open-ended stop by the provider without a case', () => {
    const { caseNo: _, ...rest } = without(stopLetter, 'expectedUntil')
    const { sentences, basis } = view({ ...rest, reason: { code: 'R09', zh: '违规操作', en: 'rule breach' } })
    expect(sentences.zh.join('')).toContain('未约定恢复时间')
    expect(sentences.zh.join('')).toContain('恢复方式：整改或申诉，由风控解除')
    expect(view({ ...rest, reason: { code: 'P01', zh: '计划维护', en: 'planned maintenance' } }).sentences.zh.join(''))
      .not.toContain('不会自行解除')
    expect(basis.map(entry => entry.zh)).toEqual(['停机原因', '依据规则', '决定'])
  })

  test('every row has a cell for every column, and the columns fill the page', () => {
    const reopenedFleet: LetterFacts = { ...fleetLetter(3), kind: 'reopening_confirmation' }
    const closedFleet: LetterFacts = { ...closureLetter, terminals: [closureLetter.terminals[0]!, { ...closureLetter.terminals[0]!, tid: '66585439' }] }
    for (const facts of [stopLetter, reopeningLetter, closureLetter, fleetLetter(3), reopenedFleet, closedFleet]) {
      const { columns, rows } = view(facts)
      expect(columns.reduce((sum, c) => sum + c.width_mm, 0)).toBe(170)
      expect(rows.every(row => row.length === columns.length)).toBe(true)
    }
  })

  test.each([
    [0, '¥0.00'], [5, '¥0.05'], [123_450, '¥1,234.50'], [-17_600, '−¥176.00'],
  ])('%i fen is %s', (fen, words) => {
    expect(yuan(fen)).toBe(words)
  })

  test('moments are on the clock of Shanghai, and a PDF date reads back', () => {
    expect(momentZh(Date.parse('2026-12-31T16:00:00Z'))).toBe('2027年1月1日 00:00:00')
    expect(pdfDate(stopLetter.issuedAt)).toBe("D:20261127171230+08'00'")
    expect(fromPdfDate(pdfDate(stopLetter.issuedAt))).toBe(stopLetter.issuedAt)
    expect(fromPdfDate('D:2026')).toBeUndefined()
  })
})

describe('the facts of a letter', () => {
  const [first, second] = stopLetter.schedule as [LetterFacts['schedule'][number], LetterFacts['schedule'][number]]
  test.each<[string, object]>([
    ['a code with a letter that is not in the alphabet', { code: '7KQ2-M9XD-4TFA-0WZU' }],
    ['a number that could break out of a file name', { no: '../../etc' }],
    ['a script as the address', { verifyUrl: 'javascript:alert(1)' }],
    ['no terminal', { terminals: [] }],
    ['too many terminals', fleetLetter(letterTerminals_max + 1)],
    ['seconds for milliseconds', { issuedAt: 1_795_770_750 }],
    ['an unknown reason', { reason: { code: 'Z99', zh: '无', en: 'none' } }],
    ['a schedule with a gap', { schedule: [first, { ...second, from: second.from + 1 }] }],
    ['a stop that is still to come', { issuedAt: at('2026-11-27T14:59:59') }],
    ['a reopening that has not happened', { kind: 'reopening_confirmation' }],
    ['a closing that has not happened', { kind: 'closure_certificate' }],
    ['a fact nobody knows', { colour: 'red' }],
  ])('are refused with %s', (_, change) => {
    expect(letterFactsSchema.safeParse({ ...stopLetter, ...change }).success).toBe(false)
  })

  test('are kept as they are', () => {
    for (const facts of [stopLetter, reopeningLetter, closureLetter, fleetLetter(letterTerminals_max)]) {
      expect(letterFactsSchema.parse(facts)).toEqual(facts)
    }
  })
})
