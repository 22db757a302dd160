// What people do with bulks: make one over a frozen list, have it rehearsed, start it, confirm it as the second person, pause,
// go on, cancel, try the failed again – and look at it, item by item, or as a file.
import { randomUUID } from 'node:crypto'
import { mayHold, mayNot } from '../../domain/authority.ts'
import { commandBulk, rightOf, type BulkAct, type BulkCommand, type TestGiven } from '../../domain/bulk.ts'
import { dateOf } from '../../domain/calendar.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { ownerOf, type BulkItemState, type BulkState, type Language } from '../../domain/vocabulary.ts'
import { csvFile } from '../../files/export.ts'
import { bulk_terminals_max, list_total_exact_max, step_up_minutes } from '../../limits.ts'
import {
  beginAgain, changeBulk, countBulks, insertBulk, isUuid, listBulks, lockBulk, readBulk, readItems, refusedGroups, type BulkChange, type Members, type StoredBulk,
} from '../../store/bulk.ts'
import { countSelected, unknownAmong, type Selection } from '../../store/bulk-selection.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../execute.ts'
import { cursorOf, readCursor } from '../imports/views.ts'
import { viewBulk, viewItem, rightTo, type Asker, type BulkView, type ItemView, type Page } from './views.ts'

export type BulkAsked = {
  name: string
  act: Exclude<BulkAct, { act: 'open' }>
  words?: string | undefined
  select?: Selection | undefined
  /** Test results that name their terminals, instead of a selection. */
  results?: readonly ({ tid: string } & TestGiven)[] | undefined
}
export type BulkAsking = Asking & { language: Language; ifVersion?: number | undefined }
export type Telling<View> = { view: (view: View) => Reply; refusal: (refusal: Refusal) => Reply }

/** A person who signed in long ago says again who they are before they confirm for many. */
export const isStale = ({ actor, isFresh }: Asking): boolean => actor.via === 'session' && !isFresh

export const noChange = (provider: string, facts: readonly object[], reply: Reply): Outcome =>
  ({ changes: undefined, before: undefined, facts, tids: [], provider, mid: undefined, reply })

const seen = async (app: App, tx: Tx, id: string, asker: Asker): Promise<BulkView> => {
  const bulk = (await readBulk(tx, id))!
  return viewBulk(app, bulk, await refusedGroups(tx, id), asker)
}

/** Why this may not be asked for at all; what stands in the way of single terminals is the rehearsal's business. */
function notAsked(app: App, { actor }: Asking, { act, words, select, results }: BulkAsked): Refusal | undefined {
  const role = mayNot(actor, 'run-bulk') ?? (act.act === 'record_test' ? mayNot(actor, 'record-test') : undefined)
  if (role) return role
  const now = app.clock.now()
  const { policy } = app.policyAt(actor.party.id, now)
  if (act.act !== 'record_test') {
    const owner = ownerOf(act.reason)
    if (owner === 'merchant') return refuseField('/act/reason', 'reason_not_yours', { reason: act.reason })
    if (mayNot(actor, rightOf[act.act]) || !mayHold(actor, owner, policy)) return refuse('hold_place_not_yours', { reason: act.reason })
    if (!words) return refuseField('/words', 'words_required')
  }
  if (act.act === 'place_hold') {
    if (act.effectiveFrom !== undefined && act.effectiveFrom < now) return refuseField('/act/effectiveFrom', 'effect_in_past', { at: dateOf(act.effectiveFrom) })
    if (act.expectedUntil !== undefined && act.expectedUntil <= (act.effectiveFrom ?? now)) return refuseField('/act/expectedUntil', 'until_before_from')
  }
  if ((select === undefined) === (results === undefined)) return refuseField('/select', 'bulk_none')
  return select === undefined ? undefined : notSelected(select)
}
export const notSelected = ({ model, firmwareBelow }: Selection): Refusal | undefined =>
  firmwareBelow !== undefined && model === undefined ? refuseField('/select/model', 'bulk_model_needed') : undefined

