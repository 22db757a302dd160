// The rule book's own examples, made exact. Each table is a story on a real database; its third column is what happens or
// what is looked at, its fourth what must come of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dueTimes, isWorkday, makeCalendar } from '../src/domain/calendar.ts'
import { nextBackupAt } from '../src/app/settle.ts'
import { play } from './scenario.ts'
import { at, makeWorld, startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())

const scene = async (options: Parameters<typeof makeWorld>[1], table: string, more?: (world: World) => Promise<void>): Promise<void> => {
  const world = await makeWorld(server.url, options)
  try {
    await play(world, table)
    await more?.(world)
  } finally {
    await world.close()
  }
}
const byHand = { straightThrough: [] }

test('1 Friday at three', () => scene({ now: '2026-11-23T10:00', policy: byHand }, `
  | 2026-11-23 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-11-27 15:00 until 2026-12-24 09:00 | submitted |
  | 2026-11-23 10:00         | desk     | dates of the case       | answer from 2026-11-26 00:00 to 2026-12-02 18:00, checkpoint 2026-11-25 09:00, stop 2026-11-27 15:00 |
  | 2026-11-23 10:30         | reviewer | approves                | approved |
  | 2026-11-23 10:30         | merchant | is told                 | ~ application_decided & 2026-11-27 15:00 |
  | 2026-11-24 20:00         | 10000001 | a batch is open         | done |
  | 2026-11-25 08:59:59.999  | merchant | is told                 | nothing |
  | 2026-11-25 09:00         | merchant | is told                 | ~ checkpoint & 1 item(s) still open (¥588.00) & please settle by 2026-11-27 15:00 |
  | 2026-11-25 09:00         | provider | is told                 | ~ checkpoint & 还有 1 笔未结清（¥588.00） |
  | 2026-11-25 10:00         | 10000001 | a batch is settled      | done |
  | 2026-11-27 14:59:59.999  | 10000001 | sale                    | approve 00 |
  | 2026-11-27 14:59:59.999  | 10000001 | stands                  | active |
  | 2026-11-27 15:00:00.000  | 10000001 | sale                    | decline 58 stopped |
  | 2026-11-27 15:00:00.000  | 10000001 | stands                  | suspended |
  | 2026-11-27 15:00:00.000  | merchant | is told                 | ~ stopped & 2026-11-27 15:00 |
  | 2026-11-27 15:00:05      | 10000001 | reversal                | approve 00 |
  | 2026-11-27 15:00:05      | desk     | letter                  | stop_confirmation: stop 2026-11-27 15:00, every gate since 2026-11-27 15:00, drained 2026-11-27 15:00 |
`))

test('1b A stop never waits: what is still open drains, then it is shut, and everybody is told', () => scene({ now: '2026-11-23T10:00', policy: byHand }, `
  | 2026-11-23 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-11-27 15:00 | submitted |
  | 2026-11-23 10:30         | reviewer | approves                | approved |
  | 2026-11-24 20:00         | 10000001 | a batch is open         | done |
  | 2026-11-27 15:00         | 10000001 | stands                  | draining |
  | 2026-11-27 15:00         | 10000001 | sale                    | decline 58 draining |
  | 2026-11-27 15:00         | 10000001 | refund                  | approve 00 |
  | 2026-11-28 14:59:59.999  | 10000001 | preauth_completion      | approve 00 |
  | 2026-11-28 15:00         | 10000001 | preauth_completion      | decline 58 stopped |
  | 2026-11-28 15:00         | 10000001 | stands                  | suspended |
  | 2026-11-28 15:00         | provider | is told                 | ~ still_open & stopped |
  | 2026-11-28 15:00         | desk     | letter                  | stop_confirmation: stop 2026-11-27 15:00, every gate since 2026-11-27 15:00, drained 2026-11-28 15:00 |
`))

