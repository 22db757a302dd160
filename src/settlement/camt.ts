// Bank lines from camt.053 (statement) and camt.054 (notification), any version, read as a stream: one entry is held at
// a time. A settlement is recognised by the reference in its texts; other entries are other money and left out. What
// the statement says of itself – number and sum of entries, opening and closing balance – is held against them. A
// document type, an entity of its own, or any fault of form refuses the file.
import sax from 'sax'
import { isDate } from '../domain/calendar.ts'
import { scrubPans } from '../domain/identity.ts'
import { type Fen, parseYuan } from '../domain/money.ts'
import type { ImportError } from '../domain/vocabulary.ts'
import { finding } from '../files/fault.ts'
import { readText, recogniseEncoding, type Source } from '../files/text.ts'
import { faults_max, file_bytes_max, file_total_fen_max, xml_depth_max, xml_text_chars_max } from './bounds.ts'
import {
  closeBalance,
  closeEntry,
  closeStatement,
  type Entry,
  lineOf,
  openStatement,
  type State,
  type Statement,
  type Sum,
  say,
} from './camt-statement.ts'
import type { Batch } from './records.ts'
import { withoutReference } from './settlement-reference.ts'

const namespace = /^urn:iso:std:iso:20022:tech:xsd:camt\.(053|054)\.001\.\d{2}$/
/** Containers of entries, and the root's child for each message. */
const messages: Readonly<Record<string, { root: string; holder: string }>> = {
  '053': { root: 'BkToCstmrStmt', holder: 'Stmt' },
  '054': { root: 'BkToCstmrDbtCdtNtfctn', holder: 'Ntfctn' },
}
export const isXml = (beginning: Buffer): boolean => /^(?:\ufeff)?\s*</.test(beginning.toString('utf8'))

/** Texts of an entry or transaction in which a bank may put the reference. */
const referencePlaces = new Set([
  'NtryRef',
  'AcctSvcrRef',
  'AddtlNtryInf',
  'EndToEndId',
  'InstrId',
  'TxId',
  'MsgId',
  'PmtInfId',
  'Ustrd',
  'Ref',
  'AddtlTxInf',
])

/** Is the parser inside these elements, the last one innermost? */
const isIn = ({ path }: State, ...names: string[]): boolean =>
  names.every((name, place) => path[path.length - names.length + place] === name)

// ── Elements open and close ─────────────────────────────────────────────────────────────────────────────────────────

const openElement = (state: State, { local, uri, attributes }: sax.QualifiedTag): void => {
  const { path } = state
  state.text = ''
  path.push(local)
  if (path.length > xml_depth_max) say(state, local, 'xml_invalid', '', ['嵌套过深', 'nested too deeply'])
  if (path.length === 1) {
    const [, number = ''] = namespace.exec(uri) ?? []
    state.message = messages[number]
    state.layout = `bank.camt.${number}`
    if (!state.message || local !== 'Document')
      say(state, local, 'layout_unknown', uri, ['应为 camt.053 或 camt.054', 'must be camt.053 or camt.054'])
  }
  if (path.length === 2 && state.message && local !== state.message.root) say(state, local, 'layout_unknown', local)
  if (path.length === 3 && local === state.message?.holder) state.statement = openStatement(lineOf(state))
  if (state.statement && path.length === 4 && local === 'Ntry')
    state.entry = { line: lineOf(state), texts: [], transactions: [] }
  if (state.entry && isIn(state, 'NtryDtls', 'TxDtls')) state.transaction = { texts: [] }
  if (local === 'Amt') state.currency = attributes.Ccy?.value
}

const closeElement = (state: State): void => {
  const { path, statement, entry, transaction } = state
  const name = path.at(-1)!
  readLeaf(state, name)
  state.text = ''
  if (entry && transaction && isIn(state, 'NtryDtls', 'TxDtls')) {
    entry.transactions.push(transaction)
    state.transaction = undefined
  }
  if (statement && path.length === 4) {
    if (entry && name === 'Ntry') {
      closeEntry(state, statement, entry)
      state.entry = undefined
    }
    if (name === 'Bal') closeBalance(statement)
  }
  if (statement && path.length === 3) {
    closeStatement(state, statement)
    state.statement = undefined
  }
  path.pop()
}

// ── What elements say ───────────────────────────────────────────────────────────────────────────────────────────────

const readLeaf = (state: State, name: string): void => {
  const word = state.text.trim()
  if (word === '') return
  if (may_hold_pan.test(word)) {
    const rest = withoutReference(word)
    if (scrubPans(rest) !== rest) say(state, name, 'card_number_exposed', rest)
  }
  if (name === 'Amt') readAmount(state, word)
  else if (name === 'CdtDbtInd') readSign(state, word)
  else if (state.entry) readOfEntry(state, state.entry, name, word)
  else if (state.statement) readOfStatement(state, state.statement, name, word)
}
const may_hold_pan = /(?:[0-9０-９][^0-9０-９]?){13}/

const readAmount = (state: State, word: string): void => {
  const { transaction, entry, statement, currency, path } = state
  const fen = fenOf(word)
  if (fen === undefined) return say(state, 'Amt', 'amount_format', word)
  const isOwn = isIn(state, 'TxDtls', 'Amt') || (isIn(state, 'TxAmt', 'Amt') && transaction?.amountFen === undefined)
  if (transaction && isOwn) Object.assign(transaction, { amountFen: fen, currency })
  else if (entry && path.length === 5) Object.assign(entry, { amountFen: fen, currency })
  else if (statement && isIn(state, 'Bal', 'Amt')) statement.balance.amountFen = fen
}

