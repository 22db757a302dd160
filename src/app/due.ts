// What falls due is found in the database and taken by compare-and-set; timers only make it sooner. A program that slept,
// or was killed, does on waking what it should have done, each thing once and with the moment at which it was due.
import { due_batch_max, due_poll_ms, idempotency_kept_days } from '../limits.ts'
import { dateOf, instantOf, addDays } from '../domain/calendar.ts'
import { instantParam } from '../store/db.ts'
import { firstDueAfter } from '../store/gates.ts'
import type { App } from './app.ts'
import { lookAtAccounts } from './care/books.ts'
import { planDuties, tickDutyRow } from './care/duties.ts'
import { lookAtSeen } from './care/seen.ts'
import { openMissing } from './care/tickets.ts'
import { nextWatch, watchEvening } from './care/watch.ts'
import { tickCase } from './cases.ts'
import { due_together_min } from './bulk/bounds.ts'
import { tickMany } from './bulk/tick.ts'
import { alarmLateGates, known_before_ms } from './gate-operations.ts'
import type { Gates } from './gates.ts'
import { clearByTime } from './imports/clearance.ts'
import { accrue } from './ledger/accrue.ts'
import { tickComplaint } from './telling/complaints.ts'
import { remindOverdueBreaks } from './settlement/overdue.ts'
import { askDormancy, stopDormant, tickTerminalRow } from './terminals.ts'

export type Due = {
  /** Does everything due by now; resolves when nothing more can be done. */
  run(): Promise<void>
  /** The next instant at which something falls due, if any. */
  next(): Promise<number | undefined>
  close(): Promise<void>
}

type Item = { kind: 'case' | 'complaint' | 'duty' | 'terminal'; id: string; at: number }

/** Cases come before terminals of the same instant: a case's tick moves its terminals along. */
const dueSql = `
  (select 'case' as kind, no as id, due_at as at from application where due_at <= $1 order by due_at limit $2)
  union all
  (select 'terminal', tid, due_at from terminal where due_at <= $1 order by due_at limit $2)
  union all
  (select 'complaint', no, due_at from complaint where due_at <= $1 order by due_at limit $2)
  union all
  (select 'duty', id::text, next_at from care_duty where next_at <= $1 order by next_at limit $2)
  order by at, kind limit $2`

const tickers: Readonly<Record<Item['kind'], (app: App, id: string) => Promise<boolean>>> = { case: tickCase, terminal: tickTerminalRow, complaint: tickComplaint, duty: tickDutyRow }

/** Once a day is early enough for what is counted in days; in the morning, because it writes to people. */
const sweep_time = '08:00'
/** Running fees that could not be counted are tried again after this long. */
const count_again_ms = 60_000
/** How long many terminals that wait for a gate are left alone. */
const together_again_ms = 2_000
/** Ticks that run side by side; each has its own rows. */
const abreast = 6

/**
 * `gates` tells when a gate has heard something: a stop is effective only when the gates know it, so what is due at once is
 * done right after they acknowledged its commit. Without anybody who watches them the poll finds it. It also says which of
 * them are late, so that an alarm is raised a minute before a stop that one of them does not know.
 */
