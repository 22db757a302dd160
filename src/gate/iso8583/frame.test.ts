// A stream in any pieces gives the same frames; what is too long ends the line.
import { describe, expect, test } from 'vitest'
import { createSplitter, frame_bytes_max, frameOf, messageStart, setCommand, swapTpdu } from './frame.ts'
import { frames } from './messages.fixtures.ts'

const all = Object.values(frames)
const stream = Buffer.concat([...all, Buffer.from('0000', 'hex'), ...all])

describe('a stream of frames', () => {
  test.each([1, 2, 3, 7, 64, 1_000, stream.length])('in pieces of %i bytes', (size) => {
    const splitter = createSplitter()
    const found: Buffer[] = []
    for (let at = 0; at < stream.length; at += size)
      expect(
        splitter.feed(stream.subarray(at, at + size), (bytes, start, end) => void found.push(Buffer.from(bytes.subarray(start, end)))),
      ).toBeUndefined()
    expect(found).toEqual([...all, ...all].map((bytes) => bytes.subarray(2)))
    expect(splitter.waiting).toBe(0)
  })

  test('a frame that has begun is waited for, and only that many bytes are held', () => {
    const splitter = createSplitter()
    splitter.feed(stream.subarray(0, all[0]!.length + 3), () => true)
    expect(splitter.waiting).toBe(3)
  })

  test.each([1, 2, 5_000])('a frame that is too long, in pieces of %i: a fault, and nothing more', (size) => {
    const splitter = createSplitter()
    const bytes = Buffer.concat([all[0]!, Buffer.from([(frame_bytes_max + 1) >> 8, (frame_bytes_max + 1) & 255]), Buffer.alloc(9_000)])
    let taken = 0
    let fault: unknown
    for (let at = 0; at < bytes.length; at += size) fault = splitter.feed(bytes.subarray(at, at + size), () => void taken++) ?? fault
    expect(fault).toMatchObject({ kind: 'frame_too_large' })
    expect(splitter.feed(all[0]!, () => void taken++)).toEqual(fault)
    expect(taken).toBe(1)
  })

  test('whoever says it wants no more gets no more', () => {
    const splitter = createSplitter()
    let taken = 0
    splitter.feed(stream, () => ++taken < 2)
    splitter.feed(stream, () => ++taken < 2)
    expect(taken).toBe(2)
  })
})

describe('around a message', () => {
  const tpdu = Buffer.from('6000061100', 'hex')
  const header = Buffer.from('603100311312', 'hex')
  const message = Buffer.from('0800', 'hex')
  test.each([
    ['recognised', frameOf({ tpdu, header }, message), 13],
    ['recognised', frameOf({ tpdu }, message), 7],
    ['present', frameOf({ tpdu, header }, message), 13],
    ['absent', frameOf({ tpdu }, message), 7],
    ['present', frameOf({ tpdu }, message), -1],
    ['recognised', frameOf({ tpdu }, Buffer.alloc(0)), -1],
  ] as const)('the header is %s', (mode, frame, at) => expect(messageStart(frame, 2, frame.length, mode)).toBe(at))

  test('the addresses change places, the command goes into its nibble', () => {
    const bytes = Buffer.concat([tpdu, header])
    swapTpdu(bytes, 0)
    setCommand(bytes, 5, 'sign_on')
    expect(bytes.toString('hex')).toBe('6011000006603103311312')
  })
})
