// May this terminal do this, now? One pure function answers for every door: in process, HTTP, ISO 8583, the virtual
// terminal. `permitted` is the law: mode × transaction class. Intervals say what mode a terminal is in at an instant,
// future changes included, so a scheduled stop needs no message when its minute comes: [from, to), at `from` the new one.
// Precedence, first match wins: terminal unknown → not this merchant's → closed → always accepted (reversal, settlement,
// batch upload, sign-off, echo, status: money already moved must be put right) → serial, then position differ from the
// register → merchant stopped → the table → sign on first → yes.
// A gate that knows the terminal but not its mode declines with 96 what needs permission, and accepts the rest.
import {
  say,
  type GateDecision, type HoldOwner, type Language, type Mode, type Reason, type ResponseCode, type TransactionClass,
  type Words,
} from './vocabulary.ts'

export type Permission = 'yes' | 'no' | 'policy' | 'made_before_stop' | 'made_before_stop_within_hours' | 'clear_only'

const row = (
  sell: Permission, finish: Permission, refund: Permission, clear: Permission, upload: Permission, start: Permission,
  test: Permission,
): Readonly<Record<TransactionClass, Permission>> => ({
  sale: sell, preauth: sell, balance: sell,
  preauth_completion: finish, preauth_cancel: finish, void: finish,
  refund,
  reversal: clear, settlement: clear, batch_upload: clear, sign_off: clear, echo: clear, status: clear,
  offline_upload: upload,
  sign_on: start, parameter_download: start,
  test_sale: test,
})

/** Who may transact now. `policy` asks the provider's rules; `made_before_stop` asks when the transaction was made. */
export const permitted: Readonly<Record<Mode, Readonly<Record<TransactionClass, Permission>>>> = {
  //            sale,   completion,
  //            preauth, cancel,            reversal,      offline                           sign_on,
  //            balance void      refund    settlement …   upload                            download test_sale
  open:     row('yes', 'yes',    'yes',    'yes',        'yes',                           'yes',    'no'),
  restrict: row('no',  'yes',    'yes',    'yes',        'yes',                           'yes',    'no'),
  drain:    row('no',  'yes',    'yes',    'yes',        'made_before_stop',              'yes',    'no'),
  shut:     row('no',  'policy', 'policy', 'yes',        'made_before_stop_within_hours', 'no',     'no'),
  test:     row('no',  'no',     'no',     'yes',        'no',                            'yes',    'yes'),
  closed:   row('no',  'no',     'no',     'clear_only', 'no',                            'no',     'no'),
  unknown:  row('no',  'no',     'no',     'no',         'no',                            'no',     'no'),
}

/** What even a terminal that is shut may send. */
export const isAlwaysAccepted = (transaction: TransactionClass): boolean => permitted.shut[transaction] === 'yes'

/** Why the gate answers as it does, as the cashier reads it. */
export const gateReasons = {
  ok: ['可以办理', 'Approved'],
  terminal_unknown: ['终端未登记', 'This terminal is not registered'],
  merchant_mismatch: ['终端号与商户号不符', 'This terminal is not registered for this merchant'],
  closed: ['终端已注销', 'This terminal is closed'],
  serial_mismatch: ['机具序列号与登记不符', 'The serial number differs from the register'],
  position_mismatch: ['机具位置与登记不符', 'The position differs from the register'],
  merchant_stopped: ['商户已停用', 'The merchant is stopped'],
  restricted: ['终端受限，只退不收', 'Restricted: refunds and completions only'],
  draining: ['停机清算中，不能收款', 'Stopping: no new payments'],
  stopped: ['已停机，不能收款', 'Stopped: no payments'],
  testing: ['复机测试中，只能做测试消费', 'Under test: test sales only'],
  made_after_stop: ['不是停机前的交易，不能上送', 'Not made before the stop: cannot be uploaded'],
  upload_too_late: ['已过离线交易上送期限', 'The time for uploading offline transactions is over'],
  class_not_permitted: ['本终端不能办理此类交易', 'This terminal may not do this'],
  sign_on_required: ['请先签到', 'Sign on first'],
  cannot_decide: ['系统暂时无法判定，请稍后再试', 'The system cannot decide now, try again later'],
  out_of_touch: ['暂时联系不上主机，不能办理，请稍后再试', 'Out of touch with the host: not now, try again later'],
  over_standin_limit: ['暂时联系不上主机，超出可先行办理的额度或次数', 'Out of touch with the host, and beyond what may be approved meanwhile'],
  gate_fenced: ['本闸口已停用，请稍后再试', 'This gate was taken out of service, try again later'],
} as const satisfies Readonly<Record<string, Words>>
export type GateReason = keyof typeof gateReasons
export const sayReason = (reason: GateReason, language: Language): string => say(gateReasons[reason], language)

