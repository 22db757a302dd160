// A terminal and its holds. Service is never set by anybody: it is computed from installation, holds and the clock, and the
// stored column is only a copy for lists. A hold lives: scheduled → started (drains) → shut → cleared by its owner → lifted.
// "Cleared" is the owner's consent; the last hold to be cleared keeps the terminal shut in test mode until the test passes,
// so that nothing opens a terminal that has not been tested.
import {
  stopsAtOnce, waysOut, holdOwners, type DeviceWord, type Effect, type HoldOwner, type Mode, type Ownership, type Reason, type Service, type TestItem, type Term,
} from './vocabulary.ts'
import { refuse, type Refusal } from './refusals.ts'

export type Hold = {
  id: string
  reason: Reason
  owner: HoldOwner
  effect: Effect
  /** From here no new sale (epoch ms, inclusive). */
  effectiveFrom: number
  /** Draining ends here at the latest; equal to effectiveFrom where the stop is at once. */
  drainUntil: number
  expectedUntil: number | undefined
  /** The case that placed it, or none for the provider's own stop. */
  caseNo: string | undefined
  placedBy: string
  /** When the stop was carried out, and when the terminal was shut because nothing was open or the window had ended. */
  startedAt: number | undefined
  shutAt: number | undefined
  clearedAt: number | undefined
  liftedAt: number | undefined
  withdrawnAt: number | undefined
  /** Instants at which people are reminded of the return, those already past removed. */
  reminders: readonly number[]
  /** By when the device should have said itself that it has stopped; absent where the policy does not ask. */
  deviceDueAt?: number | undefined
}

export type Terminal = {
  id: string
  tid: string
  installedAt: number | undefined
  closedAt: number | undefined
  /** Of a closed terminal: until when a chargeback of an earlier sale may still come in. */
  chargebackUntil?: number | undefined
  /** Of a terminal not installed yet: since when its device is on it and waits for its test. */
  setupAt?: number | undefined
  signOnRequired: boolean
  clear: boolean
  /** Since when every gate refuses sales; belongs to the stop in effect. */
  hostBlockedAt?: number | undefined
  /** Since when the device itself says that it has stopped; belongs to the stop in effect. */
  deviceConfirmedAt?: number | undefined
  /** Since when people have been told that it does not say so. */
  deviceSilentAt?: number | undefined
  /** Since when every gate knows the holds as they are here; unknown while one is still to acknowledge. */
  gatesKnowAt?: number | undefined
  holds: readonly Hold[]
}

/** A stretch of the schedule: what the terminal may do in [from, to). */
export type Stretch = { from: number; to: number | undefined; mode: Mode; hold: string | undefined }

export const isOver = (hold: Hold): boolean => hold.liftedAt !== undefined || hold.withdrawnAt !== undefined
export const isInEffect = (hold: Hold, now: number): boolean =>
  hold.withdrawnAt === undefined && hold.effectiveFrom <= now && (hold.liftedAt === undefined || hold.liftedAt > now)
export const isFuture = (hold: Hold, now: number): boolean => !isOver(hold) && hold.effectiveFrom > now
export const inEffect = (terminal: Terminal, now: number): Hold[] => terminal.holds.filter((h) => isInEffect(h, now))
export const termOf = (hold: Hold): Term => (hold.expectedUntil === undefined ? 'open_ended' : 'temporary')

/** A replacement's own stop: it ends with the replacement and is in nobody's hand. */
export const isOfReplacement = (hold: Pick<Hold, 'reason' | 'caseNo'>): boolean => hold.reason === 'X01' && hold.caseNo !== undefined

/** When draining ends for one hold: shut earlier because clear, or at the end of its window. */
const drainEnd = (hold: Hold): number => Math.min(hold.shutAt ?? Number.POSITIVE_INFINITY, hold.drainUntil)

