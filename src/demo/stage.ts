// The stage on which the demo's past is played: a clock that walks forward, doing on its way whatever falls due, and the acts
// a story is written in. An act is a real command of a real person; what it answers decides whether the story goes on. The
// one refusal that ends a story quietly is a calendar nobody knows yet; any other is a fault of the story.
import { backups } from '../app/backups.ts'
import { commandReturn } from '../app/devices.ts'
import { commandCase, fileCase, type After, type Filing, type Telling } from '../app/cases.ts'
import type { App } from '../app/app.ts'
import type { ManualClock } from '../app/clock.ts'
import { startDue } from '../app/due.ts'
import { clearByTime } from '../app/imports/clearance.ts'
import type { Materials } from '../app/materials.ts'
import { answerDormancy, deviceSaid, liftHold, placeHoldOn, signedOn, testTerminal, type HoldRequest } from '../app/terminals.ts'
import type { CaseCommand } from '../domain/application/decide.ts'
import type { LineCommand } from '../domain/device.ts'
import { systemActor, type Actor } from '../domain/authority.ts'
import { addDays, addWorkdays, dateOf, instantOf, isUnknownYear } from '../domain/calendar.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import {
  materialTypes,
  say,
  testItems,
  words,
  type DormancyAnswer,
  type MaterialType,
  type Reason,
  type TestItem,
  type Words,
} from '../domain/vocabulary.ts'
import { instantParam } from '../store/db.ts'
import type { Books } from './books.ts'
import type { Cast } from './cast.ts'
import { drawPaper } from './paper.ts'

type Heard = { refusal?: Refusal; after?: After }
/** Who acts (of the cast), and what they do; `memory` keeps what later acts of the same story refer to. */
export type Act = ((stage: Stage, actor: Actor, memory: Map<string, string>) => Promise<Heard>) & {
  /** Terminals it is about, where it names them. */
  names?: readonly string[]
}
export type Step = readonly [at: number, who: string, act: Act]
export type Story = { name: Words; steps: readonly Step[] }
export type Stage = { app: App; materials: Materials; cast: Cast; terminal(name: string): string; now: number }

/** Instants as stories speak of them, counted from now. */
export type When = {
  now: number
  today: string
  /** So many days from today (negative: ago), at a time of day. */
  day(days: number, time: string): number
  /** So many working days ago; where the calendar is unknown, the same number of days and a half. */
  workday(days: number, time: string): number
  ago(hours: number): number
  /** The next day of that weekday (0 Sunday) at least `days` days ahead. */
  next(weekday: number, days: number, time: string): number
}

export function whenOf(app: Pick<App, 'calendar' | 'zone'>, now: number): When {
  const today = dateOf(now, app.zone)
  const day = (days: number, time: string): number => instantOf(addDays(today, days), time, app.zone)
  return {
    now,
    today,
    day,
    workday(days, time) {
      const date = addWorkdays(app.calendar(), today, days)
      return typeof date === 'string' ? instantOf(date, time, app.zone) : day(Math.round(days * 1.5), time)
    },
    ago: (hours) => now - hours * 3_600_000,
    next(weekday, days, time) {
      const first = addDays(today, days)
      return instantOf(addDays(first, (weekday - new Date(first).getUTCDay() + 7) % 7), time, app.zone)
    },
  }
}

// ── Acts ────────────────────────────────────────────────────────────────────────────────────────────────────────────
function ear(): { telling: Telling; heard: Heard } {
  const heard: Heard = {}
  return {
    heard,
    telling: {
      view(after) {
        heard.after = after
        return { status: 200, body: '', headers: {} }
      },
      refusal(refusal) {
        heard.refusal = refusal
        return { status: 409, body: refusal.refused, headers: {} }
      },
    },
  }
}
const listen = async (ask: (telling: Telling) => Promise<unknown>): Promise<Heard> => {
  const { telling, heard } = ear()
  await ask(telling)
  return heard
}

const about = (names: readonly string[], act: Act): Act => Object.assign(act, { names })

