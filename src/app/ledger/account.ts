// Commands about one merchant's account with one provider. They take turns by the row that joins the two, post through the
// one door, and wake the cases that wait for this money.
import { mayNot, type Right } from '../../domain/authority.ts'
import type { Entry } from '../../domain/ledger.ts'
import type { Policy } from '../../domain/policy.ts'
import { standingOf, type Standing } from '../../domain/receivables.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { lockAccounts } from '../../store/contracts.ts'
import type { Tx } from '../../store/db.ts'
import { casesOnMoney, readPosted } from '../../store/ledger.ts'
import type { App } from '../app.ts'
import { execute, type Asking, type Reply } from '../execute.ts'

export type AccountTelling<T> = { view: (value: T) => Reply; refusal: (refusal: Refusal) => Reply }
export type At = { tx: Tx; now: number; provider: string; mid: string; policy: Policy; standing(): Promise<Standing> }
export type Done<T> = { value: T; entries: readonly Entry[]; facts: readonly object[]; caseNo?: string | undefined }

type Command<T> = {
  mid: string
  /** Needed where the merchant has several providers and the asker sees more than one. */
  provider?: string | undefined
  right: Right
  command: string
  input: object
  decide(at: At): Promise<Done<T> | Refusal>
}

export function onAccount<T>(app: App, asking: Asking, command: Command<T>, telling: AccountTelling<T>): Promise<Reply> {
  let providers: string[] = []
  return execute(app, asking, {
    command: command.command,
    input: command.input,
    refusal: telling.refusal,
    async lock(tx) {
      providers = await lockAccounts(tx, command.mid, command.provider)
      return providers.length === 0 ? refuse('not_found') : undefined
    },
    async decide(tx, now) {
      const refusal = mayNot(asking.actor, command.right) ?? (providers.length > 1 ? refuseField('/provider', 'provider_needed') : undefined)
      if (refusal) return refusal
      const [provider] = providers as [string]
      const { mid } = command
      const done = await command.decide({
        tx, now, provider, mid, policy: app.policyAt(provider, now).policy, standing: async () => standingOf(await readPosted(tx, mid, provider)),
      })
      if (isRefusal(done)) return done
      const poke = done.entries.length === 0 ? [] : await casesOnMoney(tx, [{ mid, provider }])
      return {
        changes: { provider, mid, entries: done.entries, poke }, before: undefined, facts: done.facts, caseNo: done.caseNo, tids: [], provider, mid,
        reply: telling.view(done.value),
      }
    },
  })
}
