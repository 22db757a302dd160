import { describe, expect, test } from 'vitest'
import { actor, at, hold, owner, plainPolicy, terminal } from '../../test/pure.ts'
import { makeCalendar } from './calendar.ts'
import { askedFor, askedWords } from './care-asked.ts'
import { askWords, demandOf } from './care-demands.ts'
import { cleanUps, guides } from './care-guide.ts'
import { careSchema } from './care-policy.ts'
import { decideDuty, evolveDuty, metresBetween, newDuty, tickDuty, wantedFor, type Duty, type DutyCommand } from './care.ts'
import { isRefusal } from './refusals.ts'
import { keptUntil, retention } from './retention.ts'
import { deviceTypes, dutyKinds, initiatorOf, paperKinds, reasons, upstreamSystems, wakeUpItems, words, type DutyKind } from './vocabulary.ts'

const zone = 'Asia/Shanghai'
const calendar = makeCalendar()
const care = careSchema.parse({
  custody: { everyDays: 30 }, longestPause: { openEndedDays: 365 },
  wakeUp: { due: { from: 'expectedUntil', offset: '-7d', at: '08:00' }, items: { traditional: ['battery'], smart: ['battery', 'sim'], epos: ['battery'], qrbox: ['sim'] } },
})
const policy = { ...plainPolicy, care }
const from = at('2026-11-03T15:00')
const wall = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16)

describe('which duties a stop brings', () => {
  const of = (part: object, now = at('2026-11-04T08:00'), more: object = {}) =>
    wantedFor({ id: 'h', owner: 'merchant', effectiveFrom: from, expectedUntil: undefined, ...part }, { policy, calendar, zone, now, type: 'smart', ...more }).map((w) => `${w.kind} ${wall(w.dueAt)}`)
  test.each([
    ['open-ended', {}, ['custody_check 2026-12-03T08:00', 'longest_pause 2027-10-20T08:00']],
    ['with a return', { expectedUntil: at('2027-01-04T09:00') }, ['custody_check 2026-12-03T08:00', 'wake_up 2026-12-28T08:00', 'longest_pause 2027-04-18T08:00', 'overdue_return 2027-01-04T09:00']],
    ['the provider’s own', { owner: 'risk', expectedUntil: at('2027-01-04T09:00') }, ['custody_check 2026-12-03T08:00']],
  ] as const)('%s', (_, part, expected) => expect(of(part)).toEqual(expected))
  test('a look counts from the last one; one long missed is due today, and there is none without a device', () => {
    expect(of({ owner: 'risk' }, at('2026-12-10T08:00'), { since: at('2026-12-09T12:00') })).toEqual(['custody_check 2027-01-08T08:00'])
    expect(of({ owner: 'risk' }, at('2027-06-10T11:00'))).toEqual(['custody_check 2027-06-10T08:00'])
    expect(of({ owner: 'risk' }, undefined, { type: undefined })).toEqual([])
    expect(wantedFor({ id: 'h', owner: 'merchant', effectiveFrom: from, expectedUntil: from + 1 }, { policy: { ...policy, care: careSchema.parse({}) }, calendar, zone, now: from, type: 'smart' }).map((w) => w.kind)).toEqual(['overdue_return'])
  })
})

