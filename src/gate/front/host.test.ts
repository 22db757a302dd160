// The answering host: what it remembers of a batch, and what it therefore says to duplicates, voids, completions, reversals
// and settlement. Asked as terminals ask, over a line without a network.
import { beforeEach, expect, test } from 'vitest'
import type { Observation } from '../observation.ts'
import { openDesk, type Desk } from './desk.ts'
import { handDoor, mid, type HandDoor } from './door.fixtures.ts'
import { batchOf, createLedger } from './ledger.ts'
import { openLine } from './line.ts'
import { createRecent } from './recent.ts'
import { balancedIn, heard, keysIn, requestFrame, test_card, type Ask, type Heard, type Said } from './terminal.ts'

const tid = '10000001'
const secret = 's'.repeat(40)
let door: HandDoor
let desk: Desk
let trace = 0

beforeEach(() => {
  door = handDoor()
  desk = openDesk({ secret })
  trace = 0
})

function ask(what: Ask, said: Partial<Said> = {}): Heard {
  let frame: Uint8Array | undefined
  const line = openLine(door, { desk, cut: (why) => { throw new Error(why) } }, (bytes) => { frame = bytes })
  line.receive(requestFrame(what, { tid, mid, batch: 1, trace: ++trace, amountFen: 10_000, ...said }))
  return heard(Buffer.from(frame!))!
}
const code = (what: Ask, said: Partial<Said> = {}): string => ask(what, said).code
const transactions = (): Extract<Observation, { kind: 'transaction' }>[] => door.seen.filter((o) => o.kind === 'transaction')
const settles = (debitFen: number, debits: number, creditFen = 0, credits = 0, batch = 1): boolean | undefined =>
  balancedIn(ask('settle', { batch, totals: { debitFen, debits, creditFen, credits } }))

test('an approval has a reference, a code and the day it settles on: after 23:00 the next', () => {
  const sold = ask('sale', { card: test_card })
  expect(sold.fields).toMatchObject({ 15: '1127', 37: expect.stringMatching(/^6331\d{8}$/), 38: expect.stringMatching(/^\d{6}$/), 39: '00' })
  door.at = Date.UTC(2026, 10, 27, 15)
  expect(ask('sale').fields[15]).toBe('1128')
  door.at = Date.UTC(2026, 11, 31, 15, 30)
  expect(ask('sale').fields).toMatchObject({ 12: '233000', 13: '1231', 15: '0101' })
  const references = transactions().map((t) => t.reference)
  expect(new Set(references).size).toBe(3)
})

test('a void finds its sale once, by batch and trace, for the same amount', () => {
  ask('sale', { trace: 11 })
  const original = { batch: 1, trace: 11 }
  expect(code('void', { original: { batch: 1, trace: 12 } })).toBe('25')
  for (const batch of [2, 3, 4]) expect(code('void', { original: { batch, trace: 11 } })).toBe('25')
  expect(code('void', { original, amountFen: 9_999 })).toBe('64')
  expect(code('void', { original })).toBe('00')
  expect(code('void', { original })).toBe('12')
  expect(code('void')).toBe('25')
  expect(transactions().map((t) => [t.class, t.reference === transactions()[0]!.reference])).toEqual([['sale', true], ['void', true]])
  expect(settles(10_000, 1, 10_000, 1)).toBe(true)
})

test('a trace is used once, until the terminal signs on again', () => {
  expect(code('sale', { trace: 7 })).toBe('00')
  expect(code('sale', { trace: 7 })).toBe('94')
  expect(code('refund', { trace: 7 })).toBe('94')
  expect(code('sale', { trace: 7, batch: 2 })).toBe('00')
  expect(code('sale', { trace: 7, tid: '10000007' })).toBe('00')
  expect(code('sign-on')).toBe('00')
  expect(code('sale', { trace: 7 })).toBe('00')
  expect(settles(20_000, 2)).toBe(true)
})