function modeUnder(holds: readonly Hold[], at: number): Mode {
  if (holds.length === 0) return 'open'
  const uncleared = holds.filter((h) => h.clearedAt === undefined || h.clearedAt > at)
  if (uncleared.length === 0) return holds.every((h) => h.effect === 'restrict') ? 'restrict' : 'test'
  const stops = uncleared.filter((h) => h.effect === 'stop')
  // A stop that is cleared but not lifted still needs its test; a restriction beside it does not stand in the test's way.
  if (stops.length === 0) return holds.some((h) => h.effect === 'stop') ? 'test' : 'restrict'
  return stops.some((h) => drainEnd(h) <= at) ? 'shut' : 'drain'
}

/** What the terminal may do at an instant. */
export function modeAt(terminal: Terminal, at: number): Mode {
  if (terminal.closedAt !== undefined && terminal.closedAt <= at) return 'closed'
  if (terminal.installedAt === undefined || terminal.installedAt > at)
    return terminal.setupAt !== undefined && terminal.setupAt <= at ? 'test' : 'shut'
  return modeUnder(inEffect(terminal, at), at)
}

const serviceOfMode: Readonly<Record<Mode, Service>> = {
  open: 'active', restrict: 'restricted', drain: 'draining', shut: 'suspended', test: 'testing', closed: 'closed',
  unknown: 'pending_setup',
}

/** Service status, by domain section 2: closed, else pending_setup, else by the holds in effect now. */
export function serviceAt(terminal: Terminal, at: number): Service {
  const mode = modeAt(terminal, at)
  if (mode === 'closed') return 'closed'
  if (terminal.installedAt === undefined || terminal.installedAt > at) return 'pending_setup'
  return serviceOfMode[mode]
}

/** The hold people are told of: the one that stops hardest, the provider's before the merchant's, the oldest first. */
export function leadingHold(holds: readonly Hold[], at: number): Hold | undefined {
  const weight = (h: Hold): number =>
    (h.clearedAt !== undefined && h.clearedAt <= at ? 8 : 0) + (h.effect === 'restrict' ? 4 : 0) + (h.owner === 'merchant' ? 2 : 0)
  return holds.toSorted((a, b) => weight(a) - weight(b) || a.effectiveFrom - b.effectiveFrom)[0]
}

/** Every instant at which a terminal's mode may change by itself or did change. */
function turningPoints(terminal: Terminal): number[] {
  const points = [terminal.setupAt, terminal.installedAt, terminal.closedAt]
  for (const h of terminal.holds) {
    if (h.withdrawnAt !== undefined) continue
    points.push(h.effectiveFrom, drainEnd(h), h.clearedAt, h.liftedAt)
  }
  return [...new Set(points.filter((p) => p !== undefined && Number.isFinite(p)))].toSorted((a, b) => a! - b!) as number[]
}

/**
 * What the terminal may do from `from` to `to` (epoch ms; either may be infinite), as stretches without gaps. The same
 * stretches feed the gate, the time strip and the letters. A last stretch that has no known end has `to: undefined`.
 */
export function schedule(terminal: Terminal, from: number, to: number): Stretch[] {
  const points = [from, ...turningPoints(terminal).filter((p) => p > from && p < to)]
  const stretches: Stretch[] = []
  for (const [i, start] of points.entries()) {
    // At minus infinity nothing has happened yet: look just before the first turning point.
    const probe = Number.isFinite(start) ? start : (points[1] ?? 0) - 1
    const mode = modeAt(terminal, probe)
    const hold = leadingHold(inEffect(terminal, probe), probe)?.id
    const end = points[i + 1] ?? (Number.isFinite(to) ? to : undefined)
    const last = stretches.at(-1)
    if (last && last.mode === mode && last.hold === hold) last.to = end
    else stretches.push({ from: start, to: end, mode, hold })
  }
  return stretches
}

/** Changes still to come, in order of time. */
export const upcoming = (terminal: Terminal, now: number): { at: number; mode: Mode; hold: string | undefined }[] =>
  schedule(terminal, now, Number.POSITIVE_INFINITY).slice(1).map((s) => ({ at: s.from, mode: s.mode, hold: s.hold }))

