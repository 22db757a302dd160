// A policy as people read it: every rule a sentence, under the heading it belongs to, in the order in which it is looked at.
// Written from the document alone; nothing here decides.
import type { Policy } from '../../../src/domain/policy.ts'
import {
  applicationKinds, cardKinds, deviceParts, holdOwners, materialTypes, partConditions, reasons, requirements, responseCodes, roles, say as sayIn, stepKinds, stepMoments, terms,
  testItems, type Language, type Words,
} from '../../../src/domain/vocabulary.ts'
import { money } from '../look/when.ts'

type Say = (zh: string, en: string) => string
type Rule = { id?: string; words: string }
export type Section = { title: Words; note?: Words; rules: Rule[] }
type Scoped = { kinds: readonly (keyof typeof applicationKinds)[]; reasons?: readonly (keyof typeof reasons)[] | undefined }
type Due = Policy['steps'][number]['due']

const yuan = (fen: number): string => money({ fen })
const moments: Readonly<Record<Due['from'], Words>> = {
  submittedAt: ['提交', 'it is submitted'], approvedAt: ['批准', 'it is approved'], effectiveFrom: ['停机', 'the stop'], expectedUntil: ['预计恢复', 'the expected return'],
  completedAt: ['办结', 'it is completed'],
}
const units: Readonly<Record<string, Words>> = { wd: ['个工作日', ' working days'], d: ['天', ' days'], h: ['小时', ' hours'], m: ['个月', ' months'], mo: ['个月', ' months'], min: ['分钟', ' minutes'] }

