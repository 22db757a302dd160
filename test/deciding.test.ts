// The desk's work through the API: a case is handed only to somebody who is there and can work it, a step is ticked by whom it is
// for, and the promised time stands still while the merchant is asked for papers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csv, terminal } from '../src/app/imports/imports.fixtures.ts'
import { startBare, type Bare, type Told } from './bare-program.ts'
import { startServer } from './world.ts'

const api = '/api/v1'
const mid = '898000000000000'
let server: Awaited<ReturnType<typeof startServer>>
let bare: Bare
beforeAll(async () => {
  server = await startServer()
  bare = await startBare(server.url, {
    now: '2026-11-02T10:00:00+08:00', policy: { straightThrough: [], secondApproval: [], materials: [], leadTimeHours: 0 },
    people: [
      { name: 'owner', role: 'merchant_owner', party: { kind: 'merchant', id: mid } }, { name: 'clerk', role: 'merchant_staff', party: { kind: 'merchant', id: mid } },
      { name: 'yunhui.field', role: 'field', party: { kind: 'provider', id: 'yunhui' } },
    ],
  })
  const fleet = csv([0, 1].map((i) => terminal(i, { mid, merchantName: '老盛昌汤包', provider: '云汇支付' })))
  expect(await bare.import('admin', 'fleet', fleet)).toMatchObject({ state: 'done', errors: [] })
}, 240_000)
afterAll(async () => {
  await bare?.close()
  await server?.stop()
})
const file = async (tid: string): Promise<Told['body']> =>
  (await bare.post(`${api}/applications`, 'owner', { kind: 'suspend', terminals: [tid], reason: 'M02', effectiveFrom: '2026-11-20T15:00:00+08:00', expectedUntil: '2026-12-20T15:00:00+08:00', submit: true })).body
const act = (no: string, what: string, who: string, body: object = {}): Promise<Told> => bare.post(`${api}/applications/${no}/${what}`, who, body)

describe('a case in review', () => {
  let no = ''
  test.each<[string, string, number, string | undefined]>([
    ['to nobody', 'somebody', 422, 'assignee_unknown'],
    ['to another provider’s reviewer', 'chengfutong.reviewer', 422, 'assignee_unknown'],
    ['to the merchant', 'owner', 422, 'assignee_unknown'],
    ['to finance, who cannot review', 'yunhui.finance', 422, 'assignee_cannot'],
    ['to the field, who cannot either', 'yunhui.field', 422, 'assignee_cannot'],
    ['to an approver', 'yunhui.approver', 200, undefined],
  ])('handed %s: %s', async (_, to, status, code) => {
    no ||= (await file('50000000')).no
    const told = await act(no, 'assign', 'yunhui.reviewer', { to })
    expect([told.status, told.body.code]).toEqual([status, code])
    if (status === 200) expect(told.body).toMatchObject({ state: 'in_review', assignee: { id: to } })
  })
  test('nor to somebody whose account is closed', async () => {
    await bare.sql(`update account set disabled_at = now() where id = 'yunhui.agent'`)
    expect((await act(no, 'assign', 'yunhui.reviewer', { to: 'yunhui.agent' })).body.code).toBe('assignee_unknown')
    await bare.sql(`update account set disabled_at = null where id = 'yunhui.agent'`)
  })
  test('once approved it may be handed to whoever carries it out', async () => {
    expect((await act(no, 'approve', 'yunhui.approver')).body.state).toBe('approved')
    expect((await act(no, 'assign', 'yunhui.reviewer', { to: 'yunhui.field' })).status).toBe(200)
  })
  test('its steps are ticked by whom they are for', async () => {
    const steps = (await bare.get(`${api}/applications/${no}`, 'yunhui.reviewer')).body.steps as { id: string; assignee: string }[]
    const of = (role: string): string => steps.find((s) => s.assignee === role && s.id !== 'clearance')!.id
    const tick = async (step: string, who: string): Promise<string> => { const told = await act(no, 'complete-step', who, { step, evidence: 'x' }); return told.status === 200 ? 'done' : told.body.code }
    expect([await tick(of('finance'), 'yunhui.agent'), await tick(of('finance'), 'owner'), await tick(of('merchant_owner'), 'clerk'), await tick(of('merchant_owner'), 'yunhui.finance')])
      .toEqual(['role_missing', 'role_missing', 'role_missing', 'role_missing'])
    expect([await tick(of('finance'), 'yunhui.finance'), await tick(of('merchant_owner'), 'owner')]).toEqual(['done', 'done'])
  })
})

test('the promised time stands still while papers are asked for', async () => {
  const { no, deadline } = await file('50000001')
  expect(deadline).toMatchObject({ at: '2026-11-11T10:00:00.000Z', workingDays: 7 })
  await act(no, 'return', 'yunhui.reviewer', { words: '缺一份' })
  // Four working days later as many are left as were left then.
  await bare.ask('PUT', `${api}/demo/clock`, 'admin', { body: { now: '2026-11-06T10:00:00+08:00' } })
  const again = await act(no, 'submit', 'owner')
  expect(again.body).toMatchObject({ state: 'submitted', deadline: { at: '2026-11-17T10:00:00.000Z' } })
})
