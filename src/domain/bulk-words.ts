// Who is told when many terminals change at once. A merchant gets one notice for all of its terminals that share a reason and
// a moment, naming them: thirty-seven letters about one maintenance night are read by nobody. The provider made the bulk and
// watches it; it is told of single terminals only where one needs somebody – still open, held by another, failed its test.
import { remainingWords, when } from './effects.ts'
import { inEffect, type Hold, type Terminal, type TerminalFact } from './terminal.ts'
import { mayAppeal, reasons, testItems, waysOut, type NoticeKind, type Words } from './vocabulary.ts'

export type ManyAround = { now: number; zone: string; hotline: string; providerName: Words }
export type ManyNotice = { kind: NoticeKind; audience: 'merchant' | 'provider'; tid: string | undefined; words: Words }
/** A terminal after its facts. */
export type Told = { terminal: Terminal; facts: readonly TerminalFact[] }

/** More than these are not named one by one; the list has them all. */
const named_tids_max = 20

/** 'terminal 10000001', or '37 terminals (10000001, …)'. */
export function terminalsNamed(tids: readonly string[]): Words {
  if (tids.length === 1) return [`终端 ${tids[0]}`, `terminal ${tids[0]}`]
  const shown = tids.slice(0, named_tids_max)
  const more = tids.length > shown.length
  return [`${tids.length} 台终端（${shown.join('、')}${more ? ' 等' : ''}）`, `${tids.length} terminals (${shown.join(', ')}${more ? ', …' : ''})`]
}
/** A number is set apart from the characters that follow; a bracket is already. */
const spaced = (zh: string): string => (zh.endsWith('）') ? zh : `${zh} `)
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

/** Facts of one kind that are told in one notice, and the words for all of them. */
type Group = { kind: NoticeKind; to: readonly ('merchant' | 'provider')[]; tids: string[]; words(named: Words, isMany: boolean): Words }

/** The notices to one merchant – and, where somebody must look, to its provider – of what happened to its terminals. */
export function noticesOfMany(told: readonly Told[], around: ManyAround): ManyNotice[] {
  const groups = new Map<string, Group>()
  const single: ManyNotice[] = []
  const both = (kind: NoticeKind, tid: string, words: Words): void => {
    for (const audience of ['merchant', 'provider'] as const) single.push({ kind, audience, tid, words })
  }
  const add = (key: string, tid: string, group: () => Omit<Group, 'tids'>): void => {
    const found = groups.get(key) ?? { ...group(), tids: [] }
    found.tids.push(tid)
    groups.set(key, found)
  }
  for (const { terminal, facts } of told)
    for (const fact of facts) tell(fact, terminal, around, add, both)
  return [
    ...[...groups.values()].flatMap(({ kind, to, tids, words }): ManyNotice[] => {
      const said = words(terminalsNamed(tids), tids.length > 1)
      return to.map((audience) => ({ kind, audience, tid: tids.length === 1 ? tids[0] : undefined, words: said }))
    }),
    ...single,
  ]
}

type Add = (key: string, tid: string, group: () => Omit<Group, 'tids'>) => void
type Both = (kind: NoticeKind, tid: string, words: Words) => void

