// Commands about a case: filed, and whatever is done to it afterwards. Each is one Work for the pipeline.
import type { Case } from '../domain/application/case.ts'
import { decide, openCase, type CaseCommand, type Decision, type NewCase } from '../domain/application/decide.ts'
import { nextCaseDue } from '../domain/application/advance.ts'
import type { Setting, Sheet } from '../domain/application/unfold.ts'
import { systemActor } from '../domain/authority.ts'
import { dateOf } from '../domain/calendar.ts'
import { caseNumber } from '../domain/number.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../domain/refusals.ts'
import { isEnded, type ApplicationKind, type Channel, type ProofKind, type Reason, type Role } from '../domain/vocabulary.ts'
import { lockCase, lockTerminals, readDossier, type Changes, type Dossier, type NewMaterial } from '../store/dossier.ts'
import { instantParam, type Tx } from '../store/db.ts'
import { reserveNumbers, stockDevice } from '../store/stock.ts'
import type { App } from './app.ts'
import { execute, type Asking, type Outcome, type Reply } from './execute.ts'
import { settingOf, settle } from './settle.ts'

/** What a view of the outcome is made from. */
export type After = { dossier: Dossier; setting: Setting; app: App; words?: string | undefined }
export type Telling = { view: (after: After) => Reply; refusal: (refusal: Refusal) => Reply }

export type Filing = {
  kind: ApplicationKind
  terminals: readonly string[]
  reason?: Reason | undefined
  effectiveFrom?: number | undefined
  expectedUntil?: number | undefined
  words?: string | undefined
  channel?: Channel | undefined
  /** The merchant an agent files for. */
  onBehalfOf?: string | undefined
  proof?: string | undefined
  proofKind?: ProofKind | undefined
  submit?: boolean | undefined
  /** Of an appeal: the hold it is against. */
  hold?: string | undefined
}

/** Files a case, and submits it in the same breath where asked to. */
export function fileCase(app: App, asking: Asking, filing: Filing, telling: Telling): Promise<Reply> {
  const tids = [...new Set(filing.terminals)].toSorted()
  let locked: string[] = []
  return execute(app, asking, {
    command: 'file',
    input: filing,
    refusal: telling.refusal,
    async lock(tx) {
      locked = await lockTerminals(tx, tids)
      const missing = tids.find((t) => !locked.includes(t))
      return missing === undefined ? undefined : refuse('terminal_unknown', { tid: missing })
    },
    async decide(tx, now) {
      const before = await readDossier(tx, undefined, locked, { account: true })
      const { provider, mid } = before.terminals[0]!
      if (before.terminals.some((t) => t.provider !== provider || t.mid !== mid)) return refuse('terminals_mixed')
      const onBehalf = asking.actor.party.kind === 'provider'
      if (filing.onBehalfOf !== undefined && filing.onBehalfOf !== mid) return refuse('terminals_mixed')
      const setting = settingOf(app, before, asking.actor, now)
      const day = dateOf(now, app.zone)
      const stops = filing.kind === 'suspend' || filing.kind === 'close' || filing.kind === 'replace'
      const { holds } = before.terminals[0]!
      // An appeal speaks of the reason of its hold, a reopening of that of the stop it ends.
      const reason = filing.kind === 'appeal' ? holds.find((h) => h.id === filing.hold)?.reason
        : filing.reason ?? (filing.kind === 'close' || filing.kind === 'replace' ? undefined : holds.findLast((h) => h.owner === 'merchant')?.reason)
      if (reason === undefined && filing.kind === 'appeal') return refuseField('/hold', 'not_found')
      if (reason === undefined)
        return stops ? refuseField('/reason', 'reason_not_yours', { reason: '' }) : refuse('nothing_to_lift', { tid: before.terminals[0]!.tid })
      // A trial takes no number: 00000 stands for the one it would get.
      const serial = asking.dryRun ? 0 : await app.nextSerial(provider, 'case', day)
      const wanted: NewCase = {
        no: caseNumber(app.provider(provider).prefix, day, serial), kind: filing.kind, provider, merchant: mid, reason,
        words: filing.words, channel: filing.channel ?? 'online', proof: filing.proof, proofKind: filing.proofKind, onBehalf,
        effectiveFrom: filing.effectiveFrom, expectedUntil: filing.expectedUntil, hold: filing.kind === 'appeal' ? filing.hold : undefined,
      }
      const opened = openCase(wanted, setting)
      if (isRefusal(opened)) return opened
      const sheet = filing.submit ? submitted(opened.sheet, setting) : opened.sheet
      if (isRefusal(sheet)) return sheet
      return outcome(app, tx, before, sheet, telling, sealedWords(app, before, wanted))
    },
  })
}

export function submitted(opened: Sheet, setting: Setting): Sheet | Refusal {
  const decision = decide(opened.case, { command: 'submit' }, setting)
  if (isRefusal(decision)) return decision
  return { ...decision.sheet, facts: [...opened.facts, ...decision.facts] }
}

