// What happens to a device on its way back, and to the deposit on it, as lines of a timeline.
import { lineWords } from './deposit.ts'
import type { ReturnFact } from './device.ts'
import { formatYuan } from './money.ts'
import { listed, type Moments } from './sentence-words.ts'
import { deviceParts, partConditions, type Words } from './vocabulary.ts'

type Teller<F extends ReturnFact['fact']> = (fact: Extract<ReturnFact, { fact: F }>, told: { moments: Moments }) => Words
const yuan = (fen: number): string => `¥${formatYuan(fen)}`

export const returnTellers: { [F in ReturnFact['fact']]: Teller<F> } = {
  return_opened: ({ return: r }) => r.state === 'kept'
    ? [`自有机具 ${r.serial} 由商户自留`, `The merchant keeps its own device ${r.serial}`]
    : [`请退还机具 ${r.serial}，退机编号 ${r.rma}`, `Device ${r.serial} is to be returned, RMA ${r.rma}`],
  device_shipped: (f) => [`机具已寄出：${f.carrier} ${f.tracking}`, `Device shipped by ${f.carrier}, ${f.tracking}`],
  device_received: () => ['机具已收到', 'Device received'],
  device_inspected: (f) => {
    const wrong = f.parts.filter((p) => p.condition !== 'fine')
    if (wrong.length === 0) return ['验机完成，一切完好', 'Inspected: everything is fine']
    const [zh, en] = listed(wrong.map((p): Words => [`${deviceParts[p.part][0]}${partConditions[p.condition][0]}`, `${deviceParts[p.part][1]} ${partConditions[p.condition][1]}`]))
    return [`验机完成：${zh}`, `Inspected: ${en}`]
  },
  device_restocked: () => ['机具已入库', 'Device back on the shelf'],
  device_retired: () => ['机具已报废', 'Device written off'],
  device_lost: () => ['机具无法退还', 'The device will not come back'],
  return_cancelled: () => ['注销取消，机具不必退还', 'The closure is undone: the device stays'],
  deposit_due: (f, { moments }) => [`押金待退，须在 ${moments.by(f.dueAt)[0]}退还`, `The deposit is due for release, ${moments.by(f.dueAt)[1]}`],
  deposit_held: () => ['又有未结清，押金暂不退', 'Something is open again: the deposit stays'],
  deposit_late: () => ['押金逾期未退，已通知财务', 'The refund is overdue; finance was told'],
  deduction_proposed: ({ deduction: d }) => {
    if (d.fen === 0) return ['拟全额退还押金', 'Proposed: refund the whole deposit']
    const [zh, en] = listed(d.lines.map(lineWords))
    return [`拟扣押金 ${yuan(d.fen)}：${zh}`, `Proposed to deduct ${yuan(d.fen)}: ${en}`]
  },
  deduction_accepted: () => ['商户同意扣款', 'The merchant accepted the deduction'],
  deduction_disputed: () => ['商户对扣款提出异议', 'The merchant disputes the deduction'],
  deposit_settled: (f) => f.refundFen === 0 ? [`押金 ${yuan(f.deductionFen)} 已全部抵扣`, `The whole deposit of ${yuan(f.deductionFen)} was deducted`]
    : [`押金已退 ${yuan(f.refundFen)}${f.deductionFen > 0 ? `（扣 ${yuan(f.deductionFen)}）` : ''}`,
      `${yuan(f.refundFen)} of the deposit refunded${f.deductionFen > 0 ? `, ${yuan(f.deductionFen)} deducted` : ''}`],
}