/** How many a selection means, or why a list of them cannot be. */
export async function sizeOf(tx: Tx, select: Selection): Promise<number | Refusal> {
  const size = await countSelected(tx, select, bulk_terminals_max)
  if (isRefusal(size)) return size
  return size === 0 ? refuse('bulk_none') : size > bulk_terminals_max ? refuse('bulk_too_many', { max: bulk_terminals_max }) : size
}

export const sealedWords = (app: App, id: string, words: string | undefined): Buffer | undefined =>
  words === undefined ? undefined : app.vault.seal(words, `bulk.words:${id}`)

export function bulkCommandsOf(app: App, look: () => void) {
  return {
    async make(asking: BulkAsking, asked: BulkAsked, telling: Telling<BulkView>): Promise<Reply> {
      const { actor } = asking
      const id = randomUUID()
      const reply = await execute(app, asking, {
        command: 'make-bulk',
        // Long lists stand in the items; the journal keeps how long they were.
        input: { bulk: id, ...asked, select: asked.select && { ...asked.select, tids: asked.select.tids?.length, serials: asked.select.serials?.length }, results: asked.results?.length },
        refusal: telling.refusal,
        lock: async () => notAsked(app, asking, asked),
        async decide(tx, now) {
          const { select = {}, results } = asked
          const size = results === undefined ? await sizeOf(tx, select) : results.length
          if (isRefusal(size)) return size
          const members: Members = results === undefined ? { from: 'selection' }
            : { from: 'given', items: [...new Map(results.map(({ tid, failed, note }) => [tid, { tid, given: { test: { failed, ...(note ? { note } : {}) } } }])).values()] }
          const total = await insertBulk(tx, {
            id, provider: actor.party.id, plan: undefined, name: asked.name, act: asked.act, wordsSealed: sealedWords(app, id, asked.words), selection: select,
            unknownTids: await unknownAmong(tx, results === undefined ? select : { tids: results.map((r) => r.tid) }), state: 'checking', actor, createdAt: now,
          }, members)
          if (isRefusal(total)) return total
          if (total === 0) return refuse('bulk_none')
          return noChange(actor.party.id, [{ fact: 'bulk_made', bulk: id, act: asked.act.act, total }], telling.view(await seen(app, tx, id, asking)))
        },
      })
      look()
      return reply
    },
    async command(asking: BulkAsking, id: string, command: BulkCommand, telling: Telling<BulkView>): Promise<Reply> {
      const { actor } = asking
      let bulk: StoredBulk | undefined
      const reply = await execute(app, asking, {
        command: `${command}-bulk`,
        input: { bulk: id },
        refusal: telling.refusal,
        async lock(tx) {
          bulk = await lockBulk(tx, id)
          if (bulk === undefined) return refuse('not_found')
          if (asking.ifVersion !== undefined && asking.ifVersion !== bulk.version) return refuse('version_stale')
          if (command === 'confirm' && isStale(asking)) return refuse('step_up_required', { minutes: step_up_minutes })
          return mayNot(actor, rightTo(command)) ?? (bulk.plan !== undefined && (command === 'start' || command === 'confirm') ? refuse('bulk_of_plan', { name: bulk.name }) : undefined)
        },
        async decide(tx, now) {
          const before = bulk!
          const state = commandBulk(before, command, { actor, policy: app.policyAt(before.provider, now).policy })
          if (isRefusal(state)) return state
          await moveBulk(tx, before, command, state, actor.person, now)
          return noChange(before.provider, [{ fact: `bulk_${command}`, bulk: id, state }], telling.view(await seen(app, tx, id, asking)))
        },
      })
      look()
      return reply
    },
    get: (asker: Asker, id: string): Promise<BulkView | undefined> => app.db.transaction(scopeOf(asker.actor), async (tx) => {
      const found = isUuid(id) ? await readBulk(tx, id) : undefined
      return found && viewBulk(app, found, await refusedGroups(tx, id), asker)
    }, { readOnly: true }),
    list: (asker: Asker, { cursor, limit, state }: { cursor?: string | undefined; limit: number; state?: BulkState | undefined }): Promise<Page<BulkView>> =>
      app.db.transaction(scopeOf(asker.actor), async (tx) => {
        const found = await listBulks(tx, readCursor(cursor), state, limit + 1)
        const count = await countBulks(tx, state, list_total_exact_max)
        return {
          items: found.slice(0, limit).map((b) => viewBulk(app, b, [], asker)), next: found.length > limit ? cursorOf(found[limit - 1]!) : null,
          total: count > list_total_exact_max ? { about: list_total_exact_max } : count,
        }
      }, { readOnly: true }),
    items: (asker: Asker, id: string, asked: ItemsAsked): Promise<Page<ItemView> | undefined> => app.db.transaction(scopeOf(asker.actor), async (tx) => {
      const bulk = await readBulk(tx, id)
      if (bulk === undefined) return undefined
      const found = await readItems(tx, id, { after: readOrdinal(asked.cursor), state: asked.state, code: asked.code }, asked.limit + 1)
      const shown = found.slice(0, asked.limit)
      return {
        items: shown.map((i) => viewItem(i, asker.language)), next: found.length > asked.limit ? String(shown.at(-1)!.ordinal) : null,
        total: asked.code === undefined ? countOf(bulk, asked.state) : ((await refusedGroups(tx, id)).find((g) => g.code === asked.code)?.count ?? 0),
      }
    }, { readOnly: true }),
    /** Every item and how it ended, safe for spreadsheets. */
    async csv(asker: Asker, id: string): Promise<AsyncIterable<string> | undefined> {
      const found = await app.db.transaction(scopeOf(asker.actor), (tx) => readBulk(tx, id), { readOnly: true })
      return found && csvOf(app, asker, id)
    },
  }
}
export type ItemsAsked = { cursor?: string | undefined; limit: number; state?: BulkItemState | undefined; code?: string | undefined }
const readOrdinal = (cursor: string | undefined): number => (/^\d{1,7}$/.test(cursor ?? '') ? Number(cursor) : 0)
const countOf = ({ total, done, refused, unable, state }: StoredBulk, wanted: BulkItemState | undefined): number => {
  const isBegun = !['checking', 'ready', 'confirming'].includes(state)
  switch (wanted) {
    case undefined: return total
    case 'done': return done
    case 'refused': return refused
    case 'unable': return isBegun ? 0 : unable
    case 'waiting': return total - done - refused - (isBegun ? 0 : unable)
  }
}

