// The law of histories, tried on histories made by hand: each breaks one rule and is found, and its neighbour that just keeps it
// is not.
import { describe, expect, test } from 'vitest'
import { broken, createHistory, standinKey, type Exchange, type Law, type Reply, type Stretch, type Terms } from './history.ts'
import { scheduleOf } from './history-schedule.ts'

type Said = Partial<Reply & Exchange> & { tid?: number; kind?: 'sale' | 'reversal' }
const terms: Terms = { lease_ms: 600, standin_ms: 2_000 }
/** Asked at 10,000 and answered at once, with an approval, unless said otherwise. */
const lawsOf = (said: readonly Said[], stretches: readonly Stretch[] = [], more: Partial<Terms> = {}): Law[] => {
  const history = createHistory(['10000001', '10000002'])
  for (const { client = 0, gate = 0, sentAt = 10_000, receivedAt = 10_001, tid = 0, kind = 'sale', ...reply } of said)
    history.add({ client, gate, sentAt, receivedAt }, [{ terminal: tid, kind }], [{ decision: 'approve', basis: 'fresh', asOf: sentAt, epoch: 1, seq: 5, ageMs: 10, ...reply }])
  return broken(history, stretches, { ...terms, ...more }).map((b) => b.law)
}
/** Placed by commit 9, effective since 10,000 and known to be so at 10,100; lifted at 20,000, asked for at 19,990. */
const stop: Stretch = { terminal: 0, epoch: 1, seq: 9, from: 9_900, blockedAt: 10_000, toldAt: 10_100, reopenAskedAt: 19_990, reopenedAt: 20_000 }

describe('nothing is approved after its stop was called effective', () => {
  test.each<[string, Said, Law[]]>([
    ['as of the instant itself', { asOf: 10_000, sentAt: 9_990 }, ['effective']],
    ['a millisecond before', { asOf: 9_999, sentAt: 9_990 }, []],
    ['declined', { asOf: 12_000, decision: 'decline' }, []],
    ['of another terminal', { asOf: 12_000, tid: 1 }, []],
    ['until it is open again', { asOf: 19_900, sentAt: 9_990 }, ['effective']],
    ['open again', { asOf: 20_000, sentAt: 20_000, receivedAt: 20_003, seq: 12 }, []],
    ['by a database that was restored and knows of no stop', { asOf: 15_000, sentAt: 10_050, epoch: 2, seq: 3 }, ['effective']],
    // The gate's clock says that it was before; the client knows better.
    ['asked after it was told, whatever the gate’s clock says', { asOf: 9_000, sentAt: 10_200, receivedAt: 10_210 }, ['told']],
    ['asked before it was told', { asOf: 9_000, sentAt: 10_099, receivedAt: 10_210 }, []],
    ['asked after it was told, answered when it may be open again', { asOf: 9_000, sentAt: 10_200, receivedAt: 19_995 }, []],
    ['knowing of it, as of its moment', { asOf: 9_900, sentAt: 9_900, seq: 9 }, ['known']],
    ['knowing of it, before its moment', { asOf: 9_899, sentAt: 9_899, seq: 9 }, []],
    ['not knowing of it, before it was effective', { asOf: 9_950, sentAt: 9_950, seq: 8 }, []],
  ])('%s', (_, said, laws) => expect(lawsOf([said], [stop])).toEqual(laws))

  test('a stop that no gate has confirmed binds only who knows of it', () => {
    const unconfirmed: Stretch = { terminal: 0, epoch: 1, seq: 9, from: 9_900 }
    expect(lawsOf([{ asOf: 50_000, sentAt: 50_000, seq: 8 }], [unconfirmed])).toEqual([])
    expect(lawsOf([{ asOf: 50_000, sentAt: 50_000, seq: 9 }], [unconfirmed])).toEqual(['known'])
  })
})

describe('a gate never says less to a client than it said before', () => {
  test.each<[string, readonly Said[], Law[]]>([
    ['a lower number', [{ seq: 5 }, { seq: 4 }], ['back']],
    ['a lower epoch', [{ epoch: 2, seq: 1 }, { epoch: 1, seq: 9 }], ['back']],
    ['a lower number of a higher epoch', [{ epoch: 1, seq: 9 }, { epoch: 2, seq: 1 }], []],
    ['the same', [{ seq: 5 }, { seq: 5 }], []],
    ['to another client', [{ seq: 5 }, { seq: 4, client: 1 }], []],
    ['another gate', [{ seq: 5 }, { seq: 4, gate: 1 }], []],
    ['a refusal counts too', [{ seq: 5, decision: 'decline' }, { seq: 4, decision: 'decline' }], ['back']],
  ])('%s', (_, said, laws) => expect(lawsOf(said)).toEqual(laws))
})

describe('the lease', () => {
  test.each<[string, Said, Law[]]>([
    ['leased to its last millisecond', { basis: 'leased', ageMs: 600 }, []],
    ['leased and older', { basis: 'leased', ageMs: 601, decision: 'decline' }, ['stale']],
    ['stand-in to its last millisecond', { basis: 'standin', ageMs: 2_600 }, []],
    ['stand-in and older', { basis: 'standin', ageMs: 2_601 }, ['stale']],
    ['approved when nothing is left to go by', { basis: 'expired', ageMs: 9_000 }, ['expired']],
    ['a reversal is taken even then', { basis: 'expired', ageMs: 9_000, kind: 'reversal' }, []],
    ['and must be', { basis: 'expired', ageMs: 9_000, kind: 'reversal', decision: 'decline' }, ['always']],
  ])('%s', (_, said, laws) => expect(lawsOf([said])).toEqual(laws))

  test('an approval in stand-in that nobody reported', () => {
    const said: Said = { basis: 'standin', ageMs: 1_000 }
    const reported = (count: number): Map<string, number> => new Map([[standinKey(0, '10000001'), count]])
    expect(lawsOf([said, said], [], { reported: reported(2) })).toEqual([])
    expect(lawsOf([said, said], [], { reported: reported(1) })).toEqual(['unwritten'])
    expect(lawsOf([{ ...said, gate: 1 }], [], { reported: reported(1) })).toEqual(['unwritten'])
  })
})

test('of each law a few cases are told, and all are looked at', () => {
  expect(lawsOf([...Array.from({ length: 100 }, (): Said => ({ basis: 'expired' })), { seq: 1 }])).toEqual([...Array.from({ length: 5 }, () => 'expired'), 'back'])
})

test('a schedule comes again from its seed', () => {
  expect(scheduleOf(7, 3, 30_000)).toEqual(scheduleOf(7, 3, 30_000))
  expect(scheduleOf(7, 3, 30_000)).not.toEqual(scheduleOf(8, 3, 30_000))
  const kinds = new Set(Array.from({ length: 20 }, (_, seed) => scheduleOf(seed, 3, 30_000)).flat().map((f) => f.kind))
  expect([...kinds].toSorted()).toEqual(['cut', 'deaf', 'kill', 'pause', 'reset', 'stall', 'step'])
})
