// Bulks and plans as people and programs see them: how far, who could not and why, and what the reader may do now.
import { bulkCommands, bulkSentence, commandBulk, secondNeeded, type BulkAct, type BulkCommand } from '../../domain/bulk.ts'
import { mayNot, type Actor, type Right } from '../../domain/authority.ts'
import { isRefusal, sentenceOf, type RefusalCode } from '../../domain/refusals.ts'
import { bulkActs, bulkItemStates, bulkStates, say, words, type BulkItemState, type BulkState, type Language } from '../../domain/vocabulary.ts'
import type { BulkItem, RefusedGroup, StoredBulk } from '../../store/bulk.ts'
import type { Selection } from '../../store/bulk-selection.ts'
import type { App } from '../app.ts'

export type Asker = { actor: Actor; language: Language }
export type Page<T> = { items: T[]; next: string | null; total: number | { about: number } }

const iso = (at: number): string => new Date(at).toISOString()
export const isoOrNull = (at: number | undefined | null): string | null => (at === undefined || at === null ? null : iso(at))

type Group = { code: RefusalCode; sentence: string; count: number }
export type BulkView = {
  id: string; name: string; plan: string | null; act: BulkAct['act']; actWords: string
  particulars: { reason: string | null; effect: string | null; effectiveFrom: string | null; drainUntil: string | null; expectedUntil: string | null }
  words: string | null; selection: Selection; unknown: string[]; state: BulkState; stateWords: string
  progress: { total: number; done: number; failed: number; running: number }
  rehearsal: { checked: number; able: number; unable: number; isOver: boolean }
  refusals: Group[]
  needsSecond: boolean; confirmedBy: string | null; confirmedAt: string | null
  createdBy: string; createdAt: string; startedAt: string | null; endedAt: string | null; fault: string | null
  sentence: string; allowed: Record<BulkCommand, true | RefusalCode>; version: number
}
export type ItemView = { ordinal: number; tid: string; mid: string; merchant: string; state: BulkItemState; stateWords: string; code: RefusalCode | null; sentence: string | null; at: string | null }

export const rightTo = (command: BulkCommand): Right => (command === 'confirm' ? 'confirm-bulk' : 'run-bulk')

export function viewBulk(app: App, bulk: StoredBulk, groups: readonly RefusedGroup[], { actor, language }: Asker): BulkView {
  const { policy } = app.policyAt(bulk.provider, app.clock.now())
  const { act } = bulk
  const placed = act.act === 'place_hold' ? act : undefined
  const isRehearsing = bulk.state === 'checking'
  const allowed = (command: BulkCommand): true | RefusalCode => {
    const refusal = mayNot(actor, rightTo(command)) ?? commandBulk(bulk, command, { actor, policy })
    if (isRefusal(refusal)) return refusal.refused
    return bulk.plan !== undefined && (command === 'start' || command === 'confirm') ? 'bulk_of_plan' : true
  }
  return {
    id: bulk.id, name: bulk.name, plan: bulk.plan ?? null, act: act.act, actWords: say(bulkActs[act.act], language),
    particulars: {
      reason: 'reason' in act ? act.reason : null, effect: placed?.effect ?? null, effectiveFrom: isoOrNull(placed?.effectiveFrom),
      drainUntil: isoOrNull(placed?.drainUntil), expectedUntil: isoOrNull(placed?.expectedUntil),
    },
    words: bulk.wordsSealed === undefined ? null : app.vault.open(bulk.wordsSealed, `bulk.words:${bulk.id}`).toString(),
    selection: bulk.selection, unknown: [...bulk.unknownTids], state: bulk.state, stateWords: say(bulkStates[bulk.state], language),
    progress: {
      total: bulk.total, done: bulk.done, failed: bulk.refused,
      running: bulk.state === 'running' ? bulk.total - bulk.done - bulk.refused : 0,
    },
    rehearsal: { checked: bulk.checked, able: bulk.checked - bulk.unable, unable: bulk.unable, isOver: !isRehearsing },
    refusals: groups.map((g) => ({ code: g.code, sentence: sentenceOf({ refused: g.code, with: g.particulars }, language), count: g.count })),
    needsSecond: secondNeeded(bulk, policy), confirmedBy: bulk.confirmedBy ?? null, confirmedAt: isoOrNull(bulk.confirmedAt),
    createdBy: bulk.actor.name, createdAt: iso(bulk.createdAt), startedAt: isoOrNull(bulk.startedAt), endedAt: isoOrNull(bulk.endedAt), fault: bulk.fault ?? null,
    sentence: say(bulkSentence(bulk, policy), language),
    allowed: Object.fromEntries(words(bulkCommands).map((c) => [c, allowed(c)])) as BulkView['allowed'], version: bulk.version,
  }
}

export const viewItem = (i: BulkItem, language: Language): ItemView => ({
  ordinal: i.ordinal, tid: i.tid, mid: i.mid, merchant: i.merchant, state: i.state, stateWords: say(bulkItemStates[i.state], language), code: i.code,
  sentence: i.code === null ? null : sentenceOf({ refused: i.code, with: i.particulars ?? {} }, language), at: isoOrNull(i.at),
})
