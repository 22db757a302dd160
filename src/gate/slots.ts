// Where the register lies in memory: one 64-byte line per terminal, all that a decision compares, in one open-addressing
// table keyed by TID. Reading memory that is not in the cache costs more than the whole decision, so a decision reads one
// line. Nothing here is a JavaScript object: a million terminals cost the garbage collector nothing.
// Lines move when the table grows; a terminal's slot does not, and what a decision does not need lies by slot. Slots are
// never given back: a TID is never used again.

/** Words of 32 bits in a line, and what stands in them. */
export const line_words = 16
export const tid_word = 0 // 2 words of four characters each
export const mid_word = 2 // 5 halves of three characters each
export const rules_half = 9 // the half word behind the merchant number: index into the snapshot's rules
export const flags_word = 5
export const slot_word = 6 // slot + 1; 0 = nobody's line
export const longitude_word = 7 // micro-degrees
export const latitude_word = 8
export const detail_word = 9 // index into the snapshot's details; 0 = none
export const serial_byte = 40 // length, then up to 23 characters
const serial_inline_max = 23
/** In place of a length: the serial is longer and lies among the long ones. */
const serial_is_long = 255
/** No position; outside ± 180,000,000 micro-degrees. */
export const no_position = -0x80000000

const lines_min = 1024
/** Lines per terminal expected, the share of lines in use at which the table grows, and by how much. */
const lines_per_terminal = 2
const used_share_max = 0.6
const growth = 1.5

export type Slots = {
  count: number
  lines: number
  words: Int32Array
  halves: Uint16Array
  bytes: Uint8Array
  /** By slot. */
  versions: Float64Array
  digests: Int32Array
  longSerials: Map<number, string>
  touched: number
}

const table = (lines: number) => {
  const words = new Int32Array(lines * line_words)
  return { lines, words, halves: new Uint16Array(words.buffer), bytes: new Uint8Array(words.buffer) }
}

export const createSlots = (terminals: number): Slots => {
  const lines = Math.max(lines_min, terminals * lines_per_terminal)
  return {
    count: 0, ...table(lines), versions: new Float64Array(lines / lines_per_terminal), digests: new Int32Array(lines),
    longSerials: new Map(), touched: 0,
  }
}

// ── Characters: 0-9A-Z in base 36, three to 16 bits (36³ = 46,656), four to 21 (36⁴ = 1,679,616) ─────────────────────
/** -1 where one of the characters is anything else. */
const pack = (text: string, from: number, end: number): number => {
  let packed = 0
  for (let i = from; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c >= 48 && c <= 57) packed = packed * 36 + c - 48
    else if (c >= 65 && c <= 90) packed = packed * 36 + c - 55
    else return -1
  }
  return packed
}
const unpack = (packed: number, length: number): string => packed.toString(36).toUpperCase().padStart(length, '0')

export const tidAt = ({ words }: Slots, line: number): string => unpack(words[line]!, 4) + unpack(words[line + 1]!, 4)

const mid_half = mid_word * 2
export const midAt = ({ halves }: Slots, line: number): string =>
  [0, 1, 2, 3, 4].map((i) => unpack(halves[line * 2 + mid_half + i]!, 3)).join('')
export const midIs = ({ halves }: Slots, line: number, mid: string): boolean => {
  const at = line * 2 + mid_half
  return mid.length === 15
    && halves[at] === pack(mid, 0, 3) && halves[at + 1] === pack(mid, 3, 6) && halves[at + 2] === pack(mid, 6, 9)
    && halves[at + 3] === pack(mid, 9, 12) && halves[at + 4] === pack(mid, 12, 15)
}
export const writeMid = ({ halves }: Slots, line: number, mid: string): void => {
  for (let i = 0; i < 5; i++) halves[line * 2 + mid_half + i] = pack(mid, i * 3, i * 3 + 3)
}

export const slotAt = ({ words }: Slots, line: number): number => words[line + slot_word]! - 1

