// The gate's answers as JSON, the same at every HTTP door. Most answers are a plain yes or a plain no: their sentence is made
// once for each language, and their text is put together without an object in between.
import { attendantSentence } from '../domain/gate-sentence.ts'
import type { GateEntry } from '../domain/gate.ts'
import { languages, type Language } from '../domain/vocabulary.ts'
import type { Door, GateReply } from './door.ts'

const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | undefined): string | null => (at === undefined || !Number.isFinite(at) ? null : iso(at))

/** What the cashier reads. `tid` is looked up only where the answer has more to say. */
export function sentenceOf(door: Door, reply: GateReply, tid: string | undefined, language: Language): string {
  const entry = tid === undefined ? undefined : door.entry(tid)
  return attendantSentence(reply, entry, door.rulesOf(entry?.provider), language)
}

/** An object for those who make one of it. */
export const answerView = (door: Door, reply: GateReply, tid: string | undefined, language: Language) => ({
  decision: reply.decision, code: reply.code, reason: reply.reason, sentence: sentenceOf(door, reply, tid, language), mode: reply.mode,
  holds: [...reply.holds], basis: reply.basis, asOf: iso(reply.asOf), until: isoOrNull(reply.until), epoch: reply.epoch, seq: reply.seq, ageMs: reply.ageMs,
})

export const terminalView = (door: Door, reply: GateReply, entry: GateEntry, language: Language) => ({
  tid: entry.tid, mid: entry.mid, mode: reply.mode, sentence: attendantSentence(reply, entry, door.rulesOf(entry.provider), language),
  signOnRequired: entry.signOnRequired, version: entry.version, basis: reply.basis, epoch: reply.epoch, seq: reply.seq, ageMs: reply.ageMs,
  intervals: entry.intervals.map((i) => ({ from: isoOrNull(i.from), to: isoOrNull(i.to), mode: i.mode, holds: [...i.holds] })),
})

/** The same JSON, in ASCII: a body that is one byte for each character need not be encoded. */
export const inAscii = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const sentences_remembered_max = 1_000

/** The same as `answerView` gives, as JSON in ASCII. */
export function answerText(door: Door): (reply: GateReply, tid: string | undefined, language: Language) => string {
  const remembered = Object.fromEntries(languages.map((l) => [l, new Map<string, string>()])) as Record<Language, Map<string, string>>
  let at = Number.NaN
  let atText = ''
  const plain = (reply: GateReply, language: Language): string => {
    const known = remembered[language].get(reply.code)
    if (known !== undefined) return known
    const made = inAscii(JSON.stringify(sentenceOf(door, reply, undefined, language)))
    if (remembered[language].size < sentences_remembered_max) remembered[language].set(reply.code, made)
    return made
  }
  return (reply, tid, language) => {
    if (reply.asOf !== at) {
      at = reply.asOf
      atText = iso(at)
    }
    const isPlain = reply.reason === 'ok' && reply.until === undefined
    const sentence = isPlain ? plain(reply, language) : inAscii(JSON.stringify(sentenceOf(door, reply, tid, language)))
    const until = reply.until === undefined ? 'null' : `"${iso(reply.until)}"`
    const holds = reply.holds.length === 0 ? '[]' : JSON.stringify(reply.holds)
    return `{"decision":"${reply.decision}","code":"${reply.code}","reason":"${reply.reason}","sentence":${sentence},"mode":"${reply.mode}","holds":${holds},"basis":"${reply.basis}","asOf":"${atText}","until":${until},"epoch":${reply.epoch},"seq":${reply.seq},"ageMs":${reply.ageMs}}`
  }
}
