// One plain sentence for a case that puts a device on a terminal: a new one, or another one on one that is there.
import { isSettled } from './deposit.ts'
import { isLookedAt } from './device.ts'
import { pick, stillOpen, type Told } from './sentence.ts'
import { returnSentence } from './sentence-return.ts'
import { count, openItems, stepsLeft, testNames, type CaseFacts } from './sentence-steps.ts'
import { joined } from './sentence-words.ts'
import type { Words } from './vocabulary.ts'

/** Of an installation: its number, and what is still to be done before it is in service. */
export function installing(facts: CaseFacts, told: Told): Words {
  const { case: c, terminals } = facts
  const tids = c.terminals.map((t) => t.tid)
  const lead: Words = [`终端号 ${tids.join('、')}。`, `Terminal ${tids.join(', ')}.`]
  const bare = c.terminals.filter((t) => t.to === undefined).length
  if (bare > 0) return joined(lead, pick(told, ['外勤将上门装机。', 'The field engineer comes to put it in place.'], [`还有 ${bare} 台待装机。`, `${bare} still to be put in place.`]))
  const left = stepsLeft(facts, 'reopening', told, ['device_test'])
  const failed = c.steps.find((s) => s.kind === 'device_test' && s.state === 'failed')
  if (failed && count(c, 'installed') < tids.length) {
    const [zh, en] = testNames(failed.evidence ?? '')
    return joined(lead, [`测试未通过：${zh}；修好后再次测试。`, `The test failed: ${en}; it is tested again once put right.`])
  }
  if (count(c, 'installed') < tids.length) return joined(lead, left, ['机具已装好，测试通过后开通。', 'The device is in place; it is in service once it passed its test.'])
  if (terminals.some((t) => t.signOnRequired)) return joined(lead, pick(told, ['测试已通过，请在机具上签到。', 'Tested; please sign on at the device.'], ['测试已通过，等待首次签到。', 'Tested; waiting for the first sign-on.']))
  return joined(lead, ['已开通。', 'In service.'], stepsLeft(facts, 'completion', told))
}

/** Of a replacement: which device goes and which comes, and what it waits for. */
export function replacing(facts: CaseFacts, told: Told): Words {
  const { case: c, terminals, returns = [] } = facts
  const lines = returns.filter((r) => r.caseNo === c.no && !(isLookedAt(r) && isSettled(r.deposit))).map((line): Words => {
    const one = (language: 'zh' | 'en'): string => returnSentence(line, { ...told, language })
    return [one('zh'), one('en')]
  })
  const failed = c.steps.find((s) => s.kind === 'device_test' && s.state === 'failed')
  const [waiting, off, on] = [c.terminals.filter((t) => t.to === undefined && t.from === undefined), c.terminals.filter((t) => t.to === undefined && t.from !== undefined), c.terminals.filter((t) => t.to !== undefined)]
  const serials: Words = [on.map((t) => t.to).join('、'), on.map((t) => t.to).join(', ')]
  if (on.length < c.terminals.length) return joined(
    ['停止收款，换机办理中。', 'No new sales; the device is being changed.'],
    waiting.length > 0 ? stepsLeft(facts, 'stop', told) ?? stillOpen(openItems(terminals.filter((t) => waiting.some((w) => w.id === t.id))), undefined, told) : undefined,
    off.length > 0 ? ['旧机具已拆下，等待装上新机具。', 'The old device is off; the new one is still to be put on.'] : undefined, ...lines,
  )
  const isOpen = c.terminals.every((t) => t.result === 'reopened' || t.result === 'still_held')
  if (isOpen) return joined([`已换上机具 ${serials[0]}${count(c, 'still_held') > 0 ? '，另有停用项，仍停机' : '，终端已恢复'}。`,
    `Device ${serials[1]} is on it${count(c, 'still_held') > 0 ? '; another hold keeps it stopped' : ' and the terminal is open again'}.`], ...lines, stepsLeft(facts, 'completion', told, ['device_return', 'inspection', 'deposit_refund']))
  if (failed) {
    const [zh, en] = testNames(failed.evidence ?? '')
    return joined([`新机具 ${serials[0]} 测试未通过：${zh}，仍停机。`, `The new device ${serials[1]} failed its test: ${en}; it stays stopped.`], ...lines)
  }
  return joined([`已换上机具 ${serials[0]}。`, `Device ${serials[1]} is on it.`], stepsLeft(facts, 'reopening', told, ['device_test']) ?? ['测试通过后恢复收款。', 'Sales resume once it passed its test.'], ...lines)
}
