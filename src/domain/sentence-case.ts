// One plain sentence for a case: where it stands, until when whom it waits for, and what is missing from the reader. One
// function per state; what a stop of a terminal looks like is said in the words of sentence.ts.
import type { Case, Step } from './application/case.ts'
import { closureWaits, type Wait } from './application/close.ts'
import { returnSentence } from './sentence-return.ts'
import { formatYuan } from './money.ts'
import { installing, replacing } from './sentence-change.ts'
import { pick, plannedStop, stillOpen, type Reader, type Told } from './sentence.ts'
import { count, isOpenStep, merchantRoles, openItems, stepsLeft, testNames, unique, type CaseFacts } from './sentence-steps.ts'
import { joined, listed, momentsAt } from './sentence-words.ts'
import {
  applicationKinds, holdOwners, letterKinds, materialTypes, reasons, roles, say, stepKinds, waysOut, type ApplicationState, type MaterialType, type Words,
} from './vocabulary.ts'

export function caseSentence(facts: CaseFacts, reader: Reader): string {
  const told: Told = { ...reader, moments: momentsAt(reader.now, reader.zone), provider: facts.provider.name, hotline: facts.provider.hotline }
  return say(saidIn[facts.case.state](facts, told), reader.language)
}

const saidIn: Readonly<Record<ApplicationState, (facts: CaseFacts, told: Told) => Words>> = {
  draft, submitted: waiting, in_review: waiting, returned, second_review: secondReview, approved, in_progress: inProgress,
  completed, rejected, withdrawn, expired, failed,
}

const named = (types: readonly MaterialType[]): Words => listed(types.map((t) => materialTypes[t]))

// ── Before the decision ─────────────────────────────────────────────────────────────────────────────────────────────
function draft({ missing }: CaseFacts, told: Told): Words {
  const [zh, en] = named(missing)
  if (missing.length === 0) return pick(told,
    ['尚未提交，材料已齐，请核对后提交。', 'Not submitted yet; everything is there, please check and submit it.'],
    ['尚未提交，材料已齐。', 'Not submitted yet; everything is there.'])
  return pick(told,
    [`尚未提交，还缺${zh}，补齐后请提交。`, `Not submitted yet; still missing: ${en}. Please add and submit it.`],
    [`尚未提交，还缺${zh}。`, `Not submitted yet; still missing: ${en}.`])
}

/** How long the answer may still take, or how long it is overdue. */
function promise({ case: c, workingDaysLeft: left }: CaseFacts, told: Told): Words {
  if (c.deadline === undefined) return ['', '']
  const [zh, en] = told.moments.by(c.deadline.at)
  if (c.deadline.at < told.now) {
    const [day, dayEn] = told.moments.day(c.deadline.at)
    return pick(told,
      [`，已过承诺时限（${day}），可致电 ${told.hotline} 催办`, `; the promised answer was due ${dayEn}, please call ${told.hotline}`],
      [`，已过承诺时限（${day}），请尽快办理`, `; the promised answer was due ${dayEn}, please decide now`])
  }
  const days: Words = left === undefined || left <= 0 ? ['', '']
    : [`（还有 ${left} 个工作日）`, ` (${left} working day${left === 1 ? '' : 's'} left)`]
  return [`，最晚 ${zh}答复${days[0]}`, `; the answer comes ${en}${days[1]}`]
}

const handIn = ({ missing }: CaseFacts, told: Told): Words | undefined => {
  if (missing.length === 0) return undefined
  const [zh, en] = named(missing)
  return pick(told, [`还缺${zh}，请补交。`, `Still missing: ${en}; please hand it in.`], [`还缺${zh}。`, `Still missing: ${en}.`])
}

/** What the case would do when granted, in the words of the terminal. */
const wanted = ({ case: c }: CaseFacts, told: Told): Words | undefined => {
  if (c.kind !== 'suspend' || c.effectiveFrom === undefined) return undefined
  return joined(['批准后 ', 'Once approved:'], stopOf(c, c.effectiveFrom, told))
}
const stopOf = ({ reason, expectedUntil }: Case, effectiveFrom: number, told: Told): Words => {
  const [zh, en] = plannedStop({ owner: 'merchant', effect: 'stop', reason, effectiveFrom, expectedUntil }, told)
  return [zh, `${en[0]!.toLowerCase()}${en.slice(1)}`]
}

