// A hand-over of devices: who may draw it up, who signs, and what it takes to count.
import { describe, expect, test } from 'vitest'
import { actor, at, owner } from '../../test/pure.ts'
import { answerHandover, proposeHandover, type Custodian, type Handover, type Proposal, type StockDevice } from './custody.ts'
import { isRefusal, type Refusal } from './refusals.ts'

const [field, field2, operations] = [actor('field', 'field'), actor('field2', 'field'), actor('operations', 'operations')]
const mid = owner.party.id
const monday = at('2026-11-23T10:00')
const warehouse: Custodian = { kind: 'warehouse', id: '' }
const engineer: Custodian = { kind: 'field', id: 'field' }
const merchant: Custodian = { kind: 'merchant', id: mid }
const device = (serial: string, custodian = warehouse, isHandedOver = false): StockDevice & { isHandedOver: boolean } => ({
  serial, provider: 'yunhui', model: 'A920', type: 'smart', ownership: 'lent', depositFen: 0, state: 'in_stock', custodian, tid: undefined, isReturning: false, isHandedOver,
})
const proposal = (part: Partial<Proposal> = {}): Proposal => ({
  id: 'h', provider: 'yunhui', mid: undefined, caseNo: undefined, from: warehouse, to: engineer, items: [{ serial: 'A', condition: [], accessories: ['charger'] }, { serial: 'B', condition: [], accessories: [] }],
  isDrawn: false, ...part,
})
const code = (value: unknown): string => (isRefusal(value) ? (value as Refusal).refused : (value as Handover).state)
const drawn = (part: Partial<Proposal>, who = operations, devices = [device('A'), device('B')]): string => code(proposeHandover(proposal(part), devices, who, monday))

describe('a hand-over', () => {
  test('many devices in one signature: given by one person, taken by another, and only then done', () => {
    const proposed = proposeHandover(proposal(), [device('A'), device('B')], operations, monday) as Handover
    expect(proposed).toMatchObject({ state: 'proposed', givenBy: 'operations', takenBy: undefined })
    expect(code(answerHandover(proposed, 'sign', operations, monday))).toBe('handover_other_side')
    expect(code(answerHandover(proposed, 'sign', field2, monday))).toBe('handover_other_side')
    expect(code(answerHandover(proposed, 'sign', owner, monday))).toBe('handover_other_side')
    const done = answerHandover(proposed, 'sign', field, monday + 1) as Handover
    expect(done).toMatchObject({ state: 'done', givenBy: 'operations', takenBy: 'field', endedAt: monday + 1 })
    expect(code(answerHandover(done, 'sign', field, monday))).toBe('handover_not_in_this_state')
  })
  test('drawn up by who takes, signed by who gives', () => {
    const proposed = proposeHandover(proposal(), [device('A'), device('B')], field, monday) as Handover
    // An engineer is of the provider's people, and so of the warehouse's side: whoever gives signs for giving.
    expect(proposed).toMatchObject({ givenBy: 'field', takenBy: undefined })
    const fromMerchant = proposeHandover(proposal({ from: merchant, to: engineer, mid }), [device('A', merchant), device('B', merchant)], field, monday) as Handover
    expect(fromMerchant).toMatchObject({ givenBy: undefined, takenBy: 'field' })
    expect(code(answerHandover(fromMerchant, 'sign', owner, monday))).toBe('done')
  })
  test('a merchant signs on the spot, and it is done at once; nobody else’s signature is drawn', () => {
    expect(proposeHandover(proposal({ from: engineer, to: merchant, mid, isDrawn: true }), [device('A', engineer), device('B', engineer)], field, monday))
      .toMatchObject({ state: 'done', givenBy: 'field', isTakenDrawn: true, endedAt: monday })
    expect(drawn({ isDrawn: true })).toBe('handover_other_side')
  })
  test.each<[string, Partial<Proposal>, typeof operations, ReturnType<typeof device>[], string]>([
    ['by somebody of neither side', { from: warehouse, to: engineer }, owner, [device('A'), device('B')], 'handover_other_side'],
    ['to the same hands', { to: warehouse }, operations, [device('A'), device('B')], 'handover_other_side'],
    ['of a device there is not', {}, operations, [device('A')], 'device_unknown'],
    ['of a device another has', {}, operations, [device('A'), device('B', merchant)], 'handover_not_holder'],
    ['of a device under way already', {}, operations, [device('A'), device('B', warehouse, true)], 'handover_under_way'],
    ['of a broken part without a picture', { items: [{ serial: 'A', condition: [{ part: 'screen', condition: 'broken' }], accessories: [] }] }, operations, [device('A')], 'photo_required'],
    ['of a broken part with one', { items: [{ serial: 'A', condition: [{ part: 'screen', condition: 'broken', photo: 'IMG_1' }], accessories: [] }] }, operations, [device('A')], 'proposed'],
  ])('%s', (_, part, who, devices, expected) => expect(drawn(part, who, devices)).toBe(expected))
  test('refused by the other side, or taken back by the first', () => {
    const proposed = proposeHandover(proposal(), [device('A'), device('B')], operations, monday) as Handover
    expect([code(answerHandover(proposed, 'refuse', field, monday)), code(answerHandover(proposed, 'withdraw', operations, monday)), code(answerHandover(proposed, 'refuse', operations, monday))])
      .toEqual(['refused', 'withdrawn', 'handover_other_side'])
  })
})
