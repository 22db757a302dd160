// What an authority wants kept: placed with the number of its paper, lifted by another person. It is the provider's own and
// the platform's knowledge; the merchant does not learn of it, neither here nor from the journal.
import { randomUUID } from 'node:crypto'
import { mayNot } from '../../domain/authority.ts'
import { isRefusal, refuse, type Refusal } from '../../domain/refusals.ts'
import { list_total_exact_max } from '../../limits.ts'
import { cursorAt, listOf, placeOf, totalOf } from '../../store/cursor.ts'
import { countLegalHolds, insertLegalHold, liftLegalHold, listLegalHolds, lockMerchant, readLegalHold, type LegalHold } from '../../store/disposal.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../execute.ts'
import type { Asker } from '../imports/imports.ts'
import { isUuid, type Page, type Paging } from '../settlement/runs.ts'

const text = (at: number): string => new Date(at).toISOString()
export const legalHoldView = (h: LegalHold) => ({ ...h, placedAt: text(h.placedAt), liftedAt: h.liftedAt === null ? null : text(h.liftedAt) })
export type LegalHoldView = ReturnType<typeof legalHoldView>
export type LegalHoldTelling = { view: (view: LegalHoldView) => Reply; refusal: (refusal: Refusal) => Reply }

const outcome = (h: LegalHold, fact: string, reply: Reply): Outcome => ({
  changes: undefined, before: undefined, facts: [{ fact, hold: h.id, merchant: h.mid }], tids: [], provider: h.provider ?? undefined, mid: undefined, reply,
})

export function legalHoldsOf(app: App) {
  return {
    place(asking: Asking, given: { mid: string; reference: string; words: string }, telling: LegalHoldTelling): Promise<Reply> {
      const { actor } = asking
      return execute(app, asking, {
        command: 'place-legal-hold',
        input: given,
        refusal: telling.refusal,
        lock: async (tx) => mayNot(actor, 'place-legal-hold') ?? ((await lockMerchant(tx, given.mid)) ? undefined : refuse('not_found')),
        async decide(tx, now) {
          const gone = await tx.one<{ gone: boolean }>('select disposed_at is not null as gone from merchant where mid = $1', [given.mid])
          if (gone?.gone) return refuse('disposed_already', { mid: given.mid })
          const hold: LegalHold = {
            id: randomUUID(), ...given, provider: actor.party.kind === 'provider' ? actor.party.id : null, placedBy: actor.person, placedAt: now,
            liftedBy: null, liftedAt: null, liftedWords: null,
          }
          await insertLegalHold(tx, hold)
          return outcome(hold, 'legal_hold_placed', telling.view(legalHoldView(hold)))
        },
      })
    },
    lift(asking: Asking, id: string, words: string, telling: LegalHoldTelling): Promise<Reply> {
      const { actor } = asking
      let hold: LegalHold | undefined
      return execute(app, asking, {
        command: 'lift-legal-hold',
        input: { id, words },
        refusal: telling.refusal,
        async lock(tx) {
          hold = isUuid(id) ? await readLegalHold(tx, id, true) : undefined
          return hold === undefined ? refuse('not_found') : mayNot(actor, 'place-legal-hold')
        },
        async decide(tx, now) {
          if (hold!.liftedAt !== null) return refuse('legal_hold_lifted')
          if (hold!.placedBy === actor.person) return refuse('legal_hold_by_two')
          const lifted = (await liftLegalHold(tx, id, actor.person, words, now))!
          return outcome(lifted, 'legal_hold_lifted', telling.view(legalHoldView(lifted)))
        },
      })
    },
    list: ({ actor }: Asker, { cursor, limit, ...asked }: Paging & { mid?: string | undefined; open?: boolean | undefined }): Promise<Page<LegalHoldView> | Refusal> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const list = listOf('legal holds', asked)
        const place = placeOf(list, cursor, ['number', 'string'])
        if (isRefusal(place)) return place
        const before = place && { at: place.key[0] as number, id: place.key[1] as string }
        const found = await listLegalHolds(tx, { ...asked, before, limit: limit + 1 })
        const counted = place === undefined ? await countLegalHolds(tx, asked, list_total_exact_max) : 0
        const total = place?.total ?? (await totalOf(counted, () => counted))
        const last = found.length > limit ? found[limit - 1] : undefined
        return { items: found.slice(0, limit).map(legalHoldView), next: last ? cursorAt(list, { key: [last.placedAt, last.id], total }) : null, total }
      }, { readOnly: true }),
  }
}
