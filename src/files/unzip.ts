// The parts of a ZIP file, unpacked within bounds. What a file says of its own sizes decides whether it is unpacked at
// all; inflating stops at the size it said; the checksum says whether what came out is what went in. So a bomb is
// refused before it grows, a part that lies about its size as soon as it passes it, and a damaged part is never read.
// Zip64, encryption and several disks do not occur in spreadsheets a person sends, and are refused.
import { crc32, inflateRawSync } from 'node:zlib'
import type { Words } from '../domain/vocabulary.ts'
import {
  sheet_part_ratio_from_bytes,
  sheet_part_ratio_max,
  sheet_parts_max,
  sheet_unpacked_bytes_max,
} from './bounds.ts'

/** Why a file is not read: a code and, for people, what it is about. */
export type Refused = { refused: 'file_format' | 'too_long'; why: Words }
export type Unzipped = { parts: Map<string, Uint8Array> } | Refused
/** One part as the directory tells it: names, sizes, where its local header is. */
export type Entry = { name: string; method: number; crc: number; packed: number; unpacked: number; offset: number }

const end_signature = 0x06054b50
const entry_signature = 0x02014b50
const local_signature = 0x04034b50
const end_bytes = 22
const entry_bytes = 46
const local_bytes = 30
const comment_bytes_max = 0xffff
export const stored = 0
export const deflated = 8
const encrypted_flag = 1

export const broken = (zh: string, en: string): Refused => ({ refused: 'file_format', why: [zh, en] })
export const tooLong = (zh: string, en: string): Refused => ({ refused: 'too_long', why: [zh, en] })

export const unzip = (bytes: Uint8Array, wanted: (name: string) => boolean): Unzipped => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const listed = listEntries(file)
  if ('refused' in listed) return listed
  const entries = listed.entries.filter(({ name }) => wanted(name))
  if (new Set(entries.map(({ name }) => name)).size < entries.length) return broken('部件重复', 'a part occurs twice')
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0)
  if (unpacked > sheet_unpacked_bytes_max) return tooLong(`解压后 ${unpacked} 字节`, `unpacks to ${unpacked} bytes`)
  // Parts that share their packed bytes (a bomb's way) together claim more than the file has.
  if (entries.reduce((sum, entry) => sum + entry.packed, 0) > file.length) return broken('部件重叠', 'parts overlap')
  const squeezed = entries.find(
    (entry) => entry.unpacked > sheet_part_ratio_from_bytes && entry.unpacked > entry.packed * sheet_part_ratio_max,
  )
  if (squeezed) {
    return tooLong(`压缩比超过 ${sheet_part_ratio_max}`, `unpacks more than ${sheet_part_ratio_max}-fold`)
  }
  const parts = new Map<string, Uint8Array>()
  for (const entry of entries) {
    const part = unpack(file, entry)
    if (!part) return broken('文件损坏', 'a part is damaged')
    parts.set(entry.name, part)
  }
  return { parts }
}

/** The directory at the end of a ZIP file. */
export const listEntries = (file: Buffer): { entries: Entry[] } | Refused => {
  const end = endOf(file)
  if (end === undefined) return broken('不是完整的 ZIP 文件', 'no ZIP directory')
  const count = file.readUInt16LE(end + 10)
  let at = file.readUInt32LE(end + 16)
  if (count > sheet_parts_max) return broken('部件过多', 'too many parts')
  const entries: Entry[] = []
  for (let n = 0; n < count; n++) {
    if (at + entry_bytes > end || file.readUInt32LE(at) !== entry_signature)
      return broken('ZIP 目录损坏', 'ZIP directory damaged')
    const nameEnd = at + entry_bytes + file.readUInt16LE(at + 28)
    if (nameEnd > end) return broken('ZIP 目录损坏', 'ZIP directory damaged')
    if (file.readUInt16LE(at + 8) & encrypted_flag) return broken('文件已加密', 'the file is encrypted')
    entries.push({
      name: file.toString('utf8', at + entry_bytes, nameEnd),
      method: file.readUInt16LE(at + 10),
      crc: file.readUInt32LE(at + 16),
      packed: file.readUInt32LE(at + 20),
      unpacked: file.readUInt32LE(at + 24),
      offset: file.readUInt32LE(at + 42),
    })
    at = nameEnd + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return { entries }
}

/** Where the end record is: its comment, read from it, ends with the file. */
const endOf = (file: Buffer): number | undefined => {
  const lowest = Math.max(0, file.length - end_bytes - comment_bytes_max)
  for (let at = file.length - end_bytes; at >= lowest; at--) {
    if (file.readUInt32LE(at) === end_signature && at + end_bytes + file.readUInt16LE(at + 20) === file.length)
      return at
  }
  return undefined
}

/** The packed bytes of a part, unless its local header says otherwise than the directory. */
export const packedBytes = (file: Buffer, entry: Entry): Buffer | undefined => {
  const { offset } = entry
  if (offset + local_bytes > file.length || file.readUInt32LE(offset) !== local_signature) return undefined
  const from = offset + local_bytes + file.readUInt16LE(offset + 26) + file.readUInt16LE(offset + 28)
  if (from + entry.packed > file.length) return undefined
  return file.subarray(from, from + entry.packed)
}

const unpack = (file: Buffer, entry: Entry): Uint8Array | undefined => {
  const packed = packedBytes(file, entry)
  if (!packed) return undefined
  const part =
    entry.method === stored ? packed : entry.method === deflated ? inflate(packed, entry.unpacked) : undefined
  return part?.length === entry.unpacked && crc32(part) === entry.crc ? part : undefined
}

const inflate = (packed: Buffer, size: number): Buffer | undefined => {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) })
  } catch {
    // Not a deflate stream, cut short, or larger than it said: all of them mean damaged.
    return undefined
  }
}