test('2 Spring Festival', async () => {
  expect(isWorkday(makeCalendar(), '2026-02-14')).toBe(true)
  await scene({ now: '2026-01-26T10:00' }, `
    | 2026-01-26 10:00         | owner    | asks to suspend 10000001 for M01 from 2026-02-14 22:00 until 2026-02-24 09:00 | approved |
    | 2026-01-26 10:00         | desk     | step customer_notice is due | 2026-02-07 09:00 |
    | 2026-01-26 10:00         | desk     | step device_guide is due    | 2026-02-07 09:00 |
    | 2026-01-26 10:00         | desk     | step clearance is due       | 2026-02-12 09:00 |
    | 2026-01-26 10:00         | desk     | step test-sale is due       | 2026-02-23 10:00 |
    | 2026-01-26 10:00         | desk     | reminders of 10000001       | 2026-02-17 09:00, 2026-02-23 09:00, 2026-02-24 09:00 |
    | 2026-02-14 21:59:59.999  | 10000001 | sale                    | approve 00 |
    | 2026-02-14 22:00         | 10000001 | sale                    | decline 58 stopped |
    | 2026-02-17 09:00         | merchant | is told                 | ~ return_due & 2026-02-24 09:00 |
    | 2026-02-23 09:00         | merchant | is told                 | ~ return_due & does not wake by itself |
    | 2026-02-24 09:00         | 10000001 | sale                    | decline 58 stopped |
    | 2026-02-24 09:00         | 10000001 | stands                  | suspended |
  `)
})

test('3 Review in 3 to 7 working days', () => scene({ now: '2026-09-30T10:00', policy: byHand }, `
  | 2026-09-30 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-10-26 15:00 | submitted |
  | 2026-09-30 10:00         | desk     | dates of the case       | answer from 2026-10-10 00:00 to 2026-10-15 18:00, checkpoint 2026-10-22 09:00, stop 2026-10-26 15:00 |
  | 2026-10-15 17:59:59.999  | provider | is told                 | nothing |
  | 2026-10-15 18:00         | provider | is told                 | ~ deadline_near |
`))

test('4 Formal notice to the bank by the first working day of next month', () => scene({ now: '2026-09-07T10:00' }, `
  | 2026-09-07 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-09-15 22:00 until 2026-11-01 09:00 | approved |
  | 2026-09-07 10:00         | desk     | step notify_parties is due | 2026-10-08 18:00 |
  | 2026-09-30 23:00         | owner    | asks to suspend 10000002 for M02 until 2026-11-01 09:00 | in_progress |
  | 2026-09-30 23:00         | desk     | step notify_parties is due | 2026-10-08 18:00 |
`))

test('5 Month-end backup', async () => {
  const steps = [{
    id: 'backup', kinds: ['suspend' as const], step: 'backup' as const, requirement: 'required' as const, before: 'reopening' as const,
    due: { from: 'effectiveFrom' as const, rule: 'monthEnd' as const, at: '20:00' }, assignee: 'operations' as const,
  }]
  await scene({ now: '2026-01-19T10:00', policy: { steps } }, `
    | 2026-01-19 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-01-20 15:00 until 2026-03-10 09:00 | approved |
    | 2026-01-19 10:00         | desk     | step backup is due      | 2026-01-31 20:00, 2026-02-28 20:00 |
    | 2026-01-20 14:59:59.999  | desk     | backups of 10000001     | none |
    | 2026-01-20 15:00         | desk     | backups of 10000001     | 2026-01-31 20:00 due |
    | 2026-01-31 19:59:59.999  | desk     | makes what backups are due | done |
    | 2026-01-31 19:59:59.999  | desk     | backups of 10000001     | 2026-01-31 20:00 due |
    | 2026-01-31 20:00         | desk     | makes what backups are due | done |
    | 2026-01-31 20:00         | desk     | backups of 10000001     | 2026-01-31 20:00 proven, 2026-02-28 20:00 due |
    | 2026-02-28 20:00         | desk     | makes what backups are due | done |
    | 2026-03-10 09:00         | desk     | makes what backups are due | done |
    | 2026-03-10 09:00         | desk     | backups of 10000001     | 2026-01-31 20:00 proven, 2026-02-28 20:00 proven |
  `)
  const times = dueTimes({ from: 'effectiveFrom', rule: 'monthEnd', at: '20:00' }, { effectiveFrom: at('2026-01-20T15:00'), expectedUntil: at('2026-03-10T09:00') }, makeCalendar())
  expect(times).toEqual([at('2026-01-31T20:00'), at('2026-02-28T20:00')])
  expect(nextBackupAt(at('2026-02-28T20:00'), at('2026-03-10T09:00'), '20:00', 'Asia/Shanghai')).toBeUndefined()
})

