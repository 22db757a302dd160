// Commands about a terminal itself: the provider's own stops placed and lifted, tests outside a case, what the gate saw, and
// what time brings about. The merchant's own stop goes through cases.ts only.
import { mayHold, mayNot, systemActor, type Actor } from '../domain/authority.ts'
import type { Setting } from '../domain/application/unfold.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../domain/refusals.ts'
import {
  clearHold, deviceSays, evolveTerminal, isInEffect, isOfReplacement, placeHold, recordTest, testedInCase, tickTerminal, type DeviceSaid, type TerminalFact, type TestedItem,
} from '../domain/terminal.ts'
import { holdOwners, ownerOf, waysOut, type DormancyAnswer, type Effect, type HoldOwner, type Reason } from '../domain/vocabulary.ts'
import { addWorkdays, dateOf, instantOf } from '../domain/calendar.ts'
import { dormancyWords } from '../domain/effects.ts'
import { lockTerminals, readDossier, type Dossier, type NewNotice, type StoredTerminal } from '../store/dossier.ts'
import { instantParam, type Tx } from '../store/db.ts'
import type { App } from './app.ts'
import type { CaseAsking, Telling } from './cases.ts'
import { mayLift } from './care/lift.ts'
import { execute, type Outcome, type Reply, type Work } from './execute.ts'
import { settingOf, settle } from './settle.ts'

type Decider = (terminal: Setting['terminals'][number], setting: Setting, before: Dossier) => TerminalFact[] | Refusal
type Extra = {
  /** Looked at after the decision, where the database must be asked once more. */
  also?: ((tx: Tx, setting: Setting) => Promise<Refusal | undefined>) | undefined
  /** Done in the command's own transaction before it decides; false where somebody has done it already. */
  first?: ((tx: Tx, now: number) => Promise<boolean>) | undefined
  quiet?: boolean; wordsText?: string | undefined; command: string; input: object; dormancy?: (setting: Setting) => StoredTerminal['dormancy'] | Refusal | undefined }

/** One terminal locked, read, decided upon, stored. */
function onTerminal(app: App, asking: CaseAsking, tid: (tx: Tx) => Promise<string | undefined>, telling: Telling, extra: Extra, decider: Decider): Promise<Reply> {
  let locked: string[] = []
  const work: Work = {
    command: extra.command,
    input: extra.input,
    refusal: telling.refusal,
    quiet: extra.quiet ?? false,
    async lock(tx) {
      const found = await tid(tx)
      locked = found === undefined ? [] : await lockTerminals(tx, [found])
      return locked.length === 0 ? refuse('not_found') : undefined
    },
    async decide(tx, now) {
      if (extra.first && !(await extra.first(tx, now))) return refuse('not_found')
      const before = await readDossier(tx, undefined, locked)
      const stored = before.terminals[0]!
      if (asking.ifVersion !== undefined && asking.ifVersion !== stored.version) return refuse('version_stale')
      const setting = settingOf(app, before, asking.actor, now)
      const facts = decider(setting.terminals[0]!, setting, before)
      if (isRefusal(facts)) return facts
      const further = await extra.also?.(tx, setting)
      if (further) return further
      const dormancy = extra.dormancy?.(setting)
      if (isRefusal(dormancy)) return dormancy
      return settled(app, tx, before, setting, facts, telling, extra, dormancy)
    },
  }
  return execute(app, asking, work)
}

async function settled(
  app: App, tx: Tx, before: Dossier, setting: Setting, facts: readonly TerminalFact[], telling: Telling, extra: Extra,
  dormancy: StoredTerminal['dormancy'] | undefined,
): Promise<Outcome> {
  const stored = before.terminals[0]!
  let terminal = setting.terminals[0]!
  for (const fact of facts) terminal = { ...evolveTerminal(terminal, fact), open: terminal.open }
  const key = extra.wordsText === undefined ? undefined : app.vault.openKey(before.merchant?.wrappedKey, stored.mid)
  const words = extra.wordsText === undefined ? undefined : key?.seal(extra.wordsText, `hold.words:${stored.tid}`)
  const { changes, after } = await settle(app, tx, before, { facts: [...facts], terminals: new Map([[terminal.id, terminal]]), case: undefined, setting }, { words })
  if (dormancy) {
    const row = { ...after.terminals[0]!, dormancy, version: stored.version + 1 }
    if (dormancy.answer === undefined) changes.notices = [...(changes.notices ?? []), dormancyNotice(app, stored, dormancy.answerBy!, setting)]
    changes.terminals = [{ terminal: row, holds: changes.terminals?.[0]?.holds ?? [], now: setting.now, gate: changes.terminals?.[0]?.gate ?? false }]
    after.terminals = [row]
  }
  return {
    changes, before, facts: dormancy ? [...facts, { fact: 'dormancy', ...dormancy }] : facts, tids: [stored.tid], provider: stored.provider,
    mid: stored.mid, reply: telling.view({ dossier: after, setting, app, words: extra.wordsText }),
  }
}

