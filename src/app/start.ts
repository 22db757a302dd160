// Makes an App from a migrated database: opens the pool under the program's own role, settles whose clock rules this
// database, and keeps providers, policies and the calendar at hand.
import { makeCalendar, type Calendar, type CalendarTable } from '../domain/calendar.ts'
import { policySchema } from '../domain/policy.ts'
import type { Standing } from '../domain/gates.ts'
import { openDb } from '../store/db.ts'
import { appRole } from '../store/migrate.ts'
import { commit_channel, openCaller } from '../store/signals.ts'
import { openVault } from '../store/vault.ts'
import type { App, Log, PolicyInForce, Provider } from './app.ts'
import { manualClock, realClock, type Clock, type ManualClock } from './clock.ts'

export type AppOptions = {
  url: string
  secret: string
  home: string
  publicUrl: string
  isDemo: boolean
  log: Log
  /** Asks for a manual clock that starts at this instant (or where the database's hand stands, if later). */
  manualClockFrom?: number | undefined
  connections_max?: number
}

/** Thrown where this database may not be opened in the way it was asked for; the message is for the operator. */
export class CannotOpen extends Error {}

/** A reply that changed what a terminal may do waits this long for the gate beside it; the gate is asked, not relied upon. */
const gate_heard_within_ms = 100

/** Serial numbers reserved at once; those left over at a restart are never used. */
const serial_block = 32

/** What the app is told of the gates once somebody watches them. `pull` resolves when those that can have heard of every commit. */
type SetGates = (knownAt: (seq: number) => number | undefined, pull?: () => Promise<unknown>, standing?: (seq: number) => Standing | undefined) => void

export async function startApp(options: AppOptions): Promise<App & { setGates: SetGates; close(): Promise<void> }> {
  const db = openDb(options.url, { role: appRole, connections_max: options.connections_max ?? 12 })
  // Numbers are reserved while a filing holds a connection: from the same pool, filings could wait for one another for good.
  const counters = openDb(options.url, { role: appRole, connections_max: 1 })
  const clock = await settleClock(db, options)
  let providers: Provider[] = []
  let calendar: Calendar = makeCalendar()
  let policies = new Map<string, (PolicyInForce & { from: number })[]>()
  let gates: (seq: number) => number | undefined = () => undefined
  let pull: () => Promise<unknown> = async () => {}
  let standing: (seq: number) => Standing | undefined = () => undefined
  const gatesCaller = openCaller(options.url, commit_channel)
  const listeners = new Set<(dueAt: number | undefined) => void>()
  const blocks = new Map<string, { next: number; end: number; more?: Promise<void> }>()

  const reload = (): Promise<void> => db.transaction('*', async (tx) => {
    providers = (await tx.many<{ id: string; name: string; name_en: string; prefix: string; hotline: string; hotline_hours: string; licence_no: string | null }>(
      'select id, name, name_en, prefix, hotline, hotline_hours, licence_no from provider order by id',
    )).map((p) => ({
      id: p.id, name: p.name, nameEn: p.name_en, prefix: p.prefix, hotline: p.hotline, hotlineHours: p.hotline_hours, licenceNo: p.licence_no ?? undefined,
    }))
    const rows = await tx.many<{ provider: string; version: number; document: unknown; effective_from: number }>(
      'select provider, version, document, effective_from from policy where effective_from is not null order by provider, effective_from, version',
    )
    const loaded: typeof policies = new Map()
    for (const r of rows) loaded.set(r.provider, [...(loaded.get(r.provider) ?? []), { policy: policySchema.parse(r.document), version: r.version, from: r.effective_from }])
    policies = loaded
    calendar = makeCalendar(await tx.many<CalendarTable>('select year, off::text[] as off, work::text[] as work from calendar_year order by year'))
  }, { readOnly: true })
  await reload()

  const reserve = async (id: string, provider: string, series: string, day: string): Promise<void> => {
    const row = await counters.transaction('*', (tx) => tx.one<{ last: number }>(
      `insert into case_counter values ($1, $2, $3, $4)
       on conflict (provider, series, day) do update set last = case_counter.last + $4 returning last`, [provider, series, day, serial_block],
    ))
    blocks.set(id, { next: row!.last - serial_block + 1, end: row!.last })
  }

  return {
    db, clock, log: options.log, home: options.home, publicUrl: options.publicUrl, zone: 'Asia/Shanghai', isDemo: options.isDemo,
    vault: openVault(options.secret),
    calendar: () => calendar,
    providers: () => providers,
    provider(id) {
      const found = providers.find((p) => p.id === id)
      if (!found) throw new Error(`no provider ${id}`)
      return found
    },
    policyAt(provider, at) {
      const found = policies.get(provider)?.findLast((p) => p.from <= at) ?? policies.get(provider)?.[0]
      if (!found) throw new Error(`no policy in force for ${provider}`)
      return found
    },
    policyVersion(provider, version) {
      const found = policies.get(provider)?.find((p) => p.version === version)
      if (!found) throw new Error(`no policy version ${version} of ${provider}`)
      return found
    },
    reload,
    async nextSerial(provider, series, day) {
      const id = `${provider}\n${series}\n${day}`
      for (;;) {
        const block = blocks.get(id)
        if (block && block.next <= block.end) return block.next++
        // A reservation that failed is forgotten, so that the next filing tries again.
        const more = block?.more ?? reserve(id, provider, series, day).catch((error) => { blocks.delete(id); throw error })
        if (!block?.more) blocks.set(id, { next: 1, end: 0, more })
        await more
      }
    },
    gatesKnowAt: (seq) => gates(seq),
    gatesStanding: (seq) => standing(seq),
    setGates(knownAt, ask = async () => {}, stand = () => undefined) { gates = knownAt; pull = ask; standing = stand },
    gateHears: () => Promise.race([pull().then(() => {}, () => {}), new Promise<void>((resolve) => { setTimeout(resolve, gate_heard_within_ms).unref() })]),
    stirred(dueAt) {
      gatesCaller.call()
      for (const listener of listeners) listener(dueAt)
    },
    onStir(listener) { listeners.add(listener); return () => listeners.delete(listener) },
    async close() { await Promise.all([db.close(), counters.close(), gatesCaller.close()]) },
  }
}

/** A database belongs to one kind of clock for good: a hand that people can move must never rule real terminals. */
async function settleClock(db: ReturnType<typeof openDb>, { manualClockFrom }: AppOptions): Promise<Clock | ManualClock> {
  const wanted = manualClockFrom === undefined ? 'real' : 'manual'
  const row = await db.transaction('*', async (tx) => {
    await tx.run('insert into installation (clock, now) values ($1, $2) on conflict do nothing',
      [wanted, manualClockFrom === undefined ? null : new Date(manualClockFrom).toISOString()])
    return tx.one<{ clock: string; now: number | null }>('select clock, now from installation')
  })
  if (row!.clock !== wanted) {
    await db.close()
    throw new CannotOpen(row!.clock === 'manual'
      ? 'This data was made with --clock=manual and stays so. Start with --clock=manual, or give another folder with TINGQI_HOME.'
      : 'This data was started with the real clock; a manual clock cannot be switched on over it. Give another folder with TINGQI_HOME.')
  }
  return wanted === 'real' ? realClock : manualClock(Math.max(row!.now ?? 0, manualClockFrom!))
}
