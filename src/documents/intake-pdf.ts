// Whether a PDF may be taken: it must open and must not do anything. Two looks at it, neither trusting the other. The
// first reads words only, wherever a viewer could be led by a cross-reference table, be it into a comment or the middle
// of a picture: after every "obj" and "trailer" of the file, and in every stream that could hold objects, unpacked
// within bounds. A name that only a script, a launch, an attachment, a form of XFA or encryption needs is enough to
// refuse. The second is a library's: it parses the file whole, so what does not parse is damaged, and walks every
// object once more.
import { inflateSync } from 'node:zlib'
import { PDFArray, PDFDict, PDFDocument, PDFName, PDFRawStream, type PDFObject } from '@cantoo/pdf-lib'

export type PdfFault = 'file_unsafe' | 'file_damaged'

/** Names no plain document needs. */
const forbidden: ReadonlySet<string> = new Set([
  'JS',
  'JavaScript',
  'Launch',
  'EmbeddedFile',
  'EmbeddedFiles',
  'EF',
  'XFA',
  'Encrypt',
  'RichMedia',
  'RichMediaExecute',
  'GoToE',
  'ImportData',
  'SubmitForm',
  'OnInstantiate',
])
/** All object streams of a file together, unpacked. */
const unpacked_bytes_max = 64 * 1_048_576
/** Objects lie side by side; a file in which they lie over one another is made to keep its reader busy. */
const readings_max = 2
/** Everything a file ends with is within this of its end. */
const tail_bytes = 2_048
/** A ZIP directory must begin within this of the end of a file for anybody to find it. */
const zip_tail_bytes = 65_557

export async function judgePdf(file: Uint8Array): Promise<PdfFault | undefined> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  if (bytes.toString('latin1', 0, 5) !== '%PDF-') return 'file_damaged'
  // A file that is a PDF to one program and an archive to another.
  if (bytes.includes('PK\x05\x06', Math.max(0, bytes.length - zip_tail_bytes), 'latin1')) return 'file_unsafe'
  if (!bytes.includes('%%EOF', Math.max(0, bytes.length - tail_bytes), 'latin1')) return 'file_damaged'
  return readWords(bytes) ?? (await readObjects(bytes))
}

// ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────
function readWords(bytes: Buffer): PdfFault | undefined {
  const text = bytes.toString('latin1')
  const budget = { left: unpacked_bytes_max }
  let damaged: PdfFault | undefined
  let read = 0
  for (const { index } of text.matchAll(/(?<!end)obj|trailer/g)) {
    const from = index + (text.startsWith('obj', index) ? 3 : 7)
    const { names, end, isStream } = namesFrom(text, from)
    read += end - from
    if (read > text.length * readings_max) return 'file_damaged'
    if (isForbidden(names)) return 'file_unsafe'
    const fault = isStream && mayHoldObjects(names) ? readStream(bytes, text, end, names, budget) : undefined
    if (fault === 'file_unsafe') return fault
    // What does not unpack may be encrypted, and that is said further on.
    damaged ??= fault
  }
  return damaged
}

const isForbidden = (names: ReadonlySet<string>): boolean => names.values().some((name) => forbidden.has(name))

/**
 * Of streams, those that hold objects say where the first begins; a table of objects has to be unpacked by every
 * reader.
 */
const mayHoldObjects = (names: ReadonlySet<string>): boolean =>
  names.has('ObjStm') || names.has('First') || names.has('XRef')

function readStream(
  bytes: Buffer,
  text: string,
  at: number,
  names: ReadonlySet<string>,
  budget: { left: number },
): PdfFault | undefined {
  const from = text.startsWith('\r\n', at) ? at + 2 : at + 1
  const isTable = names.has('XRef') && !names.has('ObjStm') && !names.has('First')
  const others = ['LZWDecode', 'LZW', 'ASCII85Decode', 'A85', 'ASCIIHexDecode', 'AHx', 'RunLengthDecode', 'RL', 'Crypt']
  const isFlate = names.has('FlateDecode') || names.has('Fl')
  if (others.some((name) => names.has(name)) || (names.has('Filter') && !isFlate)) return 'file_unsafe'
  if (!isTable && names.has('Predictor')) return 'file_unsafe'
  let content: string
  if (isFlate) {
    try {
      const unpacked = inflateSync(bytes.subarray(from), { maxOutputLength: budget.left })
      budget.left -= unpacked.length
      content = unpacked.toString('latin1')
    } catch (error) {
      return error instanceof RangeError ? 'file_unsafe' : 'file_damaged'
    }
  } else content = text.slice(from, endOf(text, from))
  if (isTable) return undefined
  return isForbidden(namesFrom(content, 0, 'all').names) ? 'file_unsafe' : undefined
}

const endOf = (text: string, from: number): number => {
  const end = text.indexOf('endstream', from)
  return end < 0 ? text.length : end
}

const white = new Set([...'\0\t\n\f\r '])
const delimiters = new Set([...'()<>[]{}/%'])
const isRegular = (character: string | undefined): boolean =>
  character !== undefined && !white.has(character) && !delimiters.has(character)

/**
 * The names of one object: from `from` to the word that ends it, or that begins its stream, or to the end of the text. What
 * stands in strings and comments is no name. #4A is J.
 */
function namesFrom(
  text: string,
  from: number,
  until: 'end' | 'all' = 'end',
): { names: Set<string>; end: number; isStream: boolean } {
  const names = new Set<string>()
  let at = from
  while (at < text.length) {
    const character = text[at]!
    if (character === '%') at = lineEnd(text, at)
    else if (character === '(') at = stringEnd(text, at)
    else if (character === '<' && text[at + 1] !== '<') at = found(text, '>', at) + 1
    else if (character === '/' || isRegular(character)) {
      let end = at + 1
      while (isRegular(text[end])) end += 1
      const word = text.slice(at, end)
      if (character === '/')
        names.add(
          word
            .slice(1)
            .replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        )
      else if (until === 'end' && (word === 'endobj' || word === 'stream'))
        return { names, end, isStream: word === 'stream' }
      at = end
    } else at += character === '<' ? 2 : 1
  }
  return { names, end: at, isStream: false }
}

const found = (text: string, what: string, from: number): number => {
  const at = text.indexOf(what, from)
  return at < 0 ? text.length : at
}
const lineEnd = (text: string, from: number): number => {
  let at = from
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1
  return at
}
function stringEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at += 1
    else if (character === '(') depth += 1
    else if (character === ')' && --depth === 0) return at + 1
  }
  return text.length
}

// ── Objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async function readObjects(bytes: Buffer): Promise<PdfFault | undefined> {
  try {
    const document = await PDFDocument.load(bytes, { updateMetadata: false, preserveXFA: true })
    if (document.getPageCount() < 1) return 'file_damaged'
    for (const [, object] of document.context.enumerateIndirectObjects())
      if (holdsForbidden(object)) return 'file_unsafe'
    return undefined
  } catch {
    return 'file_damaged'
  }
}

function holdsForbidden(root: PDFObject): boolean {
  const waiting: PDFObject[] = [root]
  for (let object = waiting.pop(); object; object = waiting.pop()) {
    if (object instanceof PDFName && forbidden.has(object.decodeText())) return true
    if (object instanceof PDFRawStream) waiting.push(object.dict)
    else if (object instanceof PDFArray) waiting.push(...object.asArray())
    else if (object instanceof PDFDict) for (const [key, value] of object.entries()) waiting.push(key, value)
  }
  return false
}
