// The provider's stop on paper: a numbered, signed notice that says what the hold, the portal and the terminal say. Made when
// somebody asks for it, once per hold – a fleet is stopped without a page being printed.
import { randomBytes } from 'node:crypto'
import { mayNot } from '../../domain/authority.ts'
import { openCount, openFen } from '../../domain/application/findings.ts'
import { dateOf } from '../../domain/calendar.ts'
import { demandOf, demandWords } from '../../domain/care-demands.ts'
import { when } from '../../domain/effects.ts'
import { letterNumber } from '../../domain/number.ts'
import { refuse } from '../../domain/refusals.ts'
import { reasons } from '../../domain/vocabulary.ts'
import { letterFactsSchema } from '../../documents/letter.ts'
import { newVerificationCode } from '../../documents/verification-code.ts'
import { instantParam } from '../../store/db.ts'
import { openTicketsOf } from '../../store/care-tickets.ts'
import type { App } from '../app.ts'
import type { Asking, Reply } from '../execute.ts'
import { onRegister } from '../letter-facts.ts'
import { letterOfKind, nextLetterSerial } from '../settle.ts'
import { onCare, type CareAt, type CareTelling } from './door.ts'

export type HoldLetter = { no: string; code: string; issuedAt: number }

export const letterOfHold = (app: App, asking: Asking, hold: string, telling: CareTelling<HoldLetter>): Promise<Reply> => onCare(app, asking, {
  command: 'issue-hold-notice', input: { hold }, tid: async (tx) => (await tx.one<{ tid: string }>('select tid from hold where id = $1', [hold]))?.tid,
  async decide(care) {
    const refusal = mayNot(asking.actor, 'read')
    if (refusal) return refusal
    const held = care.terminal.holds.find((h) => h.id === hold)!
    if (held.owner === 'merchant') return refuse('hold_by_case')
    const stored = await care.tx.one<{ no: string; code: string; issued_at: number }>('select no, code, issued_at from letter where hold = $1', [hold])
    if (stored) return { facts: [], value: () => ({ no: stored.no, code: stored.code, issuedAt: stored.issued_at }) }
    if (held.withdrawnAt !== undefined || held.liftedAt !== undefined) return refuse('hold_lifted')
    return issue(care, held)
  },
}, telling)

async function issue(care: CareAt, held: CareAt['terminal']['holds'][number]) {
  const { app, tx, now, stored, setting, before } = care
  const provider = app.provider(stored.provider)
  const ticket = (await openTicketsOf(tx, [stored.tid])).find((t) => t.ticket.hold === held.id)?.ticket
  const demand = demandOf(held, setting.policy, setting.calendar, app.zone, ticket?.dueAt)
  const words = demand && demandWords(demand, (at) => [when(at, app.zone), when(at, app.zone)])
  const known = (await onRegister(tx, [stored.tid])).get(stored.tid)
  const year = dateOf(now, app.zone).slice(0, 4)
  const no = letterNumber(provider.prefix, letterOfKind.hold_notice, Number(year), await nextLetterSerial(tx, provider.id, `${year}-01-01`))
  const code = newVerificationCode(randomBytes(16))
  const facts = letterFactsSchema.parse({
    no, kind: 'hold_notice', code, issuedAt: now, provider: { name: provider.name, hotline: provider.hotline, ...(provider.licenceNo ? { licenceNo: provider.licenceNo } : {}) },
    merchant: { name: before.merchant!.name, mid: stored.mid },
    terminals: [{
      tid: stored.tid, storeName: known?.store ?? '-', model: known?.model ?? '-', serial: known?.serial ?? '-', effectiveFrom: held.effectiveFrom,
      ...(stored.hostBlockedAt === undefined ? {} : { hostBlockedAt: stored.hostBlockedAt }), ...(held.expectedUntil === undefined ? {} : { expectedUntil: held.expectedUntil }),
      openItems: openCount([stored]), openAmount_fen: openFen([stored]),
    }],
    reason: { code: held.reason, zh: reasons[held.reason][0], en: reasons[held.reason][1] }, ...(words ? { demand: { zh: words[0], en: words[1] } } : {}),
    policyVersion: `${stored.provider}/${setting.policyVersion}`, decidedBy: { zh: provider.name, en: provider.nameEn }, schedule: [], verifyUrl: `${app.publicUrl}/verify/${code}`,
  })
  await tx.run(
    `insert into letter (no, kind, code, case_no, provider, mid, state, facts, issued_at, hold) values ($1, 'hold_notice', $2, null, $3, $4, 'valid', $5, $6, $7)`,
    [no, code, stored.provider, stored.mid, JSON.stringify(facts), instantParam(now), held.id],
  )
  return { facts: [{ fact: 'letter_issued', terminal: stored.tid, letter: no, kind: 'hold_notice', hold: held.id, at: now }], value: (): HoldLetter => ({ no, code, issuedAt: now }) }
}
