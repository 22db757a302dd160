// What a gate saw, on its way: numbered once, spooled while nobody takes it, never lost in silence.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Minute, Report } from '../store/gate.ts'
import type { Single } from '../store/single.ts'
import { openObserved, type Observed } from './observed.ts'
import { createVelocity } from './velocity.ts'

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tingqi-observed-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A database that takes, or does not; and may take without saying so. */
const database = () => {
  const kept = new Map<number, Report>()
  const minutes: Minute[] = []
  let mood: 'takes' | 'away' | 'silent' = 'takes'
  const run = async (text: string, params: readonly unknown[] = []): Promise<number> => {
    if (mood === 'away') throw new Error('away')
    const rows = JSON.parse(params[1] as string) as (Report & Minute)[]
    if (text.includes('gate_report')) for (const r of rows) if (!kept.has(r.ordinal)) kept.set(r.ordinal, r)
    if (text.includes('gate_minute')) minutes.push(...rows)
    if (mood === 'silent') throw new Error('the answer was lost')
    return rows.length
  }
  return { db: { run } as unknown as Single, kept, minutes, set: (next: typeof mood) => { mood = next } }
}
const attempt = (tid: string) => ({ kind: 'attempt', at: 1, tid, mid: 'm', provider: 'p', class: 'sale', code: '58', reason: 'stopped' }) as const
const standin = (tid: string, amountFen = 100) => ({ kind: 'standin', at: 2, tid, mid: 'm', provider: 'p', class: 'sale', amountFen, epoch: 1, seq: 1 }) as const
const all = async (observed: Observed, db: Single): Promise<void> => { while (await observed.flush(db, 0)) { /* a batch at a time */ } }

describe('reports', () => {
  test('go to the database once each, in batches', async () => {
    const observed = openObserved(folder, 'g')
    const { db, kept } = database()
    for (let i = 0; i < 1_234; i++) observed.note(attempt(String(i)))
    await all(observed, db)
    expect([...kept.values()].map((r) => r.tid)).toEqual(Array.from({ length: 1_234 }, (_, i) => String(i)))
    expect(kept.get(1)).toMatchObject({ kind: 'attempt', tid: '0', provider: 'p', mid: 'm', body: { class: 'sale', code: '58', reason: 'stopped' } })
    expect(observed.figures().waiting).toBe(0)
  })

  test('are kept while it is away, over a restart, and are not sent twice when its answer was lost', async () => {
    const first = openObserved(folder, 'g')
    const { db, kept, set } = database()
    set('away')
    for (let i = 0; i < 700; i++) first.note(attempt(String(i)))
    expect(first.standin(standin('S'))).toBe(true)
    await expect(first.flush(db, 0)).rejects.toThrow()
    await first.spill()
    const second = openObserved(folder, 'g')
    expect(second.standins()).toEqual([{ tid: 'S', at: 2, amountFen: 100 }])
    set('silent')
    await expect(second.flush(db, 0)).rejects.toThrow()
    set('takes')
    second.note(attempt('new'))
    await all(second, db)
    expect(kept.size).toBe(702)
    expect(statSync(join(folder, 'spool')).size).toBe(0)
  })

  test('a terminal that tries and tries is one report a second, which says how often', async () => {
    const observed = openObserved(folder, 'g')
    const { db, kept } = database()
    for (let i = 0; i < 1_500; i++) observed.note({ ...attempt('A'), at: i })
    observed.note(attempt('B'))
    await all(observed, db)
    observed.note({ ...attempt('A'), at: 1_501 })
    await all(observed, db)
    expect([...kept.values()].map((r) => [r.tid, r.at, (r.body as { count?: number }).count ?? 1, (r.body as { last_ms?: number }).last_ms])).toEqual([
      ['A', 0, 1_000, 999], ['A', 1_000, 500, 499], ['B', 1, 1, undefined], ['A', 1_501, 1, undefined],
    ])
  })

  test('one that the database refuses is put aside and counted; the others arrive', async () => {
    const observed = openObserved(folder, 'g')
    const kept: Report[] = []
    const run = async (_: string, params: readonly unknown[] = []): Promise<number> => {
      const reports = JSON.parse(params[1] as string) as Report[]
      if (reports.some((r) => r.tid === '66')) throw Object.assign(new Error('refused'), { code: '23514' })
      return kept.push(...reports)
    }
    for (let i = 0; i < 100; i++) observed.note(attempt(String(i)))
    for (let i = 0; i < 2; i++) await all(observed, { run } as unknown as Single)
    expect(kept.filter((r) => r.kind === 'attempt').map((r) => r.tid)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)).filter((tid) => tid !== '66'))
    expect(kept.at(-1)).toMatchObject({ kind: 'lost', body: { attempt: 1 } })
    expect(observed.takeLost()).toBe(1)
  })

  test('a stand-in approval is on disk before it is given', () => {
    const first = openObserved(folder, 'g')
    expect(first.standin(standin('A', 5))).toBe(true)
    // Not spilled, not closed: killed.
    expect(openObserved(folder, 'g').standins()).toEqual([{ tid: 'A', at: 2, amountFen: 5 }])
  })

  test('no room: what cannot be kept is counted and the count is reported', async () => {
    const observed = openObserved(folder, 'g')
    const { db, kept } = database()
    for (let i = 0; i < 20_005; i++) observed.note(attempt(String(i)))
    expect(observed.figures()).toMatchObject({ waiting: 20_000, lost: 5 })
    expect([observed.takeLost(), observed.takeLost()]).toEqual([5, 0])
    await all(observed, db)
    await all(observed, db)
    expect([...kept.values()].at(-1)).toMatchObject({ kind: 'lost', body: { attempt: 5 } })
  })

  test('numbers are not given again after a restart', async () => {
    const { db, kept } = database()
    for (let n = 0; n < 3; n++) {
      const observed = openObserved(folder, 'g')
      observed.note(attempt(String(n)))
      await all(observed, db)
    }
    expect(kept.size).toBe(3)
  })
})

