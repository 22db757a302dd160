// The one door for every write. In one transaction: lock → look for a stored reply → read facts → decide → store the change,
// its journal row, its jobs and its reply together. A refusal is journalled too, and changes nothing else. A dry run goes
// all the way and is rolled back. What the caller is told was committed before it is told.
import { createHash, randomUUID } from 'node:crypto'
import type { Actor } from '../domain/authority.ts'
import { isRefusal, refuse, refusals, type Refusal } from '../domain/refusals.ts'
import { happeningsOf } from '../domain/telling.ts'
import { nextDue } from '../domain/terminal.ts'
import { constraintOf, instantParam, Rollback, sqlState, type Scope, type Tx } from '../store/db.ts'
import { storedReply, writeOutcome, type Changes, type Dossier } from '../store/dossier.ts'
import type { NewEvents } from '../store/telling-events.ts'
import type { App } from './app.ts'

/** What the asker gets back: a status, a body already in its final bytes, and the headers that belong to it. */
export type Reply = { status: number; body: string; headers: Readonly<Record<string, string>> }

export type Asking = {
  actor: Actor
  /** Present where the asker wants the same request to have one effect however often it is sent. */
  idempotency?: { key: string; route: string; bodyHash: Buffer } | undefined
  dryRun?: boolean | undefined
  /** A person who signed in a moment ago; a key never is. */
  isFresh?: boolean | undefined
}

export type Outcome = {
  changes: Changes | undefined
  before: Dossier | undefined
  /** For the journal: what it was about and what came of it. */
  facts: readonly object[]
  caseNo?: string | undefined
  tids: readonly string[]
  provider: string | undefined
  mid: string | undefined
  reply: Reply
}

export type Work = {
  command: string
  /** What was asked, for the journal; personal words are replaced by their digest before it is written. */
  input: object
  /** Takes row locks, case before terminals, terminals in order. */
  lock(tx: Tx): Promise<Refusal | undefined>
  decide(tx: Tx, now: number): Promise<Outcome | Refusal>
  /** Turns a refusal into what the asker is told. */
  refusal(refusal: Refusal): Reply
  /** The clock's own work: finding nothing to do is no event and leaves no journal row. */
  quiet?: boolean
}

export const scopeOf = (actor: Actor): Scope =>
  actor.party.kind === 'platform' ? '*' : `${actor.party.kind === 'provider' ? 'p' : 'm'}:${actor.party.id}`
const partyKey = (actor: Actor): string => `${actor.party.kind}:${actor.party.id}`

/** Requests with the same key that are running in this process now: later ones wait for the first instead of a lock. */
const running = new WeakMap<App, Map<string, Promise<Reply>>>()

export async function execute(app: App, asking: Asking, work: Work): Promise<Reply> {
  const key = asking.idempotency && !asking.dryRun ? `${partyKey(asking.actor)}\n${asking.idempotency.key}` : undefined
  if (key === undefined) return attempt(app, asking, work)
  const mine = running.get(app) ?? running.set(app, new Map()).get(app)!
  const before = mine.get(key)
  if (before) {
    await before.catch(() => {})
    return attempt(app, asking, work)
  }
  const promise = attempt(app, asking, work)
  mine.set(key, promise)
  try {
    return await promise
  } finally {
    mine.delete(key)
  }
}

const attempts_max = 3

async function attempt(app: App, asking: Asking, work: Work): Promise<Reply> {
  for (let n = 1; ; n++) {
    try {
      const { reply, dueAt, poked, forGates } = await once(app, asking, work)
      if (poked) void pokeAgain(app, poked)
      if (!asking.dryRun) app.stirred(dueAt)
      // Whoever is told that a terminal stops or opens may ask the gate in the next breath.
      if (forGates && asking.actor.role !== 'system') await app.gateHears()
      return reply
    } catch (error) {
      const state = sqlState(error)
      const again = state === '40001' || state === '40P01' || constraintOf(error) === 'idempotency_pkey'
      if (again && n < attempts_max) continue
      if (state === '55P03') return work.refusal(refuse('still_running'))
      const clash = clashOf(error)
      if (clash) return refused(app, asking, work, clash)
      throw error
    }
  }
}

/** Constraints that a race can still hit after the pre-checks passed: the database's word becomes the same refusal. */
function clashOf(error: unknown): Refusal | undefined {
  switch (constraintOf(error)) {
    case 'one_open_appeal':
    case 'one_open_case': return refuse('case_open_already', { tid: '', no: '' })
    case 'checker_is_not_maker':
    case 'reviewer_is_not_maker': return refuse('maker_is_checker')
    case 'terminal_serial_live':
    case 'device_is_free': return refuse('device_bound_already', { serial: '', tid: '' })
    default: return undefined
  }
}

type Done = { reply: Reply; dueAt?: number | undefined; poked?: readonly string[] | undefined; forGates?: boolean }

