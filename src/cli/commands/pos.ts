// A small terminal for the command line: it speaks ISO 8583 over TCP to the gate, as a real one does, and prints what the
// cashier would read. Without --mac it sends no MAC; with it, it signs on first, opens the keys it is handed under the
// terminal's master key – which only the host of a test estate tells – and checks the answer's MAC as well.
import { getTerminal } from '../../client/generated/sdk.gen.ts'
import type { Words } from '../../domain/vocabulary.ts'
import { describe, shownFields } from '../../gate/iso8583/describe.ts'
import { categories, meaningOf } from '../../gate/iso8583/f39.ts'
import { length_bytes } from '../../gate/iso8583/frame.ts'
import {
  asks,
  balancedIn,
  isAnswerMacRight,
  keysIn,
  requestFrame,
  test_card,
  type Ask,
  type Said,
} from '../../gate/front/terminal.ts'
import type { Command, Group, Option } from '../command.ts'
import type { Given } from '../given.ts'
import { dial, type PosAnswer, type PosLine } from '../pos-line.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { money, readYuan } from '../show.ts'
import { pairs } from '../table.ts'

const gate_port = 8583
const trace_max = 999_999
/** No two within a day, typed by hand. */
const traceNow = (): number => 1 + (Math.floor(Date.now() / 100) % trace_max)

const options: Record<string, Option> = {
  tid: { flags: '--tid <tid>', says: ['终端号', 'terminal number'], isRequired: true },
  mid: {
    flags: '--mid <mid>',
    says: [
      '商户号（默认取登记的，需说明您是谁）',
      'merchant number (else the registered one, for those who may see it)',
    ],
  },
  gate: {
    flags: '--gate <host:port>',
    says: [
      `闸口的 8583 端口（默认程序所在主机的 ${gate_port}）`,
      `the gate's ISO 8583 port (else ${gate_port} where the program is)`,
    ],
  },
  batch: { flags: '--batch <n>', says: ['批次号（默认 1）', 'batch number (else 1)'] },
  trace: { flags: '--trace <n>', says: ['凭证号（默认按时间取）', 'voucher number (else from the clock)'] },
  serial: { flags: '--serial <serial>', says: ['报送的机具序列号', 'serial number the device says it has'] },
  position: { flags: '--position <latitude,longitude>', says: ['报送的位置', 'position the device says it is at'] },
  mac: {
    flags: '--mac',
    says: ['先签到取密钥，报文带 MAC（仅测试环境）', 'sign on for keys first and send a MAC (test estate only)'],
  },
  amount: { flags: '--amount <yuan>', says: ['金额（元）', 'amount in yuan'], isRequired: true },
  originalTrace: {
    flags: '--original-trace <n>',
    says: ['原交易凭证号', 'voucher number of the original'],
    isRequired: true,
  },
  originalBatch: { flags: '--original-batch <n>', says: ['原交易批次号（默认同批）', 'its batch (else the same)'] },
  auth: { flags: '--auth <code>', says: ['预授权的授权码', "the pre-authorisation's code"], isRequired: true },
  reference: { flags: '--reference <reference>', says: ['原交易检索参考号', 'reference number of the original'] },
  debit: { flags: '--debit <count:yuan>', says: ['借记笔数和金额，如 2:300.00', 'debits, such as 2:300.00'] },
  credit: { flags: '--credit <count:yuan>', says: ['贷记笔数和金额', 'credits'] },
}
const common = ['tid', 'mid', 'gate', 'batch', 'trace', 'serial', 'position', 'mac']

