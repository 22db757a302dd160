// A merchant's own trade through the API of the whole program: the best moment to stop, what it is likely to cost, and what a
// stop that is over did. Eight weeks of one till: ten sales of 20.00 a day at ten o'clock, two on Tuesdays.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csv, sale, terminal } from '../src/app/imports/imports.fixtures.ts'
import { addDays } from '../src/domain/calendar.ts'
import { traffic_days, weekdayOf } from '../src/domain/traffic.ts'
import { startBare, type Bare } from './bare-program.ts'
import { startServer } from './world.ts'

const shop = { mid: '898000000000001', tid: '50000001' }
const other = { mid: '898000000000002', tid: '50000004' }
/** A Friday. */
const today = '2026-09-04'
const salesOn = (date: string): number => (weekdayOf(date) === 2 ? 2 : 10)

let server: Awaited<ReturnType<typeof startServer>>
let bare: Bare
beforeAll(async () => {
  server = await startServer()
  bare = await startBare(server.url, {
    now: `${today}T09:00:00+08:00`,
    policy: { steps: [], straightThrough: [{ id: 'any', kinds: ['suspend', 'reactivate'], when: {} }], secondApproval: [], materials: [], leadTimeHours: 0, drainHours: 0, deviceTests: ['network'] },
    people: [
      { name: 'owner', role: 'merchant_owner', party: { kind: 'merchant', id: shop.mid } },
      { name: 'other.owner', role: 'merchant_owner', party: { kind: 'merchant', id: other.mid } },
      { name: 'yunhui.field', role: 'field', party: { kind: 'provider', id: 'yunhui' } },
    ],
  })
  expect(await bare.import('admin', 'fleet', csv([terminal(1, { ...shop, provider: '云汇支付' }), terminal(4, { ...other, provider: '云汇支付' })]))).toMatchObject({ state: 'done', errors: [] })
  let serial = 0
  const number = (digits: number): string => String(++serial).padStart(digits, '0')
  const of = (date: string, count: number, status = 'approved') => Array.from({ length: count }, () => {
    const n = number(6)
    return sale({ ...shop, batch: '000001', trace: n, reference: `900000${n}`, class: 'sale', amountYuan: '20.00', at: `${date}T10:00:00+08:00`, settledOn: status === 'approved' ? date : '', status })
  })
  const past = Array.from({ length: traffic_days }, (_, i) => addDays(today, -1 - i))
  expect(await bare.import('admin', 'transactions', csv([...past.flatMap((date) => of(date, salesOn(date))), ...of('2026-09-01', 3, 'declined')]))).toMatchObject({ state: 'done', errors: [] })
}, 240_000)
afterAll(async () => {
  await bare?.close()
  await server?.stop()
})
const traffic = `/api/v1/terminals/${shop.tid}/traffic`

describe('before a stop', () => {
  test('the usual week, and the evening before its quietest day', async () => {
    const { body } = await bare.get(traffic, 'owner')
    expect(body).toMatchObject({ to: '2026-09-03', days: 56, away: null })
    expect(body.weekdays.map((d: { count: number }) => d.count)).toEqual([10, 2, 10, 10, 10, 10, 10])
    expect(body.weekdays[1]).toEqual({ weekday: 2, label: '周二', count: 2, amount: { fen: 4_000, currency: 'CNY' } })
    expect(body.hours).toHaveLength(7)
    // Monday, after the hour of its last sale.
    expect(body.best).toEqual({ at: '2026-09-07T03:00:00.000Z', sentence: '周二通常最清淡（约 2 笔、¥40.00），前一晚 2026-09-07 11:00 打烊后停机影响最小。' })
  })

  test('what the days away usually bring', async () => {
    const from = encodeURIComponent('2026-09-05T22:00:00+08:00')
    const { body } = await bare.get(`${traffic}?from=${from}&until=${encodeURIComponent('2026-09-12T22:00:00+08:00')}`, 'owner')
    expect(body.away).toMatchObject({ count: 62, amount: { fen: 124_000 } })
    expect((await bare.get(`${traffic}?from=${from}&until=${from}`, 'owner')).body.code).toBe('until_before_from')
  })

  test('is told to those who may see the money, and to nobody else', async () => {
    expect((await bare.get(traffic, 'other.owner')).status).toBe(404)
    expect((await bare.get(traffic, 'chengfutong.agent')).status).toBe(404)
    expect((await bare.get(traffic, 'yunhui.field')).body.code).toBe('role_missing')
    expect((await bare.get(`/api/v1/terminals/${other.tid}/traffic`, 'other.owner')).body).toMatchObject({ best: null, hours: [] })
  })
})

describe('after a stop', () => {
  test('nothing is compared before it begins; then what it usually brings, and what came back', async () => {
    const filed = await bare.post('/api/v1/applications', 'owner', { kind: 'suspend', terminals: [shop.tid], reason: 'M01', effectiveFrom: '2026-09-05T22:00:00+08:00', expectedUntil: '2026-09-12T22:00:00+08:00', submit: true })
    expect(filed.body).toMatchObject({ state: 'approved' })
    const effect = `/api/v1/applications/${filed.body.no}/effect`
    expect((await bare.get(effect, 'owner')).body.code).toBe('stop_not_begun')
    // The files end on Thursday: of the week before, two days brought nothing, and the usual Friday is a little less.
    const clock = (now: string) => bare.ask('PUT', '/api/v1/demo/clock', 'admin', { body: { now } })
    expect((await clock('2026-09-12T22:00:00+08:00')).status).toBe(200)
    const during = (await bare.get(effect, 'owner')).body
    expect(during).toMatchObject({
      stop: { isOver: false, days: 7 }, before: { count: 42, declined: 3 }, during: { count: 0, refused: 0, expected: { count: 61, amount: { fen: 121_500 } } }, after: null,
    })
    expect(during.sentence).toBe('自 2026-09-05 22:00 停机至今 7 天，按平常约少收 61 笔、¥1,215.00。')
    expect((await bare.get(effect, 'other.owner')).status).toBe(404)

    const back = await bare.post('/api/v1/applications', 'owner', { kind: 'reactivate', terminals: [shop.tid], reason: 'M01', submit: true })
    await bare.post(`/api/v1/applications/${back.body.no}/record-test`, 'yunhui.field', { items: [{ item: 'network', passed: true }] })
    expect((await clock('2026-09-14T22:00:00+08:00')).status).toBe(200)
    expect((await bare.get(effect, 'owner')).body).toMatchObject({ stop: { isOver: true, days: 7 }, after: { count: 0 }, during: { expected: { count: 61 } } })
    expect((await bare.get(`/api/v1/applications/${back.body.no}/effect`, 'owner')).body.code).toBe('stop_not_begun')
  }, 60_000)
})