/** What the applicant wrote, sealed under the merchant's key; a merchant whose key was destroyed can file nothing new. */
export function sealedWords(app: App, before: Dossier, wanted: Pick<NewCase, 'no' | 'words' | 'proof' | 'merchant'>): { words?: Buffer | undefined; proof?: Buffer | undefined } {
  if (wanted.words === undefined && wanted.proof === undefined) return {}
  const key = app.vault.openKey(before.merchant?.wrappedKey, wanted.merchant)
  return {
    words: wanted.words === undefined ? undefined : key?.seal(wanted.words, `application.words:${wanted.no}`),
    proof: wanted.proof === undefined ? undefined : key?.seal(wanted.proof, `application.proof:${wanted.no}`),
  }
}

export async function outcome(
  app: App, tx: Tx, before: Dossier, sheet: Sheet, telling: Telling, sealed: { words?: Buffer | undefined; proof?: Buffer | undefined } = {},
  more: Partial<Changes> = {},
): Promise<Outcome> {
  const { changes, after } = await settle(app, tx, before, sheet, sealed)
  return {
    changes: { ...changes, ...more }, before, facts: sheet.facts, caseNo: sheet.case.no, tids: sheet.case.terminals.map((t) => t.tid),
    provider: sheet.case.provider, mid: sheet.case.merchant, reply: telling.view({ dossier: after, setting: sheet.setting, app }),
  }
}

export type CaseAsking = Asking & {
  /** Version the asker saw (If-Match); a newer one refuses. */
  ifVersion?: number | undefined
}

/** Carries one command to a case. `material` travels with add-material: what the store keeps beside the decision. */
export function commandCase(
  app: App, asking: CaseAsking, no: string, command: CaseCommand, telling: Telling, material?: Omit<NewMaterial, 'no'>,
): Promise<Reply> {
  let tids: string[] | undefined
  return execute(app, asking, {
    command: command.command,
    input: { no, ...command },
    refusal: telling.refusal,
    async lock(tx) {
      tids = await lockCase(tx, no)
      return tids === undefined ? refuse('not_found') : undefined
    },
    async decide(tx, now) {
      const before = await readDossier(tx, no, tids!)
      const stored = before.case!
      if (asking.ifVersion !== undefined && asking.ifVersion !== stored.version) return refuse('version_stale')
      const setting = { ...settingOf(app, before, asking.actor, now), ...(command.command === 'bind-device' && { device: await stockDevice(tx, command.serial) }) }
      const decision = await numbered(tx, stored.case, await known(tx, command, stored.case.provider), setting)
      if (isRefusal(decision)) return decision
      return outcome(app, tx, before, decision.sheet, telling, {}, material ? { materials: [{ ...material, no }] } : {})
    },
  })
}

/** Where a decision gives out new terminals they get their numbers: counted on only when it is not refused. */
async function numbered(tx: Tx, c: Case, command: CaseCommand, setting: Setting): Promise<Decision | Refusal> {
  const decision = decide(c, command, setting)
  const wanted = isRefusal(decision) ? 0 : decision.facts.filter((f) => f.fact === 'reserved').length
  if (wanted === 0) return decision
  return decide(c, command, { ...setting, numbers: await reserveNumbers(tx, c.provider, setting.policy.installation.tidLead, wanted) })
}

/** Whom a case is handed to: the person behind a name or login, and what that person may do at the provider. */
async function known(tx: Tx, command: CaseCommand, provider: string): Promise<CaseCommand> {
  if (command.command !== 'assign') return command
  const found = await tx.many<{ person: string; role: Role }>(
    `select distinct person, role from account where party_kind = 'provider' and party_id = $1 and disabled_at is null and (person = $2 or login = $2)`, [provider, command.to],
  )
  return { ...command, to: found[0]?.person ?? command.to, roles: found.map((f) => f.role) }
}

const silent: Telling = {
  view: () => ({ status: 204, body: '', headers: {} }),
  refusal: () => ({ status: 409, body: '', headers: {} }),
}

/**
 * What time brings about in a case. Taken by compare-and-set: the row is locked and looked at again, so that two programs
 * that both saw it due do it once. Returns false where there was nothing left to do, or it waits for a gate.
 */
export async function tickCase(app: App, no: string): Promise<boolean> {
  let progressed = false
  let tids: string[] | undefined
  await execute(app, { actor: systemActor }, {
    command: 'tick',
    input: { no },
    refusal: silent.refusal,
    quiet: true,
    async lock(tx) {
      const due = await tx.one('select no from application where no = $1 and due_at <= $2 for update skip locked', [no, instantParam(app.clock.now())])
      if (!due) return refuse('not_found')
      tids = await lockCase(tx, no)
      return tids === undefined ? refuse('not_found') : undefined
    },
    async decide(tx, now) {
      const before = await readDossier(tx, no, tids!)
      const stored = before.case!
      if (isEnded(stored.case.state)) return refuse('not_found')
      const decision = decide(stored.case, { command: 'tick' }, settingOf(app, before, systemActor, now))
      if (isRefusal(decision)) return decision
      progressed = decision.facts.length > 0
      if (!progressed) {
        // Looked at for nothing – its own date moved, or it waits for a gate: only the date is put right.
        await tx.run('update application set due_at = $2 where no = $1', [no, instantParam(nextCaseDue(decision.sheet))])
        return { changes: undefined, before, facts: [], tids: [], provider: undefined, mid: undefined, reply: silent.view({} as After) }
      }
      return outcome(app, tx, before, decision.sheet, silent)
    },
  })
  return progressed
}