const rows: readonly { name: string; ask: Ask; says: Words; more?: readonly string[]; word?: Said['word'] }[] = [
  { name: 'sign-on', ask: 'sign-on', says: ['签到', 'sign on'] },
  { name: 'sale', ask: 'sale', says: ['消费', 'a sale'], more: ['amount'] },
  { name: 'void', ask: 'void', says: ['消费撤销', 'void a sale'], more: ['amount', 'originalTrace', 'originalBatch'] },
  { name: 'refund', ask: 'refund', says: ['退货', 'a refund'], more: ['amount'] },
  { name: 'preauth', ask: 'preauth', says: ['预授权', 'a pre-authorisation'], more: ['amount'] },
  {
    name: 'complete',
    ask: 'complete',
    says: ['预授权完成', 'complete a pre-authorisation'],
    more: ['amount', 'auth', 'reference'],
  },
  {
    name: 'cancel',
    ask: 'preauth-cancel',
    says: ['预授权撤销', 'cancel a pre-authorisation'],
    more: ['amount', 'auth', 'reference'],
  },
  {
    name: 'reverse',
    ask: 'reversal',
    says: ['冲正', 'reverse a transaction'],
    more: ['amount', 'originalTrace', 'originalBatch'],
  },
  { name: 'settle', ask: 'settle', says: ['批结算', 'settle the batch'], more: ['debit', 'credit'] },
  { name: 'upload-end', ask: 'upload-end', says: ['批上送结束', 'end of a batch upload'] },
  { name: 'echo', ask: 'echo', says: ['回响测试', 'an echo'] },
  { name: 'sign-off', ask: 'sign-off', says: ['签退', 'sign off'] },
  { name: 'status', ask: 'status', says: ['状态上送：正常工作', 'report that it works'], word: 'operating' },
  {
    name: 'confirm',
    ask: 'status',
    says: ['状态上送：已锁定，即机具确认停机', 'report that it is locked: the device confirms its stop'],
    word: 'stopped',
  },
]

const sixDigits = (given: Given, name: string): number | undefined => {
  const value = given.count(name)
  if (value !== undefined && value > trace_max)
    throw wrong('批次号和凭证号最多六位。', 'Batch and voucher numbers have six digits at most.')
  return value
}

function fenOf(typed: string | undefined, name: string): number | undefined {
  const fen = typed === undefined ? undefined : readYuan(typed)
  if (typed !== undefined && fen === undefined)
    throw wrong(`--${name} 应为金额，如 588.00。`, `--${name} should be an amount such as 588.00.`)
  return fen
}

function totalOf(given: Given, name: string): { count: number; fen: number } {
  const typed = given.text(name)
  if (typed === undefined) return { count: 0, fen: 0 }
  const [, count, yuan] = /^(\d{1,3}):(.+)$/.exec(typed) ?? []
  const fen = yuan === undefined ? undefined : readYuan(yuan)
  if (fen === undefined)
    throw wrong(
      `--${name} 应为笔数和金额，如 2:300.00。`,
      `--${name} should be a count and an amount such as 2:300.00.`,
    )
  return { count: Number(count), fen }
}

function positionOf(given: Given): { latitude: number; longitude: number; from: string } | undefined {
  const typed = given.text('position')
  if (typed === undefined) return undefined
  const [, latitude, longitude] = /^([+-]?\d{1,2}(?:\.\d{1,6})?),([+-]?\d{1,3}(?:\.\d{1,6})?)$/.exec(typed) ?? []
  if (latitude === undefined)
    throw wrong(
      '--position 应为纬度和经度，如 30.62,114.36。',
      '--position should be latitude and longitude, such as 30.62,114.36.',
    )
  return { latitude: Number(latitude), longitude: Number(longitude), from: '' }
}

async function saidBy(session: Session, given: Given, ask: Ask, word: Said['word']): Promise<Said> {
  const tid = given.text('tid')!
  const mid = given.text('mid') ?? (await session.ask(getTerminal({ client: session.client, path: { tid } }))).value.mid
  const batch = sixDigits(given, 'batch') ?? 1
  const original = sixDigits(given, 'originalTrace')
  const [debit, credit] = [totalOf(given, 'debit'), totalOf(given, 'credit')]
  const device = { serial: given.text('serial'), position: positionOf(given) }
  const isReversal = ask === 'reversal'
  return {
    tid,
    mid,
    word,
    batch: isReversal ? (sixDigits(given, 'originalBatch') ?? batch) : batch,
    // A reversal is the original said again.
    trace: isReversal ? original! : (sixDigits(given, 'trace') ?? traceNow()),
    amountFen: fenOf(given.text('amount'), 'amount'),
    card: test_card,
    original:
      original === undefined ? undefined : { batch: sixDigits(given, 'originalBatch') ?? batch, trace: original },
    authCode: given.text('auth'),
    reference: given.text('reference'),
    totals: { debitFen: debit.fen, debits: debit.count, creditFen: credit.fen, credits: credit.count },
    device:
      device.serial === undefined && device.position === undefined
        ? undefined
        : {
            ...(device.serial === undefined ? {} : { serial: device.serial }),
            ...(device.position === undefined ? {} : { position: device.position }),
          },
  }
}

const frameFor = (ask: Ask, said: Said): Buffer => {
  try {
    return requestFrame(ask, said)
  } catch (error) {
    throw wrong(
      `报文放不下这些内容（${(error as Error).message}）。`,
      `This does not fit a message (${(error as Error).message}).`,
    )
  }
}