function waiting(facts: CaseFacts, told: Told): Words {
  const [zh, en] = promise(facts, told)
  const lead: Words = facts.case.state === 'submitted'
    ? pick(told, ['已提交，等待审核', 'Submitted, waiting for review'], ['待审核', 'Waiting for review'])
    : pick(told, [`${told.provider[0]}正在审核`, `${told.provider[1]} is reviewing it`], ['审核中', 'In review'])
  const ask = handIn(facts, told)
  const isLate = facts.case.deadline !== undefined && facts.case.deadline.at < told.now
  const idle: Words | undefined = ask || isLate || told.audience === 'provider' ? undefined : ['您现在无需操作。', 'Nothing to do for you now.']
  return joined([`${lead[0]}${zh}。`, `${lead[1]}${en}.`], ask, wanted(facts, told), idle)
}

function returned(facts: CaseFacts, told: Told): Words {
  const { case: c, said, asked = [] } = facts
  const isThere = (type: MaterialType): boolean => c.materials.some((m) => m.type === type && m.state !== 'returned')
  const wanted = unique([...asked.map((a) => a.type).filter((type) => !isThere(type)), ...facts.missing])
  const wrong = (type: MaterialType, i: 0 | 1): string => {
    const words = asked.find((a) => a.type === type)?.words ?? c.materials.findLast((m) => m.type === type && m.state === 'returned')?.words
    return words === undefined ? materialTypes[type][i] : `${materialTypes[type][i]}${i === 0 ? `（${words}）` : ` (${words})`}`
  }
  const [zh, en] = listed(wanted.map((type): Words => [wrong(type, 0), wrong(type, 1)]))
  const [zhBy, enBy] = c.answerBy === undefined ? ['', ''] : told.moments.by(c.answerBy)
  if (wanted.length === 0 && asked.length > 0)
    return pick(told, [`补件已齐，请在 ${zhBy}重新提交。`, `Everything asked for is there; please submit it again ${enBy}.`],
      ['补件已齐，等待商户重新提交。', 'Everything asked for is there; waiting for the merchant to submit it again.'])
  const what: Words = wanted.length > 0 ? [`：${zh}`, `: ${en}`] : ['', '']
  return joined(
    pick(told, [`需要补件${what[0]}。`, `More is needed${what[1]}.`], [`已退回，等待商户补件${what[0]}。`, `Returned; the merchant has to hand in${what[1] || ' more'}.`]),
    said === undefined ? undefined : [`审核意见：${stopped(said, 0)}`, `The reviewer says: ${stopped(said, 1)}`],
    c.answerBy === undefined ? undefined : pick(told,
      [`请在 ${zhBy}补交并重新提交，逾期失效。`, `Please hand it in and submit again ${enBy}, or the case lapses.`],
      [`最晚 ${zhBy}，逾期失效。`, `It lapses unless answered ${enBy}.`]),
  )
}
/** People's own words, with a full stop if they left it out. */
const stopped = (text: string, i: 0 | 1): string => (/[。.!?！？]$/.test(text) ? text : `${text}${i === 0 ? '。' : '.'}`)

function secondReview(facts: CaseFacts, told: Told): Words {
  const [zh, en] = promise(facts, told)
  const lead = pick(told, ['初审已通过，正由另一人复核', 'Passed the first review; a second person is looking at it'],
    ['初审已通过，须由另一人复核', 'Passed the first review; another person must approve it'])
  return joined([`${lead[0]}${zh}。`, `${lead[1]}${en}.`], handIn(facts, told))
}

// ── After the decision ──────────────────────────────────────────────────────────────────────────────────────────────
function approved(facts: CaseFacts, told: Told): Words {
  const { case: c, terminals } = facts
  const lead: Words = ['已批准。', 'Approved.']
  if (c.kind === 'close' && c.effectiveFrom !== undefined) {
    const [zh, en] = told.moments.hour(c.effectiveFrom)
    return [`已批准，${zh} 起停止收款；交易结清、机具退还、押金退清之后注销。`, `Approved: no new sales from ${en}; closed once everything is settled, the device is back and the deposit refunded.`]
  }
  if (c.kind === 'install') return installing(facts, told)
  if (c.kind === 'replace' && c.effectiveFrom !== undefined) {
    const [zh, en] = told.moments.hour(c.effectiveFrom)
    return [`已批准，${zh} 起停止收款并换装新机具，测试通过后恢复；终端号和历史不变。`, `Approved: no new sales from ${en}, when the device is changed; it opens again after its test. Number and history stay.`]
  }
  if (c.kind !== 'suspend' || c.effectiveFrom === undefined) return joined(lead, ['等待办理。', 'It is about to be carried out.'])
  const by = c.checkpointAt !== undefined && c.checkpointAt > told.now ? c.checkpointAt : c.effectiveFrom
  return joined(['已批准，', 'Approved:'], stopOf(c, c.effectiveFrom, told), stillOpen(openItems(terminals), by, told), stepsLeft(facts, 'stop', told))
}

