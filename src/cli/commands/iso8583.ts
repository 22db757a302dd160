// Messages of the card networks, read without the program running. What may not be seen of a card is never shown.
import { classify } from '../../gate/iso8583/classify.ts'
import { describe, shownFields, type Description, type Dialect, type ShownField } from '../../gate/iso8583/describe.ts'
import { meaningOf } from '../../gate/iso8583/f39.ts'
import { readSettlement, type Totals } from '../../gate/iso8583/f48.ts'
import { faultKinds, type Fault } from '../../gate/iso8583/fault.ts'
import { transactionClasses } from '../../domain/vocabulary.ts'
import type { Group } from '../command.ts'
import type { Given } from '../given.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { money, wordIn } from '../show.ts'
import { pairs } from '../table.ts'

const hex_characters_max = 1_048_576

async function textOfInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin) {
    text += String(chunk)
    if (text.length > hex_characters_max) break
  }
  return text
}

/** Hexadecimal as people paste it: with spaces, line ends, and a 0x before it. */
async function bytesOf(given: Given): Promise<Buffer> {
  const typed = given.arg(0) === '-' ? await textOfInput() : given.arg(0)
  const hex = typed.replace(/\s+/g, '').replace(/^0x/i, '')
  if (hex.length > hex_characters_max) throw wrong('报文太长。', 'The message is too long.')
  if (hex.length === 0 || hex.length % 2 === 1 || !/^[\da-f]+$/i.test(hex))
    throw wrong('报文应为十六进制，每个字节两位。', 'The message should be hexadecimal, two digits for each byte.')
  return Buffer.from(hex, 'hex')
}

const number = (digits: string | undefined): number => (digits === undefined ? -1 : Number(digits))

function classWords({ mti, rows }: Description, { language, say }: Session): string {
  const shown = shownFields({ mti, rows } as Description)
  const f60 = shown['60']
  const is = classify({
    mti: Number(mti),
    processing: number(shown['3']),
    condition: number(shown['25']),
    kind: number(f60?.slice(0, 2)),
    network: number(f60?.slice(8, 11)),
  })
  return is === undefined ? say('不是停启能识别的请求', 'no request Tingqi knows') : wordIn(transactionClasses, is, language)
}

const totalsWords = ({ debitFen, debits, creditFen, credits }: Totals, { say }: Session): string =>
  say(
    `借 ${debits} 笔 ${money({ fen: debitFen })}，贷 ${credits} 笔 ${money({ fen: creditFen })}`,
    `debit ${debits}, ${money({ fen: debitFen })}; credit ${credits}, ${money({ fen: creditFen })}`,
  )

/** What a value means, where that can be said in a few words. */
function meaning({ field, shown, isHidden }: ShownField, session: Session): string {
  if (isHidden) return session.say('不显示', 'not shown')
  if (field === 4 && /^\d{12}$/.test(shown)) return money({ fen: Number(shown) })
  if (field === 39) return session.words(meaningOf(shown).meaning)
  if (field === 60 && /^\d{11,}$/.test(shown))
    return session.say(
      `类型 ${shown.slice(0, 2)}，批次 ${shown.slice(2, 8)}，网络管理 ${shown.slice(8, 11)}`,
      `kind ${shown.slice(0, 2)}, batch ${shown.slice(2, 8)}, network ${shown.slice(8, 11)}`,
    )
  const settlement = field === 48 ? readSettlement(shown) : undefined
  return settlement
    ? session.say(
        `内卡 ${totalsWords(settlement.domestic, session)}；外卡 ${totalsWords(settlement.foreign, session)}`,
        `domestic: ${totalsWords(settlement.domestic, session)} – foreign: ${totalsWords(settlement.foreign, session)}`,
      )
    : ''
}

function faultLine({ kind, offset, field }: Fault, { say, words }: Session): string {
  const where = field === undefined ? '' : say(`第 ${field} 域，`, `field ${field}, `)
  return say(`✗ ${where}第 ${offset} 字节：${words(faultKinds[kind])}。`, `✗ ${where}byte ${offset}: ${words(faultKinds[kind])}.`)
}

function lines(description: Description, dialect: Dialect, session: Session): string[] {
  const { say, screen, words } = session
  const { mti, bitmap, tpdu, header, rows, fault } = description
  return [
    ...pairs(
      [
        [say('消息类型', 'message'), mti],
        [say('位图', 'bitmap'), bitmap],
        ['TPDU', tpdu],
        [say('报文头', 'header'), header],
        [say('交易', 'class'), dialect === 'unionpay' && mti !== '' ? classWords(description, session) : undefined],
      ],
      (name) => screen.paint('faint', name),
    ),
    ...(rows.length === 0 ? [] : ['']),
    ...(rows.length === 0
      ? []
      : session.table<ShownField>(
          [
            { title: say('域', 'field'), cell: ({ field }) => String(field), align: 'right' },
            { title: say('名称', 'name'), cell: ({ name }) => words(name) },
            { title: say('内容', 'value'), cell: ({ shown }) => shown },
            { title: say('含义', 'meaning'), cell: (row) => meaning(row, session), width_min: 12 },
          ],
          rows,
        )),
    ...(fault ? ['', screen.paint('bad', faultLine(fault, session))] : []),
  ]
}

async function run(session: Session, given: Given): Promise<0 | 1> {
  const bytes = await bytesOf(given)
  const dialect = given.wordOf('spec', dialectWords) ?? 'unionpay'
  const has = given.either('header')
  const description = describe(bytes, dialect, has === undefined ? 'recognised' : has ? 'present' : 'absent')
  const { mti, bitmap, fault } = description
  if (session.isJson) {
    const told = { mti, bitmap, fields: shownFields(description) }
    const detail = fault && { ...fault, detail: session.words(faultKinds[fault.kind]) }
    session.screen.write(`${JSON.stringify(fault ? { ...told, fault: detail } : told)}\n`)
  } else session.lines(lines(description, dialect, session))
  return fault === undefined ? 0 : 1
}

const dialectWords = {
  unionpay: ['银联 POS 终端', 'UnionPay POS terminals'],
  international: ['ISO 8583:1987 主机之间', 'ISO 8583:1987 between hosts'],
} as const satisfies Readonly<Record<Dialect, readonly [string, string]>>

export const iso8583: Group = {
  says: ['报文', 'Messages'],
  commands: [
    {
      usage: 'iso8583 describe <hex>',
      dryRun: 'reads',
      says: [
        '看懂一条 8583 报文（十六进制，- 表示从标准输入读）；报文有误时退出码为 1',
        'say what an ISO 8583 message says (hexadecimal; - reads the standard input); exits 1 where it is broken',
      ],
      options: [
        {
          flags: '--header',
          says: ['TPDU 之后有 6 字节报文头（默认自动识别）', 'a header of 6 bytes follows the TPDU (else recognised)'],
        },
        { flags: '--no-header', says: ['TPDU 之后没有报文头', 'no header follows the TPDU'] },
        {
          flags: '--spec <spec>',
          says: ['报文格式：unionpay（默认）或 international', 'format: unionpay (unless told) or international'],
        },
      ],
      run,
    },
  ],
}
