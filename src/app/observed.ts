// What the gates saw, made true here: attempts counted and raised, approvals in stand-in and security events written into
// the journal, sign-ons and the device's own word brought to the terminal, transactions to its clearance. Reports of one gate
// are taken in its order, a batch at a time; each is marked as taken in the transaction that makes it true, so that it counts
// once whatever dies meanwhile. One program at a time takes them.
import { z } from 'zod'
import { systemActor } from '../domain/authority.ts'
import { addDays, dateOf } from '../domain/calendar.ts'
import { when } from '../domain/effects.ts'
import { gateReasons, type SecurityEvent } from '../domain/gate.ts'
import { cardKinds, deviceWords, transactionClasses, transactionStatuses, words, type Words } from '../domain/vocabulary.ts'
import { alone } from '../store/alone.ts'
import { noteSeen, noteSession } from '../store/care-duties.ts'
import { instantParam, sqlState, type Tx } from '../store/db.ts'
import {
  countAttempts, forgetReports, merchantOf, mergeObserved, settleObserved, takeReports, tellAttempts, untoldAttempts, waitingGates, waitingReports,
  type AttemptCount, type Report, type ToldAttempt, type Untold,
} from '../store/observed.ts'
import type { App } from './app.ts'
import { execute } from './execute.ts'
import { tellOthers } from './imports/outbox.ts'
import { notify } from './notices.ts'
import { deviceSaid, signedOn } from './terminals.ts'

export type Observed = {
  /** Takes everything that waits; resolves when nothing is left. */
  run(): Promise<void>
}

const reports_batch_max = 1_000
const untold_max = 500
/** Attempts are raised for today and, over midnight, for yesterday. */
const raised_days = 1
const reports_kept_days = 30
const minutes_kept_days = 90
const forget_batch_max = 20_000
const forget_every_ms = 3_600_000
const day_ms = 86_400_000

const base = { at: z.number(), tid: z.string() }
const party = { ...base, mid: z.string(), provider: z.string().min(1) }
const transactionClass = z.enum(words(transactionClasses))
/** What a report may say. One that says something else is put aside and logged: it must not keep the others waiting. */
const observation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('attempt'), ...party, class: transactionClass, code: z.string(), count: z.int().positive().default(1), last_ms: z.number().default(0) }),
  z.object({ kind: z.literal('standin'), ...party, class: transactionClass, amountFen: z.number().default(0), epoch: z.number(), seq: z.number() }),
  z.object({
    kind: z.literal('security'), ...party, event: z.string(), serial: z.string().optional(), position: z.object({ longitude: z.number(), latitude: z.number() }).optional(),
  }),
  z.object({ kind: z.literal('signed_on'), ...base }),
  z.object({ kind: z.literal('device_said'), ...base, said: z.enum(['signed_off', 'stopped', 'operating']), by: z.enum(words(deviceWords)) }),
  z.object({
    kind: z.literal('transaction'), ...party, class: transactionClass, amountFen: z.int().min(0), batch: z.string(), trace: z.string(), reference: z.string(),
    cardMasked: z.string().optional(), cardKind: z.enum(words(cardKinds)).optional(), authCode: z.string().optional(), status: z.enum(words(transactionStatuses)),
  }),
  z.object({ kind: z.literal('settled'), ...party, batch: z.string(), balanced: z.boolean() }),
])
type Observation = z.infer<typeof observation>
type Seen<K extends Observation['kind']> = Extract<Observation, { kind: K }> & { ordinal: number }

export function observed(app: App): Observed {
  let running: Promise<void> | undefined
  let forgottenAt = Number.NEGATIVE_INFINITY
  const each = async (): Promise<void> => {
    await alone(app.db, 'observed', async () => {
      await takeAll(app)
      await raiseAttempts(app)
      if (performance.now() - forgottenAt <= forget_every_ms) return
      forgottenAt = performance.now()
      const now = app.clock.now()
      await app.db.transaction('*', (tx) => forgetReports(tx, now - reports_kept_days * day_ms, now - minutes_kept_days * day_ms, forget_batch_max))
    })
  }
  return {
    run() {
      running ??= each().finally(() => { running = undefined })
      return running
    },
  }
}

async function takeAll(app: App): Promise<void> {
  for (const gate of await app.db.transaction('*', waitingGates, { readOnly: true }))
    for (;;) {
      const reports = await app.db.transaction('*', (tx) => waitingReports(tx, gate, reports_batch_max), { readOnly: true })
      if (reports.length === 0) break
      await takeBatch(app, gate, reports)
      if (reports.length < reports_batch_max) break
    }
}

