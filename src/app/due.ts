// What falls due is found in the database and taken by compare-and-set; timers only make it sooner. A program that slept,
// or was killed, does on waking what it should have done, each thing once and with the moment at which it was due.
import { due_batch_max, due_poll_ms } from '../limits.ts'
import { dateOf, instantOf, addDays } from '../domain/calendar.ts'
import { instantParam } from '../store/db.ts'
import type { App } from './app.ts'
import { tickCase } from './cases.ts'
import { askDormancy, stopDormant, tickTerminalRow } from './terminals.ts'

export type Due = {
  /** Does everything due by now; resolves when nothing more can be done. */
  run(): Promise<void>
  /** The next instant at which something falls due, if any. */
  next(): Promise<number | undefined>
  close(): Promise<void>
}

type Item = { kind: 'case' | 'terminal'; id: string; at: number }

/** Cases come before terminals of the same instant: a case's tick moves its terminals along. */
const dueSql = `
  (select 'case' as kind, no as id, due_at as at from application where due_at <= $1 order by due_at limit $2)
  union all
  (select 'terminal', tid, due_at from terminal where due_at <= $1 order by due_at limit $2)
  order by at, kind limit $2`

/** Once a day is early enough for what is counted in days; in the morning, because it writes to people. */
const sweep_time = '08:00'
/** Ticks that run side by side; each has its own rows. */
const abreast = 4

export function startDue(app: App): Due {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const find = (): Promise<Item[]> =>
    app.db.transaction('*', (tx) => tx.many<Item>(dueSql, [instantParam(app.clock.now()), due_batch_max]), { readOnly: true })

  const tick = async (item: Item): Promise<boolean> => {
    try {
      return await (item.kind === 'case' ? tickCase(app, item.id) : tickTerminalRow(app, item.id))
    } catch (error) {
      app.log.error({ [item.kind]: item.id, error: (error as Error).message }, 'could not do what is due')
      return false
    }
  }

  const pass = async (): Promise<void> => {
    await sweep(app)
    for (;;) {
      const items = await find()
      let progress = false
      // Earliest first; within one instant side by side.
      for (let i = 0; i < items.length; ) {
        const group = items.slice(i).filter((x) => x.at === items[i]!.at && x.kind === items[i]!.kind)
        for (let k = 0; k < group.length; k += abreast)
          progress = (await Promise.all(group.slice(k, k + abreast).map(tick))).some(Boolean) || progress
        i += group.length
      }
      if (!progress || closed) return
    }
  }

  const run = (): Promise<void> => {
    running ??= pass().finally(() => { running = undefined })
    return running
  }

  const next = async (): Promise<number | undefined> => {
    const row = await app.db.transaction('*', (tx) => tx.one<{ at: number | null }>(
      `select min(at) as at from (select min(due_at) as at from application where due_at > $1
       union all select min(due_at) from terminal where due_at > $1) x`, [instantParam(app.clock.now())],
    ), { readOnly: true })
    const swept = await sweptOn(app)
    const sweepAt = instantOf(addDays(swept ?? dateOf(app.clock.now(), app.zone), 1), sweep_time, app.zone)
    return row?.at === null || row === undefined ? sweepAt : Math.min(row.at, sweepAt)
  }

  // The poll is what is relied upon; a stir only brings it forward. It is never longer than due_poll_ms, so a host that
  // slept or a timer that was late costs at most that.
  const loop = async (): Promise<void> => {
    if (closed) return
    let wait = due_poll_ms
    try {
      await run()
      const at = await next()
      if (at !== undefined) wait = Math.max(1, Math.min(due_poll_ms, at - app.clock.now()))
    } catch (error) {
      app.log.warn({ error: (error as Error).message }, 'could not look for what is due')
    }
    if (!closed) timer = setTimeout(loop, wait)
  }
  if (app.clock.kind === 'real') void loop()
  const unstir = app.clock.kind === 'real' ? app.onStir(() => { void run().catch(() => {}) }) : () => {}

  return {
    run, next,
    async close() {
      closed = true
      clearTimeout(timer)
      unstir()
      await running?.catch(() => {})
    },
  }
}

const sweptOn = async (app: App): Promise<string | undefined> =>
  (await app.db.transaction('*', (tx) => tx.one<{ swept_on: string | null }>('select swept_on from installation'), { readOnly: true }))?.swept_on ?? undefined

/** Once a day: terminals without a transaction for months are asked, and stopped where they cannot be verified. */
async function sweep(app: App): Promise<void> {
  const now = app.clock.now()
  const today = dateOf(now, app.zone)
  if (now < instantOf(today, sweep_time, app.zone)) return
  if (((await sweptOn(app)) ?? '') >= today) return
  for (const provider of app.providers()) {
    const { policy } = app.policyAt(provider.id, now)
    const { ask, stop, dead } = await dormant(app, provider.id, today, policy.dormancy)
    for (const tid of dead) await stopDormant(app, tid, 'I03')
    for (const tid of stop) await stopDormant(app, tid, 'I02')
    for (const tid of ask) await askDormancy(app, tid)
  }
  await app.db.transaction('*', (tx) => tx.run('update installation set swept_on = $1', [today]))
}

type Dormancy = { askAfterMonths: number; stopAfterMonths: number }

const dormant = (app: App, provider: string, today: string, { askAfterMonths, stopAfterMonths }: Dormancy): Promise<{ ask: string[]; stop: string[]; dead: string[] }> =>
  app.db.transaction('*', async (tx) => {
    // PostgreSQL adds months as the civil code does: 30 November + 3 months = 28 February.
    const silent = `provider = $1 and closed_at is null and last_transaction_at is not null
      and ((last_transaction_at at time zone 'Asia/Shanghai')::date + make_interval(months => $2))::date <= $3::date`
    const tids = async (sql: string, params: unknown[]): Promise<string[]> => (await tx.many<{ tid: string }>(sql, params)).map((r) => r.tid)
    await tx.run(
      `update terminal set dormancy_asked_at = null, dormancy_answer_by = null, dormancy_answer = null
       where provider = $1 and dormancy_asked_at is not null and last_transaction_at > dormancy_asked_at`, [provider],
    )
    const notHeld = `not exists (select from hold h where h.tid = terminal.tid and h.owner = 'compliance' and h.lifted_at is null and h.withdrawn_at is null`
    return {
      dead: await tids(`select tid from terminal where ${silent} and ${notHeld} and h.reason = 'I03')`, [provider, stopAfterMonths, today]),
      stop: await tids(
        `select tid from terminal where provider = $1 and closed_at is null and dormancy_answer_by < $2
         and (dormancy_answer is null or dormancy_answer not in ('keep', 'verify')) and service = 'active' and ${notHeld})`, [provider, instantParam(app.clock.now())],
      ),
      ask: await tids(`select tid from terminal where ${silent} and dormancy_asked_at is null and service = 'active'`, [provider, askAfterMonths, today]),
    }
  })
