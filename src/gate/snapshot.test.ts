import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { alwaysOpen, decide, type GateEntry, type GateInterval, type GateQuery, type GateRules } from '../domain/gate.ts'
import { tighterOf } from '../domain/gate-entry.ts'
import { modes, transactionClasses, words, type Mode, type TransactionClass } from '../domain/vocabulary.ts'
import { createSnapshot, decideFor, houseRules, type Applied, type Change, type Snapshot } from './snapshot.ts'

const rules: GateRules = {
  provider: 'yunhui', responseCodes: { '58': 'ED' }, refundWhileShut: true, completionWhileShut: false, offlineUploadHours: 24,
  signOnAfterReopening: true, positionToleranceMetres: 500, hotline: '400-820-1234',
}
const strictRules: GateRules = { ...houseRules, provider: 'chengfu' }
const entry = (part: Partial<GateEntry> = {}): GateEntry => ({
  tid: '10000001', mid: '848059372301022', provider: 'yunhui', serial: '0000020381446356', longitude: 121.4737, latitude: 31.2304,
  signOnRequired: false, intervals: alwaysOpen, holds: [], version: 1, ...part,
})
const inMode = (mode: Mode, part: Partial<GateEntry> = {}): GateEntry => entry({
  intervals: [{ from: -Infinity, mode, holds: ['h'], stopAt: 100 }],
  holds: [{ id: 'h', reason: 'M02', owner: 'merchant', effectiveFrom: 100 }], ...part,
})
const asked = (transaction: TransactionClass = 'sale', part: Partial<GateQuery> = {}): GateQuery =>
  ({ tid: '10000001', mid: '848059372301022', class: transaction, ...part })

/** A snapshot with both providers' rules, and a hand to apply entries in order. */
const started = (terminals?: number): { snapshot: Snapshot; put: (e: GateEntry) => Applied } => {
  const snapshot = createSnapshot(terminals === undefined ? {} : { terminals })
  let seq = 1
  for (const r of [rules, strictRules]) snapshot.apply({ kind: 'rules', epoch: 1, seq, rules: r })
  return { snapshot, put: (e) => snapshot.apply({ kind: 'upsert', epoch: 1, seq: ++seq, entry: e }) }
}
const stored = (e: GateEntry): GateEntry => ({
  ...e, serial: e.serial, longitude: e.longitude, latitude: e.latitude, signedOnAt: e.signedOnAt,
  merchantStopped: e.merchantStopped === true, openWork: e.openWork === true,
  intervals: e.intervals.map((i) => ({ ...i, to: i.to ?? Infinity, stopAt: i.stopAt })),
  holds: e.holds.map((h) => ({ ...h, expectedUntil: h.expectedUntil, caseNo: h.caseNo })),
})

test('what is put in is found again, plain or with holds, with long, short or no serial', () => {
  const { snapshot, put } = started()
  const entries = [
    entry({ tid: '00000000' }), entry({ tid: 'ZZZZZZZZ', mid: 'ZZZZZZZZZZZZZZZ' }), entry({ tid: '10000002', mid: '000000000000000' }),
    entry({ tid: '10000003', serial: undefined, longitude: undefined, latitude: undefined }),
    entry({ tid: '10000004', serial: 'S'.repeat(23) }), entry({ tid: '10000005', serial: 'S'.repeat(24) }),
    entry({ tid: '10000006', serial: 'S'.repeat(50), longitude: -180, latitude: 90 }),
    entry({ tid: '10000007', signOnRequired: true, merchantStopped: true }),
    inMode('closed', { tid: '10000008', openWork: true, provider: 'chengfu', version: 2 ** 40 }),
  ]
  for (const e of entries) expect(put(e)).toBe('applied')
  for (const e of entries) expect(snapshot.find(e.tid)).toEqual(stored(e))
  expect(snapshot.size).toBe(entries.length)
  for (const tid of ['10000009', '1000000', '100000010', '1000000a', '', '终端终端终端终端']) expect(snapshot.find(tid)).toBeUndefined()
})

test('a serial is the same only from end to end, also after a shorter one took its place', () => {
  const { snapshot, put } = started()
  const askedBy = (serial: string): string => snapshot.decide(asked('sale', { serial }), 1).reason
  put(entry({ serial: 'S123' }))
  expect(['S123', 'S12', 'S1234', ''].map(askedBy)).toEqual(['ok', ...Array(3).fill('serial_mismatch')])
  put(entry({ serial: 'S12', version: 2 }))
  expect(['S123', 'S12', 'S1'].map(askedBy)).toEqual(['serial_mismatch', 'ok', 'serial_mismatch'])
  put(entry({ serial: undefined, version: 3 }))
  expect(['S12', 'S1', 'T'].map(askedBy)).toEqual(['ok', 'ok', 'ok'])
})

