// Commands about complaints: filed, assigned, answered, closed, reopened, and what time brings about. Each goes through the one
// door; what people wrote is sealed with the merchant's key before it goes anywhere.
import { mayNot, systemActor, type Right } from '../../domain/authority.ts'
import { complaintNotices, decideComplaint, evolveComplaint, fileComplaint, type Complaint, type ComplaintCommand, type ComplaintFact, type ComplaintSetting } from '../../domain/complaint.ts'
import { dateOf } from '../../domain/calendar.ts'
import { letterNumber } from '../../domain/number.ts'
import { proofFault } from '../../domain/proofs.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import type { Channel, ComplaintKind, ComplaintTopic } from '../../domain/vocabulary.ts'
import type { Tx } from '../../store/db.ts'
import { keyOfMerchant } from '../../store/telling-endpoints.ts'
import {
  aboutCase, aboutTerminal, insertComplaint, lockComplaint, lockDueComplaint, providersOf, readComplaint, updateComplaint, type About, type Sealed, type StoredComplaint,
} from '../../store/telling-complaints.ts'
import type { App } from '../app.ts'
import { execute, type Asking, type Outcome, type Reply } from '../execute.ts'
import { notify } from '../notices.ts'

export type ComplaintTelling = { view: (stored: StoredComplaint) => Reply; refusal: (refusal: Refusal) => Reply }
export type Filed = {
  kind: ComplaintKind
  topic: ComplaintTopic
  words: string
  terminal?: string | undefined
  application?: string | undefined
  /** Where a merchant has several and names neither terminal nor case. */
  provider?: string | undefined
  onBehalfOf?: string | undefined
  channel?: Channel | undefined
  proof?: string | undefined
}
export type ComplaintAsking = Asking & { ifVersion?: number | undefined }

const settingOf = (app: App, provider: string, actor: Asking['actor'], now: number): ComplaintSetting =>
  ({ now, zone: app.zone, actor, calendar: app.calendar(), policy: app.policyAt(provider, now).policy })

/** K for 客诉; numbered per year like letters, but from blocks: a gap does not matter here. */
async function newNumber(app: App, provider: string, now: number, isTrial: boolean): Promise<string> {
  const year = dateOf(now, app.zone).slice(0, 4)
  const serial = isTrial ? 0 : await app.nextSerial(provider, 'complaint', `${year}-01-01`)
  return letterNumber(app.provider(provider).prefix, 'K', Number(year), serial)
}

export function complain(app: App, asking: Asking, filed: Filed, telling: ComplaintTelling): Promise<Reply> {
  const { actor } = asking
  return execute(app, asking, {
    command: 'file-complaint', input: filed, refusal: telling.refusal,
    lock: async () => undefined,
    async decide(tx, now) {
      const role = mayNot(actor, 'file-complaint')
      if (role) return role
      const about = await aboutOf(tx, asking, filed)
      if (isRefusal(about)) return about
      const onBehalf = actor.party.kind === 'provider'
      const channel = filed.channel ?? 'online'
      // A wish or a complaint by telephone needs no consent, but it must be known where it came from.
      const fault = onBehalf || channel !== 'online' ? proofFault({ channel, onBehalf, proof: filed.proof }) : undefined
      if (fault) return fault
      const no = await newNumber(app, about.provider, now, asking.dryRun === true)
      const wanted = { no, ...about, tid: filed.terminal, caseNo: filed.application, kind: filed.kind, topic: filed.topic, channel, onBehalf }
      const facts = fileComplaint(wanted, filed.words, settingOf(app, about.provider, actor, now))
      if (isRefusal(facts)) return facts
      const seal = await sealer(app, tx, about.mid, no)
      if (!seal) return refuse('material_disposed')
      return stored(app, tx, undefined, facts, { words: seal('words', filed.words), proof: filed.proof === undefined ? undefined : seal('proof', filed.proof) }, telling, now)
    },
  })
}

/** Whose and against whom: by its terminal, its case, or the parties themselves. */
async function aboutOf(tx: Tx, { actor }: Asking, filed: Filed): Promise<About | Refusal> {
  const ofTerminal = filed.terminal === undefined ? undefined : await aboutTerminal(tx, filed.terminal)
  if (filed.terminal !== undefined && !ofTerminal) return refuse('terminal_unknown', { tid: filed.terminal })
  const ofCase = filed.application === undefined ? undefined : await aboutCase(tx, filed.application)
  if (filed.application !== undefined && !ofCase) return refuse('not_found')
  if (ofTerminal && ofCase && (ofTerminal.mid !== ofCase.mid || ofTerminal.provider !== ofCase.provider)) return refuse('terminals_mixed')
  const mid = actor.party.kind === 'merchant' ? actor.party.id : (ofTerminal ?? ofCase)?.mid ?? filed.onBehalfOf
  if (mid === undefined) return refuseField('/onBehalfOf', 'merchant_needed')
  if (filed.onBehalfOf !== undefined && filed.onBehalfOf !== mid) return refuse('terminals_mixed')
  const known = (ofTerminal ?? ofCase)?.provider
  if (known !== undefined) return { provider: known, mid }
  const providers = await providersOf(tx, mid)
  const own = actor.party.kind === 'provider' ? actor.party.id : (filed.provider ?? (providers.length === 1 ? providers[0] : undefined))
  if (providers.length === 0) return refuse('not_found')
  if (own === undefined) return refuseField('/provider', 'provider_needed')
  return providers.includes(own) ? { provider: own, mid } : refuse('not_found')
}

