import { describe, expect, test } from 'vitest'
import type { Actor } from './authority.ts'
import { makeCalendar } from './calendar.ts'
import { complaintNotices, decideComplaint, evolveComplaint, fileComplaint, type Complaint, type ComplaintCommand, type ComplaintSetting } from './complaint.ts'
import { isRefusal } from './refusals.ts'

const zone = 'Asia/Shanghai'
const at = (local: string): number => Date.parse(`${local}:00+08:00`)
const actor = (person: string): Actor => ({ person, account: person, name: person, role: 'agent', party: { kind: 'provider', id: 'yunhui' }, via: 'key' })
const setting = (now: string, person = 'agent'): ComplaintSetting =>
  ({ now: at(now), zone, actor: actor(person), calendar: makeCalendar(), policy: { complaints: { answerWorkingDays: 5, closeWorkingDays: 10 } } })
const wanted = { no: 'TQ-K2026-00001-1', provider: 'yunhui', mid: '102290058120001', tid: '10000001', caseNo: undefined, kind: 'complaint', topic: 'fee', channel: 'online', onBehalf: false } as const

const filed = (now = '2026-09-28T10:00'): Complaint => {
  const facts = fileComplaint(wanted, '多收了一个月', setting(now, 'owner'))
  if (isRefusal(facts)) throw new Error(facts.refused)
  return facts.reduce(evolveComplaint, {} as Complaint)
}
const after = (c: Complaint, ...steps: [now: string, person: string, command: ComplaintCommand][]): Complaint =>
  steps.reduce((one, [now, person, command]) => {
    const facts = decideComplaint(one, command, setting(now, person))
    if (isRefusal(facts)) throw new Error(facts.refused)
    return facts.reduce(evolveComplaint, one)
  }, c)

describe('the clock of a complaint', () => {
  test('runs in working days: five after Monday 28 September 2026 end on Saturday 10 October, a working day', () => {
    expect(filed()).toMatchObject({ state: 'filed', deadlineAt: at('2026-10-10T18:00'), dueAt: at('2026-10-10T18:00') })
  })
  test('is raised once when nobody answered, and can still be answered', () => {
    const late = after(filed(), ['2026-10-10T18:00', 'system', { command: 'tick' }])
    expect(late).toMatchObject({ state: 'filed', lateAt: at('2026-10-10T18:00'), dueAt: undefined })
    expect(decideComplaint(late, { command: 'tick' }, setting('2026-10-11T09:00'))).toEqual([])
    expect(after(late, ['2026-10-12T09:00', 'li', { command: 'answer', words: '已冲回' }])).toMatchObject({ state: 'answered', lateAt: at('2026-10-10T18:00') })
  })
  test('an answer nobody objected to closes it, without a rating', () => {
    const answered = after(filed(), ['2026-09-30T09:00', 'li', { command: 'answer', words: '已冲回' }])
    expect(answered.dueAt).toBe(at('2026-10-20T18:00'))
    expect(after(answered, ['2026-10-20T18:00', 'system', { command: 'tick' }])).toMatchObject({ state: 'closed', closedBy: 'system', satisfaction: undefined, dueAt: undefined })
  })
  test('begins anew when it is reopened', () => {
    const reopened = after(filed(), ['2026-09-30T09:00', 'li', { command: 'answer', words: '已冲回' }], ['2026-10-12T09:00', 'owner', { command: 'reopen', words: '没有' }])
    expect(reopened).toMatchObject({ state: 'assigned', assignee: 'li', answeredAt: undefined, deadlineAt: at('2026-10-19T18:00'), dueAt: at('2026-10-19T18:00') })
  })
})

describe('what is refused', () => {
  const answered = after(filed(), ['2026-09-30T09:00', 'li', { command: 'answer', words: '已冲回' }])
  const closed = after(answered, ['2026-09-30T10:00', 'owner', { command: 'close', satisfaction: 2 }])
  const reopened = after(closed, ['2026-09-30T11:00', 'owner', { command: 'reopen', words: '没有' }])
  test.each<[string, Complaint, ComplaintCommand, string]>([
    ['an answer without words', filed(), { command: 'answer', words: ' ' }, 'words_required'],
    ['an answer by who filed it', filed(), { command: 'answer', words: 'x' }, 'maker_is_checker'],
    ['an answer to what is answered', answered, { command: 'answer', words: 'x' }, 'complaint_not_in_this_state'],
    ['closing what is closed', closed, { command: 'close' }, 'complaint_not_in_this_state'],
    ['giving what is closed to somebody', closed, { command: 'assign', to: 'li' }, 'complaint_not_in_this_state'],
    ['reopening what nobody answered', filed(), { command: 'reopen', words: 'x' }, 'complaint_not_in_this_state'],
    ['reopening twice', after(reopened, ['2026-09-30T12:00', 'li', { command: 'answer', words: 'x' }]), { command: 'reopen', words: 'x' }, 'complaint_reopened_before'],
  ])('%s', (_, c, command, refused) => {
    expect(decideComplaint(c, command, setting('2026-09-30T13:00', 'owner'))).toMatchObject({ refused })
  })
  test('a complaint without words, and one in a year whose calendar is not known', () => {
    expect(fileComplaint(wanted, '  ', setting('2026-09-29T10:00'))).toMatchObject({ refused: 'words_required' })
    expect(fileComplaint(wanted, 'x', setting('2099-09-29T10:00'))).toMatchObject({ refused: 'calendar_unknown' })
  })
})

test('both sides are told of beginning and end, and no notice says what was written', () => {
  const c = filed()
  const told = (fact: Parameters<typeof complaintNotices>[0]) => complaintNotices(fact, c, { zone, hotline: '400-1' }).map((n) => [n.to, n.kind])
  expect(told({ fact: 'complaint_filed', complaint: c })).toEqual([['merchant', 'complaint_filed'], ['provider', 'complaint_filed']])
  expect(told({ fact: 'complaint_late', at: 1 })).toEqual([['provider', 'complaint_late'], ['merchant', 'complaint_late']])
  expect(told({ fact: 'complaint_closed', by: 'owner', at: 1, satisfaction: 5 })).toEqual([['merchant', 'complaint_closed'], ['provider', 'complaint_closed']])
  const words = complaintNotices({ fact: 'complaint_filed', complaint: c }, c, { zone, hotline: '400-1' }).flatMap((n) => n.words)
  expect(words[0]).toBe('已收到投诉 TQ-K2026-00001-1（费用或押金），2026-10-10 18:00 前答复。')
  expect(words[1]).toBe('Complaint TQ-K2026-00001-1 (about fees or deposit) has been received and will be answered by 2026-10-10 18:00.')
})