export function policySections(p: Policy, language: Language): Section[] {
  const say: Say = (zh, en) => sayIn([zh, en], language)
  const word = (w: Words | undefined, code: string): string => (w === undefined ? code : sayIn(w, language))
  const list = (all: readonly string[]): string => all.join(say('、', ', '))
  const named = <K extends string>(table: Readonly<Record<K, Words>>, keys: readonly K[]): string => list(keys.map((k) => word(table[k], k)))
  const scope = ({ kinds, reasons: only }: Scoped): string => `${named(applicationKinds, kinds)}${only === undefined ? '' : say(`（${named(reasons, only)}）`, ` (${named(reasons, only)})`)}`
  const due = (d: Due): string => {
    const from = word(moments[d.from], d.from)
    const at = d.at === undefined ? '' : ` ${d.at}`
    if ('rule' in d) return d.rule === 'monthEnd' ? say(`${from}当月最后一天${at}`, `the last day of the month of ${from}${at}`) : say(`${from}次月首个工作日${at}`, `the first working day of the month after ${from}${at}`)
    const [, sign, n, unit] = /^([+-]?)(\d+)([a-z]+)$/.exec(d.offset) ?? []
    const length = n === undefined ? d.offset : `${n}${say(' ', '')}${word(units[unit!], unit!)}`
    if (Number(n) === 0) return say(`${from}时${at}`, `at ${from}${at}`)
    return sign === '-' ? say(`${from}前 ${length}${at}`, `${length} before ${from}${at}`) : say(`${from}后 ${length}${at}`, `${length} after ${from}${at}`)
  }
  const when = (w: Policy['straightThrough'][number]['when']): string => list([
    ...(w.term === undefined ? [] : [sayIn(terms[w.term], language)]),
    ...(w.daysMax === undefined ? [] : [say(`不超过 ${w.daysMax} 天`, `at most ${w.daysMax} days`)]),
    ...(w.terminalsMax === undefined ? [] : [say(`不超过 ${w.terminalsMax} 台`, `at most ${w.terminalsMax} terminals`)]),
    ...(w.terminalsMin === undefined ? [] : [say(`${w.terminalsMin} 台及以上`, `${w.terminalsMin} terminals or more`)]),
    ...(w.clearance === undefined ? [] : [w.clearance === 'clear' ? say('交易已全部结清', 'nothing is open') : say('未结清的可在清算期内办完', 'what is open can be finished while draining')]),
    ...(w.goodStanding === undefined ? [] : [w.goodStanding ? say('商户没有风险、财务或合规停用', 'no hold of risk, finance or compliance') : say('商户有风险、财务或合规停用', 'a hold of risk, finance or compliance')]),
    ...(w.openFenMin === undefined ? [] : [say(`未结清达 ${yuan(w.openFenMin)}`, `${yuan(w.openFenMin)} or more is open`)]),
  ]) || say('无条件', 'always')
  const months = (from?: number, to?: number): string => (from === undefined && to === undefined ? '' : from === undefined ? say(`，借用不满 ${to} 个月`, `, lent for less than ${to} months`) : to === undefined ? say(`，借用满 ${from} 个月`, `, lent for ${from} months or more`) : say(`，借用 ${from} 至 ${to} 个月`, `, lent for ${from} to ${to} months`))
  const yes = (is: boolean): string => (is ? say('可以', 'yes') : say('不可以', 'no'))
  const r = (zh: string, en: string, id?: string): Rule => ({ words: say(zh, en), ...(id === undefined ? {} : { id }) })
  const standin = p.gate.standin
  const codes = Object.entries(p.gate.responseCodes)

  return [
    { title: ['受理', 'What may be asked'], rules: [
      { words: `${say('可申请：', 'Offered: ')}${named(applicationKinds, p.kindsOffered)}` },
      p.leadTimeHours === 0 ? r('提交后可随时停机，不要求提前。', 'The stop may begin at any time after submission.') : r(`从提交到停机至少 ${p.leadTimeHours} 小时，直通办理的除外。`, `At least ${p.leadTimeHours} hours from submission to the stop, unless approved straight through.`),
      r(`临时停机最长 ${p.longestTemporaryDays} 天。`, `A temporary stop lasts ${p.longestTemporaryDays} days at most.`),
      r(`草稿保留 ${p.draftKeptDays} 天；退回补件后 ${p.returnedAnswerWorkingDays} 个工作日内答复。`, `Drafts are kept ${p.draftKeptDays} days; a returned case is answered within ${p.returnedAnswerWorkingDays} working days.`),
      p.materialsAtSubmission === 'demand' ? r('材料须在提交时交齐。', 'Materials must be there at submission.') : r('材料可在提交后补交。', 'Materials may follow after submission.'),
    ] },
    { title: ['审核时限', 'Time to review'], rules: Object.entries(p.review).map(([kind, t]) => r(`${applicationKinds[kind as keyof typeof applicationKinds][0]}：${t.fromWorkingDays} 至 ${t.toWorkingDays} 个工作日`, `${applicationKinds[kind as keyof typeof applicationKinds][1]}: ${t.fromWorkingDays} to ${t.toWorkingDays} working days`)) },
    { title: ['直通办理', 'Straight through'], note: ['依次看，第一条符合的即自动批准。', 'In this order; the first that fits approves by itself.'], rules: p.straightThrough.map((x) => ({ id: x.id, words: `${scope(x)}${say('：', ': ')}${when(x.when)}` })) },
    { title: ['须两人批准', 'Two must approve'], note: ['依次看，第一条符合的即须第二人批准。', 'In this order; the first that fits demands a second person.'], rules: p.secondApproval.map((x) => ({ id: x.id, words: `${scope(x)}${say('：', ': ')}${when(x.when)}` })) },
    { title: ['材料', 'Materials'], note: ['符合的各条都要。', 'Every rule that fits counts.'], rules: p.materials.map((x) => ({ id: x.id, words: `${scope(x)}${say('：', ': ')}${named(materialTypes, x.types)}` })) },
    { title: ['事项', 'Steps'], note: ['符合的各条都要。', 'Every rule that fits counts.'], rules: p.steps.map((s) => ({ id: s.id, words: say(
      `${scope(s)}：${stepKinds[s.step][0]}，${requirements[s.requirement][0]}，${stepMoments[s.before][0]}；期限为${due(s.due)}，由${roles[s.assignee][0]}办理`,
      `${scope(s)}: ${stepKinds[s.step][1]}, ${requirements[s.requirement][1]}, before ${stepMoments[s.before][1]}; due ${due(s.due)}, by the ${roles[s.assignee][1]}`) })) },
    { title: ['停机与复机', 'Stop and return'], rules: [
      r(`结清检查点：${due(p.checkpoint.due)}；届时未结清，${p.checkpoint.ifOpen === 'proceed' ? '照常停机' : `停机推迟 ${p.checkpoint.postponeWorkingDays} 个工作日`}。`, `Checkpoint: ${due(p.checkpoint.due)}; if something is open then, the stop ${p.checkpoint.ifOpen === 'proceed' ? 'goes ahead' : `is put off ${p.checkpoint.postponeWorkingDays} working days`}.`),
      r(`停机后留 ${p.drainHours} 小时完成清算。`, `After the stop, ${p.drainHours} hours to finish what was begun.`),
      ...(p.deviceConfirmHours ? [r(`机具应在停机后 ${p.deviceConfirmHours} 小时内自行确认。`, `The device should say itself that it stopped within ${p.deviceConfirmHours} hours.`)] : []),
      { words: `${say('复机测试项目：', 'Tested before it returns: ')}${named(testItems, p.deviceTests)}` },
      ...(p.reminderDaysBeforeReturn.length === 0 ? [] : [r(`预计恢复前 ${p.reminderDaysBeforeReturn.join('、')} 天提醒。`, `Reminders ${p.reminderDaysBeforeReturn.join(', ')} days before the expected return.`)]),
      ...Object.entries(p.mayPlaceHold).map(([owner, who]) => ({ words: say(`${holdOwners[owner as keyof typeof holdOwners][0]}的停用，由${named(roles, who)}设置与解除。`, `Holds of ${holdOwners[owner as keyof typeof holdOwners][1]}: placed and lifted by ${named(roles, who)}.`) })),
    ] },
    { title: ['费用', 'Fees'], rules: [
      r(`使用中每月 ${yuan(p.fees.monthlyInServiceFen)}；停机中每月 ${yuan(p.fees.monthlyWhileSuspendedFen)}，前 ${p.fees.freeSuspendedDays} 天免费。`, `${yuan(p.fees.monthlyInServiceFen)} a month in service; ${yuan(p.fees.monthlyWhileSuspendedFen)} a month while stopped, the first ${p.fees.freeSuspendedDays} days free.`),
      r(`复机 ${yuan(p.fees.reopeningFen)}；提前终止 ${yuan(p.fees.earlyTerminationFen)}；回库 ${yuan(p.fees.restockingFen)}。`, `Reopening ${yuan(p.fees.reopeningFen)}; early termination ${yuan(p.fees.earlyTerminationFen)}; restocking ${yuan(p.fees.restockingFen)}.`),
      ...(p.fees.dataMonthlyFen === undefined ? [] : [r(`流量每月 ${yuan(p.fees.dataMonthlyFen)}。`, `Data ${yuan(p.fees.dataMonthlyFen)} a month.`)]),
      ...(p.fees.annualFen === undefined ? [] : [r(`年费 ${yuan(p.fees.annualFen)}。`, `${yuan(p.fees.annualFen)} a year.`)]),
      ...(p.fees.rates ?? []).map((x) => r(`${cardKinds[x.card][0]}每笔 ${x.ppm / 10_000}%${x.capFen === undefined ? '' : `，最高 ${yuan(x.capFen)}`}。`, `${cardKinds[x.card][1]}: ${x.ppm / 10_000}% of each transaction${x.capFen === undefined ? '' : `, at most ${yuan(x.capFen)}`}.`)),
      ...(p.fees.waiverAloneMaxFen === undefined ? [] : [r(`${yuan(p.fees.waiverAloneMaxFen)} 以内一人可减免，超过须第二人确认。`, `One person may waive up to ${yuan(p.fees.waiverAloneMaxFen)}; above, a second confirms.`)]),
      ...(p.fees.invoiceDueDays === undefined ? [] : [r(`账单 ${p.fees.invoiceDueDays} 天内付清。`, `Invoices are due within ${p.fees.invoiceDueDays} days.`)]),
    ] },
    { title: ['三单核对', 'Settlement'], rules: [
      r(`三单须覆盖最近 ${p.settlement.recordsDays} 天；不符须在 ${p.settlement.breakDueWorkingDays} 个工作日内处理。`, `The three records cover the last ${p.settlement.recordsDays} days; a break is settled within ${p.settlement.breakDueWorkingDays} working days.`),
      r(`${yuan(p.settlement.acceptAloneFenMax)} 以内一人可认可差额，超过须第二人确认。`, `One person may accept a break up to ${yuan(p.settlement.acceptAloneFenMax)}; above, a second confirms.`),
    ] },
    { title: ['注销', 'Closure'], rules: [
      p.closure.ifOpenAtApproval === 'wait' ? r('未结清的，等到结清再注销。', 'A closure waits until nothing is open.') : r('未结清的，不批准注销。', 'A closure is not approved while something is open.'),
      ...Object.entries(p.closure.underHold).map(([owner, does]) => r(`有${holdOwners[owner as keyof typeof holdOwners][0]}的停用时，${does === 'wait' ? '等其解除' : '不批准'}。`, `Under a hold of ${holdOwners[owner as keyof typeof holdOwners][1]} it ${does === 'wait' ? 'waits' : 'is not approved'}.`)),
      r(`机具退回且结清后 ${p.closure.refundWithinDays} 天内退押金；对扣款 ${p.closure.disputeWithinDays} 天内可提异议；末笔交易后 ${p.closure.chargebackTailDays} 天内仍可能有拒付。`, `The deposit is refunded within ${p.closure.refundWithinDays} days of the device being back and nothing open; a deduction may be disputed for ${p.closure.disputeWithinDays} days; chargebacks may come for ${p.closure.chargebackTailDays} days after the last sale.`),
      ...p.closure.deductions.map((d) => {
        const amount = d.fen === undefined ? say(`押金的 ${d.ppm! / 10_000}%`, `${d.ppm! / 10_000}% of the deposit`) : yuan(d.fen)
        const what = d.notReturned ? say('机具未退还', 'Not returned') : d.part === undefined ? say('机具退回', 'Returned') : `${sayIn(deviceParts[d.part], language)} ${sayIn(partConditions[d.condition!], language)}`
        return { id: d.id, words: `${what}${months(d.fromMonths, d.toMonths)}${say('：扣', ': ')}${amount}` }
      }),
    ] },
    { title: ['备份与长期无交易', 'Backups and dormancy'], rules: [
      p.backup.every === 'none' ? r('停机期间不备份。', 'No backups while stopped.') : r(`停机期间每月末 ${p.backup.at} 备份交易数据。`, `While stopped, transactions are backed up at ${p.backup.at} on the last day of each month.`),
      r(`${p.dormancy.askAfterMonths} 个月无交易即询问，${p.dormancy.answerWithinWorkingDays} 个工作日内答复；${p.dormancy.stopAfterMonths} 个月无交易则停机。`, `Asked after ${p.dormancy.askAfterMonths} months without a sale, to be answered within ${p.dormancy.answerWithinWorkingDays} working days; stopped after ${p.dormancy.stopAfterMonths} months.`),
    ] },
    { title: ['闸口', 'Gate'], rules: [
      { words: say(`停机时退货：${yes(p.gate.refundWhileShut)}；预授权完成：${yes(p.gate.completionWhileShut)}。`, `While stopped, refunds: ${yes(p.gate.refundWhileShut)}; pre-authorisation completions: ${yes(p.gate.completionWhileShut)}.`) },
      r(`离线交易可在 ${p.gate.offlineUploadHours} 小时内上送；复机后${p.gate.signOnAfterReopening ? '须重新签到' : '不必重新签到'}。`, `Offline transactions may be uploaded for ${p.gate.offlineUploadHours} hours; ${p.gate.signOnAfterReopening ? 'the device signs on again' : 'no new sign-on is needed'} after reopening.`),
      ...(p.gate.positionToleranceMetres === undefined ? [] : [r(`离登记地点 ${p.gate.positionToleranceMetres} 米以内。`, `Within ${p.gate.positionToleranceMetres} metres of its registered place.`)]),
      ...(standin === undefined ? [r('代授权按默认：15 分钟，每笔 ¥1,000.00，每台 10 次、合计 ¥5,000.00，之后拒绝。', 'Stand-in by default: 15 minutes, ¥1,000.00 each, 10 times and ¥5,000.00 a terminal, then declined.')] : [
        r(`代授权 ${standin.seconds} 秒，每笔 ${yuan(standin.floorLimitFen)}，每台 ${standin.countMax} 次、合计 ${yuan(standin.totalFenMax)}，之后${standin.afterwards === 'decline' ? '拒绝' : '仍在限额内批准'}。`, `Stand-in for ${standin.seconds} seconds, ${yuan(standin.floorLimitFen)} each, ${standin.countMax} times and ${yuan(standin.totalFenMax)} a terminal; then ${standin.afterwards === 'decline' ? 'declined' : 'still approved within limits'}.`)]),
      ...(codes.length === 0 ? [] : [{ words: `${say('应答码：', 'Response codes: ')}${list(codes.map(([code, as]) => `${word(responseCodes[code as keyof typeof responseCodes], code)} ${code} → ${as}`))}` }]),
    ] },
  ]
}

/** The parts of a document whose content differs, by their names – what a reader of two versions looks for first. */
export const changedParts = (a: Policy, b: Policy, language: Language): string[] => {
  const [old, fresh] = [policySections(a, language), policySections(b, language)]
  return fresh.filter((s, i) => JSON.stringify(s.rules) !== JSON.stringify(old[i]?.rules)).map((s) => sayIn(s.title, language))
}