async function takeBatch(app: App, gate: string, reports: readonly Report[]): Promise<void> {
  const read = reports.flatMap((report): (Observation & { ordinal: number })[] => {
    const { kind, at, tid, provider, mid, ordinal } = report
    const parsed = observation.safeParse({ ...report.body, kind, at, tid, provider, mid })
    if (parsed.success) return [{ ...parsed.data, ordinal }]
    app.log.warn({ gate, ordinal, kind }, kind === 'lost' ? 'a gate could not keep all it saw' : 'a gate reported what nobody understands')
    return []
  })
  const of = <K extends Observation['kind']>(...kinds: K[]): Seen<K>[] => read.filter((o): o is Seen<K> => (kinds as string[]).includes(o.kind))
  const isMerged = await takeMasses(app, gate, of('attempt', 'transaction', 'settled'))
  const told = of('standin', 'security')
  for (const [provider, group] of Map.groupBy(told, (o) => o.provider)) await takeTold(app, gate, provider, group)
  for (const one of of('signed_on', 'device_said')) await takeWord(app, gate, one)
  // What is left says nothing, or of terminals nobody has: it is done with, too.
  await app.db.transaction('*', (tx) => takeReports(tx, gate, reports.map((r) => r.ordinal), app.clock.now()))
  if (isMerged) await tellOthers(app, async () => {})
}

// ── Masses: attempts and transactions ───────────────────────────────────────────────────────────────────────────────
const takeMasses = (app: App, gate: string, all: readonly Seen<'attempt' | 'transaction' | 'settled'>[]): Promise<boolean> =>
  all.length === 0 ? Promise.resolve(false) : app.db.transaction('*', async (tx) => {
    const now = app.clock.now()
    const fresh = await takeReports(tx, gate, all.map((o) => o.ordinal), now)
    const of = <K extends Observation['kind']>(kind: K): Seen<K>[] => (all as Seen<Observation['kind']>[]).filter((o): o is Seen<K> => o.kind === kind && fresh.has(o.ordinal))
    const [attempts, transactions, settlements] = [of('attempt'), of('transaction'), of('settled')]
    if (attempts.length > 0) await countAttempts(tx, countsOf(app, attempts), now)
    if (transactions.length > 0)
      await mergeObserved(tx, transactions.map((t) => ({
        ordinal: t.ordinal, tid: t.tid, mid: t.mid, batch: t.batch, trace: t.trace, reference: t.reference, class: t.class, amount_fen: t.amountFen,
        at: instantParam(t.at)!, card_kind: t.cardKind ?? null, card_masked: t.cardMasked ?? null, auth_code: t.authCode ?? null, status: t.status,
      })))
    const balanced = settlements.filter((s) => s.balanced)
    if (balanced.length > 0)
      await settleObserved(tx, balanced.map((s) => ({ tid: s.tid, batch: s.batch, at: instantParam(s.at)!, settled_on: settlementDate(s.at, app.zone) })))
    return transactions.length + balanced.length > 0
  })

/** UnionPay's day ends at 23:00: what is settled later belongs to the next. */
const day_cut_ms = 3_600_000
const settlementDate = (at: number, zone: string): string => dateOf(at + day_cut_ms, zone)

function countsOf(app: App, attempts: readonly Seen<'attempt'>[]): AttemptCount[] {
  const groups = Map.groupBy(attempts, (a) => `${a.tid} ${dateOf(a.at, app.zone)} ${a.class}`)
  return [...groups.values()].map((group) => {
    const { tid, mid, provider, class: kind, at } = group[0]!
    const [first, last] = group.reduce(([low, high], a) => [Math.min(low, a.at), Math.max(high, a.at + a.last_ms)], [at, at])
    return { tid, day: dateOf(at, app.zone), class: kind, provider, mid, count: group.reduce((sum, a) => sum + a.count, 0), first_at: instantParam(first)!, last_at: instantParam(last)! }
  })
}

// ── Attempts raised: once per stop and day ──────────────────────────────────────────────────────────────────────────
async function raiseAttempts(app: App): Promise<void> {
  const since = addDays(dateOf(app.clock.now(), app.zone), -raised_days)
  for (const untold of await app.db.transaction('*', (tx) => untoldAttempts(tx, since, untold_max), { readOnly: true })) await raise(app, untold)
}

const raise = (app: App, { tid, day, provider, mid }: Untold): Promise<unknown> =>
  quietly(app, 'attempts', { tid, day }, { provider, mid, tids: [tid] }, async (tx, now) => {
    const attempts = await tellAttempts(tx, tid, day, now)
    const first = attempts[0]
    // Open again meanwhile: it is counted, and nobody need look.
    if (first === undefined || first.stopped === null) return []
    const said = attemptWords(app, tid, first, attempts.reduce((sum, a) => sum + a.count, 0), provider)
    for (const audience of ['merchant', 'provider'] as const) await notify(tx, { kind: 'attempt_refused', provider, mid, audience, tid, words: said[audience], at: now })
    return [{ fact: 'attempted', terminal: tid, at: first.first_at, class: first.class, count: attempts.reduce((sum, a) => sum + a.count, 0) }]
  })