type Asked = Omit<Filing, 'terminals' | 'onBehalfOf'> & { terminals: readonly string[] }
/**
 * Files a case and remembers it as `as`; submits it unless told otherwise. A stop that lies behind us and whose dates cannot
 * be counted, because the next year's calendar is not known, is asked for as soon as possible instead – unless it must not
 * have begun for the story to go on.
 */
export const file = (as: string, asked: Asked, mustWait = false): Act =>
  about(asked.terminals, async ({ app, terminal, now }, actor, memory) => {
    const filing = { submit: true, ...asked, terminals: asked.terminals.map(terminal) }
    let heard = await listen((telling) => fileCase(app, { actor }, filing, telling))
    if (
      heard.refusal?.refused === 'calendar_unknown' &&
      !mustWait &&
      asked.effectiveFrom !== undefined &&
      asked.effectiveFrom <= now
    )
      heard = await listen((telling) => fileCase(app, { actor }, { ...filing, effectiveFrom: undefined }, telling))
    const c = heard.after?.dossier.case?.case
    if (c) memory.set(as, c.no)
    return heard
  })

export const on =
  (as: string, command: CaseCommand): Act =>
  ({ app }, actor, memory) =>
    listen((telling) => commandCase(app, { actor }, memory.get(as)!, command, telling))

/** Hands in a paper for a case. */
export const paper =
  (as: string, type: MaterialType): Act =>
  async ({ materials }, actor, memory) => {
    const bytes = await drawPaper(type)
    const fileName = `${say(materialTypes[type], 'zh')}.png`
    return listen((telling) => materials.add({ actor }, memory.get(as)!, { type, fileName, bytes }, telling))
  }

/** A device test with everything in order, or with one item that fails. */
export const tested = (failing?: TestItem, note?: string) =>
  words(testItems).map((item) => (item === failing ? { item, passed: false, note } : { item, passed: true }))
export const test = (as: string, failing?: TestItem, note?: string): Act =>
  on(as, { command: 'record-test', items: tested(failing, note) })

export const hold = (as: string, name: string, wanted: HoldRequest): Act =>
  about([name], async ({ app, terminal }, actor, memory) => {
    const heard = await listen((telling) => placeHoldOn(app, { actor }, terminal(name), wanted, telling))
    const placed = heard.after?.dossier.terminals[0]?.holds.findLast((h) => h.reason === wanted.reason)
    if (placed) memory.set(as, placed.id)
    return heard
  })
export const lift =
  (as: string, given: string): Act =>
  ({ app }, actor, memory) =>
    listen((telling) => liftHold(app, { actor }, memory.get(as)!, { words: given }, telling))
export const testDevice =
  (name: string): Act =>
  ({ app, terminal }, actor) =>
    listen((telling) => testTerminal(app, { actor }, terminal(name), tested(), telling))
export const answer =
  (name: string, given: DormancyAnswer): Act =>
  async ({ app, terminal }, actor) => {
    const heard = await listen((telling) => answerDormancy(app, { actor }, terminal(name), given, telling))
    if (heard.refusal?.refused !== 'dormancy_not_asked') return heard
    // It was not asked, because nobody could say by when to answer.
    const by = addWorkdays(
      app.calendar(),
      dateOf(app.clock.now(), app.zone),
      app.policyAt('yunhui', app.clock.now()).policy.dormancy.answerWithinWorkingDays,
    )
    return isUnknownYear(by) ? { refusal: refuse('calendar_unknown', { year: by.unknownYear }) } : heard
  }
/** The device says itself that it has stopped. */
export const confirms = (name: string): Act =>
  about([name], async ({ app, terminal, now }) => {
    await deviceSaid(app, terminal(name), { said: 'stopped', by: 'confirmation', at: now })
    return {}
  })
export const signOn =
  (name: string): Act =>
  async ({ app, terminal }) => {
    await signedOn(app, terminal(name))
    return {}
  }

