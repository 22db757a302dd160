// Names as UnionPay's files hold them: at most 32 bytes of GBK. Both sides are cut the same way before they are compared:
// whole characters as long as they fit. What GBK does not have – 䶮 and other rare characters of names – stands in no such
// file: one writer leaves it out, another puts a question mark; both are left out here. A file cut through the middle of
// a character leaves half of it; it is dropped.
const name_bytes_max = 32
/** Names remembered with their cut; a day's files name few merchants many times. */
const names_max = 50_000

const decoder = new TextDecoder('gb18030', { fatal: true })
const lenient = new TextDecoder('gb18030')

/** Two-byte codes that only GB 18030 gave a character; its decoder knows them, GBK does not. */
const added = [
  [0xa2e3, 0xa2e3],
  [0xa3a0, 0xa3a0],
  [0xa6d9, 0xa6df],
  [0xa6ec, 0xa6ed],
  [0xa6f3, 0xa6f3],
  [0xa8bc, 0xa8bc],
  [0xa8bf, 0xa8bf],
  [0xa989, 0xa995],
  [0xfe50, 0xfea0],
] as const
const lead_min = 0x81
const lead_max = 0xfe
const isPrivate = /[\ue000-\uf8ff\ufffd]/

/** The characters GBK writes in two bytes, found once by asking the decoder. */
const charactersOfTwoBytes = (): Set<string> => {
  const found = new Set<string>()
  for (let lead = lead_min; lead <= lead_max; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const code = (lead << 8) | trail
      const character = lenient.decode(new Uint8Array([lead, trail]))
      if (!isPrivate.test(character) && !added.some(([from, to]) => code >= from && code <= to)) found.add(character)
    }
  }
  return found
}
let twoBytes: Set<string> | undefined

/** Bytes of a character in GBK; 0 for one it does not have. */
const widthOf = (character: string): number => {
  if (character <= '\x7f') return 1
  twoBytes ??= charactersOfTwoBytes()
  return twoBytes.has(character) ? 2 : 0
}
export const gbkLength = (text: string): number => [...text].reduce((sum, character) => sum + widthOf(character), 0)

const cuts = new Map<string, string>()
/** The name as it is compared. */
export const cutName = (name: string): string => {
  const known = cuts.get(name)
  if (known !== undefined) return known
  let bytes = 0
  let cut = ''
  for (const character of name.trim()) {
    const width = widthOf(character)
    if (bytes + width > name_bytes_max) break
    bytes += width
    if (width > 0 && character !== '?') cut += character
  }
  if (cuts.size >= names_max) cuts.clear()
  cuts.set(name, cut.trim())
  return cut.trim()
}

/** From here on a name may have lost its end: to the 32 bytes, or to characters left out before it was cut. */
const nearly_full_bytes = 26
/**
 * Are two names one name, once both are cut? A rare character in a long one may have been left out before the cut or
 * after it; then one of them is longer at its end.
 */
export const isSameName = (a: string, b: string): boolean => {
  const [short = '', long = ''] = [cutName(a), cutName(b)].sort((one, other) => one.length - other.length)
  if (short === long) return true
  const isRare = [...a, ...b].some((character) => widthOf(character) === 0)
  return isRare && long.startsWith(short) && gbkLength(short) >= nearly_full_bytes
}

const isLead = (byte: number): boolean => byte >= lead_min && byte <= lead_max

/** A field's bytes as text, half a character at its end dropped; undefined where they are no GBK. */
export const decodeField = (bytes: Uint8Array): string | undefined => {
  // Whether the last byte begins a character shows only when read from the start.
  let at = 0
  while (at < bytes.length) at += isLead(bytes[at]!) ? 2 : 1
  const whole = at > bytes.length ? bytes.subarray(0, -1) : bytes
  try {
    return decoder.decode(whole).trim()
  } catch {
    return undefined
  }
}