/** Field 39 for each reason before the provider's own mapping (UnionPay meanings). */
export const codeOf: Readonly<Record<GateReason, ResponseCode>> = {
  ok: '00',
  terminal_unknown: '97', merchant_mismatch: '97', closed: '97',
  merchant_stopped: '03',
  serial_mismatch: '58', position_mismatch: '58', restricted: '58', draining: '58', stopped: '58', testing: '58',
  made_after_stop: '58', upload_too_late: '58', class_not_permitted: '58',
  sign_on_required: '77',
  cannot_decide: '96',
  out_of_touch: '91', over_standin_limit: '91', gate_fenced: '91',
}

/** How a mode says no. */
const refusalOf: Readonly<Record<Mode, GateReason>> = {
  open: 'class_not_permitted', restrict: 'restricted', drain: 'draining', shut: 'stopped', test: 'testing',
  closed: 'closed', unknown: 'terminal_unknown',
}

/** A stretch of time in one mode: epoch ms, from inclusive, to exclusive; no `to` = for good. */
export type GateInterval = {
  readonly from: number
  readonly to?: number | undefined
  readonly mode: Mode
  /** Ids of the holds in effect. */
  readonly holds: readonly string[]
  /** When the stop this interval belongs to began; without it no offline transaction counts as made before the stop. */
  readonly stopAt?: number | undefined
}

export type GateHold = {
  readonly id: string
  readonly reason: Reason
  readonly owner: HoldOwner
  readonly effectiveFrom: number
  readonly expectedUntil?: number | undefined
  readonly caseNo?: string | undefined
}

/** All a gate knows of one terminal. `intervals` cover all time, from minus infinity, without gaps. */
export type GateEntry = {
  readonly tid: string
  readonly mid: string
  readonly provider: string
  readonly serial?: string | undefined
  /** Degrees; both or neither. */
  readonly longitude?: number | undefined
  readonly latitude?: number | undefined
  /** It came back from a stop and has not signed on since. Reopenings still to come are read from the intervals. */
  readonly signOnRequired: boolean
  /** The last sign-on after which this gate has not yet heard from the feed. */
  readonly signedOnAt?: number | undefined
  readonly merchantStopped?: boolean | undefined
  /** A closed terminal still has something to clear. */
  readonly openWork?: boolean | undefined
  readonly intervals: readonly GateInterval[]
  readonly holds: readonly GateHold[]
  /** Grows with every change of this entry. */
  readonly version: number
}

/** What a gate may approve by itself while the primary is out of reach (gate.md section 2). */
export type StandinRules = {
  /** H: for how long after its lease. */
  readonly seconds: number
  /** Of one approval, at most. */
  readonly floorLimitFen: number
  /** Per terminal while it lasts, at most. */
  readonly countMax: number
  readonly totalFenMax: number
  /** The provider's written choice for ordinary terminals after that time. */
  readonly afterwards: 'decline' | 'approve_within_limits'
}
export const standinDefaults: StandinRules = {
  seconds: 15 * 60, floorLimitFen: 1_000_00, countMax: 10, totalFenMax: 5_000_00, afterwards: 'decline',
}

