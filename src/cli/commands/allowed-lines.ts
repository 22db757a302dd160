// What the asker may do now, as the server says it: first what may be done, then what stands in the way of the rest, each
// with the refusal's code. What is not the asker's to do, or is of another stage, is not worth a word.
import type { Words } from '../../domain/vocabulary.ts'
import type { Session } from '../session.ts'
import { wordIn } from '../show.ts'

const acts: Readonly<Record<string, Words>> = {
  suspend: ['停机', 'suspend'],
  reactivate: ['复机', 'reactivate'],
  extend: ['延期', 'extend'],
  close: ['注销', 'close'],
  hold: ['机构停用', 'hold'],
  test: ['登记测试', 'record a test'],
  answerDormancy: ['答复长期无交易核实', 'answer the dormancy question'],
  lift: ['解除', 'lift'],
  submit: ['提交', 'submit'],
  withdraw: ['撤回', 'withdraw'],
  claim: ['领取', 'claim'],
  assign: ['转办', 'assign'],
  return: ['退回补件', 'return'],
  approve: ['批准', 'approve'],
  reject: ['驳回', 'reject'],
  complete: ['完成', 'complete'],
  waive: ['豁免', 'waive'],
  'add-material': ['补交材料', 'add a material'],
  'accept-material': ['采信材料', 'accept a material'],
  'return-material': ['退回材料', 'return a material'],
  'complete-step': ['完成事项', 'complete a step'],
  'waive-step': ['豁免事项', 'waive a step'],
  'record-test': ['登记测试', 'record a test'],
  'ship-device': ['寄出机具', 'ship the device'],
  'receive-device': ['收到机具', 'receive the device'],
  'inspect-device': ['验机', 'inspect the device'],
  'restock-device': ['入库', 'restock it'],
  'retire-device': ['报废', 'retire it'],
  'lose-device': ['登记无法退还', 'say that it is lost'],
  'propose-deduction': ['提出退还', 'propose the refund'],
  'accept-deduction': ['同意扣款', 'accept the deduction'],
  'dispute-deduction': ['提出异议', 'dispute the deduction'],
  'confirm-refund': ['确认退还', 'confirm the refund'],
}

const unsaid: readonly unknown[] = ['role_missing', 'not_in_this_state', 'dormancy_not_asked', 'return_not_in_this_state', 'deposit_not_in_this_state']

export function allowedLines({ language, say, screen }: Session, allowed: Readonly<Record<string, unknown>>): string[] {
  const all = Object.entries(allowed)
  const yes = all.filter(([, verdict]) => verdict === true).map(([act]) => wordIn(acts, act, language))
  const no = all
    .filter(([, verdict]) => verdict !== true && !unsaid.includes(verdict))
    .map(([act, verdict]) => `${wordIn(acts, act, language)} (${String(verdict)})`)
  const between = say('、', ', ')
  return [
    ...(yes.length > 0 ? [`${screen.paint('faint', say('可办', 'You may'))}  ${yes.join(between)}`] : []),
    ...(no.length > 0 ? [`${screen.paint('faint', say('暂不可办', 'Not now'))}  ${no.join(between)}`] : []),
  ]
}
