// What may happen to a file: bytes set, cut, copied, things put into it. And how long reading the result may take.
import fc from 'fast-check'

const hang_ms = 100

/** The machine may be busy: slow three times over is slow. */
export const inTime = async <T>(read: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    const start = performance.now()
    const result = await read()
    const took_ms = performance.now() - start
    if (took_ms <= hang_ms) return result
    if (attempt === 3) throw new Error(`took ${took_ms} ms`)
  }
}

const tokens = [
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '\r\n',
  '"\n"',
  '\uFEFF',
  '\0',
  '=1+1',
  '终端',
  '䶮',
  '\ufffd',
  '6212340000000001',
  '9'.repeat(70),
  ','.repeat(120),
  '\n'.repeat(50),
  '<row r="99999999">',
  '<c r="ZZ9"/>',
  '</row>',
  '&#65;',
  '<!--',
  ']]>',
  ' r="7"',
  'PK\x05\x06',
].map((token) => Buffer.from(token))
/** One thing done to some bytes, at a place given as a share of their length. */
type Change = { kind: 'set' | 'cut' | 'end' | 'token' | 'copy'; at: number; size: number; byte: number }
export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'set' as const,
      'set' as const,
      'cut' as const,
      'end' as const,
      'token' as const,
      'copy' as const,
    ),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.integer({ min: 1, max: 60 }),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  { minLength: 1, maxLength: 6 },
)
export const change = (original: Uint8Array, list: readonly Change[]): Buffer => {
  let bytes = Buffer.from(original)
  for (const { kind, at, size, byte } of list) {
    const place = Math.floor(at * bytes.length)
    const [before, here, after] = [
      bytes.subarray(0, place),
      bytes.subarray(place, place + size),
      bytes.subarray(place + size),
    ]
    if (kind === 'set' && bytes.length > 0) bytes[Math.min(place, bytes.length - 1)] = byte
    if (kind === 'cut') bytes = Buffer.concat([before, after])
    if (kind === 'end' && size < 10) bytes = Buffer.from(before)
    if (kind === 'token') bytes = Buffer.concat([before, tokens[byte % tokens.length]!, here, after])
    if (kind === 'copy') bytes = Buffer.concat([before, here, here, after])
  }
  return bytes
}