test('answers are counted by minute and code', async () => {
  const observed = openObserved(folder, 'g')
  const { db, minutes } = database()
  const minute = 60_000
  observed.count({ decision: 'approve', code: '00' }, 5)
  observed.count({ decision: 'decline', code: '58' }, minute - 1)
  observed.count({ decision: 'decline', code: '58' }, minute)
  await observed.flush(db, minute)
  expect(minutes).toEqual([{ at: 0, decisions: 2, approved: 1, codes: { 58: 1 } }])
  await observed.flush(db, 2 * minute)
  expect(minutes[1]).toEqual({ at: minute, decisions: 1, approved: 0, codes: { 58: 1 } })
  expect(observed.figures()).toMatchObject({ decisions: 3, approved: 1 })
})

describe('velocity', () => {
  const rules = { provider: 'p', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 0, signOnAfterReopening: true,
    standin: { seconds: 900, floorLimitFen: 100, countMax: 3, totalFenMax: 250, afterwards: 'decline' } } as const
  const sale = (amount: number | undefined, tid = 'A') => ({ tid, mid: 'm', class: 'sale', amount }) as const
  test.each([
    ['floor limit', [100, 101], 'yn'], ['count', [1, 1, 1, 1], 'yyyn'], ['sum', [100, 100, 51, 50], 'yyny'], ['no amount named', [undefined, 1], 'ny'],
    ['no number', [Number.NaN, -1], 'nn'],
  ] as const)('%s', (_, amounts, expected) => {
    const velocity = createVelocity()
    expect(amounts.map((a) => (velocity.take(sale(a), rules) ? 'y' : 'n')).join('')).toBe(expected)
  })
  test('per terminal, given back, recalled, forgotten; a sign-on moves no money', () => {
    const velocity = createVelocity()
    for (let i = 0; i < 2; i++) velocity.recall('A', 100)
    expect(velocity.take(sale(51), rules)).toBe(false)
    expect(velocity.take(sale(50), rules)).toBe(true)
    expect(velocity.take(sale(1, 'B'), rules)).toBe(true)
    velocity.giveBack(sale(50))
    expect(velocity.take(sale(50), rules)).toBe(true)
    velocity.forget()
    expect(velocity.take({ tid: 'A', mid: 'm', class: 'sign_on' }, rules)).toBe(true)
  })
})
