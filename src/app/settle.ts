// From facts to what is stored: which rows changed, who is told, which letters and backups they cause. Shared by every
// command, whether a person, a file or the clock gave it.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { entriesOf } from '../domain/application/fees.ts'
import { isTerminalFact, type Setting, type Sheet } from '../domain/application/unfold.ts'
import { nextCaseDue } from '../domain/application/advance.ts'
import type { Fact } from '../domain/application/case.ts'
import type { Actor } from '../domain/authority.ts'
import { dateOf, instantOf, monthEnds, addMonths } from '../domain/calendar.ts'
import { scheduleOf } from '../domain/contract.ts'
import { effectsOf, type Effect } from '../domain/effects.ts'
import { letterNumber } from '../domain/number.ts'
import type { Policy } from '../domain/policy.ts'
import { directionOf, type LetterKind } from '../domain/vocabulary.ts'
import { demandOf } from '../domain/care-demands.ts'
import { isOver, type Hold } from '../domain/terminal.ts'
import type { Changes, Dossier, NewLetter, NewNotice, NewTest, Registration, StoredTerminal } from '../store/dossier.ts'
import type { Tx } from '../store/db.ts'
import { letterFactsOf, onRegister } from './letter-facts.ts'
import { newVerificationCode } from '../documents/verification-code.ts'
import { providerWords, type App } from './app.ts'
import { followTickets } from './care/follow.ts'

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What a decision about this dossier may know. A case keeps the policy version it was submitted under. */
export function settingOf(app: App, dossier: Dossier, actor: Actor, now: number, asked?: string): Setting {
  const c = dossier.case?.case
  const providerId = c?.provider ?? asked ?? dossier.terminals[0]!.provider
  const inForce = c?.policyVersion === undefined ? app.policyAt(providerId, now) : app.policyVersion(providerId, c.policyVersion)
  return {
    now, zone: app.zone, actor, policy: inForce.policy, policyVersion: inForce.version, calendar: app.calendar(),
    providerName: providerWords(app.provider(providerId)), goodStanding: dossier.merchant?.goodStanding ?? true,
    terminals: dossier.terminals.map((t) => ({ ...t, gatesKnowAt: app.gatesKnowAt(t.gateSeq) })), others: dossier.others, returns: dossier.returns ?? [], money: moneyIn(dossier, inForce.policy), mint: randomUUID, digest,
  }
}

const moneyIn = ({ account }: Dossier, policy: Policy): Setting['money'] => account && {
  schedule: scheduleOf([{ from: '', fees: policy.fees }], account.contracts), balanceFen: account.balanceFen, caseFen: account.caseFen, charged: account.charged, through: account.through,
}

/** The stored terminals as they stand after the sheet's facts. */
const terminalsAfter = (before: readonly StoredTerminal[], sheet: Pick<Sheet, 'terminals' | 'facts'>): StoredTerminal[] =>
  before.map((t) => {
    const swap = sheet.facts.findLast((f) => (f.fact === 'device_bound' || f.fact === 'device_unbound') && f.terminal === t.id)
    const serial = swap === undefined ? t.serial : swap.fact === 'device_bound' ? swap.device.serial : undefined
    return { ...t, ...sheet.terminals.get(t.id)!, serial }
  })
/** Those whose numbers were reserved just now. No gate can have heard of them yet. */
const reservedNow = ({ terminals, facts, case: c }: Pick<Sheet, 'terminals' | 'facts'> & { case: Sheet['case'] | undefined }): StoredTerminal[] =>
  facts.flatMap((f): StoredTerminal[] => f.fact !== 'reserved' ? [] : [{
    ...terminals.get(f.terminal)!, mid: c!.merchant, provider: c!.provider, serial: undefined, version: 1, gateSeq: Number.POSITIVE_INFINITY, deviceConfirmedAt: undefined,
    dormancy: { askedAt: undefined, answerBy: undefined, answer: undefined },
  }])
const isSwap = (f: Fact): f is Extract<Fact, { fact: 'device_bound' | 'device_unbound' }> => f.fact === 'device_bound' || f.fact === 'device_unbound'

const changesGate = new Set<Fact['fact']>([
  'hold_placed', 'hold_withdrawn', 'hold_shut', 'hold_cleared', 'hold_lifted', 'hold_reclaimed', 'hold_moved', 'expected_until_set', 'reopened', 'signed_on', 'made_final',
  'closed', 'device_bound', 'device_unbound', 'installed', 'unreserved',
])