function inProgress(facts: CaseFacts, told: Told): Words {
  return facts.case.kind === 'suspend' ? stopping(facts, told) : facts.case.kind === 'close' ? closing(facts, told) : facts.case.kind === 'reactivate' ? reopening(facts, told)
    : facts.case.kind === 'replace' ? replacing(facts, told) : facts.case.kind === 'install' ? installing(facts, told)
      : [`正在办理${applicationKinds[facts.case.kind][0]}。`, `The ${applicationKinds[facts.case.kind][1]} is being carried out.`]
}

function stopping(facts: CaseFacts, told: Told): Words {
  const { case: c, terminals } = facts
  const [zh, en] = told.moments.hour(c.begunAt ?? c.effectiveFrom ?? told.now)
  const draining = count(c, 'draining')
  const many = c.terminals.length > 1
  if (draining === 0)
    return joined([`${zh} 起已停机。`, `Stopped since ${en}.`], stepsLeft(facts, 'completion', told), stillOpen(openItems(terminals), undefined, told))
  const ends = terminals.flatMap((t) => t.holds.filter((h) => h.caseNo === c.no && h.shutAt === undefined).map((h) => h.drainUntil))
  const end = ends.length > 0 ? Math.min(...ends) : undefined
  const isShut = terminals.every((t) => t.holds.every((h) => h.caseNo !== c.no || h.shutAt !== undefined))
  const lead: Words = many
    ? [`${zh} 起停止收款：${count(c, 'stopped')} 台已停，${draining} 台清算中。`, `No new sales since ${en}: ${count(c, 'stopped')} stopped, ${draining} still draining.`]
    : isShut ? [`${zh} 起停止收款，等待全部闸口确认。`, `No new sales since ${en}; waiting for every gate to confirm.`]
      : [`${zh} 起停止收款，正在清算${end === undefined ? '' : `，最晚 ${told.moments.at(end)[0]} 关闭`}。`,
        `No new sales since ${en}; it is finishing what was begun${end === undefined ? '' : ` and shuts ${told.moments.at(end)[1]} at the latest`}.`]
  return joined(lead, stillOpen(openItems(terminals), end, told))
}

/** What a closure waits for, each thing with whom it is up to: the list its own decision is made from. */
function closing(facts: CaseFacts, told: Told): Words {
  const { case: c, terminals, returns = [], others = [] } = facts
  const waits = closureWaits({ case: c, terminals, returns, others, now: told.now })
  const of = <F extends Wait['for']>(kind: F): Extract<Wait, { for: F }>[] => waits.terminals.filter((w): w is Extract<Wait, { for: F }> => w.for === kind)
  const [zh, en] = told.moments.hour(c.begunAt ?? told.now)
  const gone = count(c, 'closed')
  const lead: Words = gone > 0 ? [`${gone} 台已注销，其余注销办理中。`, `${gone} closed; the rest is under way.`]
    : waits.terminals.length + waits.steps.length === 0 ? [`${zh} 起停止收款，注销办理中。`, `No new sales since ${en}; the closure is being carried out.`]
      : [`${zh} 起停止收款，注销办理中，以下办妥才注销。`, `No new sales since ${en}; it is closed once the following is done.`]
  const held = of('hold').map(({ tid, hold }): Words => [
    `终端 ${tid} 另有停用项${reasons[hold.reason][0]}（${hold.reason}），须由${holdOwners[hold.owner][0]}解除：${waysOut[hold.owner][0]}。`,
    `Terminal ${tid} is also held for ${reasons[hold.reason][1]} (${hold.reason}), which only ${holdOwners[hold.owner][1]} lifts: ${waysOut[hold.owner][1]}.`,
  ])
  const rival = of('case').map(({ no }): Words => [`办件 ${no} 尚未办结。`, `Case ${no} is to be decided first.`])
  const lines = [...of('return'), ...of('inspection'), ...of('deposit')].map(({ line }): Words => {
    const one = (language: 'zh' | 'en'): string => returnSentence(line, { ...told, language })
    return [one('zh'), one('en')]
  })
  const shutting: Words | undefined = of('drain').length > 0 ? ['正在清算，随后关闭。', 'It is finishing what was begun.']
    : of('gates').length > 0 ? ['等待全部闸口确认。', 'Every gate has still to confirm.'] : undefined
  const mine = waits.steps.filter((s) => merchantRoles.has(s.assignee) === (told.audience === 'merchant'))
  const theirs = waits.steps.filter((s) => !mine.includes(s))
  const named = (steps: readonly Step[]): Words => listed(unique(steps.map((s) => stepKinds[s.kind])))
  const desks = (steps: readonly Step[]): Words => listed(unique(steps.map((s) => roles[s.assignee])))
  return joined(
    lead, stillOpen(openItems(terminals.filter((t) => t.closedAt === undefined)), undefined, told), ...held, ...rival, ...lines, shutting,
    mine.length === 0 ? undefined : [`请办：${named(mine)[0]}。`, `Please see to: ${named(mine)[1]}.`],
    theirs.length === 0 ? undefined : [`还要等${desks(theirs)[0]}：${named(theirs)[0]}。`, `Waiting for ${desks(theirs)[1]}: ${named(theirs)[1]}.`],
  )
}