/** The next instant the clock itself must look at this terminal: a hold starts, or its drain window ends. */
export function nextDue(terminal: Terminal): number | undefined {
  const due = terminal.holds.flatMap((h) => {
    if (isOver(h)) return []
    if (h.startedAt === undefined) return [h.effectiveFrom]
    // Begun but not yet known to every gate: looked at again until it is.
    if (h.effect === 'stop' && terminal.hostBlockedAt === undefined) return [h.effectiveFrom]
    const draining = h.effect === 'stop' && h.shutAt === undefined && h.clearedAt === undefined
    return [...(draining ? [h.drainUntil] : []), ...h.reminders, ...deviceDue(terminal, h)]
  })
  return due.length === 0 ? undefined : Math.min(...due)
}

/** When the device's silence under this stop is raised: once, and again only after it spoke. */
const deviceDue = (terminal: Terminal, hold: Hold): number[] =>
  hold.deviceDueAt === undefined || hold.clearedAt !== undefined || terminal.closedAt !== undefined || terminal.deviceConfirmedAt !== undefined || terminal.deviceSilentAt !== undefined
    ? [] : [hold.deviceDueAt]

// ── Facts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
export type TerminalFact =
  | { fact: 'hold_placed'; terminal: string; hold: Hold }
  | { fact: 'hold_withdrawn'; terminal: string; hold: string; at: number }
  | { fact: 'hold_started'; terminal: string; hold: string; at: number }
  | { fact: 'hold_shut'; terminal: string; hold: string; at: number; stillOpen: boolean }
  | { fact: 'hold_cleared'; terminal: string; hold: string; at: number; by: string }
  | { fact: 'hold_lifted'; terminal: string; hold: string; at: number; by: string }
  | { fact: 'hold_reclaimed'; terminal: string; hold: string; at: number }
  | { fact: 'hold_moved'; terminal: string; hold: string; effectiveFrom: number; drainUntil: number }
  | { fact: 'expected_until_set'; terminal: string; hold: string; expectedUntil: number; reminders: readonly number[] }
  | { fact: 'reminded'; terminal: string; hold: string; at: number; expectedUntil: number }
  | { fact: 'tested'; terminal: string; at: number; by: string; passed: boolean; items: readonly TestedItem[] }
  | { fact: 'reopened'; terminal: string; at: number; signOnRequired: boolean }
  | { fact: 'signed_on'; terminal: string; at: number }
  | { fact: 'host_blocked'; terminal: string; at: number }
  | { fact: 'made_final'; terminal: string; hold: string }
  | { fact: 'closed'; terminal: string; at: number; serial: string | undefined; chargebackUntil: number }
  | { fact: 'device_unbound'; terminal: string; at: number; by: string; serial: string }
  | { fact: 'device_bound'; terminal: string; at: number; by: string; device: BoundDevice; model: string; position: Place; photo: string | undefined }
  | { fact: 'installed'; terminal: string; at: number; signOnRequired: boolean }
  | { fact: 'unreserved'; terminal: string; at: number }
  | { fact: 'device_confirmed'; terminal: string; at: number; by: DeviceWord }
  | { fact: 'device_operating'; terminal: string; at: number; by: DeviceWord }
  | { fact: 'device_silent'; terminal: string; hold: string; at: number }

/** The device on a terminal, as the register knows it. */
export type BoundDevice = { serial: string; ownership: Ownership; depositFen: number; /** Since when it is on it, where that is not since the installation. */ since?: number | undefined }
/** Degrees, as the device itself gives them. */
export type Place = { longitude: number; latitude: number }

export type TestedItem = { item: TestItem; passed: boolean; note?: string | undefined }