/** Whom else a change concerns: other open cases on a terminal whose holds changed, and everybody when this case comes to a decision or its end. */
function concerned(before: Dossier, facts: readonly Fact[], touched: ReadonlySet<string>): string[] {
  const isTurn = facts.some((f) => f.fact === 'approved' || f.fact === 'completed' || f.fact === 'rejected' || f.fact === 'withdrawn' || f.fact === 'expired')
  return [...new Set(before.others.filter((o) => isTurn || touched.has(o.terminal)).map((o) => o.no))]
}

export type Settled = { changes: Changes; after: Dossier }

/**
 * Everything the facts of a sheet change. `sealed` are the words of a new case or hold, already sealed; they are written
 * beside new rows only.
 */
export async function settle(
  app: App, tx: Tx, before: Dossier,
  sheet: Pick<Sheet, 'facts' | 'terminals'> & { case: Sheet['case'] | undefined; setting: Setting; returns?: Sheet['returns'] },
  sealed: { words?: Buffer | undefined; proof?: Buffer | undefined } = {},
): Promise<Settled> {
  const { now } = sheet.setting
  const c = sheet.case
  const providerId = c?.provider ?? before.terminals[0]!.provider
  const mid = c?.merchant ?? before.terminals[0]!.mid
  const provider = app.provider(providerId)
  const terminals = terminalsAfter(before.terminals, sheet)
  const reserved = reservedNow({ ...sheet, case: c })
  const touched = new Set(sheet.facts.filter(isTerminalFact).map((f) => f.terminal))
  // The version the row will have: what the asker is told must fit its next If-Match.
  for (const t of terminals) if (touched.has(t.id)) t.version += 1
  // No gate can have acknowledged what gets its number only at the commit.
  for (const t of terminals) if (sheet.facts.some((f) => changesGate.has(f.fact) && isTerminalFact(f) && f.terminal === t.id)) t.gateSeq = Number.POSITIVE_INFINITY
  for (const t of terminals) if (sheet.facts.some((f) => f.fact === 'closed' && f.terminal === t.id)) Object.assign(t, { serial: undefined, device: undefined })
  const lines: Sheet['returns'] = sheet.returns ?? new Map()
  const known = new Set(before.returns)
  const around = {
    case: c, terminals: sheet.terminals, returns: lines, now, zone: app.zone, hotline: provider.hotline, providerName: providerWords(provider),
    demand: (hold: Hold) => demandOf(hold, sheet.setting.policy, sheet.setting.calendar, app.zone),
  }
  const effects = effectsOf(sheet.facts, around)
  const letters = await newLetters(app, tx, effects, before, sheet, terminals)
  const changes: Changes = {
    provider: providerId, mid,
    notices: effects.flatMap((e): NewNotice[] => e.effect !== 'notice' ? [] : [{
      id: randomUUID(), kind: e.kind, audience: e.to, caseNo: c?.no, tid: e.tid, words: e.words, at: now,
    }]),
    letters,
    backups: plannedBackups(app, effects, sheet.setting, terminals),
    entries: [...effects.flatMap((e) => (e.effect === 'post' ? e.entries : [])), ...entriesOf({ ...sheet, case: c })],
    tests: sheet.facts.flatMap((f): NewTest[] => f.fact !== 'tested' ? [] : [{
      id: randomUUID(), tid: f.terminal, at: f.at, by: f.by, passed: f.passed, items: f.items, caseNo: c?.no,
    }]),
    returns: [...lines.values()].filter((line) => !known.has(line)),
    poke: concerned(before, sheet.facts, touched),
    reserved: reserved.map((terminal) => ({ terminal, store: c!.wish!.store })),
    registrations: sheet.facts.flatMap((f): Registration[] => f.fact !== 'device_bound' ? [] : [{
      tid: f.terminal, serial: f.device.serial, model: f.model, position: f.position, photo: f.photo, caseNo: c!.no, at: f.at, by: f.by,
    }]),
    // A merchant that applies to a provider for the first time lets it see who it is.
    joins: c?.kind === 'install' && sheet.facts.some((f) => f.fact === 'submitted'),
    terminals: terminals.filter((t) => touched.has(t.id)).map((terminal) => ({
      terminal, now, isRebound: sheet.facts.some((f) => isSwap(f) && f.terminal === terminal.id), gate: sheet.facts.some((f) => isTerminalFact(f) && f.terminal === terminal.id && changesGate.has(f.fact)),
      holds: changedHolds(before, terminal).map((h) => (h.caseNo === undefined && sealed.words ? { ...h, wordsSealed: sealed.words } : h)),
    })),
  }
  await followTickets(app, tx, {
    actor: sheet.setting.actor, now, facts: sheet.facts.filter(isTerminalFact), terminals, appeal: c?.kind === 'appeal' ? c.no : undefined,
  })
  const version = (before.case?.version ?? 0) + 1
  if (c) changes.case = {
    case: c, version, direction: directionOf[c.kind], isNew: before.case === undefined, wordsSealed: sealed.words, proofSealed: sealed.proof,
    dueAt: nextCaseDue({ case: c, terminals: sheet.terminals, returns: lines, setting: sheet.setting } as Sheet),
  }
  const after: Dossier = {
    ...before, terminals: [...terminals, ...reserved], case: c ? { case: c, version } : undefined,
    returns: [...(before.returns ?? []).filter((r) => r.caseNo !== c?.no), ...lines.values()],
    letters: [...before.letters, ...letters.map((l) => ({ no: l.no, kind: l.kind as LetterKind, code: l.code }))],
  }
  return { changes, after }
}

