// One run: what is current is matched in a thread of its own, and what was found takes the place of what is stored, in one
// transaction. Before it the previous result stands whole; a run that was cut short begins again and comes to the same.
import { addWorkdays, dateOf, instantOf } from '../../domain/calendar.ts'
import { stakeOf } from '../../domain/break-work.ts'
import type { Break } from '../../domain/breaks.ts'
import { match } from '../../settlement/match.ts'
import type { Contract, Matched, Taken } from '../../settlement/types.ts'
import type { Tx } from '../../store/db.ts'
import { currentFiles, providersWithFiles, type CurrentFile } from '../../store/settlement-files.ts'
import {
  applyFound,
  endRun,
  markRunApplied,
  noteRun,
  ratesOf,
  registerOf,
  stageFound,
  touchedTerminals,
  type FoundBreak,
  type RunResult,
  type StoredRun,
} from '../../store/settlement-runs.ts'
import type { App } from '../app.ts'
import { execute, type Reply } from '../execute.ts'
import { import_lock_wait_ms, import_statement_ms_max } from '../imports/bounds.ts'
import { tellOthers } from '../imports/outbox.ts'
import { Interrupted } from '../imports/run.ts'
import { break_due_days_max } from './bounds.ts'
import { dropWorkFolder, makeWorkFolder, parquetPath } from './folder.ts'
import { keepOnly } from './parquet.ts'
import { paced } from './paced.ts'
import { tickCasesOf } from './cases.ts'

export type Wish = { isStopping: boolean; isClosing: boolean }
/** Somebody asked for a stop; nothing was changed. */
class Stopped extends Error {}

const day_ms = 86_400_000
/** Matching is most of the way. */
const matched_share = 0.8

export async function carryOutRun(app: App, run: StoredRun, wish: Wish): Promise<void> {
  const pace: PaceOf = (state, from, to) => async (share) => {
    if (wish.isClosing) throw new Interrupted()
    const asked = await app.db.transaction('*', (tx) => noteRun(tx, run.id, state, from + (to - from) * Math.min(1, share), app.clock.now()))
    if (asked || wish.isStopping) throw new Stopped()
  }
  try {
    const tids = run.appliedAt === undefined ? await matchAndStore(app, run, pace) : []
    // From here on only others are told: clearance, then the cases that wait for it.
    await tellOthers(app, async () => {
      if (wish.isClosing) throw new Interrupted()
    })
    await tickCasesOf(app, tids)
    await app.db.transaction('*', (tx) => endRun(tx, run.id, 'done', app.clock.now()))
  } catch (error) {
    if (error instanceof Interrupted) throw error
    const state = error instanceof Stopped ? 'stopped' : 'failed'
    if (state === 'failed') app.log.error({ run: run.id, error: (error as Error).message }, 'the settlement run failed')
    await app.db.transaction('*', (tx) => endRun(tx, run.id, state, app.clock.now()))
  } finally {
    await dropWorkFolder(app, run.id)
  }
}

type PaceOf = (state: 'matching' | 'applying', from: number, to: number) => (share: number) => Promise<void>

/** Answers terminals whose breaks changed. */
async function matchAndStore(app: App, run: StoredRun, pace: PaceOf): Promise<string[]> {
  const folder = await makeWorkFolder(app, run.id)
  await pace('matching', 0, 0)(0)
  const providers = run.provider === undefined ? await app.db.transaction('*', (tx) => providersWithFiles(tx, run), { readOnly: true }) : [run.provider]
  const found: Found[] = []
  // Provider by provider: a file of one says nothing about the merchants of another.
  for (const [i, provider] of providers.entries()) {
    const [from, to] = [i, i + 1].map((n) => (matched_share * n) / providers.length)
    found.push(await matchFiles(app, run, provider, folder, pace('matching', from!, to!)))
  }
  await pace('applying', matched_share, 1)(0)
  return store(app, run, found)
}

type Range = Pick<StoredRun, 'from' | 'to'>
const isWithin = ({ from, to }: Range, day: string): boolean => (from === undefined || day >= from) && (to === undefined || day <= to)

type Found = { provider: string; files: readonly CurrentFile[]; matched: Matched }

async function matchFiles(app: App, run: StoredRun, provider: string, folder: string, pace: (share: number) => Promise<void>): Promise<Found> {
  const { files, register, rates } = await app.db.transaction('*', async (tx) => {
    const files = await currentFiles(tx, provider, run)
    const register = await registerOf(tx, provider, files.map((f) => f.id))
    const day = run.to ?? dateOf(app.clock.now(), app.zone)
    return { files, register, rates: await ratesOf(tx, provider, register.map((m) => m.mid), day) }
  }, { readOnly: true })
  const taken: Taken[] = []
  for (const f of files) {
    const whole = { ...(f.taken as Omit<Taken, 'parquet'>), parquet: parquetPath(app, f.id) }
    taken.push(f.kept === undefined ? whole : await keepOnly(whole, f.kept, folder, `${provider}-${f.id}`))
  }
  const contracts = rates.flatMap(({ mid, rates: all }) => all.map(({ card, ppm, capFen }): Contract => ({ mid, ppm, card, ...(capFen === undefined ? {} : { capFen }) })))
  return { provider, files, matched: await paced(pace, (progress, signal) => match({ files: taken, register, contracts, folder, progress, signal })) }
}

