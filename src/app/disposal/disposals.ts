// Disposals as people ask for them: looked at, proposed, confirmed by another person, withdrawn. The confirmation destroys the
// key in its own transaction, after everything that forbids it was looked at once more; what is not under the key follows
// by itself (clear.ts), however often the program is killed on the way.
import { randomUUID } from 'node:crypto'
import { mayNot } from '../../domain/authority.ts'
import { endedBefore, refusedStep, type DisposalCommand } from '../../domain/disposal.ts'
import { isRefusal, refuse, sentenceOf, type Refusal } from '../../domain/refusals.ts'
import { disposedParts, paperKinds, say, type DisposalState, type DisposedPart, type PaperKind } from '../../domain/vocabulary.ts'
import { list_total_exact_max, step_up_minutes } from '../../limits.ts'
import { cursorAt, listOf, placeOf, totalOf } from '../../store/cursor.ts'
import {
  countDisposals, destroyKey, endedMerchants, insertDisposal, listDisposals, lockMerchant, openDisposalOf, readDisposal, seeAll, withdrawDisposal,
  type StoredDisposal,
} from '../../store/disposal.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../execute.ts'
import type { Asker } from '../imports/imports.ts'
import { isUuid, type Page, type Paging } from '../settlement/runs.ts'
import { eligibleIn } from './eligible.ts'

const text = (at: number): string => new Date(at).toISOString()
const orNull = (at: number | null): string | null => (at === null ? null : text(at))

export const disposalView = (d: StoredDisposal, { actor, language }: Asker) => ({
  id: d.id, mid: d.mid, provider: d.provider, state: d.state, words: d.words, dueOn: d.dueOn,
  basis: d.basis.map((b) => ({ kind: b.kind as PaperKind, words: say(paperKinds[b.kind as PaperKind], language), until: b.until })),
  proposedBy: d.proposedBy, proposedAt: text(d.proposedAt), confirmedBy: d.confirmedBy, confirmedAt: orNull(d.confirmedAt),
  withdrawnAt: orNull(d.withdrawnAt), doneAt: orNull(d.doneAt),
  destroyed: Object.entries(d.counts).map(([part, count]) => ({ part: part as DisposedPart, words: say(disposedParts[part as DisposedPart], language), count })),
  letter: d.letter,
  allowed: Object.fromEntries((['confirm', 'withdraw'] as const).map((command) =>
    [command, (mayNot(actor, 'dispose') ?? refusedStep(d, command, actor.person))?.refused ?? true])) as Record<DisposalCommand, true | Refusal['refused']>,
})
export type DisposalView = ReturnType<typeof disposalView>
export type DisposalTelling = { view: (view: DisposalView) => Reply; refusal: (refusal: Refusal) => Reply }

const outcome = (d: StoredDisposal, fact: string, reply: Reply): Outcome => ({
  changes: undefined, before: undefined, facts: [{ fact, disposal: d.id, merchant: d.mid }], tids: [], provider: d.provider, mid: undefined, reply,
})
/** Who was read under the asker's own eye, before the transaction saw all. */
const mine = async (tx: Tx, id: string): Promise<StoredDisposal | undefined> => (isUuid(id) ? readDisposal(tx, id, true) : undefined)