test('holds do not change hands when places are used again', () => {
  const { snapshot, put } = started()
  const stop = (tid: string, id: string, version: number): GateEntry => entry({
    tid, version, intervals: [{ from: -Infinity, mode: 'shut', holds: [id] }],
    holds: [{ id, reason: 'M02', owner: 'merchant', effectiveFrom: 1 }],
  })
  const tids = ['10000001', '10000002', '10000003']
  for (const version of [1, 3, 5]) {
    for (const tid of tids.toReversed()) put(stop(tid, `${tid}-${version}`, version))
    for (const tid of tids)
      expect(snapshot.decide(asked('sale', { tid }), 1).holds).toEqual([`${tid}-${version}`])
    put(entry({ tid: tids[0]!, version: version + 1 }))
  }
})

test('a newer version replaces everything, whatever was there', () => {
  const { snapshot, put } = started()
  const versions = [
    entry(), inMode('shut', { serial: 'S'.repeat(40) }), entry({ serial: 'S1', mid: '848059372301023', provider: 'chengfu' }),
    inMode('drain', { serial: undefined, longitude: undefined, latitude: undefined }), entry({ signOnRequired: true }),
  ].map((e, i) => ({ ...e, version: i + 1 }))
  for (const e of versions) {
    expect(put(e)).toBe('applied')
    expect(snapshot.find(e.tid)).toEqual(stored(e))
  }
  expect(snapshot.size).toBe(1)
})

describe('decisions are those of the domain', () => {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const anyTid = fc.integer({ min: 0, max: 400 }).map((n) => `1${digits[n % 36]}0000${digits[n % 7]}${digits[Math.floor(n / 36)]}`)
  const anyMid = fc.constantFrom('848059372301022', '84805937230102A', '048059372301022')
  const anySerial = fc.constantFrom(undefined, '1', 'S'.repeat(23), 'S'.repeat(24), `${'S'.repeat(23)}T`, 'S'.repeat(50))
  const anyPlace = fc.constantFrom(undefined, [121.4737, 31.2304], [121.4789, 31.2304], [0, 0], [-180, -90])
  const anyIntervals = fc.tuple(fc.constantFrom(...words(modes)), fc.array(
    fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(...words(modes))), { maxLength: 4 },
  )).map(([first, pieces]): readonly GateInterval[] => {
    const turns = [[-Infinity, first] as const, ...[...new Map(pieces)].toSorted(([a], [b]) => a - b)]
    return turns.map(([from, mode], i) => ({ from, to: turns[i + 1]?.[0], mode, holds: [], stopAt: from }))
  })
  const anyEntry = fc.record({
    tid: anyTid, mid: anyMid, provider: fc.constantFrom('yunhui', 'chengfu'), serial: anySerial, place: anyPlace,
    signOnRequired: fc.boolean(), merchantStopped: fc.boolean(), openWork: fc.boolean(),
    intervals: fc.oneof(fc.constant<readonly GateInterval[]>(alwaysOpen), anyIntervals), version: fc.integer({ min: 0, max: 5 }),
  }).map(({ place, intervals, ...rest }): GateEntry => {
    const id = `${rest.tid} ${rest.version}`
    return {
      ...rest, longitude: place?.[0], latitude: place?.[1], holds: [{ id, reason: 'R01', owner: 'risk', effectiveFrom: 0 }],
      intervals: intervals.map((i) => ({ ...i, holds: i.mode === 'open' ? [] : [id] })),
    }
  })
  const anyQuery = fc.record({
    tid: anyTid, mid: anyMid, class: fc.constantFrom(...words(transactionClasses)), serial: anySerial, place: anyPlace,
    madeAt: fc.option(fc.integer({ min: -1, max: 31 }), { nil: undefined }),
  }).map(({ place, ...rest }): GateQuery => ({
    ...rest, position: place === undefined ? undefined : { longitude: place[0]!, latitude: place[1]! },
  }))

  it('for any entries in any order, one by one and all at once', () => {
    fc.assert(fc.property(
      fc.array(anyEntry, { maxLength: 60 }), fc.array(anyQuery, { minLength: 1, maxLength: 100 }), fc.integer({ min: -1, max: 31 }),
      (entries, queries, now) => {
        const { snapshot, put } = started()
        const model = new Map<string, GateEntry>()
        for (const e of entries) {
          const held = model.get(e.tid)
          const expected = held === undefined || e.version > held.version ? e : tighterOf(held, e)
          const applied = put(e)
          if (applied !== 'unchanged') model.set(e.tid, expected)
          if (held === undefined || e.version > held.version) expect(applied).toBe('applied')
        }
        const answers = queries.map((q) => {
          const known = model.get(q.tid)
          const by = known === undefined ? houseRules : known.provider === 'yunhui' ? rules : strictRules
          return decide(known, q, now, by)
        })
        expect(queries.map((q) => decideFor(snapshot, q, now))).toEqual(answers)
        expect(snapshot.decideAll(queries, now)).toEqual(answers)
        for (const [tid, e] of model) expect(snapshot.find(tid)).toEqual(stored(e))
        expect(snapshot.size).toBe(model.size)
      },
    ), { numRuns: 200 })
  })

  it('after growing many times, for every terminal and for those between', () => {
    const { snapshot, put } = started()
    const tidOf = (n: number): string => String(10_000_000 + n * 7)
    const midOf = (n: number): string => String(848_000_000_000_000 + n)
    const count = 50_000
    for (let n = 0; n < count; n++)
      put((n % 10 === 0 ? (part: Partial<GateEntry>) => inMode('shut', part) : entry)({ tid: tidOf(n), mid: midOf(n), serial: `S${n}` }))
    expect(snapshot.size).toBe(count)
    const reasonOf = (n: number, part: Partial<GateQuery> = {}): string =>
      snapshot.decide({ tid: tidOf(n), mid: midOf(n), class: 'sale', serial: `S${n}`, ...part }, 1).reason
    const wrong: number[] = []
    for (let n = 0; n < count; n++) {
      const right = reasonOf(n) === (n % 10 === 0 ? 'stopped' : 'ok')
        && reasonOf(n, { mid: midOf(n + 1) }) === 'merchant_mismatch'
        && reasonOf(n, { serial: `S${n}0` }) === 'serial_mismatch'
        && reasonOf(n, { tid: String(10_000_000 + n * 7 + 3) }) === 'terminal_unknown'
      if (!right) wrong.push(n)
    }
    expect(wrong).toEqual([])
  })
})