/** `beside`: work that time begins and that takes longer than a tick; nothing waits for it, unless time is moved by hand. */
export function startDue(
  app: App, gates?: { onPulled(listener: () => void): () => void } & Partial<Pick<Gates, 'late' | 'standing'>>, beside: () => Promise<void> = async () => {},
): Due {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let wakeAt = Number.POSITIVE_INFINITY
  let wanted = false
  let again = false
  let sweptDay = ''
  const watchedDays = new Map<string, string>()

  // Running fees of a month take their time where there are many terminals: nothing that is due waits for them, unless
  // time itself is moved by hand.
  let countedDay = ''
  let countAgainAt = 0
  let counting: Promise<void> | undefined
  const count = (today: string): Promise<void> => {
    counting ??= accrue(app).then(() => { countedDay = today }, (error: Error) => {
      countAgainAt = app.clock.now() + count_again_ms
      app.log.error({ error: error.message }, 'could not count the running fees')
    }).finally(() => { counting = undefined })
    return counting
  }

  const find = (): Promise<Item[]> =>
    app.db.transaction('*', (tx) => tx.many<Item>(dueSql, [instantParam(app.clock.now()), due_batch_max]), { readOnly: true })

  const tick = async (item: Item): Promise<boolean> => {
    try {
      return await tickers[item.kind](app, item.id)
    } catch (error) {
      app.log.error({ [item.kind]: item.id, error: (error as Error).message }, 'could not do what is due')
      return false
    }
  }

  // Many terminals of one minute are moved a batch at a time. Where none of them could be moved they wait for a gate: looking
  // again at once would only read them again.
  let togetherAgainAt = 0
  const together = async (): Promise<boolean> => {
    if (app.clock.kind === 'real' && performance.now() < togetherAgainAt) return false
    const { looked, moved } = await tickMany(app).catch((error: Error) => {
      app.log.error({ error: error.message }, 'could not do together what is due')
      return { looked: 0, moved: 0 }
    })
    togetherAgainAt = looked > 0 && moved === 0 ? performance.now() + together_again_ms : 0
    return moved > 0
  }

  const pass = async (): Promise<void> => {
    const today = dateOf(app.clock.now(), app.zone)
    if (sweptDay < today && (await sweep(app))) sweptDay = today
    if (countedDay < today && app.clock.now() >= Math.max(countAgainAt, instantOf(today, sweep_time, app.zone))) {
      const counted = count(today)
      if (app.clock.kind === 'manual') await counted
    }
    // What time alone has closed – a settlement date reached, a pre-authorisation run out – may let a drain end.
    while ((await clearByTime(app)) > 0) { /* a batch at a time */ }
    // What gates and books brought to the holds of a terminal; and the evening's look.
    while ((await lookAtSeen(app)) > 0) { /* a batch at a time */ }
    while ((await lookAtAccounts(app)) > 0) { /* a batch at a time */ }
    await watchEvening(app, watchedDays)
    if (gates?.late && gates.standing) await alarmLateGates(app, { late: gates.late, standing: gates.standing })
    const worked = beside().catch((error: Error) => app.log.error({ error: error.message }, 'could not do what time began'))
    if (app.clock.kind === 'manual') await worked
    // What waits for a gate is tried once a pass; the next pull begins another.
    const stuck = new Set<string>()
    wanted = false
    for (;;) {
      const found = (await find()).filter((item) => !stuck.has(item.id))
      if (found.length >= due_together_min && (await together())) continue
      // Cases first: they move their terminals along, which are then no longer due.
      const cases = found.filter((item) => item.kind === 'case')
      const items = cases.length > 0 ? cases : found
      const queue = items.values()
      const worker = async (): Promise<void> => { for (const item of queue) if (!(await tick(item))) stuck.add(item.id) }
      await Promise.all(Array.from({ length: Math.min(abreast, items.length) }, worker))
      if (stuck.size > 0) wanted = true
      if (items.length === 0 || closed) return
    }
  }

  const run = (): Promise<void> => {
    // Asked while a pass runs: it may have looked already, so one more follows it.
    if (running) { again = true; return running }
    running = (async () => {
      do {
        again = false
        await pass()
      } while (again && !closed)
    })().finally(() => { running = undefined })
    return running
  }

  const next = async (): Promise<number | undefined> => {
    const row = await app.db.transaction('*', (tx) => tx.one<{ at: number | null }>(
      `select min(at) as at from (select min(due_at) as at from application where due_at > $1
       union all select min(due_at) from terminal where due_at > $1
       union all select min(due_at) from complaint where due_at > $1
       union all select min(due_at) from plan where due_at > $1
       union all select min(next_at) from care_duty where next_at > $1
       union all select min(clearance_due_at) from terminal where clearance_due_at > $1) x`, [instantParam(app.clock.now())],
    ), { readOnly: true })
    const swept = await sweptOn(app)
    const sweepAt = instantOf(addDays(swept ?? dateOf(app.clock.now(), app.zone), 1), sweep_time, app.zone)
    // A stop that a late gate may not know is looked at a minute before it, too.
    const near = gates?.late?.().length ? await app.db.transaction('*', (tx) => firstDueAfter(tx, app.clock.now() + known_before_ms), { readOnly: true }) : undefined
    return Math.min(row?.at ?? sweepAt, sweepAt, (await nextWatch(app)) ?? sweepAt, near === undefined ? sweepAt : near - known_before_ms)
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
    wakeAt = app.clock.now() + wait
    if (!closed) timer = setTimeout(loop, wait)
  }
  const soon = (): void => { run().catch((error: Error) => app.log.warn({ error: error.message }, 'could not look for what is due')) }
  const offs: (() => void)[] = []
  if (app.clock.kind === 'real') {
    void loop()
    offs.push(app.onStir((dueAt) => {
      if (dueAt === undefined) return
      if (dueAt <= app.clock.now()) wanted = true
      else if (dueAt < wakeAt) {
        clearTimeout(timer)
        wakeAt = dueAt
        timer = setTimeout(loop, dueAt - app.clock.now())
      }
    }))
    if (gates) offs.push(gates.onPulled(() => { togetherAgainAt = 0; if (wanted && !closed) soon() }))
  }

  return {
    run, next,
    async close() {
      closed = true
      clearTimeout(timer)
      for (const off of offs) off()
      await running?.catch(() => {})
      await counting
    },
  }
}