export function evolveTerminal(terminal: Terminal, fact: TerminalFact): Terminal {
  const change = (id: string, part: Partial<Hold>): Terminal => ({
    ...terminal, holds: terminal.holds.map((h) => (h.id === id ? { ...h, ...part } : h)),
  })
  switch (fact.fact) {
    // The gates must hear of a new hold before any stop of it may be called effective.
    case 'hold_placed': return { ...terminal, holds: [...terminal.holds, fact.hold], gatesKnowAt: undefined }
    case 'hold_withdrawn': return change(fact.hold, { withdrawnAt: fact.at })
    case 'hold_started': return change(fact.hold, { startedAt: fact.at })
    case 'hold_shut': return change(fact.hold, { shutAt: fact.at })
    case 'host_blocked': return { ...terminal, hostBlockedAt: fact.at }
    case 'hold_cleared': return change(fact.hold, { clearedAt: fact.at })
    case 'hold_lifted': return change(fact.hold, { liftedAt: fact.at })
    case 'hold_reclaimed': return change(fact.hold, { clearedAt: undefined })
    case 'device_confirmed': return { ...terminal, deviceConfirmedAt: fact.at, deviceSilentAt: undefined }
    case 'device_operating': return { ...terminal, deviceConfirmedAt: undefined }
    case 'device_silent': return { ...terminal, deviceSilentAt: fact.at }
    case 'hold_moved': {
      const hold = terminal.holds.find((h) => h.id === fact.hold)
      const deviceDueAt = hold?.deviceDueAt === undefined ? undefined : hold.deviceDueAt + fact.effectiveFrom - hold.effectiveFrom
      return { ...change(fact.hold, { effectiveFrom: fact.effectiveFrom, drainUntil: fact.drainUntil, deviceDueAt }), gatesKnowAt: undefined }
    }
    case 'expected_until_set': return change(fact.hold, { expectedUntil: fact.expectedUntil, reminders: fact.reminders })
    case 'reminded': {
      const hold = terminal.holds.find((h) => h.id === fact.hold)
      return change(fact.hold, { reminders: hold?.reminders.filter((r) => r > fact.at) ?? [] })
    }
    case 'tested': return terminal
    case 'reopened': return {
      ...terminal, signOnRequired: fact.signOnRequired, hostBlockedAt: undefined, deviceConfirmedAt: undefined, deviceSilentAt: undefined,
    }
    case 'signed_on': return { ...terminal, signOnRequired: false }
    case 'device_unbound': return terminal
    // Of a terminal that works already the device is only another one.
    case 'device_bound': return terminal.installedAt === undefined ? { ...terminal, setupAt: fact.at } : terminal
    case 'installed': return { ...terminal, installedAt: fact.at, signOnRequired: fact.signOnRequired }
    case 'unreserved': return { ...terminal, closedAt: fact.at }
    case 'made_final': return change(fact.hold, { expectedUntil: undefined, reminders: [] })
    case 'closed': return { ...terminal, closedAt: fact.at, chargebackUntil: fact.chargebackUntil, signOnRequired: false }
  }
}
export const evolveAll = (terminal: Terminal, facts: readonly TerminalFact[]): Terminal => facts.reduce(evolveTerminal, terminal)

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────────
export type NewHold = Pick<Hold, 'id' | 'reason' | 'owner' | 'effect' | 'expectedUntil' | 'caseNo' | 'placedBy'> & {
  effectiveFrom: number | undefined
  drainUntil: number | undefined
  drainHours: number
  reminderDaysBeforeReturn: readonly number[]
  /** Within how many hours of the stop the device should say so itself; absent or 0 asks for nothing. */
  deviceConfirmHours?: number | undefined
}

const hour_ms = 3_600_000
const day_ms = 24 * hour_ms

/** When people are reminded of a return, `days` before it and at the moment itself; what is past by `now` is left out. */
export const remindersOf = (expectedUntil: number | undefined, days: readonly number[], now: number): number[] =>
  expectedUntil === undefined ? [] :
    [...days.map((d) => expectedUntil - d * day_ms), expectedUntil].filter((at) => at > now).toSorted((a, b) => a - b)