describe('nothing stale opens a terminal', () => {
  it('keeps the tighter of two where a version is not newer, and says so', () => {
    const { snapshot, put } = started()
    put(inMode('shut', { version: 5 }))
    expect(put(entry({ version: 4 }))).toBe('kept_tighter')
    expect(snapshot.decide(asked(), 1).reason).toBe('stopped')
    expect(put(entry({ version: 5 }))).toBe('kept_tighter')
    expect(snapshot.find('10000001')).toMatchObject({ version: 5, intervals: [{ mode: 'shut' }] })
    expect(put(entry({ version: 6 }))).toBe('applied')
    expect(snapshot.decide(asked(), 1).reason).toBe('ok')
  })
  it('takes an older version that is tighter', () => {
    const { snapshot, put } = started()
    put(entry({ version: 5 }))
    expect(put(inMode('shut', { version: 4 }))).toBe('kept_tighter')
    expect(snapshot.decide(asked(), 1).reason).toBe('stopped')
    expect(snapshot.find('10000001')?.version).toBe(5)
  })
  it('knows the same entry again', () => {
    const { snapshot, put } = started()
    put(inMode('drain', { version: 5 }))
    const before = snapshot.digest()
    expect(put(inMode('drain', { version: 5, merchantStopped: false }))).toBe('unchanged')
    expect(snapshot.digest()).toBe(before)
  })
  it('does not go back in epoch or sequence, and several entries may share one', () => {
    const { snapshot } = started()
    const at = (epoch: number, seq: number, tid: string): Applied =>
      snapshot.apply({ kind: 'upsert', epoch, seq, entry: entry({ tid }) })
    expect([at(1, 7, '10000001'), at(1, 7, '10000002'), at(1, 6, '10000003'), at(2, 3, '10000004'), at(1, 99, '10000005')])
      .toEqual(['applied', 'applied', 'out_of_order', 'applied', 'out_of_order'])
    expect(snapshot.head).toEqual({ epoch: 2, seq: 3 })
    expect([snapshot.advance({ epoch: 2, seq: 2 }), snapshot.advance({ epoch: 2, seq: 9 }), snapshot.advance({ epoch: 1, seq: 10 })])
      .toEqual([false, true, false])
    expect(snapshot.head).toEqual({ epoch: 2, seq: 9 })
    expect(snapshot.find('10000005')).toBeUndefined()
  })
  it('does not acknowledge what it cannot believe', () => {
    const { snapshot, put } = started()
    put(entry())
    const { head } = snapshot
    expect(put(entry({ version: 2, intervals: [] }))).toBe('malformed')
    expect(put(entry({ version: 2, provider: 'nobody' }))).toBe('rules_missing')
    expect(snapshot.apply({ kind: 'remove', epoch: 1, seq: 99, tid: 'short', version: 2 })).toBe('malformed')
    expect(snapshot.head).toEqual(head)
    expect(snapshot.find('10000001')?.version).toBe(1)
  })
  it('forgets a removed terminal for good, unless a newer entry brings it back', () => {
    const { snapshot, put } = started()
    put(inMode('shut', { version: 3 }))
    const remove = (tid: string, version: number): Applied => snapshot.apply({ kind: 'remove', epoch: 2, seq: 1, tid, version })
    expect([remove('10000001', 4), remove('10000001', 4), remove('10000002', 1)]).toEqual(['applied', 'unchanged', 'applied'])
    expect(snapshot.decide(asked('reversal'), 1)).toMatchObject({ reason: 'terminal_unknown', code: '97' })
    expect(snapshot.size).toBe(0)
    const again = (e: GateEntry): Applied => snapshot.apply({ kind: 'upsert', epoch: 2, seq: 2, entry: e })
    expect([again(entry({ version: 4 })), again(entry({ tid: '10000002', version: 1 })), again(entry({ version: 5 }))])
      .toEqual(['kept_tighter', 'kept_tighter', 'applied'])
    expect(snapshot.find('10000001')).toEqual(stored(entry({ version: 5 })))
    expect(snapshot.size).toBe(1)
    expect(remove('10000001', 1)).toBe('out_of_order')
    expect(snapshot.apply({ kind: 'remove', epoch: 2, seq: 3, tid: '10000001', version: 1 })).toBe('kept_tighter')
    expect(again({ ...entry({ version: 5 }) })).toBe('out_of_order')
    expect(snapshot.apply({ kind: 'upsert', epoch: 2, seq: 3, entry: entry({ version: 5 }) })).toBe('kept_tighter')
    expect(snapshot.find('10000001')).toBeUndefined()
  })
})

