// Settlement files as a till, UnionPay and a bank would write them: what the demo and the walks hand in.
import type { Fen } from '../domain/money.ts'
import { common, type FieldName } from './zm-layout.ts'

export type Line = {
  mid: string; tid: string; reference: string; fen: Fen; feeFen: Fen; name: string; mcc: string
  /** '2026-11-20T10:16:11', at the till. */
  at: string
  /** 'yyyy-mm-dd'. */
  settledOn: string
  cardMasked: string
  /** Without one it was paid by QR code. */
  authCode: string | undefined
  batch: string; trace: string
}
export type Written = { name: string; bytes: Buffer }

/** What follows the common fields in the layout of 2017. */
const tail_bytes = [32, 98]

/** Text as GBK: every pair of bytes is decoded once, and looked up the other way round. */
const gbk = (() => {
  let bytesOf: Map<string, [number, number]> | undefined
  const made = (): NonNullable<typeof bytesOf> => {
    const decoder = new TextDecoder('gb18030')
    const all = new Map<string, [number, number]>()
    for (let lead = 0x81; lead <= 0xfe; lead++)
      for (let trail = 0x40; trail <= 0xfe; trail++) all.set(decoder.decode(new Uint8Array([lead, trail])), [lead, trail])
    return all
  }
  return (text: string): Buffer => {
    bytesOf ??= made()
    return Buffer.from([...text].flatMap((one) => (one <= '\x7f' ? [one.charCodeAt(0)] : (bytesOf!.get(one) ?? []))))
  }
})()

const digits = (n: number, count: number): string => String(n).padStart(count, '0')
/** '2026-11-20T10:16:11' → '1120101611'. */
const short = (at: string): string => at.slice(5, 19).replace(/\D/g, '')
const field = (text: string, bytes: number): Buffer => {
  const blank = Buffer.alloc(bytes, ' ')
  gbk(text).copy(blank)
  return blank
}
/** As files have it, without the commas people read. */
const yuan = (fen: Fen): string => (fen / 100).toFixed(2)
const compact = (date: string): string => date.replaceAll('-', '')

function record(line: Line): Buffer {
  const made = short(line.at)
  const net = `C${digits(line.fen - line.feeFen, 12)}`
  const fields: Partial<Record<FieldName, string>> = {
    tradeCode: 'S22', acqInsCode: '00049992', sendInsCode: '00049992', traceNo: line.trace, txnTime: made, payCardNo: line.cardMasked, txnAmt: digits(line.fen, 12),
    merCatCode: line.mcc, termType: '01', queryId: `${line.at.slice(0, 4)}${made}0${line.trace}`, orderId: line.reference, payCardType: '02',
    merCharge: `D${digits(line.feeFen, 12)}`, settleAmt: net, payType: '0201', txnType: '01', txnSubType: '01', bizType: '000000', accType: '01', interactMode: '0',
    merId: line.mid, subMerAbbr: line.name, netAmt: net, termId: line.tid,
  }
  const parts = [...common.map(([name, bytes]) => field(fields[name] ?? '', bytes)), ...tail_bytes.map((bytes) => field('', bytes))]
  return Buffer.concat([...parts.flatMap((part, place) => (place === 0 ? [part] : [Buffer.from(' '), part])), Buffer.from('\r\n')])
}

/** UnionPay's detail file of one merchant and day. */
export const unionpayFile = (lines: readonly [Line, ...Line[]]): Written => ({
  name: `INN${compact(lines[0].settledOn).slice(2)}00ZM_${lines[0].mid}.txt`,
  bytes: Buffer.concat(lines.map(record)),
})

export const slipFile = (lines: readonly Line[]): string[] => [
  'tid,mid,merchantName,mcc,batch,trace,reference,authCode,class,amountYuan,at,cardMasked',
  ...lines.map((l) => [l.tid, l.mid, l.name, l.mcc, l.batch, l.trace, l.reference, l.authCode ?? '', 'sale', yuan(l.fen), `${l.at}+08:00`, l.cardMasked].join(',')),
]

/** One credit a merchant and day: what the lines come to, less fees. */
export function bankFile(lines: readonly Line[]): string[] {
  const sums = new Map<string, { line: Line; netFen: Fen }>()
  for (const line of lines) {
    const key = `${line.mid} ${line.settledOn}`
    sums.set(key, { line, netFen: (sums.get(key)?.netFen ?? 0) + line.fen - line.feeFen })
  }
  return [
    'bookedOn,settledOn,mid,creditYuan,reference,narrative',
    ...[...sums.values()].map(({ line: { mid, settledOn }, netFen }) =>
      [settledOn, settledOn, mid, yuan(netFen), `SETT${compact(settledOn)}${mid}`, '银联商户清算款'].join(',')),
  ]
}
