// Whether a merchant's data may be disposed of, asked over all its providers. A provider is told of its own what is open, and
// of another's only that something is.
import { eligibilityOf, type Eligibility } from '../../domain/disposal.ts'
import { refuse } from '../../domain/refusals.ts'
import { seeAll, standingOf } from '../../store/disposal.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'

export type MerchantEligibility = Eligibility & { mid: string; lastProvider: string }

/** Undefined where the merchant is not the looker's. Widens the transaction: nothing of a party is read after it. */
export async function eligibleIn(app: App, tx: Tx, mid: string, now: number): Promise<MerchantEligibility | undefined> {
  const own = await standingOf(tx, mid)
  if (own === undefined) return undefined
  await seeAll(tx)
  const all = (await standingOf(tx, mid))!
  const known = app.providers().map((p) => p.id)
  const longer = all.providers.filter((p) => known.includes(p)).map((p) => app.policyAt(p, now).policy.care)
  const asked = { now, zone: app.zone, longer }
  const { kept, dueOn, refusal } = eligibilityOf(all, asked)
  const isElsewhere = refusal?.refused === 'disposal_open' && eligibilityOf(own, asked).refusal?.refused !== 'disposal_open'
  return {
    mid, lastProvider: all.lastProvider, kept, dueOn,
    refusal: isElsewhere ? refuse('disposal_open', { what: ['在其他机构还有未了事项', 'something is open with another provider'] }) : refusal,
  }
}