type Part = keyof Sealed
async function sealer(app: App, tx: Tx, mid: string, no: string): Promise<((part: Part, text: string) => Buffer) | undefined> {
  const key = app.vault.openKey(await keyOfMerchant(tx, mid), mid)
  return key && ((part, text) => key.seal(text, `complaint.${part}:${no}`))
}

/** What somebody wrote, out of its envelope; null where there is none, or it was disposed of. */
export function openPart(app: App, { complaint: c, sealed, wrappedKey }: StoredComplaint, part: Part): string | null {
  const bytes = sealed[part]
  return bytes === undefined ? null : (app.vault.openKey(wrappedKey, c.mid)?.open(bytes, `complaint.${part}:${c.no}`).toString() ?? null)
}

async function stored(
  app: App, tx: Tx, before: Complaint | undefined, facts: readonly ComplaintFact[], sealed: Sealed, telling: Pick<ComplaintTelling, 'view'>, now: number,
): Promise<Outcome> {
  const after = facts.reduce((c, fact) => evolveComplaint(c, fact), before as Complaint)
  await (before ? updateComplaint(tx, after, sealed) : insertComplaint(tx, after, sealed))
  for (const fact of facts)
    for (const n of complaintNotices(fact, after, { zone: app.zone, hotline: app.provider(after.provider).hotline }))
      await notify(tx, { kind: n.kind, provider: after.provider, mid: after.mid, audience: n.to, tid: n.tid, words: n.words, at: now })
  // The clock must look when it is due; whoever commits next says so.
  if (after.dueAt !== undefined) app.stirred(after.dueAt)
  return {
    changes: undefined, before: undefined, facts, caseNo: after.caseNo, tids: after.tid === undefined ? [] : [after.tid], provider: after.provider, mid: after.mid,
    reply: telling.view((await readComplaint(tx, after.no))!),
  }
}

const rights: Readonly<Record<Exclude<ComplaintCommand['command'], 'tick'>, Right>> = {
  assign: 'assign-complaint', answer: 'answer-complaint', close: 'close-complaint', reopen: 'reopen-complaint',
}

export function commandComplaint(app: App, asking: ComplaintAsking, no: string, command: Exclude<ComplaintCommand, { command: 'tick' }>, telling: ComplaintTelling): Promise<Reply> {
  return execute(app, asking, {
    command: rights[command.command], input: { no, ...command }, refusal: telling.refusal,
    lock: async (tx) => mayNot(asking.actor, rights[command.command]) ?? ((await lockComplaint(tx, no)) ? undefined : refuse('not_found')),
    async decide(tx, now) {
      const { complaint, version } = (await readComplaint(tx, no))!
      if (asking.ifVersion !== undefined && asking.ifVersion !== version) return refuse('version_stale')
      const facts = decideComplaint(complaint, command, settingOf(app, complaint.provider, asking.actor, now))
      if (isRefusal(facts)) return facts
      const text = 'words' in command ? command.words : undefined
      const seal = text === undefined ? undefined : await sealer(app, tx, complaint.mid, no)
      if (text !== undefined && !seal) return refuse('material_disposed')
      const sealed: Sealed = text === undefined ? {} : command.command === 'answer' ? { answer: seal!('answer', text) } : { remark: seal!('remark', text) }
      return stored(app, tx, complaint, facts, sealed, telling, now)
    },
  })
}

/** What time brings about; false where there was nothing left to do. */
export async function tickComplaint(app: App, no: string): Promise<boolean> {
  let isMoved = false
  await execute(app, { actor: systemActor }, {
    command: 'tick', input: { complaint: no }, quiet: true,
    refusal: () => ({ status: 409, body: '', headers: {} }),
    lock: async (tx) => ((await lockDueComplaint(tx, no, app.clock.now())) ? undefined : refuse('not_found')),
    async decide(tx, now) {
      const { complaint } = (await readComplaint(tx, no))!
      const facts = decideComplaint(complaint, { command: 'tick' }, settingOf(app, complaint.provider, systemActor, now))
      if (isRefusal(facts)) return facts
      isMoved = facts.length > 0
      return stored(app, tx, complaint, facts, {}, { view: () => ({ status: 204, body: '', headers: {} }) }, now)
    },
  })
  return isMoved
}