/** Places a hold. One open hold of a kind (owner and reason) per terminal and time; a stop for risk has no drain window. */
export function placeHold(terminal: Terminal, wanted: NewHold, now: number): TerminalFact[] | Refusal {
  if (terminal.closedAt !== undefined) return refuse('terminal_closed', { tid: terminal.tid })
  if (terminal.installedAt === undefined) return refuse('terminal_not_installed', { tid: terminal.tid })
  if (terminal.holds.some((h) => !isOver(h) && h.owner === wanted.owner && h.reason === wanted.reason))
    return refuse('hold_exists', { tid: terminal.tid, reason: wanted.reason })
  const effectiveFrom = Math.max(wanted.effectiveFrom ?? now, now)
  const atOnce = stopsAtOnce(wanted.reason)
  const drainUntil = atOnce ? effectiveFrom : Math.max(wanted.drainUntil ?? effectiveFrom + wanted.drainHours * hour_ms, effectiveFrom)
  const { drainHours: _, reminderDaysBeforeReturn: days, deviceConfirmHours = 0, ...rest } = wanted
  const hold: Hold = {
    // Nobody is reminded of a return from a stop that has not begun.
    ...rest, effectiveFrom, drainUntil, reminders: remindersOf(wanted.expectedUntil, days, effectiveFrom),
    deviceDueAt: deviceConfirmHours > 0 && wanted.effect === 'stop' ? effectiveFrom + deviceConfirmHours * hour_ms : undefined,
    startedAt: undefined, shutAt: undefined, clearedAt: undefined, liftedAt: undefined, withdrawnAt: undefined,
  }
  const placed: TerminalFact = { fact: 'hold_placed', terminal: terminal.id, hold }
  return [placed, ...tickTerminal(evolveTerminal(terminal, placed), now)]
}

/** What the clock and the books have brought about: holds that begin now, and holds that are shut because nothing is open. */
export function tickTerminal(terminal: Terminal, now: number): TerminalFact[] {
  const facts: TerminalFact[] = hostBlocked(terminal, now)
  for (const hold of terminal.holds) {
    if (isOver(hold) || hold.effectiveFrom > now) continue
    // The moment recorded is the moment it became true, however late we look.
    if (hold.startedAt === undefined)
      facts.push({ fact: 'hold_started', terminal: terminal.id, hold: hold.id, at: hold.effectiveFrom })
    if (hold.expectedUntil !== undefined && hold.reminders.some((r) => r <= now))
      facts.push({ fact: 'reminded', terminal: terminal.id, hold: hold.id, at: now, expectedUntil: hold.expectedUntil })
    if (hold.effect === 'restrict' || hold.shutAt !== undefined || hold.clearedAt !== undefined) continue
    if (hold.drainUntil <= now)
      facts.push({ fact: 'hold_shut', terminal: terminal.id, hold: hold.id, at: hold.drainUntil, stillOpen: !terminal.clear })
    else if (terminal.clear)
      facts.push({ fact: 'hold_shut', terminal: terminal.id, hold: hold.id, at: Math.max(hold.effectiveFrom, now), stillOpen: false })
  }
  return [...facts, ...deviceSilent(terminal, now)]
}

const stopsInEffect = (terminal: Terminal, now: number): Hold[] => inEffect(terminal, now).filter((h) => h.effect === 'stop')

/**
 * A stop is effective at its moment where every gate knew of it before; else from when the last gate acknowledged. A gate
 * whose clock is ahead may have stamped an answer later than now: until then nothing is said.
 */
function hostBlocked(terminal: Terminal, now: number): TerminalFact[] {
  const stops = stopsInEffect(terminal, now)
  if (stops.length === 0 || terminal.hostBlockedAt !== undefined || terminal.gatesKnowAt === undefined || terminal.gatesKnowAt > now) return []
  const begun = Math.min(...stops.map((h) => h.effectiveFrom))
  return [{ fact: 'host_blocked', terminal: terminal.id, at: Math.max(begun, terminal.gatesKnowAt) }]
}

// ── What the device says itself ─────────────────────────────────────────────────────────────────────────────────────
export type DeviceSaid = { said: 'signed_off' | 'stopped' | 'operating'; by: DeviceWord; at: number }

