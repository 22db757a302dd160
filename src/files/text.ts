// Bytes to text. A file is UTF-8 if every byte of it is; else GB18030 if every byte of it is; else it is refused.
// That needs the whole file, not its beginning: 60 rows of digits say nothing about the name in row 61. So a file is
// read twice, once to recognise it and once to decode it, and a source must be one that can be opened again.
// No text file holds a NUL, but UTF-16 and UTF-32 do for every digit and comma: a NUL refuses both.
import { createReadStream } from 'node:fs'
import { text_file_bytes_max } from './bounds.ts'

/** Where the bytes are: a path, the bytes themselves, or a function that opens them from the start. */
export type Source = string | Uint8Array | (() => AsyncIterable<Uint8Array>)
export type Encoding = 'utf-8' | 'gb18030'

const chunk_bytes = 64 * 1024
const utf8_mark = Buffer.from('\uFEFF')

/** The bytes in pieces of at most 64 KiB. */
export async function* readBytes(source: Source): AsyncGenerator<Uint8Array> {
  const chunks =
    typeof source === 'string'
      ? createReadStream(source, { highWaterMark: chunk_bytes })
      : typeof source === 'function'
        ? source()
        : [source]
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += chunk_bytes) yield chunk.subarray(at, at + chunk_bytes)
  }
}

/** The first bytes of a source, as many as asked for or as there are. */
export const firstBytes = async (source: Source, count: number): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of readBytes(source)) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= count) break
  }
  return Buffer.concat(chunks).subarray(0, count)
}

export type Recognised = { encoding: Encoding; bytes: number } | { refused: 'encoding_invalid' | 'too_long' }

const fits = async (source: Source, encoding: Encoding, bytes_max: number): Promise<Recognised> => {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let bytes = 0
  try {
    for await (const chunk of readBytes(source)) {
      bytes += chunk.length
      if (bytes > bytes_max) return { refused: 'too_long' }
      if (chunk.includes(0)) return { refused: 'encoding_invalid' }
      decoder.decode(chunk, { stream: true })
    }
    decoder.decode()
  } catch (error) {
    if (isDecodingError(error)) return { refused: 'encoding_invalid' }
    throw error
  }
  return { encoding, bytes }
}

const isDecodingError = (error: unknown): boolean =>
  error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'

export const recogniseEncoding = async (source: Source, bytes_max = text_file_bytes_max): Promise<Recognised> => {
  const utf8 = await fits(source, 'utf-8', bytes_max)
  if (!('refused' in utf8) || utf8.refused === 'too_long') return utf8
  // A file that says it is UTF-8 and is not is damaged: as GB18030 it would only read as other characters.
  return (await firstBytes(source, 3)).equals(utf8_mark) ? utf8 : fits(source, 'gb18030', bytes_max)
}

/**
 * The text of a source whose encoding was recognised, without a byte order mark and with every line end (CRLF, CR)
 * as LF, so that line numbers are the count of one character. Yields with each piece how many bytes were read for it.
 */
export async function* readText(source: Source, encoding: Encoding): AsyncGenerator<{ text: string; bytes: number }> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let bytes = 0
  let heldCr = ''
  let atStart = true
  for await (const chunk of readBytes(source)) {
    bytes += chunk.length
    let text = heldCr + decoder.decode(chunk, { stream: true })
    if (text === '') continue
    // A CR at the very end may be the first half of a CRLF: it waits for the next piece.
    heldCr = text.endsWith('\r') ? '\r' : ''
    if (heldCr) text = text.slice(0, -1)
    if (atStart && text !== '') {
      atStart = false
      if (text.startsWith('\uFEFF')) text = text.slice(1)
    }
    yield { text: text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text, bytes }
  }
  const rest = decoder.decode() + (heldCr ? '\n' : '')
  if (rest) yield { text: rest, bytes }
}
