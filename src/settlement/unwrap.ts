// What a file is wrapped in: base64, gzip, deflate, ZIP, in any order, up to so many layers. A layer is recognised by
// its first bytes and unpacked as it is read; the result is a source that can be opened again, each time unpacking
// anew (but for a ZIP, whose packed bytes are held: its directory stands at its end). Bounds hold while reading: bytes
// in all, and how far one layer may swell, a bomb's way. What a wrapping says wrong of itself – checksum, size, end –
// often shows only at its end: `Damaged` is thrown there, inside the reading of whoever reads, who makes it a fault.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { crc32, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import type { ImportError, Words } from '../domain/vocabulary.ts'
import { firstBytes, type Source } from '../files/text.ts'
import { deflated, type Entry, listEntries, packedBytes, stored } from '../files/unzip.ts'
import { archive_bytes_max, file_bytes_max, layers_max, unpack_ratio_from_bytes, unpack_ratio_max } from './bounds.ts'

/** What cannot be read, and why: a fault of the file as a whole. */
export class Damaged extends Error {
  readonly code: ImportError
  readonly hint: Words | undefined
  constructor(code: ImportError, hint?: Words) {
    super(code)
    this.code = code
    this.hint = hint
  }
}

/** `beginning`: the first bytes inside. `name`: what the file inside is called. */
export type Unwrapped = { source: Source; name: string | undefined; beginning: Buffer }

type Chunks = AsyncIterable<Uint8Array>
type Layer = 'zip' | 'gzip' | 'deflate' | 'deflate-raw' | 'base64'

const sniffed_bytes = 4_096
const chunk_bytes = 64 * 1024
const too_large: Words = ['至多 2 GiB', 'at most 2 GiB']

/** The bytes, opened from the start, at most as many as a file may have. */
export async function* openBytes(source: Source): AsyncGenerator<Uint8Array> {
  if (typeof source === 'string' && (await stat(source)).size > file_bytes_max)
    throw new Damaged('file_too_large', too_large)
  const chunks: Chunks | Uint8Array[] =
    typeof source === 'string'
      ? createReadStream(source, { highWaterMark: chunk_bytes })
      : typeof source === 'function'
        ? source()
        : [source]
  yield* atMost(chunks, file_bytes_max)
}

async function* atMost(chunks: Chunks | Iterable<Uint8Array>, bytes_max: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > bytes_max) throw new Damaged('file_too_large', too_large)
    yield chunk
  }
}

/** Peels layer after layer until what is inside is none. */
export const unwrap = async (source: Source, name?: string): Promise<Unwrapped> => {
  let inside: () => Chunks = () => openBytes(source)
  let called = name
  for (let layers = 0; ; layers++) {
    const beginning = await firstBytes(inside, sniffed_bytes)
    const layer = await layerOf(beginning)
    if (!layer) return { source: inside, name: called, beginning }
    if (layers === layers_max)
      throw new Damaged('archive_nested', [`至多 ${layers_max} 层`, `at most ${layers_max} layers`])
    const outside = inside
    if (layer === 'zip') {
      const file = await wholeArchive(outside())
      // A workbook is a ZIP file too, and read as what it is.
      if (file.includes(workbook_part)) return { source: inside, name: called, beginning }
      const entry = onlyEntry(file)
      called = entry.name.split(/[/\\]/).at(-1)
      inside = () => unzipped(file, entry)
    } else if (layer === 'base64') inside = () => fromBase64(outside())
    else inside = () => swelling(outside(), (chunks) => inflating(layer, chunks))
  }
}

const layerOf = async (beginning: Buffer): Promise<Layer | undefined> => {
  const [a = 0, b = 0, c = 0, d = 0] = beginning
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return 'zip'
  if (a === 0x1f && b === 0x8b) return 'gzip'
  const isBinary = beginning.some((byte) => byte < 0x09)
  // RFC 1950: method 8, window up to 32 KiB, no dictionary, the two bytes together a multiple of 31. So does a text begin
  // that begins with 'HK' or '80'.
  const mayDeflate = (a & 0x0f) === 8 && a >> 4 <= 7 && (b & 0x20) === 0 && ((a << 8) | b) % 31 === 0
  if (mayDeflate && (isBinary || (await inflates('deflate', beginning)))) return 'deflate'
  if (isBase64(beginning)) return 'base64'
  // A deflate stream without header looks like anything: what is no text and inflates to something is taken for one.
  return isBinary && (await inflates('deflate-raw', beginning)) ? 'deflate-raw' : undefined
}

const base64_shape = /^[A-Za-z0-9+/_-]+={0,2}$/
const base64_chars_min = 32
/** Nothing but the alphabet, in lines of one length (the last may be shorter): no record of ours looks like that. */
const isBase64 = (beginning: Buffer): boolean => {
  const lines = beginning.toString('latin1').trim().split(/\r?\n/)
  const length = lines[0]!.length
  return (
    lines.join('').length >= base64_chars_min &&
    lines.every(
      (line, place) =>
        base64_shape.test(line) && (line.length === length || (place === lines.length - 1 && line.length < length)),
    )
  )
}

