import { describe, expect, test } from 'vitest'
import { at, hold, plainPolicy, terminal } from '../../test/pure.ts'
import type { Actor } from './authority.ts'
import { bulkCommands, bulkSentence, commandBulk, decideItem, type Bulk, type BulkAct, type BulkCommand, type ItemGiven, type ItemSetting } from './bulk.ts'
import { noticesOfMany, terminalsNamed } from './bulk-words.ts'
import { isRefusal } from './refusals.ts'
import { evolveAll, modeAt, type Terminal } from './terminal.ts'
import { bulkStates, words, type BulkState } from './vocabulary.ts'

const now = at('2026-11-24T04:00')
const operations: Actor = { person: 'operations', account: 'o', name: 'o', role: 'operations', party: { kind: 'provider', id: 'yunhui' }, via: 'key' }
const setting = (part: Partial<ItemSetting> = {}): ItemSetting => ({ now, actor: operations, policy: plainPolicy, isPlanned: true, mint: () => 'new', ...part })
const planned = (part = {}): Terminal => terminal({
  holds: [hold({ id: 'plan', reason: 'P01', owner: 'operations', effectiveFrom: at('2026-11-24T01:00'), drainUntil: at('2026-11-24T01:30'), startedAt: at('2026-11-24T01:00'), shutAt: at('2026-11-24T01:30'), ...part })],
})
const decided = (act: BulkAct, t: Terminal, given: ItemGiven = {}, part: Partial<ItemSetting> = {}) => {
  const { facts, refusal } = decideItem(act, t, given, setting(part))
  return { facts: facts.map((f) => f.fact), refusal: refusal?.refused, mode: modeAt(evolveAll(t, facts), now) }
}
const stop = { act: 'place_hold', reason: 'P01', effect: 'stop' } as const

describe('one item', () => {
  test.each<[string, ReturnType<typeof decided>, ReturnType<typeof decided>]>([
    ['a clear terminal is stopped at once', decided(stop, terminal()), { facts: ['hold_placed', 'hold_started', 'hold_shut'], refusal: undefined, mode: 'shut' }],
    ['one that carries the hold refuses', decided(stop, planned()), { facts: [], refusal: 'hold_exists', mode: 'shut' }],
    ['whose end is over while it waited for its second person', decided({ ...stop, expectedUntil: now - 1 }, terminal()), { facts: [], refusal: 'until_before_from', mode: 'open' }],
    ['another desk’s reason', decided({ ...stop, reason: 'R02' }, terminal()), { facts: [], refusal: 'hold_place_not_yours', mode: 'open' }],
    ['opened: tested and passed', decided({ act: 'open' }, planned(), { hold: 'plan', test: { failed: [] } }), { facts: ['hold_cleared', 'tested', 'hold_lifted', 'reopened'], refusal: undefined, mode: 'open' }],
    ['opened: failed, stays shut', decided({ act: 'open' }, planned(), { hold: 'plan', test: { failed: ['print'] } }), { facts: ['hold_cleared', 'tested'], refusal: 'test_failed', mode: 'test' }],
    ['opened: nobody tested, only free for it', decided({ act: 'open' }, planned(), { hold: 'plan' }), { facts: ['hold_cleared'], refusal: 'test_awaited', mode: 'test' }],
    ['opened: somebody else’s hold remains', decided({ act: 'open' }, { ...planned(), holds: [...planned().holds, hold({ id: 'risk', reason: 'R02', owner: 'risk', effectiveFrom: at('2026-11-24T02:00'), startedAt: at('2026-11-24T02:00'), shutAt: at('2026-11-24T02:00') })] }, { hold: 'plan', test: { failed: [] } }),
      { facts: ['hold_cleared', 'hold_lifted'], refusal: 'held_by_another', mode: 'shut' }],
    ['opened before it began: withdrawn', decided({ act: 'open' }, planned({ effectiveFrom: now + 1, startedAt: undefined, shutAt: undefined }), { hold: 'plan' }), { facts: ['hold_withdrawn'], refusal: undefined, mode: 'open' }],
    ['opened by its own way out already', decided({ act: 'open' }, terminal(), { hold: 'plan', test: { failed: [] } }), { facts: [], refusal: undefined, mode: 'open' }],
    ['lifted: no such hold', decided({ act: 'lift_hold', reason: 'P01' }, terminal()), { facts: [], refusal: 'hold_none', mode: 'open' }],
    ['lifted: left to its test', decided({ act: 'lift_hold', reason: 'P01' }, planned()), { facts: ['hold_cleared'], refusal: undefined, mode: 'test' }],
    ['tested out of turn', decided({ act: 'record_test' }, planned(), { test: { failed: [] } }), { facts: [], refusal: 'held_by_another', mode: 'shut' }],
  ])('%s', (_, is, expected) => { expect(is).toEqual(expected) })

  test('a plan’s hold reminds nobody; a bulk’s own does as ever', () => {
    const reminders = (isPlanned: boolean) => decideItem({ ...stop, expectedUntil: now + 20 * 86_400_000 }, terminal(), {}, setting({ isPlanned })).facts.flatMap((f) => (f.fact === 'hold_placed' ? f.hold.reminders : []))
    expect(reminders(true)).toEqual([])
    expect(reminders(false).length).toBeGreaterThan(0)
  })
})

