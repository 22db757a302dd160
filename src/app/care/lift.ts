// What a desk may give free by hand: not what the books decide, and not a breach whose rectification is still being judged.
import type { Setting } from '../../domain/application/unfold.ts'
import { formatYuan } from '../../domain/money.ts'
import type { Policy } from '../../domain/policy.ts'
import { refuse, type Refusal } from '../../domain/refusals.ts'
import { mayGiveFree, ticketKindOf } from '../../domain/ticket.ts'
import type { Reason } from '../../domain/vocabulary.ts'
import { openTicketsOf } from '../../store/care-tickets.ts'
import type { Tx } from '../../store/db.ts'
import { balanceOf } from '../../store/ledger.ts'

/** Holds that end by what the ledger says. */
const byTheBooks: readonly Reason[] = ['A01', 'A02', 'A04']
export const isByTheBooks = (reason: Reason): boolean => byTheBooks.includes(reason)

/** What is missing on the account before such a hold ends; 0 where it is good. */
export const missingFen = (reason: Reason, balanceFen: number, policy: Policy): number =>
  Math.max(0, balanceFen + (reason === 'A04' ? policy.care.topUpFen : 0))

export async function mayLift(tx: Tx, setting: Setting, holdId: string): Promise<Refusal | undefined> {
  const terminal = setting.terminals.find((t) => t.holds.some((h) => h.id === holdId))
  const hold = terminal?.holds.find((h) => h.id === holdId)
  // What has not begun is withdrawn: nothing was to be put right yet.
  if (terminal === undefined || hold === undefined || hold.effectiveFrom > setting.now) return undefined
  if (isByTheBooks(hold.reason)) {
    const row = (await tx.one<{ mid: string; provider: string }>('select mid, provider from terminal where tid = $1', [terminal.tid]))!
    const missing = missingFen(hold.reason, await balanceOf(tx, row.mid, row.provider), setting.policy)
    return missing > 0 ? refuse('account_not_good', { amount: `¥${formatYuan(missing)}` }) : undefined
  }
  if (ticketKindOf(hold.reason) !== 'violation') return undefined
  const ticket = (await openTicketsOf(tx, [terminal.tid])).find((t) => t.ticket.hold === holdId)?.ticket
  return mayGiveFree(ticket, setting.policy.care.violations.demandFirst)
}
