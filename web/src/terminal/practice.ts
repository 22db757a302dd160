// Practice: the same machine with nobody at the other end. The law is the gate's own, read here in the page for a terminal
// that exists in this lesson only; nothing leaves the browser. The lesson is a table: what to do, and what must come of it.
import { attendantSentence } from '../../../src/domain/gate-sentence.ts'
import { decide, type Answer, type GateEntry, type GateRules } from '../../../src/domain/gate.ts'
import { services, type Language, type Mode, type Service, type TransactionClass } from '../../../src/domain/vocabulary.ts'
import { asks, type Ask } from '../../../src/gate/front/terminal.ts'
import { writeSettlement } from '../../../src/gate/iso8583/f48.ts'
import type { Fields } from '../../../src/gate/iso8583/message.ts'
import { F } from '../../../src/gate/iso8583/spec-unionpay.ts'
import type { Known } from './known.ts'
import type { Line } from './line.ts'
import type { Outcome } from './till.ts'
import type { Words } from './words.ts'

export type Lesson = {
  readonly mode: Extract<Mode, 'open' | 'shut'>
  readonly owesSignOn: boolean
  readonly asks: Ask
  readonly code: string
  readonly todo: Words
  readonly learnt: Words
}

export const lessons: readonly Lesson[] = [
  {
    mode: 'open', owesSignOn: false, asks: 'sign-on', code: '00',
    todo: ['早上开门，先签到：按 1。', 'The shop opens; sign on first: press 1.'],
    learnt: ['签到后，机器领到当天的密钥。', 'Signed on, the machine has its keys of the day.'],
  },
  {
    mode: 'open', owesSignOn: false, asks: 'sale', code: '00',
    todo: ['收一笔钱：按 2，输入金额，按确认。', 'Take a payment: press 2, type the amount, press OK.'],
    learnt: ['打出小票就是收到了。', 'A slip means it is paid.'],
  },
  {
    mode: 'shut', owesSignOn: false, asks: 'sale', code: '58',
    todo: ['店主申请的停机到点了。再收一笔试试（按取消进菜单，再按 2）。', "The owner's stop has begun. Try another payment (Cancel for the menu, then 2)."],
    learnt: ['屏幕写明：为什么停、停到哪天、找谁。照着告诉顾客即可，不用反复刷卡。', 'The screen says why, until when, and whom to call. Tell the customer; do not try the card again.'],
  },
  {
    mode: 'shut', owesSignOn: false, asks: 'status', code: '00',
    todo: ['告诉主机：这台机器已经停了。按“确认停机”。', 'Tell the host that this machine has stopped: press Confirm the stop.'],
    learnt: ['主机拒绝和机具确认是两件事，两样都有才算停妥。', 'The host refusing and the device confirming are two facts; a stop is complete with both.'],
  },
  {
    mode: 'open', owesSignOn: true, asks: 'sale', code: '77',
    todo: ['停机结束，恢复了。收一笔：按 2。', 'The stop is over and the terminal is back. Take a payment: press 2.'],
    learnt: ['77：恢复后要先签到，不是坏了。', '77: after a return sign on first; nothing is broken.'],
  },
  {
    mode: 'open', owesSignOn: true, asks: 'sign-on', code: '00',
    todo: ['按 1 签到。', 'Press 1 to sign on.'],
    learnt: ['领到新密钥，可以收款了。', 'New keys; payments work again.'],
  },
  {
    mode: 'open', owesSignOn: false, asks: 'sale', code: '00',
    todo: ['再收一笔：按 2。', 'Take a payment again: press 2.'],
    learnt: ['练习完成。真停机时，做法一样。', 'Done. A real stop is no different.'],
  },
]
export const isLearnt = ({ asks, code }: Lesson, outcome: Outcome): boolean => outcome.ask === asks && outcome.code === code

