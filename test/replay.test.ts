// A draft of the rules tried on past cases, through the API: what is decided otherwise, case by case and in groups; stopped,
// taken up after the program ended, shown to whoever approves the draft; other providers see nothing of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csv, terminal } from '../src/app/imports/imports.fixtures.ts'
import { demoProviders } from '../src/demo/policies.ts'
import { policySchema, type Policy } from '../src/domain/policy.ts'
import { startBare, type Bare, type Told } from './bare-program.ts'
import { startServer } from './world.ts'

const api = '/api/v1'
const mid = '898000000000000'
const inForce: Partial<Policy> = {
  straightThrough: [{ id: 'short', kinds: ['suspend'], when: { term: 'temporary', daysMax: 90, clearance: 'drainable', goodStanding: true } }],
  secondApproval: [], materials: [], leadTimeHours: 0,
}
/** Six terminals stopped for 10, 20, 30, 40, 50 and 60 days. */
const days = [10, 20, 30, 40, 50, 60]
let server: Awaited<ReturnType<typeof startServer>>
let bare: Bare
const policy = (change: Partial<Policy>): object => policySchema.parse({ ...demoProviders[0]!.policy, ...inForce, ...change })

beforeAll(async () => {
  server = await startServer()
  bare = await startBare(server.url, {
    now: '2026-11-02T10:00:00+08:00', policy: inForce,
    people: [
      { name: 'owner', role: 'merchant_owner', party: { kind: 'merchant', id: mid } },
      { name: 'yunhui.deputy', role: 'provider_admin', party: { kind: 'provider', id: 'yunhui' } },
    ],
  })
  const fleet = csv(days.map((_, i) => terminal(i, { mid, merchantName: '老盛昌汤包', uscc: terminal(0)['uscc']!, contactPhone: '17500000000', provider: '云汇支付' })))
  expect(await bare.import('admin', 'fleet', fleet)).toMatchObject({ state: 'done', errors: [] })
  for (const [i, n] of days.entries()) {
    const filed = await bare.post(`${api}/applications`, 'owner', {
      kind: 'suspend', terminals: [String(50_000_000 + i)], reason: 'M02', effectiveFrom: '2026-11-05T15:00:00+08:00', expectedUntil: new Date(Date.parse('2026-11-05T15:00:00+08:00') + n * 86_400_000).toISOString(), submit: true,
    })
    expect([filed.status, filed.body.decision?.rule ?? filed.text]).toEqual([201, 'short'])
  }
}, 240_000)
afterAll(async () => {
  await bare?.close()
  await server?.stop()
})

const draft = async (change: Partial<Policy>): Promise<string> => {
  const told = await bare.post(`${api}/policies`, 'yunhui.provider_admin', { document: policy(change) })
  expect(told.status, told.text).toBe(201)
  return `yunhui-${told.body.version}`
}
const replay = async (id: string, asked: object = {}): Promise<Told['body']> => {
  const begun = await bare.post(`${api}/policies/${id}/replay`, 'yunhui.provider_admin', asked)
  expect(begun.status, begun.text).toBe(202)
  for (;;) {
    const { body } = await bare.get(`${api}/replays/${begun.body.id}`, 'yunhui.reviewer')
    if (body.endedAt !== null) return body
    await sleep(20)
  }
}
const casesOf = async (id: string, query = ''): Promise<Told['body']> => (await bare.get(`${api}/replays/${id}/cases?limit=200${query}`, 'yunhui.reviewer')).body