/** Signs on over the same line and answers what is to be said with the key that was handed out. */
async function keyed(session: Session, line: PosLine, said: Said): Promise<Said> {
  const { client } = session
  type Key = { key: string; checkValue: string }
  const path = { tid: said.tid }
  const told = await session.ask(
    client.get<{ 200: Key }, unknown>({
      url: '/api/v1/terminals/{tid}/line-key',
      path,
      security: [{ scheme: 'bearer', type: 'http' }],
    }),
  )
  const master = Buffer.from(told.value.key, 'hex')
  const answer = await line.ask(frameFor('sign-on', { ...said, trace: traceNow() }))
  const keys = keysIn(answer.said, master)
  if (keys === undefined)
    throw wrong(`签到没有得到密钥（${answer.said.code}）。`, `The sign-on brought no keys (${answer.said.code}).`)
  return { ...said, batch: answer.said.batch, mac: keys.macKey }
}

type Told = { said: Said; answer: PosAnswer; isMacRight: boolean | undefined }

function lines(session: Session, name: Words, { said, answer: { said: heard }, isMacRight }: Told): string[] {
  const { say, words, screen } = session
  const { meaning, display, category } = meaningOf(heard.code)
  const isYes = heard.code === '00'
  const amount = heard.fields[4]
  const verdict = `${isYes ? '✓' : '✗'} ${heard.code} ${words(display)}`
  const paid = amount === undefined ? '' : ` ${money({ fen: Number(amount) })}`
  const balanced = balancedIn(heard)
  return [
    `${screen.paint(isYes ? 'good' : 'bad', verdict)}  ${words(name)}${paid}`,
    ...(heard.sentence === '' ? [] : [heard.sentence]),
    ...pairs(
      [
        [say('应答', 'answer'), `${heard.mti} ${words(meaning)}${isYes ? '' : `（${words(categories[category])}）`}`],
        [say('终端', 'terminal'), said.tid],
        [say('批次', 'batch'), String(heard.batch).padStart(6, '0')],
        [say('凭证号', 'voucher'), heard.fields[11]],
        [say('参考号', 'reference'), heard.fields[37]],
        [say('授权码', 'authorisation'), heard.fields[38]],
        [
          say('对账', 'totals'),
          balanced === undefined
            ? undefined
            : balanced
              ? say('平', 'balanced')
              : say('不平，请批上送', 'not balanced: upload the batch'),
        ],
        ['MAC', isMacRight === undefined ? undefined : isMacRight ? say('正确', 'right') : say('错误', 'wrong')],
        [say('中心要求', 'asked to'), heard.command === 3 ? say('重新签到', 'sign on again') : undefined],
      ],
      (label) => screen.paint('faint', label),
    ),
  ]
}

function jsonOf({ answer: { frame, said: heard }, isMacRight }: Told): string {
  const { mti, code, sentence, command, batch } = heard
  // Only what may be shown of each field.
  const fields = shownFields(describe(frame.subarray(length_bytes)))
  return JSON.stringify({
    mti,
    code,
    meaning: meaningOf(code).meaning[0],
    sentence,
    command,
    batch,
    balanced: balancedIn(heard),
    isMacRight,
    fields,
  })
}

const commandOf = ({ name, ask, says, more = [], word }: (typeof rows)[number]): Command => ({
  usage: `pos ${name}`,
  dryRun: 'cannot',
  says,
  options: [...common, ...more].map((option) => options[option]!),
  async run(session, given) {
    const plain = await saidBy(session, given, ask, word)
    const line = await dial(given.text('gate') ?? `${new URL(session.url).hostname}:${gate_port}`)
    try {
      const said = given.flag('mac') && asks[ask].mti !== '0800' ? await keyed(session, line, plain) : plain
      const answer = await line.ask(frameFor(ask, said))
      const told: Told = {
        said,
        answer,
        isMacRight:
          said.mac && answer.said.fields[64] !== undefined ? isAnswerMacRight(said.mac, answer.frame) : undefined,
      }
      if (session.isJson) session.screen.write(`${jsonOf(told)}\n`)
      else session.lines(lines(session, says, told))
      return answer.said.code === '00' ? 0 : 1
    } finally {
      line.close()
    }
  },
})

export const pos: Group = { says: ['终端模拟', 'A terminal to try with'], commands: rows.map(commandOf) }
