import { describe, expect, test } from 'vitest'
import type { Case, Fact } from './application/case.ts'
import { happeningsOf, maskedAddress, noticeMessage } from './telling.ts'
import type { Hold } from './terminal.ts'

const now = Date.parse('2026-11-23T09:00:00+08:00')
const friday = Date.parse('2026-11-27T15:00:00+08:00')
const hold = (part: Partial<Hold> = {}): Hold => ({
  id: 'h', reason: 'M02', owner: 'merchant', effect: 'stop', effectiveFrom: friday, drainUntil: friday, expectedUntil: undefined, caseNo: undefined, placedBy: 'x',
  startedAt: undefined, shutAt: undefined, clearedAt: undefined, liftedAt: undefined, withdrawnAt: undefined, reminders: [], ...part,
})
const draft = { no: 'TQ-1', kind: 'suspend', state: 'draft', terminals: [{ id: 't', tid: '10000001', result: 'pending', hold: undefined }], materials: [], makers: [] } as unknown as Case
const submitted = { fact: 'submitted', at: now, by: 'o', policyVersion: 1, deadline: { earliestAt: now, at: now }, checkpointAt: undefined } as const
const approved = { fact: 'approved', by: 'policy', at: now, rule: 'low-risk', policyVersion: 1 } as const
const told = (facts: readonly object[], before?: Case): string[] =>
  happeningsOf(facts, { now, case: before, letters: [] }).map((h) => `${h.kind}${h.tid === undefined ? '' : ` ${h.tid}`}`)

describe('which facts machines are told of', () => {
  const about = { terminal: '10000001' }
  test.each<[string, readonly object[], Case | undefined, string[]]>([
    ['a stop to come', [{ fact: 'hold_placed', ...about, hold: hold() }], undefined, ['hold.placed 10000001', 'terminal.stop_scheduled 10000001']],
    ['a stop at once', [{ fact: 'hold_placed', ...about, hold: hold({ effectiveFrom: now }) }, { fact: 'hold_started', ...about, hold: 'h', at: now }, { fact: 'hold_shut', ...about, hold: 'h', at: now, stillOpen: false }], undefined, ['hold.placed 10000001', 'terminal.stopped 10000001']],
    ['a restriction to come stops nothing', [{ fact: 'hold_placed', ...about, hold: hold({ effect: 'restrict' }) }], undefined, ['hold.placed 10000001']],
    ['a stop moved', [{ fact: 'hold_moved', ...about, hold: 'h', effectiveFrom: friday, drainUntil: friday }], undefined, ['terminal.stop_scheduled 10000001']],
    ['a stop taken back', [{ fact: 'hold_withdrawn', ...about, hold: 'h', at: now }], undefined, ['hold.lifted 10000001']],
    ['opened again', [{ fact: 'tested', ...about, at: now, by: 'f', passed: true, items: [] }, { fact: 'hold_lifted', ...about, hold: 'h', at: now, by: 'f' }, { fact: 'reopened', ...about, at: now, signOnRequired: true }], undefined, ['hold.lifted 10000001', 'terminal.reopened 10000001']],
    ['closed', [{ fact: 'closed', ...about, at: now, serial: undefined, chargebackUntil: now }], undefined, ['terminal.closed 10000001']],
    ['an attempt', [{ fact: 'attempted', ...about, at: now, class: 'sale', count: 2 }], undefined, ['terminal.attempt_refused 10000001']],
    ['a case filed and approved straight through passes through every state', [{ fact: 'opened', case: draft }, submitted, approved, { fact: 'begun', at: now }], undefined, ['application.draft', 'application.submitted', 'application.approved', 'application.in_progress']],
    ['a case given to another stays where it is', [{ fact: 'assigned', to: 'x' }], { ...draft, state: 'in_review' }, []],
    ['a case returned', [{ fact: 'returned', by: 'r', at: now, words: 'x', materials: [], daysLeft: 3, answerBy: now }], { ...draft, state: 'in_review' }, ['application.returned']],
    ['facts of nothing we tell', [{ fact: 'key_made' }, { fact: 'policy_drafted' }], undefined, []],
  ])('%s', (_, facts, before, expected) => {
    expect(told(facts, before)).toEqual(expected)
  })

  test('they are thin, and say when', () => {
    expect(happeningsOf([{ fact: 'hold_placed', terminal: '10000001', hold: hold({ expectedUntil: friday + 1 }) } satisfies Fact], { now, case: undefined, letters: [{ no: 'TQ-T', kind: 'stop_confirmation' }] })).toEqual([
      { kind: 'hold.placed', tid: '10000001', at: now, body: { hold: 'h', reason: 'M02', effectiveFrom: '2026-11-27T07:00:00.000Z', expectedUntil: '2026-11-27T07:00:00.001Z' } },
      { kind: 'terminal.stop_scheduled', tid: '10000001', at: now, body: { hold: 'h', reason: 'M02', effectiveFrom: '2026-11-27T07:00:00.000Z', expectedUntil: '2026-11-27T07:00:00.001Z' } },
      { kind: 'letter.issued', at: now, body: { letter: 'TQ-T', kind: 'stop_confirmation' } },
    ])
  })
})

test('a notice as a message, in either language', () => {
  const sender = { name: ['云汇支付', 'Yunhui'] as const, hotline: '400-800-9000', publicUrl: 'https://tingqi.example' }
  const words = ['终端 10000001 已停机。', 'Terminal 10000001 is stopped.'] as const
  expect(noticeMessage('stopped', words, { tid: '10000001' }, sender, 'zh')).toEqual({
    subject: '已停机（10000001）', text: '终端 10000001 已停机。\n\n云汇支付\n电话 400-800-9000\nhttps://tingqi.example\n\n这是系统自动发出的通知，请勿回复。\n',
  })
  expect(noticeMessage('stopped', words, { caseNo: 'TQ-1' }, sender, 'en').subject).toBe('stopped (TQ-1)')
})

test.each([['mail', 'liu.yan@shop.example', 'l***@shop.example'], ['sms', '13812341234', '138****1234'], ['robot', '值班群', '值班群…'], ['print', '上海市南京西路 1 号', '上海市南京西…']])('%s address, masked', (channel, address, shown) => {
  expect(maskedAddress(channel, address)).toBe(shown)
})
