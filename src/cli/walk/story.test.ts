import { expect, test } from 'vitest'
import { openStory, WalkEnded, wallText, weekdayOf } from './story.ts'

const plain = (_: unknown, text: string): string => text

test('a claim that holds is ticked, in both languages or one', () => {
  const lines: string[] = []
  const story = openStory((line) => lines.push(line), plain, 'both')
  story.claim(['已停机', 'it is stopped'], ['58', 1], ['58', 1])
  expect(lines).toEqual(['  ✓ 已停机', '    it is stopped'])
  expect(story.claims).toBe(1)
  const english: string[] = []
  openStory((line) => english.push(line), plain, 'en').claim(['已停机', 'it is stopped'], true, true)
  expect(english).toEqual(['  ✓ it is stopped'])
})

test('a claim that does not hold ends the walk and says what was expected', () => {
  const lines: string[] = []
  const story = openStory((line) => lines.push(line), plain, 'zh')
  expect(() => story.claim(['闸口拒绝', 'the gate declines'], '00', '58')).toThrow(WalkEnded)
  expect(lines.join('\n')).toContain('✗ 闸口拒绝')
  expect(lines.join('\n')).toMatch(/应为 expected: "58"\n.*实为 but it is: "00"/)
})

test('times are those on the wall in Shanghai, as fine as they need to be', () => {
  const at = Date.parse('2026-11-27T15:00:00+08:00')
  expect([wallText(at), wallText(at + 5_000), wallText(at - 1)]).toEqual(['2026-11-27 15:00', '2026-11-27 15:00:05', '2026-11-27 14:59:59.999'])
  expect([weekdayOf(at)[1], weekdayOf(at + 9 * 3_600_000)[1]]).toEqual(['Fri', 'Sat'])
})
