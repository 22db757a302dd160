// A photo as a shop would send one: a small picture of one colour, in the format every telephone writes.
import { crc32, deflateSync } from 'node:zlib'

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

const side_px = 64

/** A PNG of 64 × 64 pixels. */
export function photoOf(red: number, green: number, blue: number, name: string): File {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side_px, 0)
  head.writeUInt32BE(side_px, 4)
  // Eight bits per channel, true colour.
  head.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side_px * 3, Buffer.from([red, green, blue]))])
  const bytes = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: side_px }, () => row)))), chunk('IEND', Buffer.alloc(0)),
  ])
  return new File([Uint8Array.from(bytes)], name, { type: 'image/png' })
}
