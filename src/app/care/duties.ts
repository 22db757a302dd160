// Duties as people do them, as the clock sees them, and as a stop brings them. Planned once a morning from the holds in effect
// of a provider, all at once; each looked at by the clock when its row says so; done by whoever hands in what it asks for.
import { randomUUID } from 'node:crypto'
import { systemActor } from '../../domain/authority.ts'
import {
  decideDuty, evolveDuty, holdAfter, metresBetween, newDuty, rungWords, tickDuty, wantedFor, type Duty, type DutyCommand, type DutyFact, type DutySetting,
  type Position, type Wanted,
} from '../../domain/care.ts'
import { addDays, dateOf, instantOf } from '../../domain/calendar.ts'
import { when } from '../../domain/effects.ts'
import { isRefusal, type Refusal } from '../../domain/refusals.ts'
import type { TerminalFact } from '../../domain/terminal.ts'
import { isTicketOpen } from '../../domain/ticket.ts'
import { careAnswers, dutyKinds, type Words } from '../../domain/vocabulary.ts'
import { insertDuties, openDutiesOf, dropStale, readDuty, saveDuty, stopsInEffect, terminalOfDuty, type StopRow } from '../../store/care-duties.ts'
import { readTicket } from '../../store/care-tickets.ts'
import { parseInstant, type Tx } from '../../store/db.ts'
import type { NewNotice } from '../../store/dossier.ts'
import type { App } from '../app.ts'
import type { Asking, Reply } from '../execute.ts'
import { holdFor, noticeAt, onCare, type CareAt, type CareCommand, type CareDone, type CareTelling } from './door.ts'
import { dutySeen, type DutySeen } from './seen-by.ts'

export const nothing: CareTelling<unknown> = { view: () => ({ status: 204, body: '', headers: {} }), refusal: () => ({ status: 409, body: '', headers: {} }) }
const at = (zone: string) => (instant: number): Words => [when(instant, zone), when(instant, zone)]

// ── Done ────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** `words` go into the envelope; `more` is written in the same transaction (a photo's row). */
export type DutyAsked = { id: string; command: DutyCommand; position?: Position | undefined; more?: ((care: CareAt, duty: Duty) => Promise<void>) | undefined }

const wordsIn = (command: DutyCommand): string | undefined => ('words' in command ? command.words : undefined)

export const commandDuty = (app: App, asking: Asking, asked: DutyAsked, telling: CareTelling<DutySeen>): Promise<Reply> =>
  onCare(app, asking, {
    command: `${asked.command.command}-care`, input: { duty: asked.id, ...asked.command },
    tid: (tx) => terminalOfDuty(tx, asked.id),
    decide: (care) => dutyDone(care, asked),
  }, telling)

export async function dutyDone(care: CareAt, { id, command, more, position }: DutyAsked): Promise<CareDone<DutySeen> | Refusal> {
  const { tx, now, actor, setting: { policy, zone } } = care
  const { duty } = (await readDuty(tx, id))!
  const metres = position && await metresFromStore(tx, care.stored.tid, position)
  const facts = decideDuty(duty, command.command === 'check' ? { ...command, metres } : command, { actor, now, zone, care: policy.care })
  if (isRefusal(facts)) return facts
  const after = facts.reduce(evolveDuty, duty)
  const words = wordsIn(command)
  await saveDuty(tx, after, words ? care.seal(words) : undefined)
  await more?.(care, after)
  const moved = command.command === 'check' && isElsewhere(care, metres) ? await askWhereTo(care) : []
  return {
    facts,
    notices: [...toldOf(care, after, command), ...moved],
    value: async () => dutySeen(tx, (await readDuty(tx, id))!, care),
  }
}

function toldOf(care: CareAt, duty: Duty, command: DutyCommand): NewNotice[] {
  const { tid } = care.stored
  const [zh, en] = dutyKinds[duty.kind]
  if (command.command === 'answer') {
    const [a, b] = careAnswers[command.answer]
    return [noticeAt(care, 'care_due', 'provider', [`终端 ${tid}「${zh}」商户答复：${a}。`, `Terminal ${tid}, ${en}: the merchant answers – ${b}.`])]
  }
  const bad = command.command === 'complete' ? command.checks.filter((c) => !c.ok).length : 0
  return bad === 0 ? [] : [noticeAt(care, 'care_due', 'provider', [`终端 ${tid} 唤醒保养有 ${bad} 项未通过，请查看。`, `Terminal ${tid}: ${bad} item(s) of its wake-up care failed; please look.`])]
}

async function metresFromStore(tx: Tx, tid: string, position: Position): Promise<number | undefined> {
  const store = await tx.one<{ longitude: number | null; latitude: number | null }>('select s.longitude, s.latitude from terminal t join store s on s.id = t.store_id where t.tid = $1', [tid])
  return store?.longitude === undefined || store.longitude === null || store.latitude === null ? undefined : metresBetween(position, { longitude: store.longitude, latitude: store.latitude })
}
const isElsewhere = ({ setting }: CareAt, metres: number | undefined): boolean => metres !== undefined && metres > (setting.policy.care.custody?.toleranceMetres ?? Number.POSITIVE_INFINITY)

