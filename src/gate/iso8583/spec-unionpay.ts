// UnionPay's POS format: MTI and digits packed two in a byte, a binary bitmap, text in GBK. Lengths of digits count
// digits, the others bytes. Where published implementations differ, the wider reading is taken: F60 of real messages is
// longer than the 17 digits of the book.
import { compileSpec, fixed, ll, lll, type Spec } from './spec.ts'

export const unionpay: Spec = compileSpec({
  title: ['银联 POS', 'UnionPay POS'],
  mti: 'bcd',
  bitmap: 'binary',
  digits: 'bcd',
  fields: {
    2: ll('n', 19, '主账号', 'card number', { shown: 'card' }),
    3: fixed('n', 6, '交易处理码', 'processing code'),
    4: fixed('n', 12, '交易金额', 'amount'),
    11: fixed('n', 6, '受卡方系统跟踪号', 'trace number'),
    12: fixed('n', 6, '受卡方所在地时间', 'local time'),
    13: fixed('n', 4, '受卡方所在地日期', 'local date'),
    14: fixed('n', 4, '卡有效期', 'card expiry'),
    15: fixed('n', 4, '清算日期', 'settlement date'),
    22: fixed('n', 3, '服务点输入方式码', 'entry mode'),
    23: fixed('n', 3, '卡序列号', 'card sequence number', { align: 'right' }),
    25: fixed('n', 2, '服务点条件码', 'condition code'),
    26: fixed('n', 2, '服务点 PIN 获取码', 'PIN capture code'),
    32: ll('n', 11, '受理机构标识码', 'acquirer'),
    35: ll('z', 37, '2 磁道数据', 'track 2', { shown: 'never' }),
    36: lll('z', 104, '3 磁道数据', 'track 3', { shown: 'never' }),
    37: fixed('ans', 12, '检索参考号', 'reference number'),
    38: fixed('ans', 6, '授权标识应答码', 'authorisation code'),
    39: fixed('ans', 2, '应答码', 'response code'),
    41: fixed('ans', 8, '受卡机终端标识码', 'terminal'),
    42: fixed('ans', 15, '受卡方标识码', 'merchant'),
    43: fixed('ans', 40, '商户名称', 'merchant name', { shown: 'text' }),
    44: ll('ans', 25, '附加响应数据', 'issuer and acquirer', { shown: 'text' }),
    46: lll('ans', 999, '终端信息', 'device', { shown: 'text' }),
    48: lll('n', 322, '附加数据（私有）', 'totals or uploads', { shown: 'totals' }),
    49: fixed('ans', 3, '交易货币代码', 'currency'),
    52: fixed('b', 8, '个人标识码数据', 'PIN block', { shown: 'never' }),
    53: fixed('n', 16, '安全控制信息', 'security control'),
    54: lll('ans', 20, '附加金额', 'additional amounts', { shown: 'text' }),
    55: lll('b', 255, 'IC 卡数据域', 'chip data', { shown: 'never' }),
    56: lll('ans', 255, '附加信息', 'additional words', { shown: 'text' }),
    57: lll('ans', 255, '附加交易信息', 'additional transaction data', { shown: 'text' }),
    58: lll('ans', 100, 'PBOC 电子钱包', 'electronic purse', { shown: 'never' }),
    59: lll('ans', 600, '终端位置与序列号', 'position and serial number', { shown: 'text' }),
    60: lll('n', 29, '自定义域：交易类型、批次号', 'kind of message, batch'),
    61: lll('n', 29, '原始信息域', 'the original transaction'),
    62: lll('b', 512, '自定义域：密钥、参数、序列号', 'keys, parameters or serial number', { shown: 'request' }),
    63: lll('ans', 163, '自定义域：操作员', 'operator', { shown: 'text' }),
    64: fixed('b', 8, '报文鉴别码', 'MAC'),
  },
})

/** Fields by what they are, for code that reads them. */
export const F = {
  card: 2, processing: 3, amount: 4, trace: 11, time: 12, date: 13, expiry: 14, settlementDate: 15, entryMode: 22,
  cardSequence: 23, condition: 25, pinCapture: 26, acquirer: 32, track2: 35, track3: 36, reference: 37,
  authorisation: 38, response: 39, terminal: 41, merchant: 42, additional: 44, totals: 48, currency: 49, pin: 52,
  security: 53, balance: 54, chip: 55, device: 59, kind: 60, original: 61, keys: 62, operator: 63, mac: 64,
} as const
