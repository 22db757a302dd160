// Fills an empty database with the demo: three providers, a hundred merchants, three hundred terminals, two months of trade
// and five weeks of cases, ending now. All of it is one transaction, so that a fill which is interrupted leaves the database
// as empty as it was, and two programs that start together fill it once. What it writes about itself in the journal (begun,
// ended) says which estate this is.
import { randomUUID } from 'node:crypto'
import type { App } from '../app/app.ts'
import { manualClock } from '../app/clock.ts'
import { openMaterials } from '../app/materials.ts'
import { openPress } from '../app/press.ts'
import { CannotOpen } from '../app/start.ts'
import { addDays, dateOf, instantOf } from '../domain/calendar.ts'
import type { Words } from '../domain/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import { colour, openBooks, silentSince, throwTakings, trade_days, type Told } from './books.ts'
import { hire, signUp } from './cast.ts'
import { keepCredentials, type DemoActor } from './credentials.ts'
import { makeEstate, type Estate } from './estate.ts'
import { pastApp } from './one-transaction.ts'
import { demoProviders } from './policies.ts'
import { registerEstate, registerProviders } from './register.ts'
import { play, whenOf, type When } from './stage.ts'
import { stories } from './stories.ts'
import { threeRecords, type Morning } from './three-records.ts'

export type DemoSummary = {
  actors: DemoActor[]
  merchants: number
  terminals: number
  transactions: number
  cases: number
  /** Stories that could not be told because the working days of a year are not known yet. */
  skipped: { story: Words; year: number }[]
  /** What the settlement desk of the demo's first provider hands in once the program runs. */
  morning: Morning
  ms: number
}
type Options = { log: (line: string) => void }

/** Any constant: whoever fills takes this lock. */
const fill_lock_id = 7_464_770_003
/** How long ago the oldest story begins. */
const past_days = 34
/** Filling is one transaction; a statement of it may take longer than a request's. */
const fill_statement_ms_max = 120_000

/** Fills an empty, migrated database; refuses one that holds anything. Call it before anything else of the program runs. */
export async function fillDemo(app: App, { log }: Options): Promise<DemoSummary> {
  const begun_ms = performance.now()
  const now = app.clock.now()
  const made = await app.db.transaction('*', async (tx) => {
    await tx.run('select pg_advisory_xact_lock($1)', [fill_lock_id])
    await tx.client.query(`set local statement_timeout = ${fill_statement_ms_max}`)
    await refuseUnlessEmpty(tx)
    return fill(app, tx, now, log)
  })
  await app.reload()
  keepCredentials(app.home, made.actors)
  return { ...made, ms: Math.round(performance.now() - begun_ms) }
}

async function refuseUnlessEmpty(tx: Tx): Promise<void> {
  const row = await tx.one<{ used: boolean }>(
    'select exists (select from provider) or exists (select from merchant) or (select seq > 0 from journal_head) as used',
  )
  if (row!.used)
    throw new CannotOpen(
      'The demo is filled into an empty database only, and this one holds data. Start with --no-demo, or give another folder with TINGQI_HOME (or another DATABASE_URL).',
    )
}

