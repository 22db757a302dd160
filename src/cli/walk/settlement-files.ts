// Settlement files for a walk, as a till, UnionPay and a bank would write them: one sale each.

/** Bytes of the fields of UnionPay's detail record (ZM), in their order; a space stands between two. */
const widths = [
  3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
] as const

export type Line = { mid: string; tid: string; reference: string; fen: number; feeFen: number; name: string; mcc: string; at: string; settledOn: string }

/** Text as GBK: every pair of bytes is decoded once, and looked up the other way round. */
function gbk(text: string): Buffer {
  const decoder = new TextDecoder('gb18030')
  const bytesOf = new Map<string, [number, number]>()
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++)
      bytesOf.set(decoder.decode(new Uint8Array([lead, trail])), [lead, trail])
  return Buffer.from([...text].flatMap((one) => (one <= '\x7f' ? [one.charCodeAt(0)] : (bytesOf.get(one) ?? []))))
}

const digits = (n: number, count: number): string => String(n).padStart(count, '0')
/** '2026-11-20T10:16:11' → '1120101611'. */
const short = (at: string): string => at.slice(5, 19).replace(/\D/g, '')

export function unionpayFile(line: Line): { name: string; bytes: Buffer } {
  const made = short(line.at)
  const net = `C${digits(line.fen - line.feeFen, 12)}`
  const fields: Readonly<Record<number, string>> = {
    0: 'S22', 1: '00049992', 2: '00049992', 3: '000181', 4: made, 5: '621234******0001', 6: digits(line.fen, 12), 7: line.mcc, 8: '01',
    9: `${line.at.slice(0, 4)}${made}0001818`, 11: line.reference, 12: '02', 15: `D${digits(line.feeFen, 12)}`, 16: net, 17: '0201', 19: '01', 20: '01',
    21: '000000', 22: '01', 25: '0', 27: line.mid, 30: line.name, 32: net, 33: line.tid,
  }
  const record = widths.flatMap((bytes, place) => {
    const field = Buffer.alloc(bytes, ' ')
    gbk(fields[place] ?? '').copy(field)
    return place === 0 ? [field] : [Buffer.from(' '), field]
  })
  return {
    name: `INN${line.settledOn.slice(2).replaceAll('-', '')}00ZM_${line.mid}.txt`,
    bytes: Buffer.concat([...record, Buffer.from('\r\n')]),
  }
}

const yuan = (fen: number): string => (fen / 100).toFixed(2)
export const slipFile = (line: Line): string[] => [
  'tid,mid,merchantName,mcc,batch,trace,reference,authCode,class,amountYuan,at,cardMasked',
  `${line.tid},${line.mid},${line.name},${line.mcc},000243,000001,${line.reference},710797,sale,${yuan(line.fen)},${line.at}+08:00,621234******0001`,
]
export const bankFile = (line: Line): string[] => [
  'bookedOn,settledOn,mid,creditYuan,reference,narrative',
  `${line.settledOn},${line.settledOn},${line.mid},${yuan(line.fen - line.feeFen)},SETT${line.settledOn.replaceAll('-', '')}${line.mid},银联商户清算款`,
]