test('6 Two holds', () => scene({ now: '2026-11-02T10:00' }, `
  | 2026-11-02 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-11-03 10:00 until 2026-12-24 09:00 | approved |
  | 2026-11-05 10:00         | risk     | stops 10000001 for R09  | stopped |
  | 2026-11-05 10:00         | merchant | is told                 | ~ hold_placed & rule breach (R09) & an appeal is possible & 400-800-0000 |
  | 2026-11-09 10:00         | owner    | asks to reactivate 10000001 | submitted |
  | 2026-11-09 11:00         | reviewer | approves                | completed |
  | 2026-11-09 11:00         | 10000001 | stands                  | suspended |
  | 2026-11-09 11:00         | 10000001 | sale                    | decline 58 stopped |
  | 2026-11-09 11:00         | 10000001 | holds                   | M02 from 2026-11-03 10:00 to 2026-11-09 11:00, R09 from 2026-11-05 10:00 |
  | 2026-11-09 11:00         | merchant | is told                 | ~ hold_lifted & still_held & rule breach (R09), owned by risk: rectification or appeal, lifted by the risk officer; an appeal is possible & 400-800-0000 |
  | 2026-11-09 11:00         | provider | is told                 | ~ still_held & 违规操作（R09），由风控负责：整改或申诉，由风控解除，可申诉 |
  | 2026-11-09 11:00         | 10000001 | cashier reads           | ~ (58) & R09 & 400-800-0000 |
  | 2026-11-09 12:00         | field    | tests 10000001          | ~ refused: held_by_another & R09 & it belongs to risk & rectification or appeal, lifted by the risk officer |
  | 2026-11-09 13:00         | owner    | lifts R09 on 10000001   | ~ refused: role_missing & merchant owner & risk officer |
  | 2026-11-09 13:00         | finance  | lifts R09 on 10000001   | ~ refused: hold_not_yours & belongs to risk & rectification or appeal |
  | 2026-11-09 14:00         | risk     | lifts R09 on 10000001   | lifted |
  | 2026-11-09 14:00         | 10000001 | stands                  | testing |
  | 2026-11-09 14:00         | 10000001 | sale                    | decline 58 testing |
  | 2026-11-09 15:00         | field    | tests 10000001          | recorded |
  | 2026-11-09 15:00         | 10000001 | stands                  | active |
`))

test('6b Two holds, the other way round: risk gives it free first', () => scene({ now: '2026-11-02T10:00' }, `
  | 2026-11-02 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-11-03 10:00 until 2026-12-24 09:00 | approved |
  | 2026-11-05 10:00         | risk     | stops 10000001 for R09  | stopped |
  | 2026-11-06 10:00         | risk     | lifts R09 on 10000001   | lifted |
  | 2026-11-06 10:00         | 10000001 | stands                  | suspended |
  | 2026-11-06 10:00         | merchant | is told                 | ~ still_held & renovation (M02), owned by merchant: a reactivation application and a passed test |
  | 2026-11-06 11:00         | field    | tests 10000001          | ~ refused: held_by_another & M02 & a reactivation application |
  | 2026-11-06 11:00         | risk     | lifts M02 on 10000001   | ~ refused: hold_by_case |
`))

