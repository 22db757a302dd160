// A fingerprint of everything a gate holds: the sum of one 64-bit hash per entry and per set of rules, in two 32-bit
// lanes. A sum does not depend on order and can be kept up to date change by change, so the primary and every gate can
// compare what they hold at the same (epoch, seq). It finds loss, damage and disorder; against forgery stands the
// signature.
import type { GateEntry, GateRules } from '../domain/gate.ts'

/** Two 32-bit lanes. */
export type Lanes = [number, number]

let one = 0
let two = 0
const fold = (word: number): void => {
  const a = one ^ Math.imul(word, 0xcc9e2d51)
  one = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0
  const b = two ^ Math.imul(word, 0x85ebca6b)
  two = (Math.imul((b << 15) | (b >>> 17), 9) + 0x38495ab5) | 0
}
const foldNumber = (value: number): void => {
  fold(value | 0)
  fold(Math.floor(value / 2 ** 32) | 0)
}
const foldText = (text: string): void => {
  fold(text.length)
  for (let i = 0; i < text.length; i++) fold(text.charCodeAt(i))
}
const spread = (lane: number): number => {
  const h = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b)
  return Math.imul(h ^ (h >>> 13), 0xc2b2ae35) | 0
}
const finished = (): Lanes => [spread(one), spread(two ^ one)]

/** Degrees as the gate keeps them. */
export const microDegrees = (degrees: number): number => Math.round(degrees * 1e6)

/** Without `signedOnAt`, which is one gate's own knowledge. */
export const digestOfEntry = (entry: GateEntry): Lanes => {
  one = two = 0
  const { intervals, holds, serial, longitude, latitude } = entry
  foldText(entry.tid)
  foldText(entry.mid)
  foldText(entry.provider)
  foldText(serial ?? '')
  if (longitude !== undefined && latitude !== undefined) {
    fold(microDegrees(longitude))
    fold(microDegrees(latitude))
  }
  fold(Number(entry.signOnRequired) + 2 * Number(entry.merchantStopped === true) + 4 * Number(entry.openWork === true))
  foldNumber(entry.version)
  if (intervals.length > 1 || holds.length > 0 || intervals[0]?.mode !== 'open')
    // Infinity is null in JSON, as is an end that is not known; both mean the same here.
    foldText(JSON.stringify([
      intervals.map((i) => [i.from, i.to ?? null, i.mode, i.holds, i.stopAt ?? null]),
      holds.map((h) => [h.id, h.reason, h.owner, h.effectiveFrom, h.expectedUntil ?? null, h.caseNo ?? null]),
    ]))
  return finished()
}

export const digestOfRules = (rules: GateRules): Lanes => {
  one = two = 0
  foldText(JSON.stringify([
    rules.provider, Object.entries(rules.responseCodes).toSorted(([a], [b]) => (a < b ? -1 : 1)), rules.refundWhileShut,
    rules.completionWhileShut, rules.offlineUploadHours, rules.signOnAfterReopening,
    rules.positionToleranceMetres ?? null, rules.hotline ?? null, rules.standin === undefined ? null : Object.entries(rules.standin).toSorted(),
  ]))
  return finished()
}

/** As 16 hexadecimal digits. */
export const digestText = (lanes: Lanes): string =>
  lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