/** What a provider decides for its gates; the `gate` part of its policy, with its name and telephone. */
export type GateRules = {
  readonly provider: string
  /** Field 39 as this provider's terminals know it, where it differs. */
  readonly responseCodes: Readonly<Partial<Record<ResponseCode, string>>>
  readonly refundWhileShut: boolean
  readonly completionWhileShut: boolean
  readonly offlineUploadHours: number
  readonly signOnAfterReopening: boolean
  /** Without it the position is not compared. */
  readonly positionToleranceMetres?: number | undefined
  readonly hotline?: string | undefined
  readonly standin?: StandinRules | undefined
}

export type GatePosition = { readonly longitude: number; readonly latitude: number }

/** A door that is asked often fills every field, in this order: objects of one shape are read faster. */
export type GateQuery = {
  readonly tid: string
  readonly mid: string
  readonly class: TransactionClass
  readonly serial?: string | undefined
  readonly position?: GatePosition | undefined
  /** When the cardholder paid, for transactions uploaded later (epoch ms). */
  readonly madeAt?: number | undefined
  /** Fen. */
  readonly amount?: number | undefined
}

export type SecurityEvent = 'merchant_mismatch' | 'serial_mismatch' | 'position_mismatch'

export type Answer = {
  readonly decision: GateDecision
  /** Field 39, as the provider maps it. */
  readonly code: string
  readonly reason: GateReason
  readonly holds: readonly string[]
  readonly mode: Mode
  /** The decision time. */
  readonly asOf: number
  /** When this mode ends, where that is known. */
  readonly until: number | undefined
  /** Something about the terminal is not as registered, even where the answer is yes. */
  readonly securityEvent: SecurityEvent | undefined
}

const noHolds: readonly string[] = []
/** The intervals of a terminal that no hold ever touched; most are like this. */
export const alwaysOpen: readonly GateInterval[] = [
  { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, mode: 'open', holds: noHolds, stopAt: undefined },
]

/** Where in the list the instant lies; -1 in a gap. */
export const intervalAt = (intervals: readonly GateInterval[], at: number): number => {
  for (let i = intervals.length - 1; i >= 0; i--) {
    const { from, to } = intervals[i]!
    if (from <= at) return at < (to ?? Number.POSITIVE_INFINITY) ? i : -1
  }
  return -1
}

const metres_per_degree = 111_195
/**
 * Metres between two places, as on a flat map of the neighbourhood: right to a thousandth within the kilometres a
 * tolerance can have, and certainly not small where it is far.
 */
const distance = (a: GatePosition, longitude: number, latitude: number): number => {
  const east = Math.abs(a.longitude - longitude)
  const x = Math.min(east, 360 - east) * Math.cos((latitude * Math.PI) / 180)
  const y = a.latitude - latitude
  return metres_per_degree * Math.sqrt(x * x + y * y)
}

/** Serial and position are compared where the terminal sends them and the register has them. */
const mismatchOf = (entry: GateEntry, query: GateQuery, rules: GateRules): SecurityEvent | undefined => {
  if (query.serial !== undefined && entry.serial !== undefined && query.serial !== entry.serial)
    return 'serial_mismatch'
  const { positionToleranceMetres: tolerance } = rules
  const { longitude, latitude } = entry
  if (query.position === undefined || tolerance === undefined || longitude === undefined || latitude === undefined)
    return undefined
  // Written so that a position that is no number counts as elsewhere.
  return distance(query.position, longitude, latitude) <= tolerance ? undefined : 'position_mismatch'
}

const hour_ms = 3_600_000

