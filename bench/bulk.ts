// A maintenance window over many terminals: frozen and rehearsed, stopped, acknowledged by the gate, tested and opened – two fail
// their test and stay shut. The figure is the stop, from its start until the last terminal is committed, against one UPDATE of
// as many terminals and one INSERT … SELECT of as many holds on an estate of the same shape: what the stop would be if nobody
// were told, nothing written down, no gate asked and no terminal looked at. The rest is told beside it.
import { startDue } from '../src/app/due.ts'
import { openBulks } from '../src/app/bulk/bulk.ts'
import type { PlanView } from '../src/app/bulk/plan-views.ts'
import type { Actor } from '../src/domain/authority.ts'
import type { Refusal } from '../src/domain/refusals.ts'
import { gateBeside } from '../src/gate/beside.ts'
import { bulk_listed_max } from '../src/limits.ts'
import type { Bench } from './result.ts'
import { makeBenchWorld, tidOf, type BenchWorld } from './world.ts'

const rows_default = 100_000
const hour_ms = 3_600_000
const failing = [17, 4_711]
const staff = (name: string, role: Actor['role']): Actor => ({ person: name, account: name, name, role, party: { kind: 'provider', id: 'yunhui' }, via: 'key' })
const [operations, field] = [staff('operations', 'operations'), staff('field', 'field')]
const policy = { bulk: { aloneTerminalsMax: 200_000, windowOpensByItself: true } }

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** The same change to the same number of rows, by two statements in one transaction. */
async function reference(rows: number): Promise<number> {
  const world = await makeBenchWorld(rows, { policy })
  try {
    return await timed(async () => {
      await world.client.query('begin')
      await world.client.query(
        `update terminal set service = 'suspended', reason = 'P01', host_blocked_at = null, due_at = now(), version = version + 1, gate_seq = 2`)
      await world.client.query(
        `insert into hold (id, tid, provider, mid, reason, owner, effect, effective_from, drain_until, expected_until, placed_by, words_sealed, started_at, shut_at)
         select gen_random_uuid(), tid, provider, mid, 'P01', 'operations', 'stop', now(), now(), now() + interval '4 h', 'operations', '\\x00'::bytea, now(), now() from terminal`)
      await world.client.query('commit')
    })
  } finally {
    await world.close()
  }
}

const by = (actor: Actor) => ({ actor, language: 'en' as const })
async function told(act: (telling: { view: (view: PlanView) => never; refusal: (refusal: Refusal) => never }) => Promise<unknown>): Promise<PlanView> {
  let seen: PlanView | undefined
  const reply = { status: 200, body: '{}', headers: {} } as never
  await act({ view(view) { seen = view; return reply }, refusal(refusal) { throw new Error(JSON.stringify(refusal)) } })
  return seen!
}

async function carried({ app, client }: BenchWorld, rows: number) {
  const bulks = openBulks(app, { carries: true })
  const plans = bulks.plans
  const now = app.clock.now()
  let id = ''
  const frozen = await timed(async () => {
    id = (await told((t) => plans.make(by(operations), {
      kind: 'maintenance', name: 'bench', reason: 'P01', words: '系统升级', select: {}, testFrom: now + 3 * hour_ms, expectedUntil: now + 4 * hour_ms,
    }, t))).id
  })
  const rehearsed = await timed(() => bulks.run())
  const stopped = await timed(async () => {
    await told((t) => plans.start(by(operations), id, t))
    await bulks.run()
  })
  const suspended = Number((await client.query(`select count(*) from terminal where service = 'suspended'`)).rows[0].count)
  if (suspended !== rows) throw new Error(`${suspended} of ${rows} were stopped`)
  // From here on with a gate that pulls, and the clock's work: every terminal is known to be refused.
  const gate = await gateBeside(app, { id: 'bench' })
  app.setGates((seq) => gate.knownAt(seq))
  const due = startDue(app, gate, bulks.run)
  const acknowledged = await timed(async () => {
    for (;;) {
      if ((await client.query('select from terminal where host_blocked_at is null limit 1')).rowCount === 0) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })
  const tested = await timed(async () => {
    for (let from = 0; from < rows; from += bulk_listed_max) {
      const results = Array.from({ length: Math.min(bulk_listed_max, rows - from) }, (_, i) => ({ tid: tidOf(from + i), failed: failing.includes(from + i) ? (['print'] as const) : [] }))
      await told((t) => plans.test(by(field), id, results, t))
    }
  })
  const opened = await timed(async () => {
    await told((t) => plans.open(by(operations), id, t))
    await bulks.run()
  })
  const view = (await plans.get(by(operations), id))!
  const shut = (await plans.members(by(operations), id, { limit: 10, stage: 'failed' }))!.items.map((m) => m.tid)
  const [notices] = (await client.query('select count(*)::int as n from notice')).rows
  await due.close()
  await gate.close()
  await bulks.close()
  return { frozen, rehearsed, stopped, acknowledged, tested, opened, stages: view.stages, shut, notices: notices.n as number }
}

/** Each merchant has a key of its own, as in life: words are sealed beside every hold. */
async function giveKeys({ app, client }: BenchWorld): Promise<void> {
  const mids = (await client.query<{ mid: string }>('select mid from merchant')).rows.map((r) => r.mid)
  await client.query('update merchant m set wrapped_key = x.key from unnest($1::text[], $2::bytea[]) x(mid, key) where m.mid = x.mid', [mids, mids.map((mid) => app.vault.newKey(mid))])
}

export const run: Bench = async ({ rows = rows_default }) => {
  const plain = await reference(rows)
  const world = await makeBenchWorld(rows, { policy })
  try {
    await giveKeys(world)
    const went = await carried(world, rows)
    const expected = failing.filter((i) => i < rows).map(tidOf)
    if (JSON.stringify(went.shut) !== JSON.stringify(expected)) throw new Error(`expected ${expected} to stay shut, but it is ${went.shut}`)
    const s = (ms: number): number => Math.round(ms / 10) / 100
    return {
      name: `bulk: ${rows.toLocaleString('en')} terminals stopped`, value: went.stopped / 1_000, unit: 's', reference: plain / 1_000, ratio: went.stopped / plain, reach: '≤ 6 ×',
      detail: {
        terminalsPerSecond: Math.round(rows / (went.stopped / 1_000)), frozen_s: s(went.frozen), rehearsed_s: s(went.rehearsed), acknowledgedByGate_s: s(went.acknowledged),
        tested_s: s(went.tested), opened_s: s(went.opened), notices: went.notices, stages: went.stages, stayShut: went.shut,
        referenceIs: 'one UPDATE terminal and one INSERT INTO hold … SELECT of as many rows, one transaction, s',
      },
    }
  } finally {
    await world.close()
  }
}