/** Stops the device is to obey: once all are released it is being tested, and works rightly. */
const stopsToObey = (terminal: Terminal, now: number): Hold[] => stopsInEffect(terminal, now).filter((h) => h.clearedAt === undefined)

/**
 * The device's own word on the stop in effect. Only what it said at or after the stop counts as a confirmation; saying
 * later that it works takes it back.
 */
export function deviceSays(terminal: Terminal, { said, by, at }: DeviceSaid, now: number): TerminalFact[] {
  const stops = stopsToObey(terminal, now)
  if (stops.length === 0 || at < Math.min(...stops.map((h) => h.effectiveFrom))) return []
  if (said === 'operating')
    return terminal.deviceConfirmedAt !== undefined && at > terminal.deviceConfirmedAt ? [{ fact: 'device_operating', terminal: terminal.id, at, by }] : []
  return terminal.deviceConfirmedAt === undefined ? [{ fact: 'device_confirmed', terminal: terminal.id, at, by }] : []
}

/** The stop has lasted long enough for the device to say so, and it did not. */
function deviceSilent(terminal: Terminal, now: number): TerminalFact[] {
  const late = stopsToObey(terminal, now).find((h) => deviceDue(terminal, h).some((at) => at <= now))
  return late === undefined ? [] : [{ fact: 'device_silent', terminal: terminal.id, hold: late.id, at: late.deviceDueAt! }]
}

/** The refusal that names a hold, its owner and its way out. */
export const heldBy = (terminal: Terminal, hold: Hold): Refusal =>
  refuse('held_by_another', {
    tid: terminal.tid, reason: hold.reason, owner: holdOwners[hold.owner], wayOut: waysOut[hold.owner],
  })

/** Holds in effect that still wait for their owner's consent. */
export const uncleared = (terminal: Terminal, now: number): Hold[] =>
  inEffect(terminal, now).filter((h) => h.clearedAt === undefined)

/**
 * Its owner gives one hold free. Not begun: withdrawn. Others still in effect: lifted now, the terminal stays shut by them.
 * The last one: cleared, and lifted only by a passed test – unless it only restricted, then lifted at once.
 */
export function clearHold(terminal: Terminal, holdId: string, by: string, now: number): TerminalFact[] | Refusal {
  const hold = terminal.holds.find((h) => h.id === holdId)
  if (hold === undefined) return refuse('not_found')
  if (isOver(hold) || hold.clearedAt !== undefined) return refuse('hold_lifted')
  if (hold.effectiveFrom > now) return [{ fact: 'hold_withdrawn', terminal: terminal.id, hold: holdId, at: now }]
  // It may have begun a moment ago without the clock having looked yet: its beginning is never left out.
  const begun: TerminalFact[] = hold.startedAt !== undefined ? []
    : [{ fact: 'hold_started', terminal: terminal.id, hold: holdId, at: hold.effectiveFrom }]
  const cleared: TerminalFact = { fact: 'hold_cleared', terminal: terminal.id, hold: holdId, at: now, by }
  const lifted: TerminalFact = { fact: 'hold_lifted', terminal: terminal.id, hold: holdId, at: now, by }
  const others = uncleared(terminal, now).filter((h) => h.id !== holdId)
  const stopsLeft = others.some((h) => h.effect === 'stop')
  if (hold.effect === 'restrict' || stopsLeft) return [...begun, cleared, lifted]
  return [...begun, cleared]
}

/** A consent taken back before a test has lifted the hold: what was to be tested is no longer there. */
export const reclaimHold = (terminal: Terminal, hold: Hold, now: number): TerminalFact[] =>
  hold.clearedAt === undefined || isOver(hold) ? [] : [{ fact: 'hold_reclaimed', terminal: terminal.id, hold: hold.id, at: now }]

/** True when nothing but the device test stands between the terminal and its sales. */
export const isTesting = (terminal: Terminal, now: number): boolean => modeAt(terminal, now) === 'test'