/** Does anything come out of it? What does not inflate is no layer at all, and its reader says what it makes of it. */
const inflates = async (kind: 'deflate' | 'deflate-raw', beginning: Buffer): Promise<boolean> => {
  try {
    for await (const piece of inflating(kind, [beginning])) if (piece.length > 0) return true
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
  }
  return false
}

/** What a layer gives, as long as it does not swell beyond what real files do. */
async function* swelling(packed: Chunks, unpack: (packed: Chunks) => Chunks): AsyncGenerator<Uint8Array> {
  let packed_bytes = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of packed) {
      packed_bytes += chunk.length
      yield chunk
    }
  }
  let bytes = 0
  for await (const chunk of atMost(unpack(counted()), file_bytes_max)) {
    bytes += chunk.length
    if (bytes > unpack_ratio_from_bytes && bytes > packed_bytes * unpack_ratio_max)
      throw new Damaged('archive_bomb', [`超过 ${unpack_ratio_max} 倍`, `more than ${unpack_ratio_max}-fold`])
    yield chunk
  }
}

const inflaters = { gzip: createGunzip, deflate: createInflate, 'deflate-raw': createInflateRaw } as const

/** zlib's own errors – a wrong checksum, a stream cut short – are the file's. */
async function* inflating(
  kind: keyof typeof inflaters,
  chunks: Chunks | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const stream = Readable.from(chunks, { objectMode: false })
  const inflater = inflaters[kind]({ chunkSize: chunk_bytes })
  stream.on('error', (error) => inflater.destroy(error))
  stream.pipe(inflater)
  try {
    yield* inflater as AsyncIterable<Uint8Array>
  } catch (error) {
    throw isZlibError(error) ? new Damaged('archive_damaged') : error
  } finally {
    stream.destroy()
    inflater.destroy()
  }
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')

const workbook_part = Buffer.from('xl/workbook.xml')
const wholeArchive = async (chunks: Chunks): Promise<Buffer> => {
  const pieces: Uint8Array[] = []
  for await (const chunk of atMost(chunks, archive_bytes_max)) pieces.push(chunk)
  return Buffer.concat(pieces)
}

/** Folders, what a Mac adds, and UnionPay's difference and summary files, which come beside the detail file. */
const beside = /\/$|^__MACOSX\/|(?:^|\/)\.|(?:^|\/)(?:INN\d{8}ZME_|RNM2000)[^/]*$/

const onlyEntry = (file: Buffer): Entry => {
  const listed = listEntries(file)
  if ('refused' in listed) throw new Damaged('archive_damaged', listed.why)
  const others = listed.entries.filter(({ name }) => !beside.test(name))
  const [entry] = others.length > 0 ? others : listed.entries
  if (!entry) throw new Damaged('file_empty')
  if (others.length > 1)
    throw new Damaged('archive_damaged', [
      `含 ${others.length} 个文件，应只有一个`,
      `holds ${others.length} files, must be one`,
    ])
  return entry
}

/** The part, held against the size and the checksum the directory gives. */
async function* unzipped(file: Buffer, entry: Entry): AsyncGenerator<Uint8Array> {
  const packed = packedBytes(file, entry)
  if (!packed || (entry.method !== stored && entry.method !== deflated)) throw new Damaged('archive_damaged')
  const once = (async function* () {
    yield packed
  })()
  const unpacked = entry.method === stored ? once : swelling(once, (chunks) => inflating('deflate-raw', chunks))
  let bytes = 0
  let checksum = 0
  for await (const chunk of unpacked) {
    bytes += chunk.length
    checksum = crc32(chunk, checksum)
    if (bytes > entry.unpacked) throw new Damaged('archive_damaged')
    yield chunk
  }
  if (bytes !== entry.unpacked || checksum !== entry.crc) throw new Damaged('archive_damaged')
}

const base64_wrong = /[^A-Za-z0-9+/_\-=\s]/
/** Line breaks anywhere, padding only at the end. */
async function* fromBase64(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const wrong = new Damaged('archive_damaged', ['base64', 'base64'])
  let rest = ''
  let padding = 0
  for await (const chunk of chunks) {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')
    if (base64_wrong.test(text)) throw wrong
    const [data = '', ...marks] = text.replace(/\s/g, '').split('=')
    if ((padding > 0 && data !== '') || marks.some((mark) => mark !== '')) throw wrong
    padding += marks.length
    if (padding > 2) throw wrong
    const all = rest + data
    const whole = all.length - (all.length % 4)
    rest = all.slice(whole)
    if (whole > 0) yield Buffer.from(all.slice(0, whole), 'base64')
  }
  if (rest.length === 1) throw wrong
  if (rest !== '') yield Buffer.from(rest, 'base64')
}