test('7 Failed test', () => scene({ now: '2026-11-02T10:00' }, `
  | 2026-11-02 10:00         | owner    | asks to suspend 10000001 for M02 from 2026-11-03 10:00 until 2026-12-24 09:00 | approved |
  | 2026-12-01 10:00         | owner    | asks to reactivate 10000001 | submitted |
  | 2026-12-01 11:00         | reviewer | approves                | in_progress |
  | 2026-12-01 11:00         | 10000001 | stands                  | testing |
  | 2026-12-01 12:00         | 10000001 | test_sale               | approve 00 |
  | 2026-12-01 12:00         | field    | tests 10000001, test_sale fails | in_progress |
  | 2026-12-01 12:00         | merchant | is told                 | ~ test_failed & test sale（timeout） & It stays stopped |
  | 2026-12-01 12:00         | 10000001 | stands                  | testing |
  | 2026-12-01 12:00         | 10000001 | sale                    | decline 58 testing |
  | 2026-12-02 09:00         | field    | tests 10000001          | completed |
  | 2026-12-02 09:00         | merchant | is told                 | ~ reopened & sign on before the first sale |
  | 2026-12-02 09:00         | desk     | letter                  | reopening_confirmation: stop 2026-11-03 10:00, every gate since –, drained 2026-11-03 10:00, open 2026-12-02 09:00 |
  | 2026-12-02 09:00:01      | 10000001 | sale                    | decline 77 sign_on_required |
  | 2026-12-02 09:00:01      | 10000001 | sign_on                 | approve 00 |
  | 2026-12-02 09:00:02      | 10000001 | signs on                | done |
  | 2026-12-02 09:00:02      | 10000001 | sale                    | approve 00 |
`))

// The provider's table as scenario 9 reads it, and the steps a closure cannot do without.
const due = { from: 'effectiveFrom', offset: '+30d', at: '18:00' } as const
const closing: NonNullable<Parameters<typeof makeWorld>[1]['policy']> = {
  kindsOffered: ['suspend', 'reactivate', 'extend', 'close'],
  steps: ([
    ['clearance', 'merchant_owner'], ['device_return', 'merchant_owner'], ['inspection', 'field'], ['deposit_refund', 'finance'], ['upstream_cleanup', 'operations'],
  ] as const).map(([step, assignee]) => ({ id: step, kinds: ['close' as const], step, requirement: 'required' as const, before: 'completion' as const, due, assignee })),
}
/** The device on 10000001 was lent 14 months ago, against 300.00. */
const lend = async (world: World): Promise<void> => {
  await world.sql(`update device set deposit_fen = 30000 where serial = (select serial from terminal where tid = '10000001')`)
  await world.sql(`update terminal set installed_at = '2025-09-22 06:30+00' where tid = '10000001'`)
}