describe('a sign-on accepted here', () => {
  it('counts until the feed sends a newer entry', () => {
    const { snapshot, put } = started()
    put(entry({ signOnRequired: true, version: 2 }))
    const sale = (): string => snapshot.decide(asked(), 1000).reason
    expect(sale()).toBe('sign_on_required')
    snapshot.signedOn('10000001', 900)
    expect(sale()).toBe('ok')
    expect(put(entry({ signOnRequired: true, version: 2 }))).toBe('unchanged')
    expect(sale()).toBe('ok')
    put(entry({ signOnRequired: true, version: 3 }))
    expect(sale()).toBe('sign_on_required')
    snapshot.signedOn('10000001', 950)
    put(entry({ version: 4 }))
    expect(sale()).toBe('ok')
    expect(snapshot.find('10000001')?.signedOnAt).toBeUndefined()
  })
  it('settles a reopening by the clock, not the next one', () => {
    const { snapshot, put } = started()
    put(entry({ intervals: [
      { from: -Infinity, to: 100, mode: 'shut', holds: [] }, { from: 100, to: 200, mode: 'open', holds: [] },
      { from: 200, to: 300, mode: 'shut', holds: [] }, { from: 300, mode: 'open', holds: [] },
    ] }))
    snapshot.signedOn('10000001', 120)
    expect([119, 120, 250, 300].map((now) => snapshot.decide(asked(), now).reason))
      .toEqual(['ok', 'ok', 'stopped', 'sign_on_required'])
  })
  it('is no matter of the digest, nor of a terminal that owes none or is unknown', () => {
    const { snapshot, put } = started()
    put(entry({ signOnRequired: true }))
    put(entry({ tid: '10000002' }))
    const before = snapshot.digest()
    for (const tid of ['10000001', '10000002', '10000003']) snapshot.signedOn(tid, 5)
    expect(snapshot.digest()).toBe(before)
    expect(snapshot.find('10000002')?.signedOnAt).toBeUndefined()
    expect(snapshot.find('10000001')?.signedOnAt).toBe(5)
  })
})