describe('its life', () => {
  const bulk = (state: BulkState, part: Partial<Bulk> = {}): Bulk => ({ state, total: 3, done: 1, refused: 1, createdBy: 'operations', confirmedBy: undefined, ...part })
  const other = { ...operations, person: 'other' }
  const leads: Partial<Record<`${BulkState} ${BulkCommand}`, BulkState>> = {
    'ready start': 'running', 'confirming confirm': 'running', 'running pause': 'paused', 'paused resume': 'running', 'failed resume': 'running', 'done retry': 'running', 'cancelled retry': 'running',
    'checking cancel': 'cancelled', 'ready cancel': 'cancelled', 'confirming cancel': 'cancelled', 'running cancel': 'cancelled', 'paused cancel': 'cancelled', 'failed cancel': 'cancelled',
  }
  test('every state and command: what leads on is listed, all else refuses', () => {
    for (const state of words(bulkStates)) for (const command of words(bulkCommands)) {
      const to = commandBulk(bulk(state), command, { actor: other, policy: plainPolicy })
      expect(isRefusal(to) ? undefined : to, `${state} ${command}`).toBe(leads[`${state} ${command}`])
    }
  })
  test('above the limit a second person, who is another person; what was cancelled unconfirmed is not tried again without one', () => {
    const many = { total: plainPolicy.bulk.aloneTerminalsMax + 1 }
    expect(commandBulk(bulk('ready', many), 'start', { actor: operations, policy: plainPolicy })).toBe('confirming')
    expect(commandBulk(bulk('confirming', many), 'confirm', { actor: operations, policy: plainPolicy })).toMatchObject({ refused: 'bulk_second_person' })
    expect(commandBulk(bulk('cancelled', many), 'retry', { actor: operations, policy: plainPolicy })).toBe('confirming')
    expect(commandBulk(bulk('done', { ...many, confirmedBy: 'other' }), 'retry', { actor: operations, policy: plainPolicy })).toBe('running')
    expect(commandBulk(bulk('done', { refused: 0 }), 'retry', { actor: operations, policy: plainPolicy })).toMatchObject({ refused: 'bulk_nothing_failed' })
  })
  test('is said in both languages in every state', () => {
    for (const state of words(bulkStates)) {
      const [zh, en] = bulkSentence({ ...bulk(state), act: stop, name: 'x', checked: 3, unable: 1, fault: undefined }, plainPolicy)
      expect(`${zh} ${en}`).not.toMatch(/undefined|NaN/)
      expect(zh).toMatch(/。$/)
      expect(en).toMatch(/\.$/)
    }
  })
})

describe('who is told', () => {
  const around = { now, zone: 'Asia/Shanghai', hotline: '400-800-0000', providerName: ['云汇支付', 'Yunhui'] as const }
  const told = (tids: readonly string[], act: BulkAct = stop) => noticesOfMany(tids.map((tid) => {
    const one = terminal({ id: tid, tid })
    const { facts } = decideItem(act, one, {}, setting({ mint: () => `hold-${tid}` }))
    return { terminal: evolveAll(one, facts), facts }
  }), around)
  test('many terminals of one reason and moment are one notice; one is told as one', () => {
    expect(told(['10000001', '10000002', '10000003']).map((n) => `${n.kind} ${n.audience} ${n.tid}`)).toEqual(['hold_placed merchant undefined', 'stopped merchant undefined'])
    expect(told(['10000001', '10000002'])[0]!.words[1]).toContain('stops 2 terminals (10000001, 10000002) from 2026-11-24 04:00')
    expect(told(['10000001'])[1]).toMatchObject({ tid: '10000001', words: ['终端 10000001 已于 2026-11-24 04:00 停机（计划维护）。', 'Terminal 10000001 was stopped at 2026-11-24 04:00 (planned maintenance).'] })
  })
  test('more than twenty are counted, not all named', () => {
    const [zh, en] = terminalsNamed(Array.from({ length: 37 }, (_, i) => String(10_000_000 + i)))
    expect(zh).toMatch(/^37 台终端（10000000、.*10000019 等）$/)
    expect(en).toMatch(/^37 terminals \(10000000, .*10000019, …\)$/)
  })
})