function tell(fact: TerminalFact, terminal: Terminal, around: ManyAround, add: Add, both: Both): void {
  const { tid } = terminal
  const holdOf = (id: string): Hold => terminal.holds.find((h) => h.id === id)!
  switch (fact.fact) {
    case 'hold_placed': {
      const { owner, reason, effectiveFrom, expectedUntil } = fact.hold
      if (owner === 'merchant') return
      return add(`placed ${reason} ${effectiveFrom} ${expectedUntil}`, tid, () => ({ kind: 'hold_placed', to: ['merchant'], words: (n) => placedWords(fact.hold, n, around) }))
    }
    case 'hold_shut': {
      const { reason } = holdOf(fact.hold)
      const at = when(fact.at, around.zone)
      add(`shut ${reason} ${at}`, tid, () => ({ kind: 'stopped', to: ['merchant'], words: ([zh, en], isMany) => [
        `${spaced(zh)}已于 ${at} 停机（${reasons[reason][0]}）。`, `${capital(en)} ${isMany ? 'were' : 'was'} stopped at ${at} (${reasons[reason][1]}).`] }))
      if (fact.stillOpen) add('still open', tid, () => ({ kind: 'still_open', to: ['merchant', 'provider'], words: ([zh, en], isMany) => [
        `${spaced(zh)}停机时仍有未结清交易，请尽快处理。`, `${capital(en)} ${isMany ? 'were' : 'was'} stopped with transactions still open; please settle them soon.`] }))
      return
    }
    case 'hold_withdrawn': {
      const { reason } = holdOf(fact.hold)
      return add(`withdrawn ${reason}`, tid, () => ({ kind: 'hold_lifted', to: ['merchant'], words: ([zh, en], isMany) => [
        `${spaced(zh)}原定的停机（${reason} ${reasons[reason][0]}）已取消。`, `The planned stop of ${en} (${reason} ${reasons[reason][1]}) is cancelled${isMany ? ' for all of them' : ''}.`] }))
    }
    case 'hold_lifted': {
      const { reason } = holdOf(fact.hold)
      add(`lifted ${reason}`, tid, () => ({ kind: 'hold_lifted', to: ['merchant'], words: ([zh, en]) => [
        `${spaced(zh)}的停用项 ${reason}（${reasons[reason][0]}）已解除。`, `Hold ${reason} (${reasons[reason][1]}) on ${en} is lifted.`] }))
      if (inEffect(terminal, around.now).some((h) => h.clearedAt === undefined)) both('still_held', tid, remainingWords(terminal, around.now, around))
      return
    }
    case 'tested': {
      if (fact.passed) return
      const failed = (i: 0 | 1): string => fact.items.filter((t) => !t.passed).map((t) => `${testItems[t.item][i]}${t.note ? `（${t.note}）` : ''}`).join(i === 0 ? '、' : ', ')
      return both('test_failed', tid, [`终端 ${tid} 测试未通过：${failed(0)}。终端保持停机。`, `Terminal ${tid} failed its test: ${failed(1)}. It stays stopped.`])
    }
    case 'reopened':
      return add(`reopened ${fact.signOnRequired}`, tid, () => ({ kind: 'reopened', to: ['merchant'], words: ([zh, en], isMany) => [
        `${spaced(zh)}已恢复${fact.signOnRequired ? '，请先签到再收款' : ''}。`, `${capital(en)} ${isMany ? 'are' : 'is'} open again${fact.signOnRequired ? '; sign on before the first sale' : ''}.`] }))
    case 'reminded':
      return add(`reminded ${fact.expectedUntil}`, tid, () => ({ kind: 'return_due', to: ['merchant', 'provider'], words: ([zh, en], isMany) => [
        `${spaced(zh)}计划于 ${when(fact.expectedUntil, around.zone)} 恢复。到时不会自动开机，请提前申请复机并测试。`,
        `${capital(en)} ${isMany ? 'are' : 'is'} due back at ${when(fact.expectedUntil, around.zone)} and will not wake by ${isMany ? 'themselves' : 'itself'}: please ask for reactivation and the test in time.`] }))
    case 'device_silent': {
      const since = when(holdOf(fact.hold).effectiveFrom, around.zone)
      return add(`silent ${since}`, tid, () => ({ kind: 'device_silent', to: ['provider'], words: ([zh, en], isMany) => [
        `${spaced(zh)}自 ${since} 停机，机具至今没有确认。请外勤或运维查看。`,
        `${capital(en)} ${isMany ? 'are' : 'is'} stopped since ${since} and the device has not said so yet. Field or operations should look.`] }))
    }
  }
}

function placedWords({ owner, reason, effectiveFrom, expectedUntil }: Hold, [zh, en]: Words, { providerName, zone, hotline }: ManyAround): Words {
  const [from, until] = [when(effectiveFrom, zone), expectedUntil === undefined ? undefined : when(expectedUntil, zone)]
  const appeal = mayAppeal(reason)
  return [
    `${providerName[0]}自 ${from} 起停用${zh}：${reasons[reason][0]}（${reason}）${until ? `，预计 ${until} 恢复` : ''}。办法：${waysOut[owner][0]}${appeal ? '，可申诉' : ''}。请致电 ${hotline}。`,
    `${providerName[1]} stops ${en} from ${from}: ${reasons[reason][1]} (${reason})${until ? `, expected back at ${until}` : ''}. Way out: ${waysOut[owner][1]}${appeal ? '; an appeal is possible' : ''}. Call ${hotline}.`,
  ]
}
