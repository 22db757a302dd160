// One plain sentence for a device on its way back and the deposit on it: where it stands, and whom it waits for.
import type { Deposit } from './deposit.ts'
import type { Return } from './device.ts'
import { formatYuan } from './money.ts'
import { pick, type Reader } from './sentence.ts'
import { joined, momentsAt, type Moments } from './sentence-words.ts'
import { say, type Words } from './vocabulary.ts'

type Told = Reader & { moments: Moments }
const yuan = (fen: number): string => `¥${formatYuan(fen)}`

export function returnSentence(line: Return, reader: Reader): string {
  const told: Told = { ...reader, moments: momentsAt(reader.now, reader.zone) }
  return say(joined(deviceSentence(line, told), line.deposit && depositSentence(line.deposit, told)), reader.language)
}

function deviceSentence({ state, rma, serial, carrier, tracking }: Return, told: Told): Words | undefined {
  switch (state) {
    case 'requested': return pick(told,
      [`请退还机具 ${serial}，退机编号 ${rma}。`, `Please return device ${serial}, RMA ${rma}.`], [`等待商户退还机具 ${serial}（${rma}）。`, `Waiting for the merchant to return device ${serial} (${rma}).`])
    case 'shipped': return [`机具 ${serial} 已寄出（${carrier} ${tracking}），等待签收。`, `Device ${serial} is on its way (${carrier} ${tracking}).`]
    case 'received': return pick(told, [`机具 ${serial} 已收到，正在验机。`, `Device ${serial} has arrived and is being inspected.`], [`机具 ${serial} 已收到，请验机。`, `Device ${serial} has arrived; please inspect it.`])
    case 'inspected': return [`机具 ${serial} 已验机。`, `Device ${serial} was inspected.`]
    case 'restocked': return [`机具 ${serial} 已退还入库。`, `Device ${serial} is back on the shelf.`]
    case 'retired': return [`机具 ${serial} 已退还，并已报废。`, `Device ${serial} is back and was written off.`]
    case 'kept': return [`机具 ${serial} 由商户自留。`, `Device ${serial} is the merchant's own and stays.`]
    case 'lost': return [`机具 ${serial} 无法退还。`, `Device ${serial} will not come back.`]
    case 'cancelled': return [`注销已取消，机具 ${serial} 不必退还。`, `The closure is undone: device ${serial} stays.`]
  }
}

/** What is said of the deposit, which is due, proposed, disputed or settled. */
export function depositSentence({ fen, state, dueAt, deduction, settledAt, refundFen }: Deposit, told: Told): Words | undefined {
  const less = deduction === undefined || deduction.fen === 0 ? ['', ''] : [`，扣 ${yuan(deduction.fen)}`, ` less ${yuan(deduction.fen)}`]
  const due = dueAt === undefined ? ['', ''] : told.moments.by(dueAt)
  switch (state) {
    case 'held': return [`押金 ${yuan(fen)} 在机具退回、交易结清后退还。`, `The deposit of ${yuan(fen)} is refunded once the device is back and everything is settled.`]
    case 'release_due': return pick(told, [`押金 ${yuan(fen)} 最晚 ${due[0]}退还。`, `The deposit of ${yuan(fen)} is refunded ${due[1]}.`], [`押金 ${yuan(fen)} 须在 ${due[0]}退还，请财务提出。`, `The deposit of ${yuan(fen)} has to be refunded ${due[1]}; finance proposes it.`])
    case 'deduction_proposed': return pick(told,
      [`押金拟退 ${yuan(fen - deduction!.fen)}${less[0]}，${deduction!.fen === 0 || deduction!.disputeUntil <= told.now ? '待确认' : `可在 ${told.moments.by(deduction!.disputeUntil)[0]}提出异议`}。`,
        `Of the deposit, ${yuan(fen - deduction!.fen)}${deduction!.fen === 0 ? '' : ` (${yuan(fen)}${less[1]})`} is to be refunded${deduction!.fen === 0 || deduction!.disputeUntil <= told.now ? '' : `; you may object ${told.moments.by(deduction!.disputeUntil)[1]}`}.`],
      [`押金拟退 ${yuan(fen - deduction!.fen)}${less[0]}，须由另一人确认。`, `A refund of ${yuan(fen - deduction!.fen)}${deduction!.fen === 0 ? '' : ` (${yuan(fen)}${less[1]})`} waits for a second person.`])
    case 'disputed': return pick(told, ['已收到您对扣款的异议，等待答复。', 'Your objection to the deduction is being looked at.'], ['商户对扣款有异议，请财务答复。', 'The merchant disputes the deduction; finance has to answer.'])
    case 'refunded': return [`押金已退 ${yuan(refundFen!)}${refundFen! < fen ? `（扣 ${yuan(fen - refundFen!)}）` : ''}。`, `${yuan(refundFen!)} of the deposit was refunded ${told.moments.day(settledAt!)[1]}${refundFen! < fen ? ` (${yuan(fen - refundFen!)} deducted)` : ''}.`]
    case 'forfeited': return [`押金 ${yuan(fen)} 已全部抵扣。`, `The whole deposit of ${yuan(fen)} was deducted.`]
  }
}
