// When what a merchant left may be disposed of, and the way there: proposed by one person, confirmed by another, then its key
// is destroyed and what was never under the key is removed. It goes as a whole, when the last paper that hangs on the key has
// been kept for its time (retention.ts); invoices, ledgers and the journal hang on none and stay, as numbers and digests.
// Nothing may hurry it: a legal hold, an open terminal, money either way, a deposit, a chargeback to come each refuse it.
import type { CarePolicy } from './care-policy.ts'
import { addMonths, dateOf, instantOf } from './calendar.ts'
import { refuse, type Refusal } from './refusals.ts'
import { keptUntil, yearsKept } from './retention.ts'
import { disposalStates, paperKinds, type DisposalState, type PaperKind, type Words } from './vocabulary.ts'

/** What is known of a merchant over all its providers; counts only. */
export type Standing = {
  mid: string
  disposedAt: number | undefined
  registeredAt: number
  terminalsOpen: number
  lastClosedAt: number | undefined
  lastTransactionAt: number | undefined
  chargebackUntil: number | undefined
  /** Cases, tickets and complaints that are not ended. */
  casesOpen: number
  /** Accounts with a balance either way. */
  balancesOpen: number
  depositsHeld: number
  legalHolds: number
}

/** Kept as numbers, whatever becomes of the key: accounts and the proof of what was done. */
export const notUnderKey = ['invoice', 'journal'] as const satisfies PaperKind[]

export type Kept = { kind: PaperKind; until: string }
export type Eligibility = { kept: Kept[]; dueOn: string; refusal: Refusal | undefined }
export type Asked = {
  now: number
  zone: string
  /** What the policies of its providers ask beyond the law. */
  longer: readonly Pick<CarePolicy, 'retentionYears'>[]
}

const openWords = (s: Standing, now: number): Words | undefined => {
  const open: Words[] = [
    ...(s.terminalsOpen > 0 ? [[`还有 ${s.terminalsOpen} 台终端未注销`, `${s.terminalsOpen} terminal(s) are not closed`] as const] : []),
    ...(s.casesOpen > 0 ? [[`还有 ${s.casesOpen} 件未办结`, `${s.casesOpen} case(s) are open`] as const] : []),
    ...(s.balancesOpen > 0 ? [['账户余额不为零', 'an account is not balanced'] as const] : []),
    ...(s.depositsHeld > 0 ? [[`还有 ${s.depositsHeld} 笔押金未退`, `${s.depositsHeld} deposit(s) are held`] as const] : []),
    ...((s.chargebackUntil ?? 0) > now ? [['拒付追溯期未过', 'chargebacks may still come in'] as const] : []),
  ]
  return open.length === 0 ? undefined : [open.map((w) => w[0]).join('、'), open.map((w) => w[1]).join(', ')]
}

/** Until when each kind of paper is kept. Nothing of a merchant was made after its last closing, so its years count from then. */
export function keptOf(s: Standing, { zone, longer }: Pick<Asked, 'zone' | 'longer'>): Kept[] {
  const ended = s.lastClosedAt ?? s.registeredAt
  const last = (kind: PaperKind): number => (kind === 'transaction_records' ? Math.max(s.lastTransactionAt ?? 0, 0) || ended : ended)
  return (Object.keys(paperKinds) as PaperKind[]).filter((kind) => !(notUnderKey as readonly PaperKind[]).includes(kind)).map((kind) => {
    const ends = [undefined, ...longer].map((care) => keptUntil(kind, last(kind), zone, care)!)
    return { kind, until: dateOf(Math.max(...ends), zone) }
  })
}

/** Whether it may be disposed of now; if not, the gravest reason, and in any case what is kept until when. */
export function eligibilityOf(s: Standing, asked: Asked): Eligibility {
  const kept = keptOf(s, asked)
  const dueOn = kept.map((k) => k.until).toSorted().at(-1)!
  const open = openWords(s, asked.now)
  const refusal = s.disposedAt !== undefined ? refuse('disposed_already', { mid: s.mid })
    : s.legalHolds > 0 ? refuse('disposal_held')
    : open !== undefined ? refuse('disposal_open', { what: open })
    // Kept to the end of that day.
    : dateOf(asked.now, asked.zone) <= dueOn ? refuse('disposal_too_early', { until: dueOn })
    : undefined
  return { kept, dueOn, refusal }
}

export type DisposalCommand = 'confirm' | 'withdraw'
export const disposalMachine: Readonly<Record<DisposalCommand | 'clear', readonly DisposalState[]>> = {
  confirm: ['proposed'],
  withdraw: ['proposed'],
  // What is destroyed is destroyed: from here there is only forward.
  clear: ['confirmed'],
}
const commandWords: Readonly<Record<DisposalCommand, Words>> = { confirm: ['确认', 'confirm'], withdraw: ['撤回', 'withdraw'] }

/** Who may take the next step of a disposal, besides having the right at all. */
export function refusedStep(d: { state: DisposalState; proposedBy: string }, command: DisposalCommand, person: string): Refusal | undefined {
  if (!disposalMachine[command].includes(d.state))
    return refuse('disposal_not_in_this_state', { state: disposalStates[d.state], command: commandWords[command] })
  return command === 'confirm' && d.proposedBy === person ? refuse('disposal_second_person') : undefined
}

/** Before this instant a merchant must have ended for anything of it to be due; what is younger need not be looked at. */
export const endedBefore = (now: number, zone: string): number => {
  const years_min = Math.max(...(Object.keys(paperKinds) as PaperKind[]).filter((k) => !(notUnderKey as readonly PaperKind[]).includes(k)).map((k) => yearsKept(k)))
  return instantOf(addMonths(dateOf(now, zone), -12 * years_min), '00:00', zone)
}