const sweptOn = async (app: App): Promise<string | undefined> =>
  (await app.db.transaction('*', (tx) => tx.one<{ swept_on: string | null }>('select swept_on from installation'), { readOnly: true }))?.swept_on ?? undefined

/** True when today's sweep is done. Once a day: terminals without a transaction for months are asked, and stopped where they cannot be verified. */
async function sweep(app: App): Promise<boolean> {
  const now = app.clock.now()
  const today = dateOf(now, app.zone)
  if (now < instantOf(today, sweep_time, app.zone)) return false
  if (((await sweptOn(app)) ?? '') >= today) return true
  for (const provider of app.providers()) {
    const { policy } = app.policyAt(provider.id, now)
    const { ask, stop, dead } = await dormant(app, provider.id, today, policy.dormancy)
    for (const tid of dead) await stopDormant(app, tid, 'I03')
    for (const tid of stop) await stopDormant(app, tid, 'I02')
    for (const tid of ask) await askDormancy(app, tid)
    await remindOverdueBreaks(app, provider.id)
    await openMissing(app, provider.id)
    await planDuties(app, provider.id)
  }
  await app.db.transaction('*', async (tx) => {
    await tx.run('delete from idempotency where at < $1', [instantParam(now - idempotency_kept_days * 86_400_000)])
    await tx.run('update installation set swept_on = $1', [today])
  })
  return true
}

type Dormancy = { askAfterMonths: number; stopAfterMonths: number }

const dormant = (app: App, provider: string, today: string, { askAfterMonths, stopAfterMonths }: Dormancy): Promise<{ ask: string[]; stop: string[]; dead: string[] }> =>
  app.db.transaction('*', async (tx) => {
    // PostgreSQL adds months as the civil code does: 30 November + 3 months = 28 February.
    // A stop of compliance that was lifted counts as a sign of life: the terminal was looked into.
    const longAgo = (at: string): string => `((${at} at time zone 'Asia/Shanghai')::date + make_interval(months => $2))::date <= $3::date`
    const silent = `provider = $1 and closed_at is null and last_transaction_at is not null and ${longAgo('last_transaction_at')}
      and not exists (select from hold h where h.tid = terminal.tid and h.owner = 'compliance' and h.lifted_at is not null and not ${longAgo('h.lifted_at')})`
    const tids = async (sql: string, params: unknown[]): Promise<string[]> => (await tx.many<{ tid: string }>(sql, params)).map((r) => r.tid)
    await tx.run(
      `update terminal set dormancy_asked_at = null, dormancy_answer_by = null, dormancy_answer = null
       where provider = $1 and dormancy_asked_at is not null and (last_transaction_at > dormancy_asked_at or exists (
         select from hold h where h.tid = terminal.tid and h.owner = 'compliance' and h.lifted_at > dormancy_asked_at))`, [provider],
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