/** The day a break belongs to: its settlement date, or the day of the record it has. */
const dayOf = (b: Break, zone: string): string => b.settledOn ?? dateOf((b.unionpay ?? b.slip)?.at ?? 0, zone)

function foundOf(b: Break, { provider, files }: Found, zone: string): FoundBreak {
  // In a run a record's file is its place among the files given; what is stored outlives the run.
  const named = <S extends { file: number }>(side: S | undefined): Omit<S, 'file'> & { file: string | null } | undefined =>
    side && { ...side, file: files[side.file]?.id ?? null }
  const content = { slip: named(b.slip), unionpay: named(b.unionpay), bank: named(b.bank), expectedFen: b.expectedFen, actualFen: b.actualFen }
  return {
    id: b.id, provider, mid: b.mid, tid: b.tid ?? null, kind: b.kind, reference: b.reference ?? null, settledOn: dayOf(b, zone), amountFen: stakeOf(b),
    content,
  }
}

/** By when a break found now should be settled, per provider. */
function dueTimes(app: App, now: number): Record<string, number> {
  return Object.fromEntries(app.providers().map(({ id }) => {
    const day = addWorkdays(app.calendar(), dateOf(now, app.zone), app.policyAt(id, now).policy.settlement.breakDueWorkingDays)
    return [id, typeof day === 'string' ? instantOf(day, '18:00', app.zone) : now + break_due_days_max * day_ms]
  }))
}

const silent: Reply = { status: 204, body: '', headers: {} }

const sum = (of: readonly Found[], value: (m: Matched) => number): number => of.reduce((total, f) => total + value(f.matched), 0)

/** Stores what was found; answers terminals whose breaks changed. */
async function store(app: App, run: StoredRun, found: readonly Found[]): Promise<string[]> {
  const breaks = found.flatMap((f) => f.matched.breaks.map((b) => foundOf(b, f, app.zone))).filter((b) => isWithin(run, b.settledOn))
  const days = found.flatMap(({ provider, matched }) => matched.perDay.map((d) => ({ provider, ...d }))).filter((d) => isWithin(run, d.settledOn))
  const files = [...new Map(found.flatMap((f) => f.files.map((file) => [file.id, { id: file.id, fileName: file.fileName }] as const))).values()]
  const breaksLeftOut = sum(found, (m) => m.breaksLeftOut)
  const scope = { run: run.id, provider: run.provider, from: run.from, to: run.to, files: files.map((f) => f.id) }
  let tids: string[] = []
  let isStored = false
  await execute(app, { actor: run.actor }, {
    command: 'settle',
    input: scope,
    refusal: () => silent,
    async lock(tx) {
      isStored = false
      await openWide(tx)
      return undefined
    },
    async decide(tx, now) {
      await stageFound(tx, breaks, days)
      // Where more was found than is told, what is not told may still be there.
      const changes = await applyFound(tx, { ...scope, now }, dueTimes(app, now), breaksLeftOut === 0)
      const result: RunResult = {
        rows: { slips: sum(found, (m) => m.rows.slips), unionpay: sum(found, (m) => m.rows.unionpay), bank: sum(found, (m) => m.rows.bank) },
        matched: sum(found, (m) => m.matched), matchedFen: sum(found, (m) => m.matchedFen), pending: sum(found, (m) => m.pending),
        breaks: changes.standing, breaksLeftOut, found: changes.found, changed: changes.changed, resolved: changes.resolved, files,
      }
      if (!(await markRunApplied(tx, run.id, result, now))) throw new Stopped()
      tids = await touchedTerminals(tx)
      isStored = true
      const { files: _, ...counts } = result
      return {
        changes: undefined, before: undefined, facts: [{ fact: 'records_matched', run: run.id, ...counts }], tids, provider: run.provider,
        mid: undefined, reply: silent,
      }
    },
  })
  // The only refusal on this way is a lock not had in time.
  if (!isStored) throw new Error('the result could not be stored')
  return tids
}

async function openWide(tx: Tx): Promise<void> {
  await tx.client.query(`set local tingqi.scope = '*'; set local statement_timeout = ${import_statement_ms_max};
    set local lock_timeout = ${import_lock_wait_ms}; set local idle_in_transaction_session_timeout = ${import_statement_ms_max}`)
}