function changedHolds(before: Dossier, after: StoredTerminal): StoredTerminal['holds'] {
  const old = new Map(before.terminals.find((t) => t.id === after.id)?.holds.map((h) => [h.id, h]))
  return after.holds.filter((h) => old.get(h.id) !== h)
}

async function newLetters(
  app: App, tx: Tx, effects: readonly Effect[], before: Dossier,
  sheet: Pick<Sheet, 'facts'> & { case: Sheet['case'] | undefined; setting: Setting; returns?: Sheet['returns'] }, terminals: readonly StoredTerminal[],
): Promise<NewLetter[]> {
  const letters: NewLetter[] = []
  for (const effect of effects) {
    if (effect.effect !== 'letter' || !sheet.case) continue
    const provider = app.provider(sheet.case.provider)
    const year = dateOf(sheet.setting.now, app.zone).slice(0, 4)
    const registered = await onRegister(tx, terminals.map((t) => t.tid))
    // The number comes last: its counter stays locked until the commit, and everybody else's letter waits for it.
    const serial = await nextLetterSerial(tx, provider.id, `${year}-01-01`)
    const no = letterNumber(provider.prefix, letterOfKind[effect.kind], Number(year), serial)
    const code = newVerificationCode(randomBytes(16))
    letters.push({
      no, kind: effect.kind, code, caseNo: sheet.case.no, issuedAt: sheet.setting.now,
      facts: letterFactsOf(app, registered, {
        no, code, kind: effect.kind, case: sheet.case, terminals, returns: sheet.returns ?? new Map(), merchant: before.merchant!, now: sheet.setting.now,
      }),
    })
  }
  return letters
}

/** 停, 复, 证, 销. */
export const letterOfKind: Readonly<Record<LetterKind, string>> = { stop_confirmation: 'T', reopening_confirmation: 'F', closure_certificate: 'Z', handover_list: 'J', disposal_certificate: 'X', hold_notice: 'N' }

/** Letters are numbered without gaps: the counter moves in the letter's own transaction. */
export const nextLetterSerial = async (tx: Tx, provider: string, day: string): Promise<number> =>
  (await tx.one<{ last: number }>(
    `insert into case_counter values ($1, 'letter', $2, 1)
     on conflict (provider, series, day) do update set last = case_counter.last + 1 returning last`, [provider, day],
  ))!.last

/** The next month end while a terminal is stopped is the next backup; each one made plans the one after. */
export function nextBackupAt(from: number, until: number | undefined, at: string, zone: string): number | undefined {
  const date = dateOf(from, zone)
  for (const end of monthEnds(date, addMonths(date, 2))) {
    const due = instantOf(end, at, zone)
    if (due > from) return until === undefined || due < until ? due : undefined
  }
  return undefined
}

function plannedBackups(
  app: App, effects: readonly Effect[], setting: Setting, terminals: readonly StoredTerminal[],
): { id: string; tid: string; dueAt: number }[] {
  if (setting.policy.backup.every === 'none') return []
  return effects.flatMap((e) => {
    if (e.effect !== 'plan_backup') return []
    const hold = terminals.find((t) => t.tid === e.tid)?.holds.find((h) => !isOver(h) && h.effectiveFrom <= e.from)
    const dueAt = nextBackupAt(e.from, hold?.expectedUntil, setting.policy.backup.at, app.zone)
    return dueAt === undefined ? [] : [{ id: randomUUID(), tid: e.tid, dueAt }]
  })
}