/** The device is not where it should be: the merchant is asked, once, and has its days to answer. */
export async function askWhereTo(care: CareAt): Promise<NewNotice[]> {
  const { tx, now, setting: { policy, zone, mint }, stored } = care
  if ((await openDutiesOf(tx, stored.tid)).some((d) => d.duty.kind === 'moved')) return []
  const dueAt = instantOf(addDays(dateOf(now, zone), policy.care.seen.answerDays), '18:00', zone)
  const duty = newDuty({ id: mint(), kind: 'moved', terminal: stored.tid, dueAt }, policy.care, zone)
  if ((await insertDuties(tx, [{ duty, ...care.party }])) === 0) return []
  return [noticeAt(care, 'care_due', 'merchant', rungWords(duty, 'merchant', at(zone), care.app.provider(stored.provider).hotline))]
}

// ── Due ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** What the ladder brings now. False where there was nothing to do. */
export async function tickDutyRow(app: App, id: string): Promise<boolean> {
  let progressed = false
  const command: CareCommand<undefined> = {
    command: 'remind-care', input: { duty: id }, quiet: true, tid: (tx) => terminalOfDuty(tx, id, app.clock.now()),
    async decide(care) {
      const { tx, now, setting: { policy, zone } } = care
      const { duty } = (await readDuty(tx, id))!
      const facts = duty.nextAt === undefined || duty.nextAt > now ? [] : tickDuty(duty, await settingFor(care, duty))
      progressed = facts.length > 0
      if (!progressed) return { facts, value: () => undefined }
      await saveDuty(tx, facts.reduce(evolveDuty, duty))
      return {
        facts, terminalFacts: holdsOf(care, facts), notices: facts.flatMap((f) => reminded(care, duty, f, zone)), value: () => undefined,
        ...(facts.some((f) => f.fact === 'duty_reminded' && f.to === 'escalate') && holdAfter(duty.kind, policy.care) ? { holdWords: dutyKinds[duty.kind][0] } : {}),
      }
    },
  }
  await onCare(app, { actor: systemActor }, command, nothing)
  return progressed
}

async function settingFor({ tx, now, setting, terminal, before }: CareAt, duty: Duty): Promise<DutySetting> {
  const ticket = duty.ticket === undefined ? undefined : (await readTicket(tx, duty.ticket))?.ticket
  return {
    now, zone: setting.zone, policy: setting.policy, terminal,
    isBeingSettled: before.others.some((o) => o.terminal === terminal.id && (o.kind === 'reactivate' || o.kind === 'extend' || o.kind === 'close') && o.state !== 'draft'),
    isTicketMet: ticket !== undefined && (!isTicketOpen(ticket) || ticket.state !== 'demanded'),
  }
}

function holdsOf(care: CareAt, facts: readonly DutyFact[]): TerminalFact[] {
  const top = facts.find((f) => f.fact === 'duty_reminded' && f.to === 'escalate')
  const reason = top && holdAfter(top.kind, care.setting.policy.care)
  if (reason === undefined) return []
  const placed = holdFor(care, reason, care.setting.mint())
  // Held for it already, or closed meanwhile: nothing more follows.
  return isRefusal(placed) ? [] : placed
}

function reminded(care: CareAt, duty: Duty, fact: DutyFact, zone: string): NewNotice[] {
  if (fact.fact !== 'duty_reminded') return []
  const words = rungWords(duty, fact.to, at(zone), care.app.provider(care.stored.provider).hotline)
  const kind = care.now > duty.dueAt ? 'care_overdue' : 'care_due'
  return [noticeAt(care, kind, fact.to === 'merchant' ? 'merchant' : 'provider', words)]
}

// ── Planned ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const plan_batch_max = 1_000

/** Every stop in effect of a provider has the duties its policy asks for. How many were new. */
export async function planDuties(app: App, provider: string): Promise<number> {
  let planned = 0
  await app.db.transaction('*', (tx) => dropStale(tx, provider))
  for (let after = ''; ;) {
    const done = await app.db.transaction('*', async (tx) => {
      const stops = await stopsInEffect(tx, provider, after, plan_batch_max)
      const fresh = stops.flatMap((stop) => dutiesFor(app, provider, stop).map((duty) => ({ duty, provider, mid: stop.mid })))
      return { count: await insertDuties(tx, fresh), last: stops.length === plan_batch_max ? stops.at(-1)!.id : undefined }
    })
    planned += done.count
    if (done.last === undefined) break
    after = done.last
  }
  if (planned > 0) app.stirred(app.clock.now())
  return planned
}

function dutiesFor(app: App, provider: string, stop: StopRow): Duty[] {
  const now = app.clock.now()
  const { policy } = app.policyAt(provider, now)
  const wanted = wantedFor(
    { id: stop.id, owner: stop.owner, effectiveFrom: stop.effective_from, expectedUntil: stop.expected_until ?? undefined },
    { policy, calendar: app.calendar(), zone: app.zone, now, type: stop.type ?? undefined, since: stop.looked_at ?? undefined },
  )
  return wanted.filter((w) => isNew(w, stop)).map((w) => newDuty(
    { id: randomUUID(), terminal: stop.tid, ...w, ...(w.kind === 'custody_check' ? { hold: undefined } : {}) }, policy.care, app.zone,
  ))
}

/** A look is wanted when none is open; what belongs to a return date once per date; the rest once per stop. */
function isNew(w: Wanted, { leads, known }: StopRow): boolean {
  const same = known.filter((k) => k.kind === w.kind)
  if (w.kind === 'custody_check') return leads && same.every((k) => !k.open)
  return same.every((k) => (w.about !== undefined && (k.about === null ? undefined : parseInstant(k.about)) !== w.about))
}