async function fill(app: App, tx: Tx, now: number, log: Options['log']): Promise<Omit<DemoSummary, 'ms'>> {
  const when = whenOf(app, now)
  const clock = manualClock(instantOf(addDays(when.today, -past_days), '07:00', app.zone))
  const faults: string[] = []
  const past = pastApp(
    {
      ...app,
      log: {
        ...app.log,
        error: (facts, message) => {
          faults.push(`${message} ${JSON.stringify(facts)}`)
        },
      },
    },
    tx,
    clock,
  )
  const estate = makeEstate(when.today)
  const cast = await hire(tx, estate)
  const signedUp = signUp(tx, cast, partyNames(estate), clock.now())
  // While other threads hash passwords, this one throws the dice.
  const terminal = byName(estate)
  const told = colour(estate, tellings(past, estate, when, terminal), when.today)
  const takings = throwTakings(estate, told, now)
  const actors = await signedUp
  await registerProviders(
    tx,
    (part) => cast.actor(part).person,
    instantOf(addDays(when.today, -400), '00:00', app.zone),
  )
  await registerEstate(
    app,
    tx,
    estate,
    await journalled(tx, clock.now(), 'demo_begun', {
      merchants: estate.merchants.length,
      terminals: estate.terminals.length,
    }),
  )
  // Letters of the past are signed by somebody who could sign then.
  await (await openPress(past)).close()
  log(`${estate.merchants.length} 家商户 merchants, ${estate.terminals.length} 台终端 terminals`)
  const books = await openBooks(past, estate, takings, told.watched, now)
  log(`${trade_days} 天交易 days of trade, ${books.count()} 笔 transactions`)
  const played = await play(
    { app: past, materials: openMaterials(past), cast, terminal, now },
    clock,
    books,
    stories(when),
  )
  if (faults.length > 0) throw new Error(`the demo's past went wrong: ${faults[0]}`)
  await journalled(tx, now, 'demo_ended', { transactions: books.count(), cases: played.cases })
  log(
    `${played.cases} 件申请 cases${played.skipped.length > 0 ? `；${played.skipped.length} 件未生成 not made（${played.skipped[0]!.year} 年节假日安排未导入 calendar not known）` : ''}`,
  )
  return {
    actors,
    merchants: estate.merchants.length,
    terminals: estate.terminals.length,
    transactions: books.count(),
    morning: { actor: cast.actor('yunhui.finance'), files: threeRecords(estate, takings, 'yunhui', now) },
    ...played,
  }
}

const journalled = async (tx: Tx, now: number, fact: string, counts: object): Promise<number> =>
  (await tx.one<{ seq: number }>(`select journal_append(null, null, null, '{}', $1) as seq`, [
    JSON.stringify({
      at: new Date(now).toISOString(),
      id: randomUUID(),
      actor: { person: 'system', account: 'system', role: 'system', party: 'platform:platform', via: 'system' },
      command: 'fill-demo',
      input: {},
      outcome: 'accepted',
      facts: [{ fact, ...counts }],
    }),
  ]))!.seq

const partyNames =
  (estate: Estate) =>
  ({ kind, id }: { kind: string; id: string }): string =>
    kind === 'platform'
      ? '平台'
      : kind === 'provider'
        ? demoProviders.find((p) => p.id === id)!.name
        : estate.merchants.find((m) => m.mid === id)!.name

/** 'apo.yunhui.1' → the terminal number of that merchant's first till with that provider. */
function byName(estate: Estate): (name: string) => string {
  return (name) => {
    const [key, provider, number] = name.split('.')
    const mid = estate.merchants.find((m) => m.key === key)?.mid
    const found = estate.terminals.filter((t) => t.mid === mid && t.provider === provider)[Number(number) - 1]
    if (!found) throw new Error(`no terminal ${name} in the demo`)
    return found.tid
  }
}

/** The terminals whose books the stories need, and those that fell silent so long ago that their merchants are asked. */
function tellings(past: App, estate: Estate, when: When, terminal: (name: string) => string): Told {
  const written = new Set(estate.merchants.filter((m) => m.key !== undefined).map((m) => m.mid))
  const { askAfterMonths } = past.policyAt('yunhui', past.clock.now()).policy.dormancy
  const asked = (at: number): string => silentSince(dateOf(at, past.zone), askAfterMonths)
  return {
    watched: new Set(estate.terminals.filter((t) => written.has(t.mid) && t.service === 'active').map((t) => t.tid)),
    silentSince: new Map([
      [terminal('shancheng.yunhui.1'), asked(when.day(-3, '08:00'))],
      [terminal('shancheng.yunhui.2'), asked(when.workday(-17, '08:00'))],
      [terminal('shancheng.yunhui.3'), asked(when.day(-10, '08:00'))],
    ]),
    leftOpen: new Set([terminal('apo.yunhui.4')]),
    disputed: new Map([[terminal('lushui.chengfutong.1'), addDays(when.today, -12)], [terminal('haitian.yunhui.3'), addDays(when.today, -14)]]),
  }
}