describe('what would have been', () => {
  test.each<[string, Partial<Policy>, { differing: number; otherwise: number }, object[]]>([
    ['the same rules: nothing', {}, { differing: 0, otherwise: 0 }, []],
    ['straight through up to 30 days only', { straightThrough: [{ id: 'short', kinds: ['suspend'], when: { term: 'temporary', daysMax: 30 } }] }, { differing: 3, otherwise: 3 },
      [{ what: 'straight_through', from: 'short', to: '', count: 3 }]],
    ['a rule by another name decides the same', { straightThrough: [{ id: 'brief', kinds: ['suspend'], when: { daysMax: 90 } }] }, { differing: 6, otherwise: 0 },
      [{ what: 'straight_through', from: 'short', to: 'brief', count: 6 }]],
    ['nothing passes, and long ones are looked at twice', { straightThrough: [], secondApproval: [{ id: 'always', kinds: ['suspend'], when: {} }] }, { differing: 6, otherwise: 6 },
      [{ what: 'straight_through', from: 'short', to: '', count: 6 }, { what: 'second_approval', from: '', to: 'always', count: 6 }]],
    ['at most 45 days', { longestTemporaryDays: 45 }, { differing: 2, otherwise: 2 }, [{ what: 'accepted', from: '', to: 'stop_too_long', count: 2 }]],
    ['no suspensions at all', { kindsOffered: ['reactivate'] }, { differing: 6, otherwise: 6 }, [{ what: 'accepted', from: '', to: 'kind_not_offered', count: 6 }]],
    ['papers demanded', { materials: [{ id: 'proof', kinds: ['suspend'], types: ['renovation_proof'] }], materialsAtSubmission: 'demand' }, { differing: 6, otherwise: 6 },
      [{ what: 'accepted', from: '', to: 'materials_incomplete', count: 6 }]],
    ['a lead time of ten days, for what is reviewed', { straightThrough: [], leadTimeHours: 240 }, { differing: 6, otherwise: 6 }, [{ what: 'accepted', from: '', to: 'lead_time_short', count: 6 }]],
    ['a longer review, an earlier checkpoint', {
      review: { ...demoProviders[0]!.policy.review, suspend: { fromWorkingDays: 5, toWorkingDays: 10 } },
      checkpoint: { due: { from: 'effectiveFrom', offset: '-1wd', at: '09:00' }, ifOpen: 'proceed', postponeWorkingDays: 2 },
    }, { differing: 6, otherwise: 0 }, [{ what: 'deadline', from: '', to: '', count: 6 }, { what: 'checkpoint', from: '', to: '', count: 6 }]],
    ['a step less', { steps: demoProviders[0]!.policy.steps.filter((s) => s.id !== 'fallback') }, { differing: 6, otherwise: 0 }, [{ what: 'steps', from: '-fallback', to: '', count: 6 }]],
  ])('%s', async (_, change, expected, groups) => {
    const id = await draft(change)
    const told = await replay(id)
    expect(told).toMatchObject({ state: 'done', progress: 1, policy: id, cases: { total: 6, looked: 6, unknown: 0, ...expected } })
    expect(told.groups).toMatchObject(groups)
    expect(told.groups).toHaveLength(groups.length)
    expect(told.sentence).toBe(`6 件中有 ${expected.otherwise} 件会有不同的决定。`)
    expect((await casesOf(told.id)).items).toHaveLength(expected.differing)
    expect((await casesOf(told.id, '&otherwise=true')).items).toHaveLength(expected.otherwise)
  })

  test('cases page by page, by kind of difference', async () => {
    const { id } = await replay(await draft({ longestTemporaryDays: 25 }))
    const first = (await bare.get(`${api}/replays/${id}/cases?limit=3`, 'yunhui.reviewer')).body
    const second = (await bare.get(`${api}/replays/${id}/cases?limit=3&cursor=${first.next}`, 'yunhui.reviewer')).body
    expect([...first.items, ...second.items].map((c: { no: string }) => c.no)).toEqual((await casesOf(id)).items.map((c: { no: string }) => c.no))
    expect([first.items.length, second.items.length, second.next]).toEqual([3, 1, null])
    expect((await casesOf(id, '&what=steps')).items).toEqual([])
    expect(first.items[0].differences).toMatchObject([{ what: 'accepted', to: 'stop_too_long', words: '是否受理' }])
  })

  test('facts as they were at submission, not as they are now', async () => {
    // A hold of risk placed today says nothing of cases of yesterday.
    await bare.sql(`insert into hold (id, tid, provider, mid, reason, owner, effect, effective_from, drain_until, placed_by) values (gen_random_uuid(), '50000005', 'yunhui', $1, 'R09', 'risk', 'stop', now(), now(), 'risk')`, [mid])
    const told = await replay(await draft({ straightThrough: [{ id: 'short', kinds: ['suspend'], when: { goodStanding: true, clearance: 'clear' } }] }))
    expect(told.cases).toMatchObject({ differing: 0, otherwise: 0 })
  })

  test('cases from before their facts were kept are counted and left out; so are those outside the days asked for', async () => {
    const [{ no }] = (await bare.sql<{ no: string }>('select no from application order by no limit 1')) as [{ no: string }]
    const [{ kept }] = (await bare.sql<{ kept: object }>('select submitted_with as kept from application where no = $1', [no])) as [{ kept: object }]
    await bare.sql('update application set submitted_with = null where no = $1', [no])
    const told = await replay(await draft({ kindsOffered: ['reactivate'] }))
    expect(told.cases).toEqual({ total: 6, looked: 6, unknown: 1, differing: 5, otherwise: 5 })
    expect(told.sentence).toContain('另有 1 件')
    await bare.sql('update application set submitted_with = $2 where no = $1', [no, JSON.stringify(kept)])
    expect((await replay('yunhui-2', { since: '2026-11-03T00:00:00+08:00' })).cases.total).toBe(0)
  })
})