function once(app: App, asking: Asking, work: Work): Promise<Done> {
  return app.db.transaction(scopeOf(asking.actor), async (tx) => {
    const unlocked = await work.lock(tx)
    const replayed = await replay(tx, asking)
    if (replayed) throw new Rollback<Done>({ reply: isRefusal(replayed) ? work.refusal(replayed) : replayed })
    const now = app.clock.now()
    const outcome = unlocked ?? (await work.decide(tx, now))
    if (isRefusal(outcome)) {
      const reply = work.refusal(outcome)
      if (asking.dryRun || work.quiet) throw new Rollback<Done>({ reply })
      write(tx, asking, work, undefined, outcome, reply, now)
      return { reply }
    }
    if (work.quiet && outcome.facts.length === 0) return { reply: outcome.reply }
    write(tx, asking, work, outcome, undefined, outcome.reply, now)
    if (asking.dryRun) {
      await tx.settled()
      throw new Rollback<Done>({ reply: outcome.reply })
    }
    const { changes } = outcome
    return {
      reply: outcome.reply, dueAt: dueAfter(changes, now), poked: changes?.poke?.length ? changes.poke : undefined,
      forGates: changes?.terminals?.some((t) => t.gate) ?? false,
    }
  })
}

/**
 * A case whose row somebody held was passed by in our transaction, and that somebody may have been refused and never looked.
 * Now that we hold nothing ourselves it can be waited for; our own command is done and does not wait along.
 */
export async function pokeAgain(app: App, cases: readonly string[]): Promise<void> {
  try {
    const now = app.clock.now()
    const late = await app.db.transaction('*', (tx) => tx.run(
      `update application set due_at = $2 where no = any($1) and state in ('submitted', 'in_review', 'second_review', 'approved', 'in_progress')
       and (due_at is null or due_at > $2)`, [cases, instantParam(now)],
    ))
    if (late > 0) app.stirred(now)
  } catch (error) {
    app.log.warn({ cases, error: (error as Error).message }, 'cases could not be told of their terminal')
  }
}

/** When the clock must next look at what this command changed. */
function dueAfter(changes: Changes | undefined, now: number): number | undefined {
  const due = [changes?.case?.dueAt, ...(changes?.terminals ?? []).map((t) => nextDue(t.terminal)), changes?.poke?.length ? now : undefined]
    .filter((at) => at !== undefined)
  return due.length === 0 ? undefined : Math.min(...due)
}

/** After a constraint clash the transaction is gone; the refusal is journalled in one of its own. */
function refused(app: App, asking: Asking, work: Work, refusal: Refusal): Promise<Reply> {
  return app.db.transaction(scopeOf(asking.actor), async (tx) => {
    const reply = work.refusal(refusal)
    if (!asking.dryRun) write(tx, asking, work, undefined, refusal, reply, app.clock.now())
    return reply
  })
}

async function replay(tx: Tx, asking: Asking): Promise<Reply | Refusal | undefined> {
  const { idempotency: id } = asking
  if (!id || asking.dryRun) return undefined
  const stored = await storedReply(tx, partyKey(asking.actor), id.key)
  if (!stored) return undefined
  if (stored.route !== id.route || !stored.body_hash.equals(id.bodyHash)) return refuse('idempotency_mismatch')
  const { headers, body } = JSON.parse(stored.reply) as { headers: Record<string, string>; body: string }
  return { status: stored.status, headers, body }
}

function write(
  tx: Tx, asking: Asking, work: Work, outcome: Outcome | undefined, refusal: Refusal | undefined, reply: Reply, now: number,
): void {
  const { actor, idempotency: id } = asking
  // A refusal that may pass later must not be frozen under its key.
  const keep = id && !asking.dryRun && !(refusal && refusals[refusal.refused].retry)
  const party = actor.party
  writeOutcome(
    tx, outcome?.changes, outcome?.before,
    {
      body: journalBody(asking, work, outcome, refusal, now),
      caseNo: outcome?.caseNo, tids: outcome?.tids ?? [],
      provider: outcome ? outcome.provider : party.kind === 'provider' ? party.id : undefined,
      mid: outcome ? outcome.mid : party.kind === 'merchant' ? party.id : undefined,
    },
    keep ? {
      party: partyKey(actor), key: id.key, route: id.route, bodyHash: id.bodyHash, status: reply.status,
      reply: JSON.stringify({ headers: reply.headers, body: reply.body }),
    } : undefined,
    now,
    outcome && eventsOf(outcome, now),
  )
}

/** What machines are told of an outcome: events beside the journal row of the same facts. */
function eventsOf({ facts, before, changes, provider, mid, caseNo }: Outcome, now: number): NewEvents | undefined {
  if (provider === undefined || mid === undefined) return undefined
  const happenings = happeningsOf(facts, { now, case: before?.case?.case, letters: changes?.letters ?? [] })
  return happenings.length === 0 ? undefined : { provider, mid, caseNo, happenings: happenings.map((h) => ({ ...h, id: randomUUID() })) }
}

/** Words people write may name persons: the journal keeps their digest, the sealed original lives with the merchant's key. */
const personal = new Set(['words', 'proof', 'evidence', 'note', 'fileName', 'tracking', 'words_sealed', 'proofSealed', 'wordsSealed'])
export const redact = (_key: string, value: unknown): unknown =>
  personal.has(_key) && typeof value === 'string' ? `sha256:${createHash('sha256').update(value).digest('hex').slice(0, 16)}` : value

function journalBody(
  { actor }: Asking, work: Work, outcome: Outcome | undefined, refusal: Refusal | undefined, now: number,
): string {
  return JSON.stringify({
    at: new Date(now).toISOString(),
    id: randomUUID(),
    actor: { person: actor.person, account: actor.account, role: actor.role, party: `${actor.party.kind}:${actor.party.id}`, via: actor.via },
    command: work.command,
    input: work.input,
    ...(refusal ? { outcome: 'refused', code: refusal.refused } : { outcome: 'accepted', facts: outcome!.facts }),
  }, redact)
}
