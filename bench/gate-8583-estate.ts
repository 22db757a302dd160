// The estate of the ISO 8583 bench, the same for the process that asks and the one that answers: a million terminals in the
// modes terminals are in, of which some thousands sell.
import { alwaysOpen, type GateEntry, type GateInterval, type GateRules } from '../src/domain/gate.ts'
import type { Mode } from '../src/domain/vocabulary.ts'

export const secret = 'bench-only-secret-bench-only-secret-0000'
export const now = Date.UTC(2026, 10, 27, 4)
const day_ms = 86_400_000

export const rules: GateRules = {
  provider: 'benchpay', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24,
  signOnAfterReopening: true, positionToleranceMetres: 500, hotline: '400-000-0000',
}
export const tidOf = (n: number): string => String(10_000_000 + n)
export const midOf = (n: number): string => `84805937${String(1_000_000 + (n >> 1)).padStart(7, '0')}`
export const serialOf = (n: number): string => `00001204${40_000_000 + n}`
/** Six decimals that end in 1: texts of one length. */
const degrees = (n: number): number => Number((n + 0.000_001).toFixed(6))
export const positionOf = (n: number): { longitude: number; latitude: number } =>
  ({ longitude: degrees(100 + (n % 2000) / 100), latitude: degrees(25 + (n % 1000) / 100) })

/** Of a hundred terminals: 93 open, 2 with a stop to come, 5 in other modes. */
export const modeOf = (n: number): Mode | 'scheduled' => {
  const roll = Math.imul(n, 0x9e3779b1) >>> 0
  const share = roll % 100
  return share < 93 ? 'open' : share < 95 ? 'scheduled' : (['shut', 'drain', 'test', 'closed', 'restrict'] as const)[share - 95]!
}
/** What a sale is answered there. */
export const codeExpected = (n: number): string => {
  const mode = modeOf(n)
  return mode === 'closed' ? '97' : mode === 'open' || mode === 'scheduled' || mode === 'test' ? '00' : '58'
}

export const entryOf = (n: number): GateEntry => {
  const mode = modeOf(n)
  const hold = { id: `h${n}`, reason: 'M02', owner: 'merchant', effectiveFrom: now - day_ms, caseNo: 'TQ-261127-00042-7' } as const
  const intervals: GateInterval[] = mode === 'scheduled'
    ? [
        { from: -Infinity, to: now + 2 * day_ms, mode: 'open', holds: [] },
        { from: now + 2 * day_ms, mode: 'shut', holds: [hold.id], stopAt: now + 2 * day_ms },
      ]
    : [{ from: -Infinity, mode, holds: [hold.id], stopAt: now - day_ms }]
  return {
    tid: tidOf(n), mid: midOf(n), provider: rules.provider, serial: serialOf(n), ...positionOf(n), signOnRequired: false, version: 1,
    intervals: mode === 'open' ? alwaysOpen : intervals, holds: mode === 'open' ? [] : [hold],
  }
}
