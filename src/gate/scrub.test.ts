// What a gate holds is compared with what the database says: a difference that stays is found, one that passes is not.
import { describe, expect, test } from 'vitest'
import { alwaysOpen, type GateRules } from '../domain/gate.ts'
import type { Single } from '../store/single.ts'
import { createScrub } from './scrub.ts'
import { createSnapshot } from './snapshot.ts'

const rules: GateRules = { provider: 'yunhui', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 0, signOnAfterReopening: true }
const installed = Date.parse('2024-01-01')
const row = (tid: string, seq: number, serial = 'S') =>
  ({ tid, mid: '104110045110012', provider: 'yunhui', serial, gate_seq: seq, installed_at: installed, closed_at: null, sign_on_required: false, clear: true, longitude: null, latitude: null, holds: null })

function world(tids: readonly string[]) {
  const rows = new Map(tids.map((tid) => [tid, row(tid, 1)]))
  const snapshot = createSnapshot()
  snapshot.apply({ kind: 'rules', epoch: 1, seq: 1, rules })
  const hold = (tid: string): void => {
    snapshot.apply({ kind: 'upsert', epoch: 1, seq: 9, entry: { tid, mid: '104110045110012', provider: 'yunhui', serial: 'S', signOnRequired: false, intervals: alwaysOpen, holds: [], version: 1 } })
  }
  tids.forEach(hold)
  const asked: number[] = []
  const db = {
    many: async (text: string, params: readonly unknown[]) => {
      const found = text.includes('any($1)') ? (params[0] as string[]).flatMap((tid) => rows.get(tid) ?? []) : [...rows.values()].filter((r) => r.tid > (params[0] as string)).slice(0, params[1] as number)
      asked.push(found.length)
      return found
    },
  } as unknown as Single
  return { rows, snapshot, db, asked, scrub: createScrub(0, 400) }
}
const tids = Array.from({ length: 1_200 }, (_, i) => String(10_000_000 + i))
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

describe('scrub', () => {
  test('what agrees is left alone, all of it is looked at, round and round', async () => {
    const { scrub, db, snapshot, asked } = world(tids)
    for (let i = 0; i < 6; i++) expect(await scrub.look(db, snapshot, 1)).toEqual([])
    expect(asked).toEqual([200, 200, 200, 200, 200, 200])
  })
  test('a difference that stays is told, once it is certain', async () => {
    const { scrub, db, snapshot, rows } = world(tids)
    rows.set('10000003', row('10000003', 1, 'OTHER'))
    rows.set('99999999', row('99999999', 1))
    for (let i = 0; i < 7; i++) expect(await scrub.look(db, snapshot, 1)).toEqual([])
    await pause(450)
    expect(await scrub.look(db, snapshot, 1)).toEqual(['10000003', '99999999'])
  })
  test('one that was published meanwhile, or put right, is none', async () => {
    const { scrub, db, snapshot, rows } = world(tids.slice(0, 10))
    rows.set('10000001', row('10000001', 1, 'SOON'))
    rows.set('10000002', row('10000002', 1, 'GONE'))
    await scrub.look(db, snapshot, 1)
    rows.set('10000001', row('10000001', 2, 'SOON'))
    rows.set('10000002', row('10000002', 1))
    await pause(450)
    expect(await scrub.look(db, snapshot, 1)).toEqual([])
  })
  test('what was changed after us is not ours yet', async () => {
    const { scrub, db, snapshot, rows } = world(tids.slice(0, 10))
    rows.set('10000001', row('10000001', 5, 'NEWER'))
    for (let i = 0; i < 3; i++) {
      expect(await scrub.look(db, snapshot, 4)).toEqual([])
      await pause(450)
    }
  })
})