function attemptWords(app: App, tid: string, first: ToldAttempt, count: number, provider: string): Record<'merchant' | 'provider', Words> {
  const [zh, en] = transactionClasses[first.class]
  const at = when(first.first_at, app.zone)
  const [many, manyEn] = count > 1 ? [`，共 ${count} 次`, `, ${count} times so far`] : ['', '']
  const { hotline } = app.provider(provider)
  return {
    merchant: [
      `终端 ${tid} 已停机，${at} 仍有人尝试${zh}${many}，均已拒绝。如非本店所为，请致电 ${hotline}。`,
      `Terminal ${tid} is stopped, and at ${at} a ${en} was tried${manyEn}; every one was refused. If it was not you, call ${hotline}.`,
    ],
    provider: [
      `终端 ${tid} 已停机，${at} 起仍有${zh}尝试${many}，均已拒绝。请核实机具去向。`,
      `Terminal ${tid} is stopped, and from ${at} a ${en} was tried${manyEn}; every one was refused. Please find out where the device is.`,
    ],
  }
}

// ── Stand-in approvals and security events ──────────────────────────────────────────────────────────────────────────
const takeTold = (app: App, gate: string, provider: string, all: readonly Seen<'standin' | 'security'>[]): Promise<unknown> =>
  quietly(app, 'observe', { gate, reports: all.length }, { provider, mid: undefined, tids: [...new Set(all.map((o) => o.tid))].toSorted() }, async (tx, now) => {
    const fresh = await takeReports(tx, gate, all.map((o) => o.ordinal), now)
    const taken = all.filter((o) => fresh.has(o.ordinal))
    const events = Map.groupBy(taken.filter((o): o is Seen<'security'> => o.kind === 'security'), (o) => `${o.tid} ${o.event} ${dateOf(o.at, app.zone)}`)
    const facts: object[] = taken.filter((o) => o.kind === 'standin').map(({ at, tid, class: kind, amountFen, epoch, seq }) =>
      ({ fact: 'approved_in_standin', terminal: tid, at, gate, class: kind, amountFen, epoch, seq }))
    for (const [key, group] of events) {
      const { tid, event, at } = group[0]!
      const { serial, position } = group[0]!
      facts.push({ fact: 'security_event', terminal: tid, at, gate, event, count: group.length })
      if (event === 'serial_mismatch' || event === 'position_mismatch') await noteSeen(tx, tid, event, at, gate, { ...(serial ? { serial } : {}), ...(position ? { position } : {}) })
      // Whoever asked may have named another merchant: the notice is about the registered one. One a day of a device that goes on trying.
      const mid = await merchantOf(tx, tid)
      if (mid !== undefined)
        await notify(tx, { kind: 'security_event', provider, mid, audience: 'provider', tid, words: securityWords(app, tid, event, at), at: now }, key)
    }
    return facts
  })

function securityWords(app: App, tid: string, event: string, at: number): Words {
  const [zh, en] = gateReasons[event as SecurityEvent] ?? [event, event]
  return [
    `终端 ${tid}：${when(at, app.zone)} 闸口发现${zh}，已拒绝。请风控核查。`,
    `Terminal ${tid}: at ${when(at, app.zone)} a gate found: ${en.charAt(0).toLowerCase()}${en.slice(1)}; it was refused. The risk desk should look into it.`,
  ]
}

// ── The device's own word ───────────────────────────────────────────────────────────────────────────────────────────
async function takeWord(app: App, gate: string, one: Seen<'signed_on' | 'device_said'>): Promise<void> {
  const first = async (tx: Tx, now: number): Promise<boolean> => {
    if ((await takeReports(tx, gate, [one.ordinal], now)).size === 0) return false
    if (one.kind === 'signed_on' || one.said === 'signed_off') await noteSession(tx, one.tid, one.at, one.kind === 'signed_on')
    return true
  }
  try {
    await (one.kind === 'signed_on' ? signedOn(app, one.tid, first) : deviceSaid(app, one.tid, { said: one.said, by: one.by, at: one.at }, first))
  } catch (error) {
    // What the database will never take is put aside; what it could not take now is tried again, and those after it wait.
    if (!/^2[23]/.test(sqlState(error) ?? '')) throw error
    app.log.error({ gate, ordinal: one.ordinal, error: (error as Error).message }, 'what a device said could not be kept')
  }
}

// ── One door ────────────────────────────────────────────────────────────────────────────────────────────────────────
type About = { provider: string; mid: string | undefined; tids: readonly string[] }
/** A command of the program's own that leaves a journal row only where it found something. */
const quietly = (app: App, command: string, input: object, about: About, work: (tx: Tx, now: number) => Promise<object[]>): Promise<unknown> =>
  execute(app, { actor: systemActor }, {
    command, input, quiet: true,
    refusal: () => ({ status: 409, body: '', headers: {} }),
    lock: async () => undefined,
    decide: async (tx, now) => ({ changes: undefined, before: undefined, ...about, facts: await work(tx, now), reply: { status: 204, body: '', headers: {} } }),
  })
