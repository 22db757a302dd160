// A fee that is not asked for. Up to the policy's limit one person may write it off; above it a second person confirms, and
// until then nothing is posted.
import { randomUUID } from 'node:crypto'
import { entryOf, type Entry } from '../../domain/ledger.ts'
import { formatYuan, type Fen } from '../../domain/money.ts'
import { refuse, refuseField } from '../../domain/refusals.ts'
import { instantParam } from '../../store/db.ts'
import type { App } from '../app.ts'
import { scopeOf, type Asking, type Reply } from '../execute.ts'
import { onAccount, type AccountTelling } from './account.ts'

/** What one person may waive where the policy says nothing: ¥100. */
const waiver_alone_fen_max = 10_000

export type Waiver = {
  id: string; provider: string; mid: string; caseNo: string | undefined; amountFen: Fen; words: string; proposedBy: string; proposedAt: number
  confirmedBy: string | undefined; confirmedAt: number | undefined; isPosted: boolean
}
type Row = {
  id: string; provider: string; mid: string; case_no: string | null; amount_fen: number; words: string; proposed_by: string; proposed_at: number
  confirmed_by: string | null; confirmed_at: number | null; entry: string | null
}
export const waiverFrom = (r: Row): Waiver => ({
  id: r.id, provider: r.provider, mid: r.mid, caseNo: r.case_no ?? undefined, amountFen: r.amount_fen, words: r.words, proposedBy: r.proposed_by, proposedAt: r.proposed_at,
  confirmedBy: r.confirmed_by ?? undefined, confirmedAt: r.confirmed_at ?? undefined, isPosted: r.entry !== null,
})

const entryFor = (w: Pick<Waiver, 'id' | 'provider' | 'mid' | 'caseNo' | 'amountFen'>, at: number): Entry => entryOf(
  { id: `waiver/${w.id}`, kind: 'waiver', provider: w.provider, mid: w.mid, caseNo: w.caseNo, at, words: ['费用减免', 'a fee is waived'] },
  [{ debit: 'written_off', credit: 'receivable', fen: w.amountFen }],
)

export type WaiverAsked = { amountFen: Fen; words: string; caseNo?: string | undefined; provider?: string | undefined }

export const waiveFee = (app: App, asking: Asking, mid: string, asked: WaiverAsked, telling: AccountTelling<Waiver>): Promise<Reply> =>
  onAccount(app, asking, {
    mid, provider: asked.provider, right: 'waive-fee', command: 'waive-fee', input: { mid, ...asked },
    async decide({ tx, now, provider, policy, standing }) {
      const { amountFen, words, caseNo } = asked
      if (!words) return refuseField('/words', 'words_required')
      if (caseNo !== undefined && !(await tx.one('select from application where no = $1 and mid = $2 and provider = $3', [caseNo, mid, provider])))
        return refuseField('/application', 'not_found')
      const { owedFen } = await standing()
      if (amountFen > owedFen) return refuseField('/amount', 'more_than_owed', { amount: `¥${formatYuan(owedFen)}` })
      const alone = amountFen <= (policy.fees.waiverAloneMaxFen ?? waiver_alone_fen_max)
      const by = asking.actor.person
      const waiver: Waiver = { id: randomUUID(), provider, mid, caseNo, amountFen, words, proposedBy: by, proposedAt: now, confirmedBy: undefined, confirmedAt: undefined, isPosted: alone }
      const entries = alone ? [entryFor(waiver, now)] : []
      await tx.run(
        'insert into waiver (id, provider, mid, case_no, amount_fen, words, proposed_by, proposed_at, entry) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
        [waiver.id, provider, mid, caseNo ?? null, amountFen, words, by, instantParam(now), entries[0]?.id ?? null],
      )
      return { value: waiver, entries, caseNo, facts: [{ fact: alone ? 'fee_waived' : 'fee_waiver_proposed', waiver: waiver.id, amountFen, at: now, words }] }
    },
  }, telling)

export async function confirmWaiver(app: App, asking: Asking, id: string, telling: AccountTelling<Waiver>): Promise<Reply> {
  const found = await app.db.transaction(scopeOf(asking.actor), (tx) => tx.one<Row>('select * from waiver where id = $1', [id]), { readOnly: true })
  return onAccount(app, asking, {
    mid: found?.mid ?? '', provider: found?.provider, right: 'waive-fee', command: 'confirm-waiver', input: { waiver: id },
    async decide({ tx, now, standing }) {
      const waiver = waiverFrom((await tx.one<Row>('select * from waiver where id = $1', [id]))!)
      if (waiver.isPosted) return refuse('waiver_settled')
      if (waiver.proposedBy === asking.actor.person) return refuse('second_person')
      const { owedFen } = await standing()
      if (waiver.amountFen > owedFen) return refuse('more_than_owed', { amount: `¥${formatYuan(owedFen)}` })
      const entry = entryFor(waiver, now)
      await tx.run('update waiver set confirmed_by = $2, confirmed_at = $3, entry = $4 where id = $1', [id, asking.actor.person, instantParam(now), entry.id])
      return {
        value: { ...waiver, confirmedBy: asking.actor.person, confirmedAt: now, isPosted: true }, entries: [entry], caseNo: waiver.caseNo,
        facts: [{ fact: 'fee_waived', waiver: id, amountFen: waiver.amountFen, at: now }],
      }
    },
  }, telling)
}