test('9 Closure', async () => {
  const world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: closing })
  try {
    await lend(world)
    const [{ serial }] = await world.sql<{ serial: string }>(`select serial from terminal where tid = '10000001'`) as [{ serial: string }]
    await play(world, `
      | 2026-11-23 10:00    | 10000001 | a chargeback is open      | done |
      | 2026-11-23 10:00    | owner    | asks to close 10000001 for M21 from 2026-11-27 15:00 | submitted |
      | 2026-11-23 11:00    | reviewer | approves                  | approved |
      | 2026-11-27 14:59:59 | 10000001 | sale                      | approve 00 |
      | 2026-11-27 15:00    | 10000001 | sale                      | decline 58 draining |
      | 2026-11-27 15:00    | merchant | is told                   | ~ closing & never by a date alone & device_return & write RMA TQ-261123- & deposit of ¥300.00 |
      | 2026-11-27 15:00    | desk     | deposits held             | 300.00 |
      | 2026-11-27 16:00    | owner    | withdraws                 | ~ refused: closure_begun |
      | 2026-11-28 15:00    | 10000001 | stands                    | suspended |
      | 2026-11-28 15:00    | owner    | the case says             | ~ 1 dispute is still open & Yunhui Pay is handling it & Please return device & RMA TQ-261123- & Waiting for operations: upstream clean-up |
      | 2026-11-30 09:00    | owner    | ships the device of 10000001    | shipped |
      | 2026-11-30 09:00    | desk     | device of 10000001              | in_transit |
      | 2026-12-01 10:00    | field    | receives the device of 10000001 | received |
      | 2026-12-01 14:00    | field    | inspects the device of 10000001: printer_cover broken, screen fine | inspected |
      | 2026-12-01 15:00    | finance  | proposes the refund of 10000001 | ~ refused: deposit_not_in_this_state & held |
      | 2026-12-02 10:00    | reviewer | does upstream_cleanup     | in_progress |
      | 2027-01-20 10:00    | desk     | the case says             | ~ 1 dispute is still open (¥588.00), ours to handle |
      | 2027-01-20 10:00    | 10000001 | stands                    | suspended |
      | 2027-01-21 10:00    | 10000001 | a chargeback is decided   | done |
      | 2027-01-21 10:01    | desk     | the case says             | ~ has to be refunded by 18:00 on 5 Feb; finance proposes it |
      | 2027-01-21 11:00    | finance  | proposes the refund of 10000001 | deduction_proposed, 300.00 less 80.00 |
      | 2027-01-21 11:00    | merchant | is told                   | ~ deposit & ¥80.00 is to be deducted (printer cover broken ¥80.00) & ¥220.00 refunded & 2027-01-26 18:00 |
      | 2027-01-21 11:00    | finance  | confirms the refund of 10000001 | ~ refused: refund_second_person |
      | 2027-01-21 11:00    | approver | confirms the refund of 10000001 | ~ refused: deduction_waits & 2027-01-26 18:00 |
      | 2027-01-21 12:00    | owner    | accepts the refund of 10000001  | deduction_proposed, 300.00 less 80.00 |
      | 2027-01-21 14:00    | approver | confirms the refund of 10000001 | refunded, 300.00 less 80.00, refunded 220.00 |
      | 2027-01-21 14:00    | desk     | deposits held             | 0.00 |
      | 2027-01-21 14:00    | 10000001 | stands                    | closed |
      | 2027-01-21 14:00    | 10000001 | sale                      | decline 97 closed |
      | 2027-01-21 14:00    | 10000001 | reversal                  | decline 97 closed |
      | 2027-01-21 14:00    | merchant | is told                   | ~ closed & its number is never used again & is no longer bound & until 2027-05-26 & ¥220.00 of the deposit & reference R-1 |
      | 2027-01-21 14:00    | desk     | results                   | 10000001 closed |
      | 2027-01-21 14:00    | desk     | letter                    | closure_certificate: stop 2026-11-27 15:00, closed 2027-01-21 14:00, deposit 300.00 less 80.00 is 220.00, chargebacks until 2027-05-26 00:00 |
      | 2027-01-21 14:00    | desk     | the case says             | ~ closed for good & Chargebacks may still come in until 26 May & certificate of closure TQ-Z2027- |
      | 2027-01-21 15:00    | field    | restocks the device of 10000001 | restocked |
      | 2027-01-21 15:00    | desk     | device of 10000001        | in_stock |
      | 2027-01-21 16:00    | owner    | asks to reactivate 10000001     | ~ refused: & closed |
      | 2027-01-21 16:00    | risk     | stops 10000001 for R09    | ~ refused: terminal_closed |
    `)
    // The serial is free for another terminal; the number is not.
    await world.sql(`update terminal set serial = $1 where tid = '10000002'`, [serial])
    const told = async (sql: string): Promise<string> => world.sql(sql).then(() => 'done', (e: { constraint?: string }) => e.constraint ?? 'refused')
    expect(await told(`update terminal set closed_at = null where tid = '10000001'`)).toBe('closed_for_good')
    expect(await told(`delete from terminal where tid = '10000001'`)).toBe('closed_for_good')
    // Either side of the ledger: what was held is what was given back and what was kept.
    const entries = await world.sql<{ kind: string; total_fen: string }>(`select kind, total_fen from ledger_entry where kind like 'deposit%' order by at, id`)
    expect(entries.map((e) => [e.kind, Number(e.total_fen)])).toEqual([['deposit_held', 30_000], ['deposit_deducted', 8_000], ['deposit_refunded', 22_000]])
  } finally {
    await world.close()
  }
})

test('9b A closure undone: by a reactivation, while the device is still there', async () => {
  const world = await makeWorld(server.url, { now: '2026-10-26T10:00', policy: closing })
  try {
    await lend(world)
    await play(world, `
      | 2026-10-26 10:00    | owner    | asks to close 10000001 for M21  | submitted |
      | 2026-10-26 11:00    | reviewer | approves                  | in_progress |
      | 2026-10-26 12:00    | owner    | asks to extend 10000001 until 2026-12-24 09:00 | ~ refused: case_open_already |
      | 2026-10-27 10:00    | owner    | asks to reactivate 10000001     | submitted |
      | 2026-10-27 11:00    | reviewer | approves                  | in_progress |
      | 2026-10-27 11:00    | merchant | is told                   | ~ is undone |
      | 2026-10-27 11:00    | 10000001 | stands                    | testing |
      | 2026-10-27 12:00    | field    | tests 10000001            | completed |
      | 2026-10-27 12:00    | 10000001 | stands                    | active |
      | 2026-10-27 12:00    | owner    | ships the device of 10000001    | ~ refused: return_not_in_this_state |
      | 2026-11-25 10:00    | owner    | asks to close 10000001 for M21  | submitted |
      | 2026-11-25 11:00    | reviewer | approves                  | in_progress |
      | 2026-11-25 12:00    | owner    | ships the device of 10000001    | shipped |
      | 2026-11-25 13:00    | owner    | asks to reactivate 10000001     | ~ refused: closure_past_return |
      | 2026-11-25 13:00    | desk     | deposits held             | 300.00 |
    `)
  } finally {
    await world.close()
  }
})

