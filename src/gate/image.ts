// A snapshot as bytes, for the disk: pieces of bounded size, so that making one does not keep answers waiting. Most
// terminals are open for good and carry nothing beyond their line: those are copied as they lie in memory, 80 bytes each.
// The rest, and the rules, are JSON changes. Pieces may be made while changes come in: a terminal changed meanwhile is
// found either as it was or as it is, and the log that began before the first piece says which is newer.
import type { GateEntry, GateInterval } from '../domain/gate.ts'
import { digestText, type Lanes } from './digest.ts'
import { claimWords, flags_word, line_words, slotAt, slot_word, stretches_word, type Slots } from './slots.ts'
import type { Applied, Change, Head } from './snapshot.ts'

const words_per_bare = line_words + 4 // the line, its version (a double), two lanes of its digest
const bare_bytes = words_per_bare * 4
/** About a quarter of a megabyte: copied in some hundred microseconds. */
const bare_per_piece = 3_000
const rich_per_piece = 100
/** Lines looked at without finding anything to write, before others get a turn. */
const lines_per_turn = 20_000
const rules_shift = 15

/** The table grew while it was copied: lines are elsewhere now, and the image must be begun again. */
export class ImageMoved extends Error {}

type Inside = {
  slots: Slots
  /** Where the snapshot stood when the image was begun: changes since are repeated over it. */
  head: Head
  rules: Change[]
  rulesDigests: readonly Lanes[]
  isBare(line: number): boolean
  changeAt(line: number, at: Head): Change
  digestAt(line: number): Lanes
}

// ── Changes as text ─────────────────────────────────────────────────────────────────────────────────────────────────
/** Infinities become null. */
export const changeText = (change: Change): string => JSON.stringify(change)

type Written = { from: number | null; to?: number | null; stopAt?: number | null }
const intervalOf = (i: GateInterval): GateInterval => {
  const { from, to, stopAt } = i as unknown as Written
  return { ...i, from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY, stopAt: stopAt ?? undefined }
}
const entryOf = (e: GateEntry): GateEntry => ({ ...e, intervals: e.intervals.map(intervalOf) })
export const changeOf = (text: string): Change => revived(JSON.parse(text) as Change)
const revived = (change: Change): Change => (change.kind === 'upsert' ? { ...change, entry: entryOf(change.entry) } : change)

// ── Pieces ──────────────────────────────────────────────────────────────────────────────────────────────────────────
const jsonPiece = (changes: readonly Change[]): Uint8Array => Buffer.from(`J${JSON.stringify(changes)}`)
/** 4 bytes of mark, so that what follows stays aligned. */
const barePiece = (words: Int32Array, count: number): Uint8Array => {
  const piece = new Uint8Array(4 + count * bare_bytes)
  piece[0] = 'B'.charCodeAt(0)
  piece.set(new Uint8Array(words.buffer, 0, count * bare_bytes), 4)
  return piece
}

const version = new Float64Array(1)
const versionWords = new Int32Array(version.buffer)

/** Ends with a piece that says the digest of all before it. */
export function* imageOf({ slots, head, rules, rulesDigests, isBare, changeAt, digestAt }: Inside): Generator<Uint8Array> {
  const sum: Lanes = [0, 0]
  const add = (lanes: Lanes): void => {
    sum[0] = (sum[0] + lanes[0]) | 0
    sum[1] = (sum[1] + lanes[1]) | 0
  }
  rulesDigests.forEach(add)
  yield jsonPiece(rules)
  const from = slots.words
  const bare = new Int32Array(bare_per_piece * words_per_bare)
  let count = 0
  let rich: Change[] = []
  const pieces = function* (isLast: boolean): Generator<Uint8Array> {
    if (count === bare_per_piece || (isLast && count > 0)) {
      yield barePiece(bare, count)
      count = 0
    }
    if (rich.length === rich_per_piece || (isLast && rich.length > 0)) {
      yield jsonPiece(rich)
      rich = []
    }
  }
  for (let line = 0, looked = 0; line < slots.lines * line_words; line += line_words) {
    if (slots.words !== from) throw new ImageMoved()
    if (++looked % lines_per_turn === 0) yield jsonPiece([])
    const slot = slotAt(slots, line)
    if (slot < 0) continue
    add(digestAt(line))
    if (!isBare(line)) rich.push(changeAt(line, head))
    else {
      const at = count * words_per_bare
      bare.set(slots.words.subarray(line, line + line_words), at)
      version[0] = slots.versions[slot]!
      bare[at + line_words] = versionWords[0]!
      bare[at + line_words + 1] = versionWords[1]!
      bare.set(digestAt(line), at + line_words + 2)
      count += 1
    }
    if (count === bare_per_piece || rich.length === rich_per_piece) yield* pieces(false)
  }
  yield* pieces(true)
  yield Buffer.from(`D${digestText(sum)}`)
}

type Into = { slots: Slots; rulesCount: number; take(change: Change): Applied; bare(lanes: Lanes): void; digest(): string }

export function restoreImage(piece: Uint8Array, { slots, rulesCount, take, bare, digest }: Into): boolean {
  if (piece[0] === 'D'.charCodeAt(0)) return Buffer.from(piece.subarray(1)).toString() === digest()
  if (piece[0] === 'J'.charCodeAt(0)) {
    const changes = JSON.parse(Buffer.from(piece.subarray(1)).toString()) as Change[]
    return changes.every((change) => ['applied', 'unchanged'].includes(take(revived(change))))
  }
  if (piece[0] !== 'B'.charCodeAt(0) || (piece.length - 4) % bare_bytes !== 0) return false
  // A copy of its own, since a Buffer may lie anywhere in a larger one.
  const words = new Int32Array(new Uint8Array(piece.subarray(4)).buffer)
  for (let at = 0; at < words.length; at += words_per_bare) {
    // Rules lie in the order in which they were written; a line of rules that are not there cannot be one of ours.
    if (words[at + flags_word]! >>> rules_shift >= rulesCount) return false
    const line = claimWords(slots, words[at]!, words[at + 1]!)
    const slotWord = slots.words[line + slot_word]!
    slots.words.set(words.subarray(at, at + line_words), line)
    slots.words[line + slot_word] = slotWord
    slots.words[line + stretches_word] = 0
    versionWords[0] = words[at + line_words]!
    versionWords[1] = words[at + line_words + 1]!
    slots.versions[slotWord - 1] = version[0]!
    const lanes: Lanes = [words[at + line_words + 2]!, words[at + line_words + 3]!]
    slots.digests.set(lanes, (slotWord - 1) * 2)
    bare(lanes)
  }
  return true
}
