// Who one is and what one may do, as the first thing every client asks.
import type { z } from 'zod'
import { providerWords, type App } from '../app/app.ts'
import { scopeOf } from '../app/execute.ts'
import { rightsOf, type Actor } from '../domain/authority.ts'
import { partyKinds, say, type Language } from '../domain/vocabulary.ts'
import type { Asker } from './services.ts'
import type { meView } from './views.ts'

async function partyName(app: App, actor: Actor, language: Language): Promise<string> {
  const { kind, id } = actor.party
  if (kind === 'provider') return say(providerWords(app.provider(id)), language)
  if (kind === 'platform') return say(partyKinds.platform, language)
  const row = await app.db.transaction(
    scopeOf(actor),
    (tx) => tx.one<{ name: string }>('select name from merchant where mid = $1', [id]),
    { readOnly: true },
  )
  return row?.name ?? id
}

export async function meOf(app: App, { actor, language }: Asker): Promise<z.infer<typeof meView>> {
  return {
    person: { id: actor.person, name: actor.name },
    account: actor.account,
    role: actor.role,
    via: actor.via,
    party: { ...actor.party, name: await partyName(app, actor, language) },
    rights: rightsOf(actor.role),
    now: new Date(app.clock.now()).toISOString(),
    clock: app.clock.kind,
    zone: app.zone,
  }
}