describe('who', () => {
  test('the approver sees whether this very document was tried', async () => {
    const id = await draft({ drainHours: 12 })
    expect((await bare.get(`${api}/policies/${id}`, 'yunhui.deputy')).body.replayed).toBeNull()
    const told = await replay(id)
    expect((await bare.get(`${api}/policies/${id}`, 'yunhui.deputy')).body.replayed).toMatchObject({ id: told.id, cases: { looked: 6, otherwise: 0 } })
    // Another version with the same words is another document to approve.
    expect((await bare.get(`${api}/policies/${await draft({ drainHours: 13 })}`, 'yunhui.deputy')).body.replayed).toBeNull()
    const approved = await bare.post(`${api}/policies/${id}/approve`, 'yunhui.deputy')
    expect(approved.body).toMatchObject({ state: 'approved', replayed: { id: told.id } })
    expect((await bare.get(`${api}/policies/${id}/replays`, 'yunhui.reviewer')).body.items).toHaveLength(1)
  })

  test('nobody else: another provider, a merchant, a reviewer who may not write rules', async () => {
    const { id } = await replay(await draft({}))
    for (const path of [`/replays/${id}`, `/replays/${id}/cases`, '/policies/yunhui-2/replays'])
      expect([path, (await bare.get(api + path, 'chengfutong.provider_admin')).status, (await bare.get(api + path, 'owner')).status]).toEqual([path, 404, 403])
    expect((await bare.post(`${api}/policies/yunhui-2/replay`, 'chengfutong.provider_admin')).body.code).toBe('not_found')
    expect((await bare.post(`${api}/policies/yunhui-2/replay`, 'yunhui.reviewer')).body.code).toBe('role_missing')
    expect((await bare.post(`${api}/replays/${id}/stop`, 'chengfutong.provider_admin')).body.code).toBe('not_found')
    expect((await bare.post(`${api}/replays/${id}/stop`, 'yunhui.provider_admin')).body.code).toBe('replay_not_stoppable')
  })
})

describe('ten thousand', () => {
  const count = 10_000
  test('can be stopped, and go on where they were left', async () => {
    await bare.sql('set session_replication_role = replica')
    await bare.sql(
      `insert into application select (jsonb_populate_record(a, jsonb_build_object('no', 'TQ-999999-' || lpad(n::text, 6, '0')))).*
       from application a, generate_series(1, $1) n where a.no = (select min(no) from application)`, [count],
    )
    await bare.sql('set session_replication_role = default')
    const id = await draft({ straightThrough: [] })
    const begun = (await bare.post(`${api}/policies/${id}/replay`, 'yunhui.provider_admin')).body
    expect((await bare.post(`${api}/policies/${id}/replay`, 'yunhui.provider_admin')).body.code).toBe('replay_running')
    // Cut short in the middle, as a program that ends does it; a later one goes on behind what was written.
    for (;;) {
      const { cases } = (await bare.get(`${api}/replays/${begun.id}`, 'yunhui.reviewer')).body
      if (cases.looked >= 500) break
      await sleep(50)
    }
    await bare.program.close()
    const [left] = await bare.sql<{ looked: number; ended_at: Date | null }>('select looked, ended_at from policy_replay where id = $1', [begun.id])
    expect(left!.ended_at).toBeNull()
    expect(left!.looked).toBeLessThan(count)
    bare.hangUp()
    bare = await startBare(server.url, { now: '2026-11-02T10:00:00+08:00', url: bare.url, home: bare.home })
    let told = begun
    while (told.endedAt === null) {
      await sleep(100)
      told = (await bare.get(`${api}/replays/${begun.id}`, 'yunhui.reviewer')).body
    }
    expect(told.cases).toEqual({ total: count + 6, looked: count + 6, unknown: 0, differing: count + 6, otherwise: count + 6 })
    // And stopped when somebody says so.
    const other = (await bare.post(`${api}/policies/${await draft({ straightThrough: [] })}/replay`, 'yunhui.provider_admin')).body
    expect((await bare.post(`${api}/replays/${other.id}/stop`, 'yunhui.provider_admin')).status).toBe(200)
    let stopped = other
    while (stopped.endedAt === null) {
      await sleep(50)
      stopped = (await bare.get(`${api}/replays/${other.id}`, 'yunhui.reviewer')).body
    }
    expect(stopped.state).toBe('stopped')
    expect(stopped.cases.looked).toBeLessThan(count)
  }, 300_000)
})
