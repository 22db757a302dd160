// What each reason of the provider's asks of the merchant, as a table: what to do in plain words, which papers to hand in, within
// how many working days. A device's fault asks for nothing in writing, only that the device is there. It stands by itself,
// without calendar or policy, because a terminal's small screen says it, too.
import { initiatorOf, materialTypes, type Initiator, type MaterialType, type Reason, type Words } from './vocabulary.ts'

export type Asked = { words: Words; materials: readonly MaterialType[]; workingDays: number | undefined }

const asked = (zh: string, en: string, materials: readonly MaterialType[] = [], workingDays?: number): Asked => ({ words: [zh, en], materials, workingDays })
const device = asked('请保留机具，等候检测维修', 'please keep the device at hand for repair')
const paid = asked('请缴清欠款，入账后自动解除', 'please pay what is owed; the hold ends once it is booked', ['payment_proof'], 10)
const vouchers = (zh: string, en: string): Asked => asked(zh, en, ['rectification_report', 'transaction_vouchers'], 10)
const guarded = asked('请勿再使用机具，交机构检查', 'please stop using the device and have it checked', ['rectification_report', 'device_photo'], 5)
const verified = asked('请重新核实经营情况', 'please have your business verified again', ['business_licence', 'application_letter'], 10)

/** Reasons that ask for something of their own; the others ask what their group does. */
const ofReason: Readonly<Partial<Record<Reason, Asked>>> = {
  D02: asked('请报告遗失经过；找到后交机构检查', 'please report the loss; a device found again is checked first', ['police_report'], 5),
  D03: asked('请报案', 'please report the theft to the police', ['police_report'], 5),
  S04: asked('请说明机具来源，换回登记的机具', 'please say where the device comes from and put the registered one back', ['rectification_report', 'device_photo'], 5),
  S05: asked('请把机具移回登记地址，或办理地址变更', 'please move the device back, or register the new address', ['relocation_proof', 'device_photo'], 5),
  S06: asked('请核对机具序列号，换回登记的机具', 'please check the serial number and put the registered device back', ['device_photo'], 5),
  R05: asked('请按 PCI 要求整改', 'please put right what PCI demands', ['rectification_report'], 10),
  R07: asked('请更新证照', 'please renew your papers', ['business_licence', 'id_card'], 10),
  R08: asked('请查清泄露范围并整改', 'please find out what was leaked and put it right', ['rectification_report'], 5),
  R09: asked('请停止违规操作并整改', 'please end the breach and put it right', ['rectification_report'], 10),
  R10: asked('请与主管机关联系', 'please speak to the authority that ordered it'),
  A03: asked('请更正结算账户', 'please put the settlement account right', ['account_licence'], 10),
  A04: asked('请补足余额或押金，入账后自动解除', 'please top up balance or deposit; the hold ends once it is booked', ['payment_proof'], 10),
}
const ofInitiator: Readonly<Record<Exclude<Initiator, 'merchant'>, Asked>> = {
  device, security: guarded, risk: vouchers('请停止相关交易并说明情况', 'please end these transactions and explain them'),
  account: paid, inactivity: verified, provider: asked('无需提交材料，请等待通知', 'nothing to hand in; please wait for word'),
  other: asked('请与客服联系', 'please call the service desk'),
}

export const askedFor = (reason: Reason): Asked | undefined => {
  const initiator = initiatorOf(reason)
  return initiator === 'merchant' ? undefined : ofReason[reason] ?? ofInitiator[initiator]
}

export const listOf = (materials: readonly MaterialType[], i: 0 | 1): string => materials.map((m) => materialTypes[m][i]).join(i === 0 ? '、' : ', ')

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The same on a terminal's small screen, where nobody knows the calendar: what to do and what to hand in. */
export function askedWords(reason: Reason): Words | undefined {
  const table = askedFor(reason)
  if (table === undefined) return undefined
  const first = capital(table.words[1])
  const within: Words = table.workingDays === undefined ? ['', ''] : [`${table.workingDays} 个工作日内`, ` within ${table.workingDays} working days`]
  return table.materials.length === 0 ? [`${table.words[0]}。`, `${first}.`]
    : [`${table.words[0]}，${within[0]}提交${listOf(table.materials, 0)}。`, `${first}; hand in${within[1]}: ${listOf(table.materials, 1)}.`]
}
