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