/** Something happens to the device a closure of the story calls back, or to the deposit on it. */
export const device =
  (as: string, command: LineCommand): Act =>
  async ({ app }, actor, memory) => {
    const line = await app.db.transaction('*', (tx) => tx.one<{ rma: string }>('select rma from device_return where case_no = $1 order by rma limit 1', [memory.get(as)!]), { readOnly: true })
    return listen((telling) => commandReturn(app, { actor }, line!.rma, command, telling))
  }

/** The merchant asks for its terminals to stop. */
export const suspend = (
  terminals: readonly string[],
  reason: Reason,
  from?: number,
  until?: number,
  said?: string,
): Asked => ({ kind: 'suspend', terminals, reason, effectiveFrom: from, expectedUntil: until, words: said })
export const reactivate = (terminals: readonly string[], said?: string): Asked => ({
  kind: 'reactivate',
  terminals,
  words: said,
})
export const byPhone = (asked: Asked, recording: string): Asked => ({ ...asked, channel: 'phone', proof: recording })

// ── The play ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type Played = { cases: number; skipped: { story: Words; year: number }[] }

/** Terminals whose books somebody may look at: something is due on them, or a stop of theirs is on its way or in effect. */
const concerned = (app: App): Promise<{ tid: string }[]> =>
  app.db.transaction(
    '*',
    (tx) =>
      tx.many<{ tid: string }>(
        `select tid from hold where lifted_at is null and withdrawn_at is null
   union select tid from application_terminal x join application a using (no) where a.due_at <= $1
   union select tid from terminal where due_at <= $1`,
        [instantParam(app.clock.now())],
      ),
    { readOnly: true },
  )

/** Plays stories side by side, in order of time, from the clock's instant to `now`; does everything due on the way. */
export async function play(stage: Stage, clock: ManualClock, books: Books, stories: readonly Story[]): Promise<Played> {
  const { app, cast, terminal, now } = stage
  const due = startDue(app)
  const keeper = backups(app)
  const played: Played = { cases: 0, skipped: [] }
  const given = new Set<Story>()

  const settle = async (): Promise<void> => {
    await books.keepUp((await concerned(app)).map((t) => t.tid))
    await clearByTime(app)
    await due.run()
    await keeper.run()
  }
  const walkTo = async (target: number): Promise<void> => {
    for (;;) {
      await settle()
      const next = Math.min((await due.next()) ?? Number.POSITIVE_INFINITY, morningAfter(clock.now(), app.zone))
      if (next > target) break
      clock.set(next)
    }
    clock.set(target)
  }

  const memories = new Map(stories.map((s) => [s, new Map<string, string>()]))
  const steps = stories
    .flatMap((story) => story.steps.map((step) => ({ story, step })))
    .filter(({ step }) => step[0] <= now)
  for (const {
    story,
    step: [at, who, act],
  } of steps.toSorted((a, b) => a.step[0] - b.step[0])) {
    if (given.has(story)) continue
    await walkTo(at)
    await books.keepUp(story.steps.flatMap((step) => step[2].names ?? []).map(terminal))
    const memory = memories.get(story)!
    const before = memory.size
    const { refusal, after } = await act(stage, who === 'system' ? systemActor : cast.actor(who), memory)
    if (refusal) {
      if (refusal.refused !== 'calendar_unknown')
        throw new Error(
          `the story “${story.name[1]}” is refused at ${new Date(at).toISOString()} (${who}): ${refusal.refused} ${JSON.stringify(refusal.with)}`,
        )
      given.add(story)
      played.skipped.push({ story: story.name, year: refusal.with['year'] as number })
    }
    if (after?.dossier.case && memory.size > before) played.cases++
  }
  await walkTo(now)
  await books.keepUp()
  await settle()
  await due.close()
  return played
}

const settlement_desk_opens = '06:00'
const morningAfter = (at: number, zone: string): number => {
  const today = instantOf(dateOf(at, zone), settlement_desk_opens, zone)
  return today > at ? today : instantOf(addDays(dateOf(at, zone), 1), settlement_desk_opens, zone)
}