test('11 Provider’s stop', () => scene({ now: '2026-11-02T10:00' }, `
  | 2026-11-02 10:00         | risk     | stops 10000001 for A03  | ~ refused: hold_place_not_yours |
  | 2026-11-02 10:00         | finance  | stops 10000001 for A03  | stopped |
  | 2026-11-02 10:00         | 10000001 | sale                    | decline 58 stopped |
  | 2026-11-02 10:00         | 10000001 | cashier reads           | ~ (58) & A03 & 400-800-0000 |
  | 2026-11-02 10:00         | merchant | is told                 | ~ hold_placed & 10000001 & settlement account abnormal (A03) & the account put right or paid, lifted by finance & 2026-11-02 10:00 & 400-800-0000 |
  | 2026-11-03 10:00         | owner    | asks to reactivate 10000001 | ~ refused: nothing_to_lift |
  | 2026-11-03 10:00         | agent    | lifts A03 on 10000001   | ~ refused: hold_not_yours |
  | 2026-11-03 11:00         | finance  | lifts A03 on 10000001   | lifted |
  | 2026-11-03 11:00         | 10000001 | stands                  | testing |
  | 2026-11-03 12:00         | field    | tests 10000001          | recorded |
  | 2026-11-03 12:00         | 10000001 | stands                  | active |
  | 2026-11-03 12:00         | merchant | is told                 | ~ hold_lifted & reopened |
`))

test('12 Dormant', () => scene({ now: '2026-02-20T10:00' }, `
  | 2026-02-20 10:00         | 10000001 | last sold on 2025-11-30 12:00 | done |
  | 2026-02-20 10:00         | 10000002 | last sold on 2025-11-30 12:00 | done |
  | 2026-02-20 10:00         | 10000003 | last sold on 2026-02-19 12:00 | done |
  | 2026-02-28 07:59:59.999  | merchant | is told                 | nothing |
  | 2026-02-28 08:00         | merchant | is told                 | ~ dormancy_asked & 10000001 & 10000002 & no transaction for 3 months & by 2026-03-13 18:00 & keep, re-verify, suspend or close |
  | 2026-03-02 10:00         | owner    | answers keep for 10000002 | noted |
  | 2026-03-02 10:00         | owner    | answers keep for 10000002 | ~ refused: dormancy_not_asked |
  | 2026-03-13 18:00         | 10000001 | stands                  | active |
  | 2026-03-14 08:00         | 10000001 | holds                   | I02 from 2026-03-14 08:00 |
  | 2026-03-14 08:00         | 10000001 | sale                    | decline 58 stopped |
  | 2026-03-14 08:00         | 10000002 | sale                    | approve 00 |
  | 2026-03-16 10:00         | risk     | lifts I02 on 10000001   | lifted |
  | 2026-03-16 11:00         | field    | tests 10000001          | recorded |
  | 2026-03-16 11:00         | 10000001 | stands                  | active |
  | 2026-03-18 10:00         | 10000001 | stands                  | active |
  | 2026-05-18 10:00         | 10000003 | last sold on 2026-05-18 09:00 | done |
  | 2026-11-30 07:59:59.999  | 10000002 | stands                  | active |
  | 2026-11-30 08:00         | 10000002 | holds                   | I03 from 2026-11-30 08:00 |
  | 2026-11-30 08:00         | 10000002 | sale                    | decline 58 stopped |
`), 120_000)
