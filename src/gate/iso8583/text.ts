// GBK text. The runtime decodes it and cannot encode it, so the way back is its decoder's table, turned round when first
// needed. Bytes that are no text are not guessed at.
const decoder = new TextDecoder('gbk', { fatal: true })

const isAscii = (bytes: Buffer, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) if (bytes[i]! > 0x7f) return false
  return true
}

/** Undefined where the bytes are no text. */
export function textAt(bytes: Buffer, start: number, end: number): string | undefined {
  if (isAscii(bytes, start, end)) return bytes.toString('latin1', start, end)
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

let pairs: ReadonlyMap<string, number> | undefined
/** Every character of two bytes, and the first of the two ways to write it where there are two. */
function pairOf(character: string): number | undefined {
  pairs ??= (() => {
    const lenient = new TextDecoder('gbk')
    const found = new Map<string, number>()
    const pair = Buffer.alloc(2)
    for (let lead = 0x81; lead <= 0xfe; lead++) {
      for (let trail = 0x40; trail <= 0xfe; trail++) {
        pair[0] = lead
        pair[1] = trail
        const text = lenient.decode(pair)
        if ([...text].length === 1 && text !== '\ufffd' && !found.has(text)) found.set(text, (lead << 8) | trail)
      }
    }
    return found
  })()
  return pairs.get(character)
}

/** Undefined where a character has no place in GBK. */
export function textBytes(text: string): Buffer | undefined {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.charCodeAt(0)
    if (code <= 0x7f) bytes.push(code)
    else if (character === '€') bytes.push(0x80)
    else {
      const pair = pairOf(character)
      if (pair === undefined) return undefined
      bytes.push(pair >> 8, pair & 255)
    }
  }
  return Buffer.from(bytes)
}