test('what was refused may be sent again as it is', () => {
  expect(code('sale', { trace: 7, tid: '10000005' })).toBe('77')
  expect(code('sign-on', { tid: '10000005' })).toBe('00')
  expect(code('sale', { trace: 7, tid: '10000005' })).toBe('00')
})

test('a pre-authorisation is completed or cancelled once, and says whose it was', () => {
  const held = ask('preauth', { amountFen: 50_000 })
  const authCode = held.fields[38]!
  expect(code('complete', { authCode, amountFen: 45_000 })).toBe('00')
  expect(code('complete', { authCode, amountFen: 45_000 })).toBe('12')
  expect(code('preauth-cancel', { authCode, amountFen: 50_000 })).toBe('12')
  const second = ask('preauth', { amountFen: 60_000 })
  expect(code('preauth-cancel', { authCode: second.fields[38], amountFen: 59_000 })).toBe('64')
  expect(code('preauth-cancel', { authCode: second.fields[38], amountFen: 60_000 })).toBe('00')
  expect(transactions().map((t) => [t.class, t.reference])).toEqual([
    ['preauth', held.fields[37]], ['preauth_completion', held.fields[37]], ['preauth', second.fields[37]], ['preauth_cancel', second.fields[37]],
  ])
  expect(settles(45_000, 1)).toBe(true)
})

test('a pre-authorisation older than this memory is taken at the word of the request', () => {
  expect(code('complete', { authCode: 'ZZZZZZ', reference: '112233445566' })).toBe('00')
  expect(transactions()).toMatchObject([{ class: 'preauth_completion', reference: '112233445566', authCode: 'ZZZZZZ' }])
})

test('a reversal takes back what it names, once, and what nobody knows is answered 00 all the same', () => {
  ask('sale', { trace: 11 })
  expect(code('reversal', { trace: 11 })).toBe('00')
  expect(code('reversal', { trace: 11 })).toBe('00')
  expect(code('reversal', { trace: 99 })).toBe('00')
  expect(transactions().map((t) => t.class)).toEqual(['sale', 'reversal'])
  expect(settles(0, 0)).toBe(true)
})

test('a void that is reversed leaves the sale standing', () => {
  ask('sale', { trace: 11 })
  ask('void', { trace: 12, original: { batch: 1, trace: 11 } })
  expect(code('reversal', { trace: 12 })).toBe('00')
  expect(code('void', { trace: 13, original: { batch: 1, trace: 11 } })).toBe('00')
  expect(settles(10_000, 1, 10_000, 1)).toBe(true)
})

test('settlement compares sums and numbers; what does not balance is uploaded', () => {
  ask('sale', { amountFen: 10_000 })
  ask('refund', { amountFen: 3_000 })
  expect(settles(10_000, 1)).toBe(false)
  expect(settles(13_000, 2)).toBe(false)
  expect(door.seen.some((o) => o.kind === 'settled')).toBe(false)
  expect(settles(10_000, 1, 3_000, 1)).toBe(true)
  expect(settles(0, 0)).toBe(true)
  ask('sale', { batch: 2 })
  expect(settles(1, 1, 0, 0, 2)).toBe(false)
  expect(code('upload-end', { batch: 2 })).toBe('00')
  expect(door.seen.filter((o) => o.kind === 'settled').map((o) => [o.batch, o.balanced])).toEqual([['000001', true], ['000001', true], ['000002', false]])
})

test('the batch a terminal has is kept; one that was settled is followed by the next', () => {
  expect(ask('sign-on', { batch: 0 }).batch).toBe(1)
  expect(ask('sign-on', { batch: 41 }).batch).toBe(41)
  ask('sale', { batch: 41 })
  expect(settles(10_000, 1, 0, 0, 41)).toBe(true)
  expect(ask('sign-on', { batch: 41 }).batch).toBe(42)
})

