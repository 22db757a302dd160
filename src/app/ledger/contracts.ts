// Contracts written and read, with what they mean together with the policy; and what others read out of them.
import type { Actor } from '../../domain/authority.ts'
import { addMonths, dateOf, instantOf } from '../../domain/calendar.ts'
import { scheduleOf, termsOn, type Contract, type Rate, type Schedule, type Terms } from '../../domain/contract.ts'
import { refuseField } from '../../domain/refusals.ts'
import { addContract, readContracts, readContractsOf, readProvidersOf, type StoredContract } from '../../store/contracts.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { scopeOf, type Asking, type Reply } from '../execute.ts'
import { onAccount, type AccountTelling } from './account.ts'

export type Agreed = { provider: string; mid: string; versions: readonly StoredContract[]; terms: Terms; policyVersion: number }

const agreedFrom = (app: App, provider: string, mid: string, versions: readonly StoredContract[], at: number): Agreed => {
  const { policy, version } = app.policyAt(provider, at)
  return { provider, mid, versions, policyVersion: version, terms: termsOn(scheduleOf([{ from: '', fees: policy.fees }], versions), dateOf(at, app.zone)) }
}

/** What a merchant agreed with each provider the asker sees; undefined where the merchant is not theirs. */
export const agreedWith = (app: App, actor: Actor, mid: string, provider?: string): Promise<Agreed[] | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const providers = (await readProvidersOf(tx, mid)).filter((p) => provider === undefined || p === provider)
    if (providers.length === 0) return undefined
    const all = await readContracts(tx, mid)
    return providers.map((p) => agreedFrom(app, p, mid, all.filter((c) => c.provider === p), app.clock.now()))
  }, { readOnly: true })

export type ContractAsked = { provider?: string | undefined; effectiveFrom: string; contract: Contract }

/** Writes the next version. One that counts from the past puts past charges right with the next run. */
export const putContract = (app: App, asking: Asking, mid: string, asked: ContractAsked, telling: AccountTelling<Agreed>): Promise<Reply> =>
  onAccount(app, asking, {
    mid, provider: asked.provider, right: 'write-contract', command: 'put-contract', input: { mid, ...asked },
    async decide({ tx, now, provider }) {
      const { contract, effectiveFrom } = asked
      if (effectiveFrom < contract.from) return refuseField('/effectiveFrom', 'until_before_from')
      const version = await addContract(tx, { provider, mid, effectiveFrom, contract, by: asking.actor.person, at: now })
      // Whatever was counted for days it speaks of is counted anew.
      await tx.run('update accrual set version = -1 where mid = $1 and provider = $2 and through_month >= $3', [mid, provider, effectiveFrom.slice(0, 7)])
      return {
        value: agreedFrom(app, provider, mid, await readContracts(tx, mid, provider), now), entries: [],
        facts: [{ fact: 'contract_agreed', version, effectiveFrom, at: now }],
      }
    },
  }, telling)

/** Terms by day of many merchants of a provider. A policy counts from the first of a month: the one in force when it begins. */
export async function schedulesOf(app: App, tx: Tx, provider: string, mids: readonly string[], from: string, to: string): Promise<(mid: string) => Schedule> {
  const months: string[] = []
  for (let month = `${from.slice(0, 7)}-01`; month < to; month = addMonths(month, 1)) months.push(month)
  const policies = months.map((month) => ({ from: month, fees: app.policyAt(provider, instantOf(month, '00:00', app.zone)).policy.fees }))
    .filter((p, i, all) => i === 0 || JSON.stringify(p.fees) !== JSON.stringify(all[i - 1]!.fees))
  const contracts = await readContractsOf(tx, provider, mids)
  const plain = scheduleOf(policies, [])
  return (mid) => (contracts.has(mid) ? scheduleOf(policies, contracts.get(mid)!) : plain)
}

/** The rates a provider's merchants agreed on, on a day: of the contract, else of the policy. For the matching of fees. */
export async function ratesOn(app: App, tx: Tx, provider: string, mids: readonly string[], date: string): Promise<Map<string, readonly Rate[]>> {
  const schedule = await schedulesOf(app, tx, provider, mids, date, `${date}~`)
  return new Map(mids.map((mid) => [mid, termsOn(schedule(mid), date).rates]))
}