const readSign = (state: State, word: string): void => {
  const { transaction, entry, statement, path } = state
  if (word !== 'CRDT' && word !== 'DBIT')
    return say(state, 'CdtDbtInd', 'value_unknown', word, ['CRDT、DBIT', 'CRDT, DBIT'])
  const sign = word === 'CRDT' ? 1 : -1
  if (transaction && isIn(state, 'TxDtls', 'CdtDbtInd')) transaction.sign = sign
  else if (entry && path.length === 5) entry.sign = sign
  else if (statement && isIn(state, 'Bal', 'CdtDbtInd')) statement.balance.sign = sign
}

const readOfEntry = (state: State, entry: Entry, name: string, word: string): void => {
  if (isIn(state, 'Ntry', 'Sts') || isIn(state, 'Ntry', 'Sts', 'Cd')) entry.status = word
  if (isIn(state, 'BookgDt', 'Dt') || isIn(state, 'BookgDt', 'DtTm')) {
    const day = word.slice(0, 10)
    if (isDate(day)) entry.bookedOn = day
    else say(state, 'BookgDt', 'date_invalid', word)
  }
  if (referencePlaces.has(name)) (state.transaction ?? entry).texts.push(word)
}

const readOfStatement = (state: State, statement: Statement, name: string, word: string): void => {
  const { said } = statement
  if (isIn(state, 'Bal', 'Tp', 'CdOrPrtry', 'Cd')) statement.balance.code = word
  // A statement in several parts says its sums of the whole; only one in one part can be held against them.
  if (isIn(state, 'StmtPgntn', 'LastPgInd') && word !== 'true') statement.isPart = true
  if (isIn(state, 'StmtPgntn', 'PgNb') && Number(word) !== 1) statement.isPart = true
  const sums: Readonly<Record<string, Partial<Sum>>> = {
    TtlNtries: said.all,
    TtlCdtNtries: said.credits,
    TtlDbtNtries: said.debits,
  }
  const sum = sums[state.path.at(-2) ?? '']
  if (!sum) return
  if (name === 'NbOfNtries') sum.count = Number(word)
  if (name !== 'Sum') return
  const fen = fenOf(word)
  if (fen === undefined) say(state, name, 'amount_format', word)
  else sum.fen = fen
}

/** Amounts of ISO 20022 may carry up to five decimals; those beyond fen must be zero. */
const fenOf = (text: string): Fen | undefined => {
  const fen = parseYuan(text.replace(/(\.\d{2})0{1,3}$/, '$1').replace(/\.$/, ''))
  return fen !== undefined && Math.abs(fen) <= 10 * file_total_fen_max ? fen : undefined
}

/** Strict: only the five entities of XML itself, which the library's types do not know of yet. */
const options: sax.SAXOptions & { strictEntities: true } = { xmlns: true, position: true, strictEntities: true }

const openState = (parser: sax.SAXParser): State => ({
  parser,
  path: [],
  text: '',
  currency: undefined,
  message: undefined,
  statement: undefined,
  entry: undefined,
  transaction: undefined,
  layout: 'bank.camt',
  rows: [],
  faults: [],
  ignored: 0,
})

/** The parser's events, told to the state; answers how to feed it. An error of form is a fault, and the last thing read. */
const listen = (state: State): ((text: string | null) => void) => {
  const { parser } = state
  let broken: Error | undefined
  parser.onopentag = (tag) => openElement(state, tag as sax.QualifiedTag)
  parser.onclosetag = () => closeElement(state)
  parser.ontext = parser.oncdata = (piece) => {
    state.text += piece
    if (state.text.length <= xml_text_chars_max) return
    if (state.text.trim() !== '') say(state, state.path.at(-1) ?? null, 'too_long')
    state.text = ''
  }
  parser.ondoctype = () => say(state, null, 'xml_invalid', '', ['不允许 DTD', 'no document type allowed'])
  parser.onerror = (error) => {
    broken ??= error
    throw error
  }
  return (text) => {
    try {
      parser.write(text as string)
    } catch (error) {
      if (error !== broken) throw error
      const [reason = ''] = broken!.message.split('\n')
      say(state, null, 'xml_invalid', reason)
    }
  }
}

const endsReading = new Set<ImportError>(['layout_unknown', 'xml_invalid'])

export async function* readCamt(source: Source): AsyncGenerator<Batch<'bank'>, string> {
  const recognised = await recogniseEncoding(source, file_bytes_max)
  if ('refused' in recognised) {
    const code = recognised.refused === 'too_long' ? 'file_too_large' : recognised.refused
    yield { rows: [], faults: [{ line: 0, ...finding(null, code) }], ignored: 0, warnings: [] }
    return 'bank.camt'
  }
  const state = openState(sax.parser(true, options))
  const feed = listen(state)
  const take = (): Batch<'bank'> => {
    const { rows, faults, ignored } = state
    Object.assign(state, { rows: [], faults: [], ignored: 0 })
    return { rows, faults, ignored, warnings: [] }
  }
  let told = 0
  for await (const { text } of readText(source, recognised.encoding)) {
    feed(text)
    const batch = take()
    told += batch.faults.length
    yield batch
    if (told >= faults_max || batch.faults.some(({ code }) => endsReading.has(code))) return state.layout
  }
  // The end of the document: whatever is still open is a fault of form.
  feed(null)
  yield take()
  return state.layout
}