/** A merchant's stop given free is tested in its reactivation, which may still want something before – a fee, a filing. */
export const testedInCase = (terminal: Terminal): Refusal | undefined =>
  terminal.holds.some((h) => h.owner === 'merchant' && h.clearedAt !== undefined && h.liftedAt === undefined) ? refuse('test_in_case', { tid: terminal.tid }) : undefined

/**
 * A device test. All demanded items must be there; one failed keeps the terminal shut and says what failed; passed lifts
 * every cleared hold, and sign-on is demanded where the policy says so.
 */
export function recordTest(
  terminal: Terminal, items: readonly TestedItem[], demanded: readonly TestItem[], signOnAfterReopening: boolean, by: string, now: number,
): TerminalFact[] | Refusal {
  const blocking = uncleared(terminal, now).find((h) => h.effect === 'stop')
  if (blocking) return heldBy(terminal, blocking)
  // One that was never in service is tested by its installation.
  if (!isTesting(terminal, now) || terminal.installedAt === undefined) return refuse('test_not_due', { tid: terminal.tid })
  const missing = demanded.filter((d) => !items.some((i) => i.item === d))
  if (missing.length > 0) return refuse('test_items_missing', { missing: missing.join(', ') })
  const passed = items.every((i) => i.passed)
  const tested: TerminalFact = { fact: 'tested', terminal: terminal.id, at: now, by, passed, items }
  if (!passed) return [tested]
  const lifted = inEffect(terminal, now).filter((h) => h.clearedAt !== undefined)
    .map((h): TerminalFact => ({ fact: 'hold_lifted', terminal: terminal.id, hold: h.id, at: now, by }))
  return [tested, ...lifted, { fact: 'reopened', terminal: terminal.id, at: now, signOnRequired: signOnAfterReopening }]
}

/** The test of a terminal that was never in service: passed, it is installed. */
export function recordInstallation(
  terminal: Terminal, items: readonly TestedItem[], demanded: readonly TestItem[], signOnFirst: boolean, by: string, now: number,
): TerminalFact[] | Refusal {
  if (terminal.installedAt !== undefined || terminal.setupAt === undefined) return refuse('test_not_due', { tid: terminal.tid })
  const missing = demanded.filter((d) => !items.some((i) => i.item === d))
  if (missing.length > 0) return refuse('test_items_missing', { missing: missing.join(', ') })
  const passed = items.every((i) => i.passed)
  const tested: TerminalFact = { fact: 'tested', terminal: terminal.id, at: now, by, passed, items }
  return passed ? [tested, { fact: 'installed', terminal: terminal.id, at: now, signOnRequired: signOnFirst }] : [tested]
}

/**
 * Closes a terminal for good. Its merchant's stop ends with it, and so does every other hold its owner has consented to end;
 * one that has not begun falls away. A hold in effect that somebody else still insists on must have kept it from coming here.
 */
export function closeTerminal(terminal: Terminal, holdId: string, by: string, serial: string | undefined, chargebackUntil: number, now: number): TerminalFact[] {
  const ends = terminal.holds.filter((h) => !isOver(h)).flatMap((h): TerminalFact[] => {
    if (h.effectiveFrom > now) return [{ fact: 'hold_withdrawn', terminal: terminal.id, hold: h.id, at: now }]
    const lifted: TerminalFact = { fact: 'hold_lifted', terminal: terminal.id, hold: h.id, at: now, by }
    return h.id === holdId ? [{ fact: 'hold_cleared', terminal: terminal.id, hold: h.id, at: now, by }, lifted] : [lifted]
  })
  return [...ends, { fact: 'closed', terminal: terminal.id, at: now, serial, chargebackUntil }]
}

/** Moves a hold that has not begun to another moment, its drain window with it. */
export const moveHold = (terminal: Terminal, hold: Hold, effectiveFrom: number): TerminalFact[] => [{
  fact: 'hold_moved', terminal: terminal.id, hold: hold.id, effectiveFrom,
  drainUntil: effectiveFrom + (hold.drainUntil - hold.effectiveFrom),
}]