const dormancyNotice = (app: App, { tid, provider }: StoredTerminal, answerBy: number, setting: Setting): NewNotice => ({
  id: setting.mint(), kind: 'dormancy_asked', audience: 'merchant', caseNo: undefined, tid, at: setting.now,
  words: dormancyWords(tid, setting.policy.dormancy.askAfterMonths, answerBy, app.zone, app.provider(provider).hotline),
})

export type HoldRequest = {
  reason: Reason
  effect?: Effect | undefined
  effectiveFrom?: number | undefined
  drainUntil?: number | undefined
  expectedUntil?: number | undefined
  words: string
}

const mayOwn = (actor: Actor, owner: HoldOwner, setting: Setting, reason: Reason): Refusal | undefined =>
  mayHold(actor, owner, setting.policy) ? undefined : refuse('hold_place_not_yours', { reason })

/** The provider's own stop: placed by the desk that owns its reason, told to the merchant, in effect at its moment. */
export const placeHoldOn = (app: App, asking: CaseAsking, tid: string, wanted: HoldRequest, telling: Telling): Promise<Reply> =>
  onTerminal(app, asking, async () => tid, telling, { command: 'place-hold', input: { tid, ...wanted }, wordsText: wanted.words }, (terminal, setting) => {
    const owner = ownerOf(wanted.reason)
    const refusal = mayNot(asking.actor, 'place-hold') ?? (owner === 'merchant' ? refuseField('/reason', 'reason_not_yours', { reason: wanted.reason }) : undefined)
      ?? mayOwn(asking.actor, owner, setting, wanted.reason) ?? holdTimes(wanted, setting.now)
    if (refusal) return refusal
    return placeHold(terminal, {
      id: setting.mint(), reason: wanted.reason, owner, effect: wanted.effect ?? 'stop', effectiveFrom: wanted.effectiveFrom,
      drainUntil: wanted.drainUntil, expectedUntil: wanted.expectedUntil, caseNo: undefined, placedBy: asking.actor.person,
      drainHours: setting.policy.drainHours, reminderDaysBeforeReturn: setting.policy.reminderDaysBeforeReturn, deviceConfirmHours: setting.policy.deviceConfirmHours,
    }, setting.now)
  })

function holdTimes(wanted: HoldRequest, now: number): Refusal | undefined {
  if (!wanted.words) return refuseField('/words', 'words_required')
  if (wanted.effectiveFrom !== undefined && wanted.effectiveFrom < now)
    return refuseField('/effectiveFrom', 'effect_in_past', { at: dateOf(wanted.effectiveFrom) })
  if (wanted.expectedUntil !== undefined && wanted.expectedUntil <= (wanted.effectiveFrom ?? now)) return refuseField('/expectedUntil', 'until_before_from')
  return undefined
}

/** A hold given free by its owner, through its own way out. The last one leaves the terminal to its test. */
export const liftHold = (app: App, asking: CaseAsking, holdId: string, given: { words: string; evidence?: string | undefined }, telling: Telling): Promise<Reply> =>
  onTerminal(
    app, asking, async (tx) => (await tx.one<{ tid: string }>('select tid from hold where id = $1', [holdId]))?.tid, telling,
    { command: 'lift-hold', input: { hold: holdId, ...given }, also: (tx, setting) => mayLift(tx, setting, holdId) },
    (terminal, setting) => {
      const hold = terminal.holds.find((h) => h.id === holdId)!
      const named = { reason: hold.reason, owner: holdOwners[hold.owner], wayOut: waysOut[hold.owner] }
      const role = mayNot(asking.actor, 'lift-hold')
      if (role) return role
      if (hold.owner === 'merchant') return refuse('hold_by_case')
      if (isOfReplacement(hold)) return refuse('hold_by_replacement')
      if (!mayHold(asking.actor, hold.owner, setting.policy)) return refuse('hold_not_yours', named)
      if (!given.words) return refuseField('/words', 'words_required')
      return clearHold(terminal, holdId, asking.actor.person, setting.now)
    },
  )

