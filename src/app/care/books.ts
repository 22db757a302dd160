// Holds that end by what the ledger says: unpaid fees (A01), a debit that came back (A02), a balance too short (A04). The books
// say themselves when they moved under such a hold; where the account is good then, the hold is given free – by that fact and
// nobody's hand –, the device is tested, and the terminal opens.
import { systemActor } from '../../domain/authority.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { clearHold, isInEffect } from '../../domain/terminal.ts'
import { reasons } from '../../domain/vocabulary.ts'
import { accountLooked, accountsMoved, holdsForMoney } from '../../store/care-duties.ts'
import { balanceOf } from '../../store/ledger.ts'
import type { App } from '../app.ts'
import { noticeAt, onCare } from './door.ts'
import { nothing } from './duties.ts'
import { missingFen } from './lift.ts'

const accounts_batch_max = 200

/** Accounts that moved are looked at, a batch at a time; how many. */
export async function lookAtAccounts(app: App): Promise<number> {
  const moved = await app.db.transaction('*', (tx) => accountsMoved(tx, accounts_batch_max), { readOnly: true })
  let looked = 0
  for (const { provider, mid, through } of moved) {
    try {
      const holds = await app.db.transaction('*', (tx) => holdsForMoney(tx, provider, mid), { readOnly: true })
      for (const { id, tid } of holds) await endByFact(app, tid, id)
      looked += await app.db.transaction('*', (tx) => accountLooked(tx, provider, mid, through))
    } catch (error) {
      app.log.error({ provider, mid, error: (error as Error).message }, 'could not look at an account')
    }
  }
  return looked
}

const endByFact = (app: App, tid: string, id: string): Promise<unknown> => onCare(app, { actor: systemActor }, {
  command: 'account-good', input: { tid, hold: id }, quiet: true, tid: async () => tid,
  async decide(care) {
    const { tx, now, terminal, party, setting } = care
    const none = { facts: [], value: () => undefined }
    const hold = terminal.holds.find((h) => h.id === id)
    // One that is still to come is its desk's business: it may be withdrawn.
    if (hold === undefined || !isInEffect(hold, now)) return none
    const balanceFen = await balanceOf(tx, party.mid, party.provider)
    if (missingFen(hold.reason, balanceFen, setting.policy) > 0) return none
    const cleared = clearHold(terminal, id, 'system', now)
    if (isRefusal(cleared)) return none
    const [zh, en] = reasons[hold.reason]
    const isTest = hold.effect === 'stop' && !cleared.some((f) => f.fact === 'hold_lifted')
    return {
      terminalFacts: cleared, facts: [{ fact: 'account_good', terminal: tid, hold: id, at: now, balanceFen }], value: () => undefined,
      notices: [
        noticeAt(care, 'account_good', 'merchant', [`账款已结清，终端 ${tid} 的停用项 ${hold.reason}（${zh}）自动解除${isTest ? '，测试通过后恢复' : ''}。`, `The account is settled: hold ${hold.reason} (${en}) on terminal ${tid} ends by itself${isTest ? '; it opens once its test has passed' : ''}.`]),
        ...(isTest ? [noticeAt(care, 'account_good', 'provider', [`终端 ${tid} 账款已结清，请安排测试。`, `Terminal ${tid}: the account is settled; please test it.`])] : []),
      ],
    }
  },
}, nothing)
