// An application for a terminal that is not there yet: it names a store instead of terminals, and the provider it asks.
import { openCase, type NewCase } from '../domain/application/decide.ts'
import { dateOf } from '../domain/calendar.ts'
import { caseNumber } from '../domain/number.ts'
import { isRefusal, refuse, refuseField } from '../domain/refusals.ts'
import type { Channel, DeviceType, ProofKind, Reason } from '../domain/vocabulary.ts'
import type { Dossier } from '../store/dossier.ts'
import { merchantAndStore } from '../store/installs.ts'
import type { App } from './app.ts'
import { outcome, sealedWords, submitted, type Telling } from './cases.ts'
import { execute, type Asking, type Reply } from './execute.ts'
import { settingOf } from './settle.ts'

export type InstallFiling = {
  /** Whom the merchant asks; a provider's own people file for their provider. */
  provider?: string | undefined
  /** The merchant an agent files for. */
  onBehalfOf?: string | undefined
  store: string
  count?: number | undefined
  deviceType?: DeviceType | undefined
  reason?: Reason | undefined
  words?: string | undefined
  channel?: Channel | undefined
  proof?: string | undefined
  proofKind?: ProofKind | undefined
  submit?: boolean | undefined
}

export function fileInstallation(app: App, asking: Asking, filing: InstallFiling, telling: Telling): Promise<Reply> {
  const { actor } = asking
  const onBehalf = actor.party.kind === 'provider'
  const mid = actor.party.kind === 'merchant' ? actor.party.id : filing.onBehalfOf
  const provider = onBehalf ? actor.party.id : filing.provider
  return execute(app, asking, {
    command: 'file',
    input: { kind: 'install', ...filing },
    refusal: telling.refusal,
    // Nothing is there that could be locked: what is new is nobody else's.
    lock: async () => undefined,
    async decide(tx, now) {
      if (provider === undefined || !app.providers().some((p) => p.id === provider)) return refuseField('/provider', 'provider_needed')
      const found = mid === undefined ? undefined : await merchantAndStore(tx, mid, filing.store)
      if (found === undefined || mid === undefined) return refuse('not_found')
      if (found.store === undefined) return refuseField('/store', 'store_unknown', { store: filing.store })
      const before: Dossier = { case: undefined, terminals: [], others: [], merchant: found.merchant, letters: [], returns: [] }
      const setting = settingOf(app, before, actor, now, provider)
      const day = dateOf(now, app.zone)
      const serial = asking.dryRun ? 0 : await app.nextSerial(provider, 'case', day)
      const wanted: NewCase = {
        no: caseNumber(app.provider(provider).prefix, day, serial), kind: 'install', provider, merchant: mid, reason: filing.reason ?? 'X04', words: filing.words,
        channel: filing.channel ?? 'online', proof: filing.proof, proofKind: filing.proofKind, onBehalf,
        wish: { store: found.store, storeName: filing.store, count: filing.count ?? 1, ...(filing.deviceType && { deviceType: filing.deviceType }) },
      }
      const opened = openCase(wanted, setting)
      if (isRefusal(opened)) return opened
      const sheet = filing.submit ? submitted(opened.sheet, setting) : opened.sheet
      if (isRefusal(sheet)) return sheet
      return outcome(app, tx, before, sheet, telling, sealedWords(app, before, wanted))
    },
  })
}
