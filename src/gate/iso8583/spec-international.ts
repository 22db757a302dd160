// ISO 8583:1987 in ASCII, as switches between hosts write it: every digit a byte, lengths in ASCII, the bitmap binary or
// in hexadecimal letters. UnionPay's host-to-host messages are this format with a binary bitmap and text in GBK.
import { compileSpec, fixed, ll, lll, type Field, type Format, type Spec } from './spec.ts'

const never = { shown: 'never' } as const
const text = { shown: 'text' } as const

const fields: Readonly<Record<number, Field>> = {
  2: ll('n', 19, '主账号', 'card number', { shown: 'card' }),
  3: fixed('n', 6, '交易处理码', 'processing code'),
  4: fixed('n', 12, '交易金额', 'amount'),
  5: fixed('n', 12, '清算金额', 'settlement amount'),
  6: fixed('n', 12, '持卡人扣账金额', 'billing amount'),
  7: fixed('n', 10, '交易传输时间', 'transmission time'),
  9: fixed('n', 8, '清算汇率', 'settlement rate'),
  10: fixed('n', 8, '扣账汇率', 'billing rate'),
  11: fixed('n', 6, '系统跟踪号', 'trace number'),
  12: fixed('n', 6, '所在地时间', 'local time'),
  13: fixed('n', 4, '所在地日期', 'local date'),
  14: fixed('n', 4, '卡有效期', 'card expiry'),
  15: fixed('n', 4, '清算日期', 'settlement date'),
  16: fixed('n', 4, '兑换日期', 'conversion date'),
  17: fixed('n', 4, '获取日期', 'capture date'),
  18: fixed('n', 4, '商户类型', 'merchant category'),
  19: fixed('n', 3, '商户国家代码', 'country'),
  22: fixed('n', 3, '服务点输入方式码', 'entry mode'),
  23: fixed('n', 3, '卡序列号', 'card sequence number'),
  24: fixed('n', 3, '网络标识', 'network'),
  25: fixed('n', 2, '服务点条件码', 'condition code'),
  26: fixed('n', 2, '服务点 PIN 获取码', 'PIN capture code'),
  28: fixed('ans', 9, '交易费', 'transaction fee'),
  32: ll('n', 11, '受理机构标识码', 'acquirer'),
  33: ll('n', 11, '发送机构标识码', 'forwarder'),
  34: ll('ans', 28, '扩展主账号', 'extended card number', never),
  35: ll('z', 37, '2 磁道数据', 'track 2', never),
  36: lll('z', 104, '3 磁道数据', 'track 3', never),
  37: fixed('ans', 12, '检索参考号', 'reference number'),
  38: fixed('ans', 6, '授权标识应答码', 'authorisation code'),
  39: fixed('ans', 2, '应答码', 'response code'),
  40: fixed('ans', 3, '服务限制码', 'service restriction'),
  41: fixed('ans', 8, '终端标识码', 'terminal'),
  42: fixed('ans', 15, '商户标识码', 'merchant'),
  43: fixed('ans', 40, '商户名称地址', 'merchant name', text),
  44: ll('ans', 25, '附加响应数据', 'additional response', text),
  45: ll('ans', 76, '1 磁道数据', 'track 1', never),
  48: lll('ans', 999, '附加数据（私有）', 'additional data', text),
  49: fixed('ans', 3, '交易货币代码', 'currency'),
  50: fixed('ans', 3, '清算货币代码', 'settlement currency'),
  51: fixed('ans', 3, '扣账货币代码', 'billing currency'),
  52: fixed('b', 8, '个人标识码数据', 'PIN block', never),
  53: fixed('n', 16, '安全控制信息', 'security control'),
  54: lll('ans', 120, '附加金额', 'additional amounts', text),
  55: lll('b', 255, 'IC 卡数据域', 'chip data', never),
  56: lll('ans', 255, '附加信息', 'additional data', text),
  57: lll('ans', 255, '附加交易信息', 'additional transaction data', text),
  58: lll('ans', 255, '终端信息', 'terminal data', text),
  59: lll('ans', 600, '明细查询数据', 'details', text),
  60: lll('ans', 999, '自定义域', 'reserved', text),
  61: lll('ans', 999, '持卡人身份认证信息', 'cardholder identity', never),
  62: lll('ans', 999, '交换中心数据', 'switch data', text),
  63: lll('b', 999, '金融网络数据', 'network data', never),
  64: fixed('b', 8, '报文鉴别码', 'MAC'),
  70: fixed('n', 3, '网络管理信息码', 'network management code'),
  90: fixed('n', 42, '原始数据元', 'the original transaction'),
  95: fixed('ans', 42, '替换金额', 'replacement amounts'),
  96: fixed('b', 8, '报文安全码', 'message security code', never),
  100: ll('n', 11, '接收机构标识码', 'receiver'),
  102: ll('ans', 28, '账户标识 1', 'account 1', never),
  103: ll('ans', 28, '账户标识 2', 'account 2', never),
  120: lll('ans', 999, '自定义域', 'reserved', text),
  121: lll('ans', 999, '交换中心保留', 'reserved for the switch', text),
  122: lll('ans', 999, '受理方保留', 'reserved for the acquirer', text),
  123: lll('ans', 999, '发卡方保留', 'reserved for the issuer', text),
  128: fixed('b', 8, '报文鉴别码', 'MAC'),
}

const format = (bitmap: Format['bitmap'], own: Readonly<Record<number, Field>> = {}): Spec =>
  compileSpec({
    title: ['国际 ISO 8583:1987', 'ISO 8583:1987'], mti: 'ascii', bitmap, digits: 'ascii', fields: { ...fields, ...own },
  })

export const international: Spec = format('binary')
export const internationalHex: Spec = format('hex')
/** With country and currency two digits in a byte, as moov-io's published example has them. */
export const internationalPacked: Spec = format('binary', {
  19: fixed('n', 3, '商户国家代码', 'country', { isPacked: true, align: 'right' }),
  49: fixed('n', 3, '交易货币代码', 'currency', { isPacked: true }),
})