export const serialAt = (slots: Slots, line: number): string | undefined => {
  const at = line * 4 + serial_byte
  const length = slots.bytes[at]!
  if (length === serial_is_long) return slots.longSerials.get(slotAt(slots, line))
  return length === 0 ? undefined : String.fromCharCode(...slots.bytes.subarray(at + 1, at + 1 + length))
}
export const serialIs = (slots: Slots, line: number, serial: string): boolean => {
  const at = line * 4 + serial_byte
  const length = slots.bytes[at]!
  if (length === serial_is_long) return slots.longSerials.get(slotAt(slots, line)) === serial
  if (length !== serial.length) return false
  for (let i = 0; i < length; i++) if (slots.bytes[at + 1 + i] !== serial.charCodeAt(i)) return false
  return true
}
/** Characters of one byte, checked by the caller. */
export const writeSerial = (slots: Slots, line: number, serial: string | undefined): void => {
  const at = line * 4 + serial_byte
  const text = serial ?? ''
  slots.longSerials.delete(slotAt(slots, line))
  if (text.length > serial_inline_max) {
    slots.bytes[at] = serial_is_long
    slots.longSerials.set(slotAt(slots, line), text)
    return
  }
  slots.bytes[at] = text.length
  for (let i = 0; i < text.length; i++) slots.bytes[at + 1 + i] = text.charCodeAt(i)
}

// ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────
/** The line where the search for a TID begins: its halves spread over 32 bits, then scaled. TIDs often come in sequence. */
const home = (high: number, low: number, lines: number): number => {
  let h = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae3d)
  return Math.floor(((h ^ (h >>> 13)) >>> 0) * (lines / 2 ** 32)) * line_words
}

/** The first word of a terminal's line, -1 where the TID is not one of ours or no TID at all. */
export const lineOf = ({ words, lines }: Slots, tid: string): number => {
  if (tid.length !== 8) return -1
  const high = pack(tid, 0, 4)
  const low = pack(tid, 4, 8)
  for (let line = home(high, low, lines); ;) {
    if (words[line] === high && words[line + 1] === low && words[line + slot_word] !== 0) return line
    if (words[line + slot_word] === 0) return -1
    line += line_words
    if (line === words.length) line = 0
  }
}

/** TIDs of a batch asked for at once; enough to keep memory busy, few enough to stay in the nearest cache. */
export const touched_at_once_max = 64
const homes = new Int32Array(touched_at_once_max)
/**
 * Asks memory for the lines where the search for some TIDs will begin, without looking at them. Memory answers many
 * requests at once, so a batch that asks first waits once, and not once for each.
 */
export const touch = (slots: Slots, queries: readonly { readonly tid: string }[], from: number, end: number): void => {
  const { words, lines } = slots
  for (let i = from; i < end; i++) {
    const { tid } = queries[i]!
    homes[i - from] = tid.length === 8 ? home(pack(tid, 0, 4), pack(tid, 4, 8), lines) : 0
  }
  let sum = 0
  for (let i = 0; i < end - from; i++) sum ^= words[homes[i]!]!
  // Kept only so that no compiler leaves the reads out.
  slots.touched = sum
}

const freeLine = ({ words, lines }: Slots, high: number, low: number): number => {
  let line = home(high, low, lines)
  while (words[line + slot_word] !== 0) line = line + line_words === words.length ? 0 : line + line_words
  return line
}

const grow = (slots: Slots): void => {
  const old = slots.words
  Object.assign(slots, table(Math.ceil(slots.lines * growth)))
  for (let line = 0; line < old.length; line += line_words)
    if (old[line + slot_word] !== 0)
      slots.words.set(old.subarray(line, line + line_words), freeLine(slots, old[line]!, old[line + 1]!))
}

const growDense = (slots: Slots): void => {
  const { versions, digests } = slots
  const length = Math.ceil(versions.length * growth)
  slots.versions = new Float64Array(length)
  slots.versions.set(versions)
  slots.digests = new Int32Array(length * 2)
  slots.digests.set(digests)
}

/** A new line for a TID that has none: 8 characters 0-9A-Z, checked by the caller. Lines found before are void. */
export const claimLine = (slots: Slots, tid: string): number => {
  if (slots.count + 1 > slots.lines * used_share_max) grow(slots)
  if (slots.count === slots.versions.length) growDense(slots)
  const [high, low] = [pack(tid, 0, 4), pack(tid, 4, 8)]
  const line = freeLine(slots, high, low)
  slots.count += 1
  slots.words[line] = high
  slots.words[line + 1] = low
  slots.words[line + slot_word] = slots.count
  slots.words[line + longitude_word] = no_position
  slots.words[line + latitude_word] = no_position
  return line
}
