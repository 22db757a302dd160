// The evening's look: which terminals were left signed on, have a batch that is not settled, or were forgotten. Each merchant is
// told once, the same evening, at the hour its provider says; a day is looked at once.
import { addDays, dateOf, instantOf } from '../../domain/calendar.ts'
import type { Words } from '../../domain/vocabulary.ts'
import { systemActor } from '../../domain/authority.ts'
import { eveningOf, type Evening } from '../../store/care-duties.ts'
import type { App } from '../app.ts'
import { execute } from '../execute.ts'
import { randomUUID } from 'node:crypto'
import type { NewNotice } from '../../store/dossier.ts'

const merchants_batch_max = 500
const named_max = 5

/** When the next evening's look is due, if any provider wants one. */
export async function nextWatch(app: App): Promise<number | undefined> {
  const on = await watchedOn(app)
  const today = dateOf(app.clock.now(), app.zone)
  const due = app.providers().flatMap(({ id }) => {
    const watch = app.policyAt(id, app.clock.now()).policy.care.watch
    if (watch === undefined) return []
    const at = instantOf(today, watch.at, app.zone)
    return [(on.get(id) ?? '') >= today || at <= app.clock.now() ? instantOf(addDays(today, 1), watch.at, app.zone) : at]
  })
  return due.length === 0 ? undefined : Math.min(...due)
}

const watchedOn = async (app: App): Promise<Map<string, string>> => new Map((await app.db.transaction('*', (tx) =>
  tx.many<{ id: string; watched_on: string | null }>('select id, watched_on from provider'), { readOnly: true })).map((r) => [r.id, r.watched_on ?? '']))

/** What is due of the evening; answers whether anything was looked at. `done` remembers days already looked at. */
export async function watchEvening(app: App, done: Map<string, string>): Promise<boolean> {
  const now = app.clock.now()
  const today = dateOf(now, app.zone)
  const due = app.providers().filter(({ id }) => {
    const watch = app.policyAt(id, now).policy.care.watch
    return watch !== undefined && (done.get(id) ?? '') < today && now >= instantOf(today, watch.at, app.zone)
  })
  if (due.length === 0) return false
  const on = await watchedOn(app)
  for (const { id } of due) {
    if ((on.get(id) ?? '') < today) await watchProvider(app, id, today)
    done.set(id, today)
  }
  return true
}

async function watchProvider(app: App, provider: string, today: string): Promise<void> {
  const days = app.policyAt(provider, app.clock.now()).policy.care.watch!.unusedDays
  const start = instantOf(today, '00:00', app.zone)
  const unused = [instantOf(addDays(today, -days), '00:00', app.zone), instantOf(addDays(today, 1 - days), '00:00', app.zone)] as const
  for (let after: string | undefined = ''; after !== undefined;) {
    const found: Evening[] = await app.db.transaction('*', (tx) => eveningOf(tx, provider, start, unused, after!, merchants_batch_max), { readOnly: true })
    for (const evening of found) await tell(app, provider, today, days, evening)
    after = found.length === merchants_batch_max ? found.at(-1)!.mid : undefined
  }
  await app.db.transaction('*', (tx) => tx.run('update provider set watched_on = $2 where id = $1', [provider, today]))
}

const tell = (app: App, provider: string, day: string, days: number, evening: Evening): Promise<unknown> => execute(app, { actor: systemActor }, {
  command: 'watch-evening', input: { provider, day, mid: evening.mid }, quiet: true, refusal: () => ({ status: 409, body: '', headers: {} }), lock: async () => undefined,
  async decide(_, now) {
    const notice: NewNotice = { id: randomUUID(), kind: 'end_of_day', audience: 'merchant', caseNo: undefined, tid: only(evening), words: eveningWords(evening, days), at: now }
    return {
      changes: { provider, mid: evening.mid, notices: [notice] }, before: undefined, provider, mid: evening.mid, tids: [...new Set([...evening.left_on, ...evening.unsettled, ...evening.unused])],
      facts: [{ fact: 'evening_watched', at: now, day, leftOn: evening.left_on, unsettled: evening.unsettled, unused: evening.unused }], reply: { status: 204, body: '', headers: {} },
    }
  },
})

/** The one terminal it is about, where it is about one. */
const only = (e: Evening): string | undefined => {
  const all = new Set([...e.left_on, ...e.unsettled, ...e.unused])
  return all.size === 1 ? [...all][0] : undefined
}

export function eveningWords({ left_on, unsettled, unused }: Evening, days: number): Words {
  const named = (tids: readonly string[], i: 0 | 1): string =>
    tids.slice(0, named_max).join(i === 0 ? '、' : ', ') + (tids.length > named_max ? (i === 0 ? `等 ${tids.length} 台` : ` and ${tids.length - named_max} more`) : '')
  const part = (tids: readonly string[], zh: string, en: string): Words[] => (tids.length === 0 ? [] : [[`${named(tids, 0)} ${zh}`, `${named(tids, 1)} ${en}`]])
  const parts = [
    ...part(unsettled, '批次还没有结算，请做批结算', 'not settled today: please settle the batch'),
    ...part(left_on, '仍在签到状态，请签退', 'still signed on: please sign off'),
    ...part(unused, `已 ${days} 天没有交易，请确认机具是否还在使用`, `no sale for ${days} days: is the device still in use?`),
  ]
  return [`日终提醒：${parts.map((p) => p[0]).join('；')}。`, `End of day: ${parts.map((p) => p[1]).join('; ')}.`]
}
