// What the cashier reads on the terminal: stopped or not and the code, why, until when, what still works, whom to call.
// A customer may be looking over the cashier's shoulder, so a stop for risk or security says only that it is being
// checked, and the reason code; its words go to the owner. Times are Shanghai's, which has been UTC+8 without change
// since 1991.
import {
  permitted, sayReason, type Answer, type GateEntry, type GateHold, type GateReason, type GateRules,
} from './gate.ts'
import { askedWords } from './care-asked.ts'
import {
  initiatorOf, modes, reasons, say, transactionClasses, waysOut, type Language, type TransactionClass,
} from './vocabulary.ts'

const shanghai_ms = 8 * 3_600_000
const months = [
  'January', 'February', 'March', 'April', 'May', 'June',
  'July', 'August', 'September', 'October', 'November', 'December',
]

/** `2月24日`, with the year where it is not the reader's, with the time where it is not midnight. */
const dateWords = (at: number, readAt: number, language: Language): string => {
  const date = new Date(at + shanghai_ms)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  const clock = date.toISOString().slice(11, 16)
  const time = clock === '00:00' ? '' : ` ${clock}`
  const sameYear = year === new Date(readAt + shanghai_ms).getUTCFullYear()
  return language === 'zh'
    ? `${sameYear ? '' : `${year}年`}${month + 1}月${day}日${time}`
    : `${day} ${months[month]}${sameYear ? '' : ` ${year}`}${time}`
}

/** Reasons for which the holds are the explanation. */
const explainedByHolds: readonly GateReason[] = [
  'restricted', 'draining', 'stopped', 'testing', 'made_after_stop', 'upload_too_late',
]

const whyWords = ({ reason }: GateHold, language: Language): string => {
  const initiator = initiatorOf(reason)
  const words = say(reasons[reason], language)
  if (initiator === 'merchant')
    return language === 'zh' ? `店主申请停机：${words}。` : `Stopped at the owner's request: ${words}.`
  if (initiator === 'risk' || initiator === 'security')
    return language === 'zh' ? `支付机构停用：核查中（${reason}）。` : `Stopped by the provider: under review (${reason}).`
  return language === 'zh' ? `支付机构停用：${words}（${reason}）。` : `Stopped by the provider: ${words} (${reason}).`
}

/** What is asked of the shop, where it is no secret between provider and owner. */
const askedOf = ({ reason }: GateHold, language: Language): string => {
  const words = ['account', 'inactivity', 'device'].includes(initiatorOf(reason)) ? askedWords(reason) : undefined
  return words === undefined ? '' : say(words, language)
}

/** When it may be over: the last of the dates where every hold has one, else what must be done first. */
const untilWords = (holds: readonly GateHold[], answer: Answer, language: Language): string => {
  if (holds.length === 0) return ''
  const zh = language === 'zh'
  const dated = holds.every((hold) => hold.expectedUntil !== undefined)
  if (!dated) {
    const endless = holds.filter((hold) => hold.expectedUntil === undefined)
    const ways = [...new Set(endless.map((hold) => say(waysOut[hold.owner], language)))].join(zh ? '；' : '; ')
    return zh ? `恢复时间未定，需${ways}。` : `No date yet; needed: ${ways}.`
  }
  const until = Math.max(...holds.map((hold) => hold.expectedUntil!))
  const date = dateWords(until, answer.asOf, language)
  if (until <= answer.asOf) return zh ? `原定 ${date} 恢复，尚未办结。` : `Was expected back on ${date}; not yet done.`
  if (answer.mode === 'restrict') return zh ? `预计 ${date} 恢复。` : `Expected back on ${date}.`
  return zh ? `预计 ${date} 测试后恢复。` : `Expected back on ${date}, after a test.`
}

/** What a cashier would try, of all the classes. */
const tried: readonly TransactionClass[] = [
  'preauth_completion', 'preauth_cancel', 'void', 'refund', 'reversal', 'settlement', 'test_sale',
]
const stillWords = (answer: Answer, rules: GateRules, language: Language): string => {
  const still = tried.filter((transaction) => {
    const permission = permitted[answer.mode][transaction]
    if (permission !== 'policy') return permission === 'yes'
    return transaction === 'refund' ? rules.refundWhileShut : rules.completionWhileShut
  }).map((transaction) => say(transactionClasses[transaction], language))
  if (still.length === 0) return ''
  return language === 'zh' ? `可以办理${still.join('、')}。` : `Still possible: ${still.join(', ')}.`
}

/** A stop to come, said while the answer is still yes. */
const comingWords = (answer: Answer, entry: GateEntry | undefined, language: Language): string => {
  const next = entry?.intervals.find((interval) => interval.from === answer.until)
  if (answer.until === undefined || next === undefined || next.mode === 'open') return ''
  const date = dateWords(answer.until, answer.asOf, language)
  const mode = say(modes[next.mode], language)
  return language === 'zh' ? `${date} 起${mode}。` : `From ${date}: ${mode}.`
}

/** One plain sentence or a few, for the screen of the terminal. `rules` are those the answer was given by. */
export const attendantSentence = (
  answer: Answer, entry: GateEntry | undefined, rules: GateRules, language: Language,
): string => {
  const zh = language === 'zh'
  const words = sayReason(answer.reason, language)
  const parts = [zh ? `${words}（${answer.code}）。` : `${words} (${answer.code}).`]
  if (answer.reason === 'ok') parts.push(comingWords(answer, entry, language))
  if (explainedByHolds.includes(answer.reason)) {
    const holds = entry?.holds.filter((hold) => answer.holds.includes(hold.id)) ?? []
    const cases = [...new Set(holds.flatMap((hold) => hold.caseNo ?? []))]
    parts.push(
      ...new Set(holds.map((hold) => whyWords(hold, language))),
      // In test everything asked for was met.
      ...(answer.reason === 'testing' ? [] : new Set(holds.map((hold) => askedOf(hold, language)))),
      untilWords(holds, answer, language),
      stillWords(answer, rules, language),
      ...cases.map((no) => (zh ? `办件 ${no}。` : `Case ${no}.`)),
    )
  }
  if (answer.decision === 'decline' && rules.hotline !== undefined)
    parts.push(zh ? `客服 ${rules.hotline}。` : `Call ${rules.hotline}.`)
  return parts.filter((part) => part !== '').join(zh ? '' : ' ')
}