test('keys differ by terminal and batch, are the same from every gate, and open only under the terminal\'s own', () => {
  const keysOf = (said: Partial<Said>): string => keysIn(ask('sign-on', said), desk.keys!.master(said.tid ?? tid))!.mac.toString('hex')
  const first = keysOf({ batch: 5 })
  expect(keysOf({ batch: 5 })).toBe(first)
  expect(keysOf({ batch: 6 })).not.toBe(first)
  expect(keysOf({ batch: 5, tid: '10000007' })).not.toBe(first)
  expect(keysIn(ask('sign-on', { batch: 5 }), openDesk({ secret: 't'.repeat(40) }).keys!.master(tid))).toBeUndefined()
  const elsewhere = openDesk({ secret, mac: 'demanded' })
  const frame = requestFrame('sale', { tid, mid, batch: 5, trace: 1, amountFen: 1, mac: elsewhere.keys!.mac(tid, 5) })
  desk = elsewhere
  let told = ''
  openLine(door, { desk, cut: () => {} }, (bytes) => { told = heard(Buffer.from(bytes))!.code }).receive(frame)
  expect(told).toBe('00')
})

test('what has no account behind it is not made up', () => {
  expect(code('balance')).toBe('40')
  expect(code('parameters')).toBe('00')
})

test('the device says that it stopped', () => {
  for (const word of ['operating', 'signed_off', 'stopped'] as const) expect(code('status', { tid: '10000002', word })).toBe('00')
  expect(code('sign-off', { tid: '10000002' })).toBe('00')
  expect(door.seen.map((o) => o.kind === 'device_said' && [o.said, o.by])).toEqual([
    ['operating', 'status'], ['signed_off', 'status'], ['stopped', 'status'], ['signed_off', 'sign_off'],
  ])
})

test('what is uploaded later says when it was paid', () => {
  const paid = { date: '1126', time: '115959' }
  expect(code('offline', { tid: '10000006', paid })).toBe('00')
  expect(code('offline', { tid: '10000006', paid: { date: '1126', time: '120000' } })).toBe('58')
  expect(code('offline', { tid: '10000006' })).toBe('58')
  // The last day of the year, uploaded on the first of the next: of the year before.
  door.at = Date.UTC(2027, 0, 1, 4)
  expect(code('offline', { tid: '10000006', paid: { date: '1231', time: '120000' } })).toBe('58')
  expect(code('offline', { tid: '10000001', paid: { date: '1231', time: '120000' } })).toBe('00')
})

test('a card is known by ten of its digits, wherever it stands', () => {
  ask('sale', { card: test_card })
  expect(transactions()[0]!.cardMasked).toBe('621234******0001')
  expect(JSON.stringify(door.seen)).not.toContain(test_card)
})

test('memory is bounded: the oldest transactions are written over, the totals stay', () => {
  const ledger = createLedger(100)
  const [one, other] = [ledger.open('one', 'p'), ledger.open('other', 'p')]
  const sell = (book: typeof one, trace: number): void => ledger.approve(book, batchOf(book, 1), trace, 'sale', 100, trace, undefined)
  for (let trace = 1; trace <= 90; trace++) sell(one, trace)
  for (let trace = 1; trace <= 20; trace++) sell(other, trace)
  expect([10, 11].map((trace) => ledger.find(one, 1, trace)?.reference)).toEqual([undefined, '000000000011'])
  expect(ledger.isRepeated(one, batchOf(one, 1), 10)).toBe(false)
  expect(ledger.isRepeated(one, batchOf(one, 1), 11)).toBe(true)
  // The slot that was the first one's trace 1 is the other's trace 11 now.
  expect(ledger.find(one, 1, 1)).toBeUndefined()
  expect(ledger.find(other, 1, 11)?.authCode).toBe('000011')
  expect([batchOf(one, 1).debits, batchOf(one, 1).debitFen]).toEqual([90, 9_000])
})

test('what is asked for stays, what is not is forgotten', () => {
  const recent = createRecent<number, string>(2)
  for (let key = 1; key <= 9; key++) {
    recent.set(key, 'x')
    recent.get(1)
  }
  expect([1, 2, 6, 9].map((key) => recent.get(key))).toEqual(['x', undefined, undefined, 'x'])
})