export function disposalsOf(app: App) {
  /** Carries the second step of a disposal. */
  const command = (name: DisposalCommand, asking: Asking & Pick<Asker, 'language'>, id: string, telling: DisposalTelling): Promise<Reply> => {
    const { actor } = asking
    let found: StoredDisposal | undefined
    return execute(app, asking, {
      command: `${name}-disposal`,
      input: { id },
      refusal: telling.refusal,
      async lock(tx) {
        found = await mine(tx, id)
        if (found === undefined) return refuse('not_found')
        const role = mayNot(actor, 'dispose')
        if (role) return role
        await seeAll(tx)
        await lockMerchant(tx, found.mid)
        return undefined
      },
      async decide(tx, now) {
        const no = refusedStep(found!, name, actor.person)
        if (no) return no
        if (name === 'withdraw') await withdrawDisposal(tx, id, actor.person, now)
        else {
          // Everything that forbids it, once more, under the merchant's lock.
          const { refusal } = (await eligibleIn(app, tx, found!.mid, now))!
          if (refusal) return refusal
          if (!asking.isFresh) return refuse('step_up_required', { minutes: step_up_minutes })
          await destroyKey(tx, found!, actor.person, now)
        }
        const after = (await readDisposal(tx, id))!
        return outcome(after, name === 'confirm' ? 'key_destroyed' : 'disposal_withdrawn', telling.view(disposalView(after, asking)))
      },
    })
  }

  return {
    command,
    /** What is kept until when, and whether it may be disposed of now. */
    eligibility: ({ actor, language }: Asker, mid: string) =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const now = app.clock.now()
        const found = await eligibleIn(app, tx, mid, now)
        if (found === undefined) return undefined
        const open = await openDisposalOf(tx, mid)
        const refusal = found.refusal ?? (open && open.state !== 'done' ? refuse('disposal_exists', { mid }) : undefined)
        return {
          mid, dueOn: found.dueOn, kept: found.kept.map((k) => ({ ...k, words: say(paperKinds[k.kind], language) })),
          allowed: refusal?.refused ?? (mayNot(actor, 'dispose')?.refused ?? true), sentence: refusal ? sentenceOf(refusal, language) : null,
        } as const
      }, { readOnly: true }),
    propose(asking: Asking & Pick<Asker, 'language'>, given: { mid: string; words?: string | undefined }, telling: DisposalTelling): Promise<Reply> {
      const { actor } = asking
      return execute(app, asking, {
        command: 'propose-disposal',
        input: given,
        refusal: telling.refusal,
        async lock(tx) {
          return (await lockMerchant(tx, given.mid)) ? mayNot(actor, 'dispose') : refuse('not_found')
        },
        async decide(tx, now) {
          const found = (await eligibleIn(app, tx, given.mid, now))!
          if (found.refusal) return found.refusal
          if (await openDisposalOf(tx, given.mid)) return refuse('disposal_exists', { mid: given.mid })
          const disposal: StoredDisposal = {
            id: randomUUID(), mid: given.mid, provider: actor.party.kind === 'provider' ? actor.party.id : found.lastProvider, state: 'proposed',
            words: given.words ?? '', dueOn: found.dueOn, basis: found.kept, proposedBy: actor.person, proposedAt: now, confirmedBy: null, confirmedAt: null,
            withdrawnAt: null, doneAt: null, counts: {}, letter: null,
          }
          await insertDisposal(tx, disposal)
          return outcome(disposal, 'disposal_proposed', telling.view(disposalView(disposal, asking)))
        },
      })
    },
    one: (asker: Asker, id: string): Promise<DisposalView | undefined> =>
      app.db.transaction(scopeOf(asker.actor), async (tx) => {
        const found = isUuid(id) ? await readDisposal(tx, id) : undefined
        return found && disposalView(found, asker)
      }, { readOnly: true }),
    list: (asker: Asker, { cursor, limit, state }: Paging & { state?: DisposalState | undefined }): Promise<Page<DisposalView> | Refusal> =>
      app.db.transaction(scopeOf(asker.actor), async (tx) => {
        const list = listOf('disposals', { state })
        const place = placeOf(list, cursor, ['number', 'string'])
        if (isRefusal(place)) return place
        const before = place && { at: place.key[0] as number, id: place.key[1] as string }
        const found = await listDisposals(tx, { state, before, limit: limit + 1 })
        const counted = place === undefined ? await countDisposals(tx, state, list_total_exact_max) : 0
        const total = place?.total ?? (await totalOf(counted, () => counted))
        const last = found.length > limit ? found[limit - 1] : undefined
        return { items: found.slice(0, limit).map((d) => disposalView(d, asker)), next: last ? cursorAt(list, { key: [last.proposedAt, last.id], total }) : null, total }
      }, { readOnly: true }),
    /** Merchants whose time has come, the longest ago first. */
    due: ({ actor }: Asker, { limit }: { limit: number }): Promise<{ items: { mid: string; endedAt: string; dueOn: string }[] }> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const now = app.clock.now()
        const found = await endedMerchants(tx, { before: endedBefore(now, app.zone), after: undefined, limit })
        const items: { mid: string; endedAt: string; dueOn: string }[] = []
        for (const { mid, endedAt } of found) {
          const { refusal, dueOn } = (await eligibleIn(app, tx, mid, now))!
          if (refusal === undefined && !(await openDisposalOf(tx, mid))) items.push({ mid, endedAt: text(endedAt), dueOn })
        }
        return { items }
      }, { readOnly: true }),
  }
}