/** What a cell says that is no plain yes. The policy's hours end as intervals do: at the instant itself it is over. */
const permit = (
  permission: Exclude<Permission, 'yes'>, entry: GateEntry, interval: GateInterval, query: GateQuery, now: number,
  rules: GateRules,
): GateReason => {
  switch (permission) {
    case 'policy': {
      const allowed = query.class === 'refund' ? rules.refundWhileShut : rules.completionWhileShut
      return allowed ? 'ok' : refusalOf[interval.mode]
    }
    case 'made_before_stop':
    case 'made_before_stop_within_hours': {
      const { stopAt } = interval
      if (stopAt === undefined || query.madeAt === undefined || !(query.madeAt < stopAt)) return 'made_after_stop'
      const inTime = permission === 'made_before_stop' || now < stopAt + rules.offlineUploadHours * hour_ms
      return inTime ? 'ok' : 'upload_too_late'
    }
    case 'clear_only': return entry.openWork === true ? 'ok' : 'closed'
    // Also a class the table does not have: what is not permitted is refused.
    default: return refusalOf[interval.mode]
  }
}

const trades = (mode: Mode): boolean => mode === 'open' || mode === 'restrict'
export const isStop = (mode: Mode): boolean => mode === 'drain' || mode === 'shut' || mode === 'test'

/**
 * After a reopening – to trade again out of any other mode – everything but sign-on waits for a sign-on. While
 * shut it does not ask, since no sign-on is taken then; nor under test, which comes before the reopening.
 */
const owesSignOn = (entry: GateEntry, at: number): boolean => {
  const { intervals, signOnRequired, signedOnAt } = entry
  const { mode } = intervals[at]!
  if ((at === 0 && !signOnRequired) || !(trades(mode) || mode === 'drain')) return false
  let reopenedAt = signOnRequired ? intervals[0]!.from : Number.NaN
  for (let i = at; i > 0; i--) {
    if (!trades(intervals[i]!.mode) || trades(intervals[i - 1]!.mode)) continue
    reopenedAt = intervals[i]!.from
    break
  }
  return !Number.isNaN(reopenedAt) && !(signedOnAt !== undefined && signedOnAt >= reopenedAt)
}

const judge = (
  entry: GateEntry, at: number, query: GateQuery, now: number, rules: GateRules, mismatch: SecurityEvent | undefined,
): GateReason => {
  const interval = entry.intervals[at]
  if (interval === undefined) return isAlwaysAccepted(query.class) ? 'ok' : 'cannot_decide'
  const { mode } = interval
  const permission = permitted[mode][query.class]
  let reason = permission === 'yes' ? 'ok' : permit(permission, entry, interval, query, now, rules)
  if (mode === 'closed' || mode === 'unknown') return reason
  if (mismatch !== undefined) reason = mismatch
  else if (entry.merchantStopped === true) reason = 'merchant_stopped'
  else if (reason === 'ok' && query.class !== 'sign_on' && rules.signOnAfterReopening && owesSignOn(entry, at))
    reason = 'sign_on_required'
  return reason !== 'ok' && isAlwaysAccepted(query.class) ? 'ok' : reason
}

/**
 * The answer to one query at one instant (epoch ms). `rules` are those of the entry's provider, or the house's own for
 * a terminal nobody registered. `holds` and `mode` of a terminal are told only to the merchant it belongs to.
 */
export const decide = (entry: GateEntry | undefined, query: GateQuery, now: number, rules: GateRules): Answer => {
  let reason: GateReason
  let interval: GateInterval | undefined
  let securityEvent: SecurityEvent | undefined
  if (entry === undefined) reason = 'terminal_unknown'
  else if (entry.mid !== query.mid) reason = securityEvent = 'merchant_mismatch'
  else {
    const at = intervalAt(entry.intervals, now)
    interval = entry.intervals[at]
    securityEvent = mismatchOf(entry, query, rules)
    reason = judge(entry, at, query, now, rules, securityEvent)
  }
  const code = codeOf[reason]
  return {
    decision: reason === 'ok' ? 'approve' : 'decline',
    code: rules.responseCodes[code] ?? code,
    reason,
    holds: interval === undefined ? noHolds : interval.holds,
    mode: interval === undefined ? 'unknown' : interval.mode,
    asOf: now,
    until: interval === undefined || interval.to === Number.POSITIVE_INFINITY ? undefined : interval.to,
    securityEvent,
  }
}