/** A device test outside a case: what opens a terminal after the provider's own stop. */
export const testTerminal = (app: App, asking: CaseAsking, tid: string, items: readonly TestedItem[], telling: Telling): Promise<Reply> =>
  onTerminal(app, asking, async () => tid, telling, { command: 'record-test', input: { tid, items } }, (terminal, setting) =>
    mayNot(asking.actor, 'record-test') ?? testedInCase(terminal) ?? recordTest(
      terminal, items, setting.policy.deviceTests, setting.policy.gate.signOnAfterReopening, asking.actor.person, setting.now,
    ))

const nothing: Telling = { view: () => ({ status: 204, body: '', headers: {} }), refusal: () => ({ status: 409, body: '', headers: {} }) }
const bySystem: CaseAsking = { actor: systemActor }

type First = NonNullable<Extra['first']>

/** A sign-on the gate accepted: the terminal may sell again. */
export const signedOn = (app: App, tid: string, first?: First): Promise<Reply> =>
  onTerminal(app, bySystem, async () => tid, nothing, { command: 'signed-on', input: { tid }, quiet: true, first }, (terminal, setting) =>
    terminal.signOnRequired ? [{ fact: 'signed_on', terminal: terminal.id, at: setting.now }] : [])

/** What the device itself said of its state, as a gate heard it: it confirms the stop in effect, or takes that back. */
export const deviceSaid = (app: App, tid: string, said: DeviceSaid, first?: First): Promise<Reply> =>
  onTerminal(app, bySystem, async () => tid, nothing, { command: 'device-said', input: { tid, ...said }, quiet: true, first }, (terminal, setting) =>
    deviceSays(terminal, said, setting.now))

/** What time and acknowledgements bring about on a terminal. False where there was nothing to do, or it waits for a gate. */
export async function tickTerminalRow(app: App, tid: string): Promise<boolean> {
  let progressed = false
  await onTerminal(
    app, bySystem,
    async (tx) => (await tx.one<{ tid: string }>('select tid from terminal where tid = $1 and due_at <= $2 for update skip locked', [tid, instantParam(app.clock.now())]))?.tid,
    nothing, { command: 'tick', input: { tid }, quiet: true },
    (terminal, setting) => {
      const facts = tickTerminal(terminal, setting.now)
      progressed = facts.length > 0
      return facts
    },
  )
  return progressed
}

/** No sale for months: the merchant is asked, once, and has until then to answer. */
export const askDormancy = (app: App, tid: string): Promise<Reply> =>
  onTerminal(app, bySystem, async () => tid, nothing, {
    command: 'ask-dormancy', input: { tid },
    dormancy(setting) {
      const by = addWorkdays(setting.calendar, dateOf(setting.now, setting.zone), setting.policy.dormancy.answerWithinWorkingDays)
      if (typeof by !== 'string') return refuse('calendar_unknown', { year: by.unknownYear })
      return { askedAt: setting.now, answerBy: instantOf(by, '18:00', setting.zone), answer: undefined }
    },
  }, () => [])

/** The merchant's word on a terminal that has not sold for months. */
export const answerDormancy = (app: App, asking: CaseAsking, tid: string, answer: DormancyAnswer, telling: Telling): Promise<Reply> => {
  let asked: StoredTerminal['dormancy'] | undefined
  return onTerminal(app, asking, async () => tid, telling, {
    command: 'answer-dormancy', input: { tid, answer }, dormancy: () => (asked ? { ...asked, answer } : undefined),
  }, (_, __, before) => {
    asked = before.terminals[0]!.dormancy
    return mayNot(asking.actor, 'answer-dormancy') ?? (asked.askedAt === undefined || asked.answer !== undefined ? refuse('dormancy_not_asked') : [])
  })
}

/** Dormant and not verified, or dormant for the longest time: compliance stops it. */
export const stopDormant = (app: App, tid: string, reason: 'I02' | 'I03'): Promise<Reply> =>
  onTerminal(app, bySystem, async () => tid, nothing, { command: 'stop-dormant', input: { tid, reason }, quiet: true }, (terminal, setting) =>
    terminal.holds.some((h) => h.owner === 'compliance' && h.reason === reason && isInEffect(h, setting.now)) ? refuse('not_found')
      : placeHold(terminal, {
        id: setting.mint(), reason, owner: 'compliance', effect: 'stop', effectiveFrom: undefined, drainUntil: undefined, expectedUntil: undefined,
        caseNo: undefined, placedBy: 'system', drainHours: setting.policy.drainHours, reminderDaysBeforeReturn: [], deviceConfirmHours: setting.policy.deviceConfirmHours,
      }, setting.now))
