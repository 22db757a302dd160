// Where the register lies in memory: one 64-byte line per terminal, all that a decision compares, in one hash table
// keyed by TID (open addressing). Reading memory that is not in the cache costs more than the whole decision, so a
// decision reads one line. Nothing here is a JavaScript object: a million terminals cost the garbage collector nothing.
// Lines move when the table grows; a terminal's slot does not, and what a decision does not need lies by slot. Slots
// are never given back: a TID is never used again.

/** Words of 32 bits in a line, and what stands in them. */
export const line_words = 16
const mid_byte = 8 // after the TID's 8
const mid_characters = 15
const serial_length_byte = 23
export const flags_word = 6
export const slot_word = 7 // slot + 1; 0 = nobody's line
export const longitude_word = 8 // micro-degrees
export const latitude_word = 9
export const stretches_word = 10 // where its intervals begin in the pool
const serial_byte = 44
const serial_inline_max = 20
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
  bytes: Uint8Array
  /** By slot. */
  versions: Float64Array
  digests: Int32Array
  longSerials: Map<number, string>
  touched: number
}

/** One line more than is used, so that the one after any can be read. */
const table = (lines: number) => {
  const words = new Int32Array((lines + 1) * line_words)
  return { lines, words, bytes: new Uint8Array(words.buffer) }
}

export const createSlots = (terminals: number): Slots => {
  const lines = Math.max(lines_min, terminals * lines_per_terminal)
  return {
    count: 0, ...table(lines), versions: new Float64Array(lines / lines_per_terminal), digests: new Int32Array(lines),
    longSerials: new Map(), touched: 0,
  }
}

// ── Characters, one byte each ───────────────────────────────────────────────────────────────────────────────────────
const textAt = ({ bytes }: Slots, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length))
const textIs = ({ bytes }: Slots, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}
const writeText = ({ bytes }: Slots, at: number, text: string): void => {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
}

export const tidAt = (slots: Slots, line: number): string => textAt(slots, line * 4, 8)
export const midAt = (slots: Slots, line: number): string => textAt(slots, line * 4 + mid_byte, mid_characters)
/** Whether a serial lies in its line, and not among the long ones. */
export const isSerialInline = ({ bytes }: Slots, line: number): boolean => bytes[line * 4 + serial_length_byte] !== serial_is_long
export const midIs = (slots: Slots, line: number, mid: string): boolean =>
  mid.length === mid_characters && textIs(slots, line * 4 + mid_byte, mid)
export const writeMid = (slots: Slots, line: number, mid: string): void => writeText(slots, line * 4 + mid_byte, mid)

export const slotAt = ({ words }: Slots, line: number): number => words[line + slot_word]! - 1

export const serialAt = (slots: Slots, line: number): string | undefined => {
  const length = slots.bytes[line * 4 + serial_length_byte]!
  if (length === serial_is_long) return slots.longSerials.get(slotAt(slots, line))
  return length === 0 ? undefined : textAt(slots, line * 4 + serial_byte, length)
}
export const serialIs = (slots: Slots, line: number, serial: string): boolean => {
  const length = slots.bytes[line * 4 + serial_length_byte]!
  if (length === serial_is_long) return slots.longSerials.get(slotAt(slots, line)) === serial
  return length === serial.length && textIs(slots, line * 4 + serial_byte, serial)
}
export const writeSerial = (slots: Slots, line: number, serial: string | undefined): void => {
  const text = serial ?? ''
  const isLong = text.length > serial_inline_max
  slots.longSerials.delete(slotAt(slots, line))
  slots.bytes[line * 4 + serial_length_byte] = isLong ? serial_is_long : text.length
  if (isLong) slots.longSerials.set(slotAt(slots, line), text)
  else writeText(slots, line * 4 + serial_byte, text)
}

// ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────
/** Four characters as they lie in a word, or something no word of ours is where one of them is beyond ASCII. */
const wordOf = (text: string, at: number): number => {
  const [a, b, c, d] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2), text.charCodeAt(at + 3)]
  return (a | b | c | d) < 128 ? a | (b << 8) | (c << 16) | (d << 24) : -1
}
/** Where the search for a TID begins: its halves spread over 32 bits, then scaled. TIDs often come in sequence. */
const home = (high: number, low: number, lines: number): number => {
  let h = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae3d)
  return Math.floor(((h ^ (h >>> 13)) >>> 0) * (lines / 2 ** 32)) * line_words
}

/** Along the lines until the TID or an empty line is found: its first word, or -1. */
const search = ({ words, lines }: Slots, high: number, low: number, from: number): number => {
  for (let line = from; words[line + slot_word] !== 0;) {
    if (words[line] === high && words[line + 1] === low) return line
    line += line_words
    if (line === lines * line_words) line = 0
  }
  return -1
}

/** The first word of a terminal's line, -1 where the TID is not one of ours or no TID at all. */
export const lineOf = (slots: Slots, tid: string): number => {
  if (tid.length !== 8) return -1
  const high = wordOf(tid, 0)
  const low = wordOf(tid, 4)
  return search(slots, high, low, home(high, low, slots.lines))
}

/** TIDs of a batch asked for at once; enough to keep memory busy, few enough to stay in the nearest cache. */
export const touched_at_once_max = 64
const highs = new Int32Array(touched_at_once_max)
const lows = new Int32Array(touched_at_once_max)
const homes = new Int32Array(touched_at_once_max)
/**
 * Asks memory for the lines where the search for some TIDs will begin, and the next, without looking at them. Memory
 * answers many requests at once, so a batch that asks first waits once, and not once for each.
 */
export const touch = (slots: Slots, queries: readonly { readonly tid: string }[], from: number, end: number): void => {
  const { words, lines } = slots
  for (let i = 0; i < end - from; i++) {
    const { tid } = queries[from + i]!
    highs[i] = tid.length === 8 ? wordOf(tid, 0) : -1
    lows[i] = wordOf(tid, 4)
    homes[i] = home(highs[i]!, lows[i]!, lines)
  }
  let sum = 0
  for (let i = 0; i < end - from; i++) sum ^= words[homes[i]!]! ^ words[homes[i]! + line_words]!
  // Kept only so that no compiler leaves the reads out.
  slots.touched = sum
}
/** The same as `lineOf` for the i-th TID touched last. */
export const lineOfTouched = (slots: Slots, i: number): number => search(slots, highs[i]!, lows[i]!, homes[i]!)

const freeLine = ({ words, lines }: Slots, high: number, low: number): number => {
  let line = home(high, low, lines)
  while (words[line + slot_word] !== 0) line = line + line_words === lines * line_words ? 0 : line + line_words
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
export const claimLine = (slots: Slots, tid: string): number => claimWords(slots, wordOf(tid, 0), wordOf(tid, 4))

/** The same for a TID as it lies in memory. */
export const claimWords = (slots: Slots, high: number, low: number): number => {
  if (slots.count + 1 > slots.lines * used_share_max) grow(slots)
  if (slots.count === slots.versions.length) growDense(slots)
  const line = freeLine(slots, high, low)
  slots.count += 1
  slots.words[line] = high
  slots.words[line + 1] = low
  slots.words[line + slot_word] = slots.count
  slots.words[line + longitude_word] = no_position
  slots.words[line + latitude_word] = no_position
  return line
}
