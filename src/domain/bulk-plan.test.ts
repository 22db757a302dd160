import { describe, expect, test } from 'vitest'
import { at } from '../../test/pure.ts'
import { assignWaves, planDue, planSentence, tasksOf, timesOf, type PlanAsked, type PlanStanding } from './bulk-plan.ts'
import { makeCalendar } from './calendar.ts'
import { isRefusal } from './refusals.ts'

const now = at('2026-11-23T10:00')
const window: PlanAsked = { kind: 'maintenance', reason: 'P01', effectiveFrom: at('2026-11-24T01:00'), drainUntil: at('2026-11-24T01:30'), testFrom: at('2026-11-24T04:00'), expectedUntil: at('2026-11-24T05:00') }
const campaign: PlanAsked = { kind: 'campaign', reason: 'P03', waves: [{ name: 'a', at: at('2026-11-25T02:00') }, { name: 'b', at: at('2026-11-27T02:00') }] }
const code = (asked: PlanAsked): string | undefined => {
  const times = timesOf(asked, now)
  return isRefusal(times) ? times.fields?.[0]?.code ?? times.refused : undefined
}

describe('the moments of a plan', () => {
  test.each<[string, PlanAsked, string | undefined]>([
    ['a window in order', window, undefined],
    ['without a time for tests: at its end', { ...window, testFrom: undefined }, undefined],
    ['no end', { ...window, expectedUntil: undefined }, 'until_required'],
    ['in the past', { ...window, effectiveFrom: now - 1 }, 'plan_times'],
    ['tests before the drain is over', { ...window, testFrom: at('2026-11-24T01:10') }, 'plan_times'],
    ['tests after the end', { ...window, testFrom: at('2026-11-24T05:01') }, 'plan_times'],
    ['a window for a recall', { ...window, reason: 'P03' }, undefined],
    ['a campaign in waves', campaign, undefined],
    ['a campaign without waves', { ...campaign, waves: [] }, 'plan_times'],
    ['a wave in the past', { ...campaign, waves: [{ name: 'a', at: now - 1 }] }, 'plan_times'],
    ['an end before its last wave', { ...campaign, expectedUntil: at('2026-11-26T00:00') }, 'plan_times'],
    ['a campaign for fraud', { ...campaign, reason: 'R02' }, 'reason_not_yours'],
  ])('%s', (title, asked, expected) => {
    expect(code(asked)).toBe(title === 'a window for a recall' ? 'reason_not_yours' : expected)
  })
  test('tasks are due by rules that count from the stop', () => {
    const times = timesOf(window, now)
    if (isRefusal(times)) throw new Error('refused')
    const task = (offset: string) => [{ id: 'x', title: 'x', assignee: 'agent' as const, due: { from: 'effectiveFrom' as const, offset, at: '18:00' } }]
    expect(tasksOf(task('-1wd'), times, now, makeCalendar(), 'Asia/Shanghai')).toMatchObject([{ dueAt: at('2026-11-23T18:00') }])
    expect(tasksOf(task('+60wd'), times, now, makeCalendar(), 'Asia/Shanghai')).toMatchObject({ refused: 'calendar_unknown' })
  })
  test('the clock looks when tests begin, when the window is over, and at every wave', () => {
    const plan = { kind: 'maintenance' as const, begunAt: now, testFrom: 5, expectedUntil: 9, waves: [] }
    expect([planDue({ ...plan, begunAt: undefined }, 1, 3), planDue(plan, 1, 3), planDue({ ...plan, releasedAt: 5 }, 6, 3), planDue({ ...plan, releasedAt: 5, missedAt: 9 }, 10, 3), planDue({ ...plan, endedAt: 2 }, 3, 3)])
      .toEqual([undefined, 5, 9, undefined, undefined])
    expect(planDue({ kind: 'campaign', begunAt: 1, waves: [{ name: 'a', at: 12 }] }, 10, 6)).toBe(12)
    expect(planDue({ kind: 'campaign', begunAt: 1, waves: [{ name: 'a', at: 12 }] }, 13, 6)).toBe(19)
  })
})

test('terminals fall into the first wave that takes their region and has room, else the last', () => {
  const waves = [{ name: 'sh', at: 1, region: '上海', max: 1 }, { name: 'bj', at: 2, region: '北京' }, { name: 'rest', at: 3 }]
  expect(assignWaves(waves, ['上海市静安区', '北京市朝阳区', '上海市黄浦区', null, '北京市海淀区'])).toEqual([0, 1, 2, 2, 1])
  expect(assignWaves([{ name: 'only', at: 1, region: '上海' }], ['北京', null])).toEqual([0, 0])
})

test('a plan says what is and who is not back', () => {
  const standing = (part: Partial<PlanStanding>): string => planSentence({
    kind: 'maintenance', reason: 'P01', name: 'core', total: 6, counts: {}, isConfirming: false, begunAt: now, missedAt: undefined, endedAt: undefined,
    effectiveFrom: window.effectiveFrom!, testFrom: window.testFrom, expectedUntil: window.expectedUntil, newcomers: 0, met: 0, overdue: 0, ...part,
  }, (instant) => new Date(instant).toISOString()).join(' ')
  expect(standing({ begunAt: undefined })).toContain('not been started')
  expect(standing({ isConfirming: true })).toContain('second person')
  expect(standing({ counts: { told: 6 } })).toContain('6 are told')
  expect(standing({ counts: { open: 4, failed: 2 } })).toContain('4 open, 2 failed its test')
  expect(standing({ missedAt: now, counts: { open: 4, failed: 2 } })).toContain('仍停机：测试未通过 2 台')
  expect(standing({ endedAt: now, counts: { open: 6 } })).toContain('all are open')
  expect(standing({ kind: 'campaign', reason: 'P03', counts: { told: 3, stopped: 1 }, met: 2, overdue: 1, newcomers: 5 })).toContain('5 more match')
})
