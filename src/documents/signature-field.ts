// Makes room for a signature in a PDF that Typst has just written, without a second revision: the field, its signature
// dictionary and the pointers to them are written into the one revision there is, and the cross-reference table is
// made anew. Typst writes plain objects and a classic table, one line per object; anything else is refused loudly,
// because it would mean that the writer changed (the tests of sign.ts notice first). No general PDF library is used:
// none adds a field in one revision without parsing and rewriting every object of the file.

type SignatureRoom = {
  /** The file with an empty /Contents of zeros. */
  pdf: Buffer
  /** Where `<` of /Contents is, and the byte after its `>`. */
  gap: { from: number; to: number }
}
type Insert = { at: number; text: string }

/** Room for the CMS, in bytes; written as twice as many hexadecimal digits. P-256 takes about 1,000, RSA 4096 2,500. */
export const contents_bytes_max = 4096
const byteRange_chars = 40

/** Text in a PDF dictionary that reads right in every viewer: UTF-16BE with its mark, in hexadecimal. */
const pdfText = (text: string): string => `<feff${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`
export const fromPdfText = (hex: string): string => {
  const bytes = Buffer.from(hex, 'hex')
  return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le').replace(/^\ufeff/, '') : ''
}

const broken = (what: string): never => {
  throw new Error(`not a PDF as Typst writes it: ${what}`)
}
const found = (text: string, pattern: RegExp, what: string): string => pattern.exec(text)?.[1] ?? broken(what)

const readTable = (pdf: Buffer): { offsets: number[]; tableAt: number; trailer: string } => {
  const tail = pdf.toString('latin1', Math.max(0, pdf.length - 1024))
  const tableAt = Number(found(tail, /startxref\s+(\d+)\s+%%EOF\s*$/, 'no startxref at the end'))
  const table = pdf.toString('latin1', tableAt)
  const header = /^xref\n0 (\d+)\n/.exec(table) ?? broken('no classic xref table')
  const [first, count] = [header[0].length, Number(header[1])]
  const offsets = Array.from({ length: count }, (_, i) => Number(table.slice(first + 20 * i, first + 20 * i + 10)))
  return { offsets, tableAt, trailer: table.slice(first + 20 * count) }
}

const objectText = (pdf: Buffer, from: number): string => pdf.toString('latin1', from, pdf.indexOf('\nendobj', from))

const firstPage = (pdf: Buffer, offsets: number[], root: number): number => {
  let node = Number(found(objectText(pdf, offsets[root]!), /\n {2}\/Pages (\d+) 0 R/, 'no page tree'))
  for (let depth = 0; depth < 16; depth++) {
    const text = objectText(pdf, offsets[node]!)
    if (/\n {2}\/Type \/Page\n/.test(text)) return node
    node = Number(found(text, /\n {2}\/Kids \[(\d+) 0 R/, 'no first page'))
  }
  return broken('page tree too deep')
}

/** Puts text just inside the outermost dictionary of an object. */
const intoDictionary = (pdf: Buffer, from: number, text: string): Insert => {
  const start = pdf.toString('latin1', from, from + 32)
  const opening = /^\d+ 0 obj\n<<\n/.exec(start) ?? broken('an object is no dictionary')
  return { at: from + opening[0].length, text: `  ${text}\n` }
}
const addAnnotation = (pdf: Buffer, page: number, reference: string): Insert => {
  const start = /\n {2}\/Annots \[/.exec(objectText(pdf, page))
  return start
    ? { at: page + start.index + start[0].length, text: `${reference} ` }
    : intoDictionary(pdf, page, `/Annots [${reference}]`)
}

type SignatureWords = { name: string; reason: string; date: string }

const signatureObject = (no: number, { name, reason, date }: SignatureWords): string => [
  `${no} 0 obj\n<<`,
  '/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached',
  `/M (${date}) /Name ${pdfText(name)} /Reason ${pdfText(reason)}`,
  // Certified, no change permitted: viewers say so, and anything added later is marked as a breach.
  '/Reference [<< /Type /SigRef /TransformMethod /DocMDP',
  '/TransformParams << /Type /TransformParams /P 1 /V /1.2 >> >>]',
  `/ByteRange [${' '.repeat(byteRange_chars)}]`,
  `/Contents <${'0'.repeat(2 * contents_bytes_max)}>`,
  '>>\nendobj\n\n',
].join('\n')

/** The same document with an empty signature field in its only revision. */
export const withSignatureField = (unsigned: Uint8Array, words: SignatureWords): SignatureRoom => {
  const pdf = Buffer.from(unsigned.buffer, unsigned.byteOffset, unsigned.length)
  if (pdf.includes('/ByteRange')) broken('it is signed already')
  const { offsets, tableAt, trailer } = readTable(pdf)
  const count = offsets.length
  const root = Number(found(trailer, /\/Root (\d+) 0 R/, 'no root'))
  const page = firstPage(pdf, offsets, root)
  const [field, signature] = [`${count} 0 R`, `${count + 1} 0 R`]
  const catalogEntries = `/AcroForm << /Fields [${field}] /SigFlags 3 >>\n  /Perms << /DocMDP ${signature} >>`
  const inserts = [
    intoDictionary(pdf, offsets[root]!, catalogEntries),
    addAnnotation(pdf, offsets[page]!, field),
  ].sort((a, b) => a.at - b.at)
  const grown = (before: number): number =>
    inserts.filter(({ at }) => at <= before).reduce((sum, { text }) => sum + text.length, 0)

  // The widget has no size, so it needs no appearance (PDF/A-2, 6.3.3); F 132 = to be printed, locked.
  const widget = `${count} 0 obj\n<<\n/Type /Annot /Subtype /Widget /FT /Sig /T (Tingqi) /Rect [0 0 0 0] /F 132`
    + ` /P ${page} 0 R /V ${signature}\n>>\nendobj\n\n`
  const body: Buffer[] = []
  let copied = 0
  for (const { at, text } of inserts) {
    body.push(pdf.subarray(copied, at), Buffer.from(text, 'latin1'))
    copied = at
  }
  body.push(pdf.subarray(copied, tableAt))
  const widgetAt = tableAt + grown(tableAt)
  const signatureAt = widgetAt + widget.length
  const signatureText = signatureObject(count + 1, words)
  const newTableAt = signatureAt + signatureText.length
  const entries = [...offsets.slice(1).map(offset => offset + grown(offset)), widgetAt, signatureAt]
  const table = `xref\n0 ${count + 2}\n0000000000 65535 f\r\n`
    + entries.map(offset => `${String(offset).padStart(10, '0')} 00000 n\r\n`).join('')
  const newTrailer = trailer
    .replace(/\/Size \d+/, `/Size ${count + 2}`)
    .replace(/startxref\s+\d+\s+%%EOF\s*$/, `startxref\n${newTableAt}\n%%EOF\n`)
  const whole = Buffer.concat([...body, Buffer.from(widget + signatureText + table + newTrailer, 'latin1')])

  const from = signatureAt + signatureText.indexOf('/Contents <') + '/Contents '.length
  const gap = { from, to: from + 2 * contents_bytes_max + 2 }
  const range = `0 ${gap.from} ${gap.to} ${whole.length - gap.to}`.padEnd(byteRange_chars)
  whole.write(range, signatureAt + signatureText.indexOf('/ByteRange [') + '/ByteRange ['.length, 'latin1')
  return { pdf: whole, gap }
}