/** The fee that is still to be paid, by its amount. */
function unpaid({ case: c, unpaidFen = 0 }: CaseFacts, told: Told): Words | undefined {
  if (unpaidFen <= 0 || !c.steps.some((s) => s.kind === 'pay_fee' && isOpenStep(s))) return undefined
  const amount = `¥${formatYuan(unpaidFen)}`
  return pick(told, [`请缴费 ${amount}，到账后自动继续。`, `Please pay the fee of ${amount}; it goes on by itself once received.`],
    [`等待商户缴费 ${amount}，登记到账后自动继续。`, `Waiting for the merchant's ${amount}; it goes on by itself once the payment is recorded.`])
}

function reopening(facts: CaseFacts, told: Told): Words {
  const { case: c } = facts
  const fee = unpaid(facts, told)
  const left = stepsLeft(facts, 'reopening', told, fee ? ['device_test', 'pay_fee'] : ['device_test'])
  if (fee || left) return joined(['已批准复机。', 'Reactivation approved.'], fee, left)
  const failed = c.steps.find((s) => s.kind === 'device_test' && s.state === 'failed')
  if (failed) {
    const [zh, en] = testNames(failed.evidence ?? '')
    return [`测试未通过：${zh}，仍停机；修好后再次测试，通过后恢复收款。`, `The test failed: ${en}; it stays stopped until it is put right and tested again.`]
  }
  const held = count(c, 'still_held')
  const other: Words | undefined = held === 0 ? undefined
    : [`${held} 台另有停用项，仍停机。`, `${held} terminal${held === 1 ? '' : 's'} stay${held === 1 ? 's' : ''} stopped by another hold.`]
  const testing: Words = c.terminals.length > 1
    ? [`${count(c, 'reopened')} 台已恢复，${count(c, 'testing')} 台等测试。`, `${count(c, 'reopened')} open again, ${count(c, 'testing')} waiting for the test.`]
    : count(c, 'testing') === 1 ? pick(told, ['停用项已解除，正在等测试，通过后恢复收款。', 'The hold is released; it opens when its test has passed.'],
      ['停用项已解除，请登记测试，通过后恢复收款。', 'The hold is released; please record the test, and it opens once passed.'])
      : ['正在办理复机。', 'The reactivation is being carried out.']
  return joined(testing, other, stepsLeft(facts, 'completion', told))
}

// ── At the end ──────────────────────────────────────────────────────────────────────────────────────────────────────
function closed({ case: c, terminals }: CaseFacts, told: Told, proof: Words | undefined): Words {
  const ends = terminals.flatMap((t) => t.chargebackUntil ?? [])
  const [zh, en] = told.moments.day(c.endedAt ?? told.now)
  const tail: Words | undefined = ends.length === 0 ? undefined
    : [`拒付追溯至 ${told.moments.day(Math.max(...ends))[0]}。`, `Chargebacks may still come in until ${told.moments.day(Math.max(...ends))[1].replace(/^on /, '')}.`]
  const undone = count(c, 'withdrawn')
  return joined([`已办结，${zh} 注销${undone > 0 ? `，${undone} 台取消注销` : ''}，终端号不再启用。`, `Done, closed for good ${en}${undone > 0 ? `; ${undone} not closed after all` : ''}; the number is never used again.`], tail, proof)
}

