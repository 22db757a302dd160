// A door over a snapshot made by hand, for tests and benches of the front: what is observed is written down.
import { alwaysOpen, type GateEntry, type GateInterval, type GateRules } from '../../domain/gate.ts'
import type { Mode } from '../../domain/vocabulary.ts'
import type { Door } from '../door.ts'
import type { Observation } from '../observation.ts'
import { createSnapshot, type Snapshot } from '../snapshot.ts'

export const mid = '102290058120001'
export const noon = Date.UTC(2026, 10, 27, 4)
const day_ms = 86_400_000

export const rules: GateRules = {
  provider: 'yunhui', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24,
  signOnAfterReopening: true, positionToleranceMetres: 500, hotline: '400-800-0000',
}
const hold = {
  id: 'h1', reason: 'M02', owner: 'merchant', effectiveFrom: noon - day_ms, expectedUntil: noon + 30 * day_ms, caseNo: 'TQ-261127-00042-7',
} as const

/** Terminal number → the mode it is in. 10000005 came back from a stop and has not signed on. */
export const modesOfTerminals: Readonly<Record<string, Mode>> = {
  10000001: 'open', 10000002: 'shut', 10000003: 'test', 10000004: 'closed', 10000005: 'open', 10000006: 'drain', 10000007: 'open',
}

export const entryOf = (tid: string, mode: Mode, version = 1): GateEntry => {
  const intervals: GateInterval[] = [{ from: -Infinity, mode, holds: [hold.id], stopAt: noon - day_ms }]
  return {
    tid, mid, provider: rules.provider, serial: `00001204${tid}`, longitude: 114.361954, latitude: 30.621555,
    signOnRequired: tid === '10000005', version, intervals: mode === 'open' ? alwaysOpen : intervals,
    holds: mode === 'open' ? [] : [hold],
  }
}

export type HandDoor = Door & { readonly snapshot: Snapshot; readonly seen: Observation[]; at: number; isOpen: boolean }

export function doorOver(entries: Iterable<GateEntry>, terminals = 16): HandDoor {
  const snapshot = createSnapshot({ terminals })
  snapshot.apply({ kind: 'rules', epoch: 1, seq: 1, rules })
  for (const entry of entries) snapshot.apply({ kind: 'upsert', epoch: 1, seq: 1, entry })
  const seen: Observation[] = []
  const basis = { basis: 'fresh', epoch: 1, seq: 1, ageMs: 0 } as const
  const door: HandDoor = {
    snapshot, seen, at: noon, isOpen: true,
    now: () => door.at,
    decide: (query) => ({ ...snapshot.decide(query, door.at), ...basis }),
    decideAll: (queries) => snapshot.decideAll(queries, door.at).map((answer) => ({ ...answer, ...basis })),
    entry: (tid) => snapshot.find(tid),
    rulesOf: (provider) => snapshot.rulesOf(provider),
    observe(o) {
      seen.push(o)
      if (o.kind === 'signed_on') snapshot.signedOn(o.tid, o.at)
    },
    accepting: () => door.isOpen,
  }
  return door
}

export const handDoor = (): HandDoor =>
  doorOver(Object.entries(modesOfTerminals).map(([tid, mode]) => entryOf(tid, mode)))