/** What a command writes on the bulk's row. */
export async function moveBulk(tx: Tx, bulk: StoredBulk, command: BulkCommand, state: BulkState, person: string, now: number): Promise<void> {
  await lockBulk(tx, bulk.id)
  if (command === 'retry') await beginAgain(tx, bulk.id)
  const change: BulkChange = { state, fault: undefined }
  if (command === 'confirm') Object.assign(change, { confirmedBy: person, confirmedAt: now })
  // One that broke off while it was rehearsed is rehearsed again before it may be started.
  if (command === 'resume' && bulk.startedAt === undefined) change.state = 'checking'
  if (change.state === 'running' && bulk.startedAt === undefined) change.startedAt = now
  if (command === 'cancel') change.endedAt = now
  if (command === 'retry') change.endedAt = undefined
  await changeBulk(tx, bulk, change)
}

const header = {
  zh: ['序号', '终端号', '商户号', '结果', '代码', '说明', '时间'],
  en: ['no.', 'terminal', 'merchant', 'result', 'code', 'why', 'at'],
} as const
const csv_rows_per_page = 1_000

async function* csvOf(app: App, asker: Asker, id: string): AsyncGenerator<string> {
  yield* csvFile(header[asker.language], [])
  for (let after = 0; ; ) {
    const page = await app.db.transaction(scopeOf(asker.actor), (tx) => readItems(tx, id, { after }, csv_rows_per_page), { readOnly: true })
    const [, ...rows] = csvFile([], page.map((item) => {
      const view = viewItem(item, asker.language)
      return [String(view.ordinal), view.tid, view.mid, view.stateWords, view.code ?? '', view.sentence ?? '', view.at ?? '']
    }))
    yield rows.join('')
    if (page.length < csv_rows_per_page) return
    after = page.at(-1)!.ordinal
  }
}