function completed(facts: CaseFacts, told: Told): Words {
  const { case: c, terminals, letters = [] } = facts
  const proof: Words | undefined = letters.length === 0 ? undefined
    : lettersWords(letters)
  if (c.kind === 'extend' && c.expectedUntil !== undefined) {
    const [zh, en] = told.moments.day(c.expectedUntil)
    return joined([`已办结，恢复日期改为 ${zh}。`, `Done, it is now due back ${en}.`], proof)
  }
  if (c.kind === 'suspend') {
    const [zh, en] = told.moments.hour(c.begunAt ?? c.endedAt ?? told.now)
    return joined([`已办结，${zh} 起停机（${reasons[c.reason][0]}）。`, `Done, stopped since ${en} for ${reasons[c.reason][1]}.`], proof)
  }
  if (c.kind === 'close') return closed(facts, told, proof)
  if (c.kind === 'appeal') return joined(
    [`申诉成立：停用项 ${c.reason}（${reasons[c.reason][0]}）已放行。`, `Upheld: the hold ${c.reason} (${reasons[c.reason][1]}) was released.`],
    terminals.some((t) => t.holds.some((h) => h.clearedAt !== undefined && h.liftedAt === undefined)) ? ['通过测试后恢复收款。', 'Sales resume after a passed test.'] : undefined, proof,
  )
  if (c.kind === 'install') return joined([`已办结，终端 ${c.terminals.map((t) => t.tid).join('、')} 已开通。`, `Done, terminal ${c.terminals.map((t) => t.tid).join(', ')} is in service.`], proof)
  if (c.kind === 'replace') return joined([`已办结，换上机具 ${c.terminals.map((t) => t.to).join('、')}${count(c, 'still_held') > 0 ? '；另有停用项，仍停机' : ''}。`,
    `Done, now with device ${c.terminals.map((t) => t.to).join(', ')}${count(c, 'still_held') > 0 ? '; another hold keeps it stopped' : ''}.`], proof)
  if (c.kind !== 'reactivate') return joined(['已办结。', 'Done.'], proof)
  const [held, back] = [count(c, 'still_held'), count(c, 'reopened')]
  if (held === 0) {
    const signOn = terminals.some((t) => t.signOnRequired) ? pick(told, ['，请先签到再收款', '; sign on before the first sale'], ['', '']) : ['', '']
    return joined([`已办结，终端已恢复${signOn[0]}。`, `Done, open again${signOn[1]}.`], proof)
  }
  return joined([`已办结：${back > 0 ? `${back} 台已恢复，` : ''}${held} 台另有停用项，仍停机。`,
    `Done: ${back > 0 ? `${back} open again, ` : ''}${held} still stopped by another hold.`], proof)
}

const lettersWords = (letters: NonNullable<CaseFacts['letters']>): Words => {
  const [zh, en] = listed(letters.map(({ no, kind }): Words => [`${letterKinds[kind][0]} ${no}`, `${letterKinds[kind][1]} ${no}`]))
  return [`${zh}。`, `Proof: ${en}.`]
}

function rejected({ said }: CaseFacts, told: Told): Words {
  const why: Words = said === undefined ? ['已驳回，理由见通知。', 'Rejected; the notice says why.'] : [`已驳回：${stopped(said, 0)}`, `Rejected: ${stopped(said, 1)}`]
  return joined(why, pick(told, ['改正后可以重新申请。', 'You may apply again once it is put right.'], ['', '']))
}

function withdrawn({ case: c }: CaseFacts): Words {
  if (c.kind === 'appeal') return ['已撤回，停用不变；材料仍留存。', 'Withdrawn; the hold stays as it is, and the evidence is kept.']
  if (c.kind === 'install') return ['已撤回，不装机。', 'Withdrawn; nothing is installed.']
  if (c.kind === 'close') return c.begunAt === undefined ? ['已撤回，终端不注销。', 'Withdrawn; the terminal is not closed.'] : ['注销已取消，终端按复机申请恢复。', 'The closure is undone; the terminal comes back by its reactivation.']
  return c.kind === 'suspend' ? ['已撤回，终端不停机。', 'Withdrawn; the terminal is not stopped.'] : ['已撤回，终端不受影响。', 'Withdrawn; nothing changes on the terminal.']
}

function expired({ case: c }: CaseFacts, told: Told): Words {
  const why: Words = c.submittedAt === undefined ? ['草稿过期未提交，已失效。', 'The draft was never submitted and has lapsed.'] : ['逾期未补件，已失效。', 'It was not answered in time and has lapsed.']
  return joined(why, pick(told, ['需要时请重新申请。', 'Please apply again if needed.'], ['', '']))
}

function failed(_: CaseFacts, told: Told): Words {
  return pick(told, [`办理失败，请致电 ${told.hotline}。`, `It could not be carried out; please call ${told.hotline}.`], ['办理失败，请查明原因。', 'It could not be carried out; please find out why.'])
}