/** A terminal of this lesson only. */
const pupil = { tid: '00000000', mid: '000000000000000' }
const hold = 'lesson'
const lesson_days = 14
const day_ms = 86_400_000
const rules: GateRules = {
  provider: 'lesson', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: true,
  hotline: '400-800-0000',
}
const classOf: Readonly<Partial<Record<Ask, TransactionClass>>> = {
  'sign-on': 'sign_on', 'sign-off': 'sign_off', echo: 'echo', status: 'status', sale: 'sale', void: 'void', refund: 'refund', preauth: 'preauth',
  'preauth-cancel': 'preauth_cancel', complete: 'preauth_completion', reversal: 'reversal', settle: 'settlement', 'upload-end': 'batch_upload',
}

function entryOf({ mode, owesSignOn }: Lesson, now: number): GateEntry {
  const holds = mode === 'shut' ? [hold] : []
  return {
    ...pupil, provider: 'lesson', signOnRequired: owesSignOn, version: 1,
    intervals: [{ from: Number.NEGATIVE_INFINITY, mode, holds }],
    holds: [{ id: hold, reason: 'M02', owner: 'merchant', effectiveFrom: now, expectedUntil: Math.ceil(now / day_ms + lesson_days) * day_ms - 8 * 3_600_000, caseNo: 'TQ-000000-00000-0' }],
  }
}
const answerTo = (lesson: Lesson, kind: TransactionClass, now: number): { answer: Answer; entry: GateEntry } => {
  const entry = entryOf(lesson, now)
  return { entry, answer: decide(entry, { ...pupil, class: kind }, now, rules) }
}
const sentenceOf = (lesson: Lesson, kind: TransactionClass, now: number, language: Language): string => {
  const { answer, entry } = answerTo(lesson, kind, now)
  return attendantSentence(answer, entry, rules, language)
}

const none = { debitFen: 0, debits: 0, creditFen: 0, credits: 0, answer: 'balanced' } as const
const six = (count: number): string => String(count).padStart(6, '0')

/** The other end of the line, in this page. */
export const practiceLine = (at: () => Lesson, now: () => number): Line => ({
  close() {},
  async ask(ask, said) {
    const kind = classOf[ask] ?? 'parameter_download'
    const { answer } = answerTo(at(), kind, now())
    const shanghai = new Date(now() + 8 * 3_600_000).toISOString()
    const [date, time] = [shanghai.slice(5, 10).replace('-', ''), shanghai.slice(11, 19).replaceAll(':', '')]
    const totals = ask === 'settle' ? writeSettlement({ domestic: { ...none, ...said.totals }, foreign: none }) : undefined
    return {
      isMacRight: undefined,
      heard: {
        mti: String(Number(asks[ask].mti) + 10).padStart(4, '0'), code: answer.code, command: answer.reason === 'sign_on_required' ? 3 : 0, batch: said.batch,
        sentence: answer.decision === 'approve' ? '' : sentenceOf(at(), kind, now(), 'zh'),
        fields: {
          [F.trace]: six(said.trace), [F.date]: date, [F.time]: time, [F.reference]: six(said.trace).padStart(12, '0'), [F.authorisation]: six(said.trace),
          ...(totals && { [F.totals]: totals }),
        } as Fields,
      },
    }
  },
})

const stateOf: Readonly<Record<Lesson['mode'], Service>> = { open: 'active', shut: 'suspended' }
export const practiceKnown = (lesson: Lesson, isConfirmed: boolean, now: number, language: Language): Known => ({
  ...pupil, merchant: language === 'zh' ? '练习商户' : 'Practice shop', store: undefined, provider: language === 'zh' ? '练习机' : 'Practice machine',
  hotline: rules.hotline!, serial: undefined, mode: lesson.mode, state: services[stateOf[lesson.mode]], isByProvider: false,
  sentence: sentenceOf(lesson, 'sale', now, language), hostBlockedAt: lesson.mode === 'shut' ? new Date(now).toISOString() : null,
  deviceConfirmedAt: isConfirmed ? new Date(now).toISOString() : null, allowed: { suspend: 'not_found', test: 'not_found' }, cases: [], now,
})