describe('rules', () => {
  it('change for all terminals of a provider at once', () => {
    const { snapshot, put } = started()
    put(inMode('shut'))
    expect(snapshot.decide(asked('refund'), 1)).toMatchObject({ decision: 'approve', code: '00' })
    snapshot.apply({ kind: 'rules', epoch: 1, seq: 9, rules: { ...rules, refundWhileShut: false } })
    expect(snapshot.decide(asked('refund'), 1)).toMatchObject({ decision: 'decline', code: 'ED' })
    expect(snapshot.rulesOf('yunhui').refundWhileShut).toBe(false)
    expect(snapshot.rulesOf('nobody')).toBe(houseRules)
    expect(snapshot.rulesOf(undefined)).toBe(houseRules)
  })
  it('of the house answer for terminals nobody registered', () => {
    const snapshot = createSnapshot({ house: { ...houseRules, responseCodes: { '97': '58' } } })
    expect(snapshot.decide(asked(), 1)).toMatchObject({ reason: 'terminal_unknown', code: '58' })
  })
})

describe('the digest', () => {
  const many = Array.from({ length: 300 }, (_, n) => {
    const tid = String(10_000_000 + n)
    return n % 3 === 0 ? inMode('shut', { tid, version: n }) : entry({ tid, signOnRequired: n % 5 === 0, version: n })
  })
  const digestOf = (entries: readonly GateEntry[]): string => {
    const { snapshot, put } = started()
    for (const e of entries) put(e)
    return snapshot.digest()
  }
  it('is the same whatever the order and whatever was there before', () => {
    const once = digestOf(many)
    expect(once).toMatch(/^[0-9a-f]{16}$/)
    expect(digestOf(many.toReversed())).toBe(once)
    const { snapshot, put } = started()
    for (const e of many.slice(1)) put(inMode('drain', { tid: e.tid, version: e.version - 1 }))
    put(entry({ tid: 'GONE0001' }))
    for (const e of many) put(e)
    snapshot.apply({ kind: 'remove', epoch: 1, seq: 9999, tid: 'GONE0001', version: 2 })
    expect(snapshot.digest()).toBe(once)
  })
  it('differs for every single difference', () => {
    const holds = [{ id: 'h', reason: 'M02', owner: 'merchant', effectiveFrom: 100 }] as const
    const variants: GateEntry[] = [
      entry(), entry({ tid: '10000002' }), entry({ mid: '848059372301023' }), entry({ provider: 'chengfu' }), entry({ serial: undefined }),
      entry({ serial: '0000020381446357' }), entry({ longitude: 121.473701 }), entry({ latitude: 31.230401 }),
      entry({ longitude: undefined, latitude: undefined }), entry({ signOnRequired: true }), entry({ merchantStopped: true }),
      entry({ openWork: true }), entry({ version: 2 }), entry({ version: 1 + 2 ** 32 }), inMode('shut'), inMode('drain'), inMode('open'),
      inMode('shut', { holds: [{ ...holds[0], caseNo: 'TQ-1' }] }), inMode('shut', { holds: [{ ...holds[0], expectedUntil: 5 }] }),
      inMode('shut', { intervals: [{ from: -Infinity, mode: 'shut', holds: ['h'], stopAt: 101 }] }),
    ]
    expect(new Set(variants.map((e) => digestOf([e]))).size).toBe(variants.length)
    expect(digestOf([])).not.toBe(createSnapshot().digest())
  })
})

test('a snapshot rebuilds itself from its own changes', () => {
  const { snapshot, put } = started()
  for (let n = 0; n < 3000; n++) {
    const number = String(n).padStart(7, '0')
    put(n % 4 === 0 ? inMode('drain', { tid: `A${number}` }) : entry({ tid: `B${number}` }))
  }
  put(entry({ tid: '20000001', signOnRequired: true }))
  snapshot.signedOn('20000001', 77)
  snapshot.apply({ kind: 'remove', epoch: 3, seq: 5, tid: 'A0000000', version: 9 })
  const copy = createSnapshot()
  const results = new Set<Applied>()
  for (const change of snapshot.changes() as Iterable<Change>) results.add(copy.apply(change))
  expect(results).toEqual(new Set(['applied']))
  expect(copy.digest()).toBe(snapshot.digest())
  expect(copy.head).toEqual(snapshot.head)
  expect(copy.size).toBe(snapshot.size)
  expect(copy.find('20000001')).toEqual(snapshot.find('20000001'))
  expect(copy.apply({ kind: 'upsert', epoch: 3, seq: 6, entry: entry({ tid: 'A0000000', version: 9 }) })).toBe('kept_tighter')
})