describe('the ladder', () => {
  const stop = hold({ id: 'h', effectiveFrom: from, startedAt: from, shutAt: from })
  const duty = (kind: DutyKind, part: Partial<Duty> = {}): Duty => ({ ...newDuty({ id: 'd', kind, terminal: '10000001', hold: 'h', dueAt: at('2026-12-03T08:00') }, care, zone), ...part })
  const setting = (now: string, more: object = {}) => ({ now: at(now), zone, policy, terminal: terminal({ holds: [stop] }), isBeingSettled: false, isTicketMet: false, ...more })
  test('is climbed rung by rung, and ends', () => {
    let one = duty('custody_check')
    const climbed: string[] = []
    for (let i = 0; one.nextAt !== undefined && i < 10; i++) {
      const [fact] = tickDuty(one, { ...setting('2026-12-03T08:00'), now: one.nextAt })
      if (fact?.fact === 'duty_reminded') climbed.push(`${wall(fact.at)} ${fact.rung} ${fact.to}`)
      one = evolveDuty(one, fact!)
    }
    expect(climbed).toEqual(['2026-12-03T08:00 due merchant', '2026-12-06T08:00 first merchant', '2026-12-09T08:00 second merchant', '2026-12-11T08:00 call agent', '2026-12-13T08:00 escalate escalate'])
    expect([one.state, one.escalatedAt]).toEqual(['open', at('2026-12-13T08:00')])
  })
  test('whoever slept climbs the highest rung once; nothing is said before its time', () => {
    expect(tickDuty(duty('custody_check'), setting('2026-12-03T07:59'))).toEqual([])
    expect(tickDuty(duty('custody_check'), setting('2026-12-12T09:00'))).toMatchObject([{ fact: 'duty_reminded', rung: 'call', next: 4 }])
  })
  test('a late return begins above what it was reminded of before; who has begun is not nagged; what ended is dropped', () => {
    expect(wall(duty('overdue_return').nextAt!)).toBe('2026-12-06T08:00')
    expect(tickDuty(duty('longest_pause'), setting('2026-12-03T08:00', { isBeingSettled: true }))).toMatchObject([{ fact: 'duty_waits' }])
    expect(tickDuty(duty('custody_check'), setting('2026-12-03T08:00', { isBeingSettled: true }))).toMatchObject([{ fact: 'duty_reminded' }])
    for (const part of [{ clearedAt: from + 1 }, { clearedAt: from + 1, liftedAt: from + 1 }])
      expect(tickDuty(duty('longest_pause'), setting('2026-12-03T08:00', { terminal: terminal({ holds: [{ ...stop, ...part }] }) }))).toMatchObject([{ fact: 'duty_cancelled' }])
    expect(tickDuty(duty('wake_up', { about: at('2027-01-04T09:00') }), setting('2026-12-03T08:00'))).toMatchObject([{ fact: 'duty_cancelled' }])
    expect(tickDuty(duty('rectification', { hold: undefined, ticket: 'T' }), setting('2026-12-03T08:00', { isTicketMet: true }))).toMatchObject([{ fact: 'duty_cancelled' }])
  })
  test('each kind is done in its own way, and no other', () => {
    const commands: readonly DutyCommand[] = [
      { command: 'check', position: { longitude: 0, latitude: 0 }, metres: undefined }, { command: 'complete', checks: [] }, { command: 'answer', answer: 'extend' }, { command: 'settle', words: 'x' }, { command: 'call', reached: true },
    ]
    const table = words(dutyKinds).map((kind) => `${kind}: ${commands.filter((c) => !isRefusal(decideDuty(duty(kind), c, { actor: actor('agent', 'agent'), now: from, zone, care }))).map((c) => c.command).join(' ')}`)
    expect(table).toEqual(['custody_check: check call', 'wake_up: complete call', 'longest_pause: answer settle call', 'overdue_return: answer settle call', 'moved: settle call', 'rectification: call'])
    expect(decideDuty(duty('moved'), { command: 'answer', answer: 'not_us' }, { actor: owner, now: from, zone, care })).toMatchObject([{ fact: 'duty_answered', answer: 'not_us' }])
  })
})

describe('what is asked', () => {
  test('every reason of the provider’s asks for something in both languages; the merchant’s own for nothing', () => {
    for (const reason of words(reasons)) {
      if (initiatorOf(reason) === 'merchant') { expect([reason, askedFor(reason), askedWords(reason)]).toEqual([reason, undefined, undefined]); continue }
      const demand = demandOf({ reason, owner: 'risk', effectiveFrom: from }, policy, calendar, zone)!
      expect([reason, demand.materials.length > 0 && demand.dueBy === undefined]).toEqual([reason, false])
      for (const [zh, en] of [askWords(demand, () => ['某日', 'some day']), askedWords(reason)!]) {
        expect(zh).toMatch(/^[一-鿿].*。$/)
        expect(en).toMatch(/^[A-Z].*\.$/)
      }
    }
  })
  test('its day is the table’s, the policy’s, or the formal demand’s', () => {
    const day = (more: object = {}, by?: number): string => wall(demandOf({ reason: 'R09', owner: 'risk', effectiveFrom: from }, { care: careSchema.parse(more) }, calendar, zone, by)!.dueBy!)
    expect([day(), day({ demandDays: { R09: 3 } }), day({}, at('2026-12-24T12:00'))]).toEqual(['2026-11-17T18:00', '2026-11-06T18:00', '2026-12-24T12:00'])
  })
})

test('papers are kept to the end of their last day, never shorter than the table', () => {
  expect(Object.keys(retention)).toEqual(words(paperKinds))
  const shown = (kind: 'evidence' | 'backup', more = {}): string => wall(keptUntil(kind, at('2026-02-28T10:00'), zone, careSchema.parse(more))!)
  expect([shown('evidence'), shown('backup'), shown('backup', { retentionYears: { backup: 2 } }), shown('backup', { retentionYears: { backup: 7 } })])
    .toEqual(['2036-02-28T23:59', '2031-02-28T23:59', '2031-02-28T23:59', '2033-02-28T23:59'])
  expect(keptUntil('evidence', undefined, zone)).toBeUndefined()
})

test('every type of device has its guide, every system its clean-up, every item a type that needs it', () => {
  for (const type of words(deviceTypes)) for (const lines of Object.values(guides[type])) expect(lines.length).toBeGreaterThan(0)
  expect(new Set(cleanUps.map((c) => c.system))).toEqual(new Set(words(upstreamSystems)))
  expect(words(wakeUpItems).length).toBe(5)
})

test('metres between two places', () => {
  expect(metresBetween({ longitude: 121.4737, latitude: 31.2304 }, { longitude: 121.4737, latitude: 31.2304 })).toBe(0)
  // A degree of latitude is 111.195 km on a globe of mean radius.
  expect(metresBetween({ longitude: 0, latitude: 0 }, { longitude: 0, latitude: 1 })).toBe(111_195)
  expect(metresBetween({ longitude: 179.9, latitude: 0 }, { longitude: -179.9, latitude: 0 })).toBe(22_239)
})
