// Numbers that name somebody or something – enterprises, people, cards, merchants, terminals, devices, telephones,
// places. A check takes what was typed and answers either the one spelling we keep, with warnings that stop nobody, or
// the code of what is wrong. It never guesses and never repairs beyond what is named: spaces and hyphens stripped,
// letters raised. Full-width characters are refused, so that a number looks on screen as it is stored.
// `scrubPans` is the last line of defence for card numbers: free text and log lines pass through it before they are
// kept.
import { isDate } from './calendar.ts'
import { isMcc } from './mcc.ts'
import type { ImportError } from './vocabulary.ts'

/** The value as it is kept, or what is wrong with it. */
export type Checked<Code extends string = ImportError, Warning extends string = never> =
  | { value: string; warnings: Warning[] }
  | { code: Code }

const fine = (value: string): { value: string; warnings: never[] } => ({ value, warnings: [] })
/** What the eye groups by: ASCII spaces, tabs and hyphens. */
const ungrouped = (text: string): string => text.replace(/[ \t-]/g, '')
const whole =
  <Code extends ImportError>(pattern: RegExp, code: Code) =>
  (text: string): Checked<Code> => {
    const value = text.trim()
    return pattern.test(value) ? fine(value) : { code }
  }
const weighted = (values: readonly number[], weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * values[index]!, 0)

// ── Enterprises: unified social credit code (统一社会信用代码), GB 32100-2015 ──────────────────────────────────────────────

/** 31 characters; I, O, Z, S and V are left out. A character's value is its place. */
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const USCC_LENGTH = 18
/**
 * Registering authority (1-9, N agriculture, Y others), kind of body, six digits of district, organisation code, check.
 */
const usccShape = /^[1-9NY][0-9A-HJ-NP-RTUWXY]\d{6}[0-9A-HJ-NP-RTUWXY]{10}$/
/** 3^(i-1) mod 31. */
const usccWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
/** GB 11714, over the eight characters of the organisation code. */
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

function usccCheck(body: string): string {
  const values = [...body].map((c) => USCC_ALPHABET.indexOf(c))
  return USCC_ALPHABET[(31 - (weighted(values, usccWeights) % 31)) % 31]!
}

function organisationCheck(body: string): string {
  const values = [...body].map((c) => Number.parseInt(c, 36))
  const rest = 11 - (weighted(values, organisationWeights) % 11)
  return rest === 10 ? 'X' : String(rest % 11)
}

/**
 * A wrong inner check digit (GB 11714, position 17) is a warning: not every registrar kept it. A district that no
 * longer exists is no fault, districts are merged.
 */
export function checkUscc(
  text: string,
): Checked<'uscc_length' | 'uscc_charset' | 'uscc_check_digit', 'uscc_organisation_digit'> {
  const value = ungrouped(text.trim()).toUpperCase()
  if (value.length !== USCC_LENGTH) return { code: 'uscc_length' }
  if (!usccShape.test(value)) return { code: 'uscc_charset' }
  if (usccCheck(value.slice(0, 17)) !== value[17]) return { code: 'uscc_check_digit' }
  return { value, warnings: organisationCheck(value.slice(8, 16)) === value[16] ? [] : ['uscc_organisation_digit'] }
}

// ── People: citizen identity number (居民身份证号), GB 11643-1999 ─────────────────────────────────────────────────────────

export type IdNumberError =
  | 'id_length'
  | 'id_old_format'
  | 'id_charset'
  | 'id_check_digit'
  | 'id_province'
  | 'id_birth_date'
  | 'id_birth_future'

/** First two digits: provinces; 71 Taiwan; 81 82 83 residence permits of Hong Kong, Macao and Taiwan residents. */
const idProvinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
)
const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
/** ISO 7064 MOD 11-2: remainder 0 to 10 → check character. */
const ID_CHECKS = '10X98765432'

/**
 * `today` ('yyyy-mm-dd') is what a date of birth is held against; age is not limited. Fifteen digits are a card of the
 * first generation, no longer valid since 2013.
 */
export function checkIdNumber(text: string, today: string): Checked<IdNumberError> {
  const value = ungrouped(text.trim()).toUpperCase()
  if (/^\d{15}$/.test(value)) return { code: 'id_old_format' }
  if (value.length !== 18) return { code: 'id_length' }
  if (!/^\d{17}[\dX]$/.test(value)) return { code: 'id_charset' }
  if (ID_CHECKS[weighted([...value].map(Number), idWeights) % 11] !== value[17]) return { code: 'id_check_digit' }
  if (!idProvinces.has(value.slice(0, 2))) return { code: 'id_province' }
  const born = `${value.slice(6, 10)}-${value.slice(10, 12)}-${value.slice(12, 14)}`
  if (!isDate(born)) return { code: 'id_birth_date' }
  return born > today ? { code: 'id_birth_future' } : fine(value)
}

// ── Cards: primary account number, ISO/IEC 7812-1 ───────────────────────────────────────────────────────────────────

const PAN_LENGTH_min = 13
const PAN_LENGTH_max = 19
const UNIONPAY_LENGTH_min = 16
const isUnionPay = (pan: string): boolean => pan.startsWith('62')
const isPanLength = (pan: string): boolean =>
  pan.length >= (isUnionPay(pan) ? UNIONPAY_LENGTH_min : PAN_LENGTH_min) && pan.length <= PAN_LENGTH_max

/**
 * Luhn's check over a string of digits: from the right, every second digit doubled, its digits added; a multiple of 10.
 */
export function luhnHolds(digits: string): boolean {
  let sum = 0
  for (let index = digits.length - 1, double = false; index >= 0; index--, double = !double) {
    const digit = digits.charCodeAt(index) - 48
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

/** A wrong Luhn digit is a warning: some UnionPay cards carry one. */
export function checkPan(text: string): Checked<'pan_length' | 'pan_charset', 'pan_luhn'> {
  const value = ungrouped(text.trim())
  if (!/^\d*$/.test(value)) return { code: 'pan_charset' }
  if (!isPanLength(value)) return { code: 'pan_length' }
  return { value, warnings: luhnHolds(value) ? [] : ['pan_luhn'] }
}

const KEPT_FRONT = 6
const KEPT_BACK = 4

/**
 * First six and last four digits, the most that may be stored or shown (PCI DSS 3.4.1, 3.5.1); all of a short one
 * hidden.
 */
export function maskPan(pan: string): string {
  const digits = ungrouped(pan)
  const hidden = digits.length - KEPT_FRONT - KEPT_BACK
  if (digits.length < PAN_LENGTH_min) return '*'.repeat(digits.length)
  return digits.slice(0, KEPT_FRONT) + '*'.repeat(hidden) + digits.slice(-KEPT_BACK)
}

/**
 * Could this run of digits be a card number? UnionPay's 62… always, others by Luhn. No card begins with 0 (serial
 * numbers of devices do), 1 (milliseconds since 1970) or 20 (dates); with 15 digits only 34 and 37 are cards, the rest
 * are merchants.
 */
function looksLikePan(digits: string): boolean {
  if (!isPanLength(digits) || /^(?:0|1|20)/.test(digits)) return false
  if (digits.length === 15 && !/^3[47]/.test(digits)) return false
  if (isUnionPay(digits)) return true
  return luhnHolds(digits) && !isEnterprise(digits)
}

/** An enterprise's code has two checks of its own; one that passes both is not a card, nor does it hold one. */
function isEnterprise(word: string): boolean {
  const uscc = checkUscc(word)
  return 'value' in uscc && uscc.warnings.length === 0
}

/**
 * Groups as cards are written: 4-4-4-4, 4-6-5, UnionPay's also 6-13. Other groupings count only for UnionPay, and only
 * where Luhn holds: terminal numbers (eight digits), vouchers and references stand beside one another all the time.
 */
function looksLikeGroupedPan(groups: readonly string[]): boolean {
  const digits = groups.join('')
  if (groups.length === 1 || !looksLikePan(digits)) return looksLikePan(digits)
  const asPrinted = groups.every(
    (group, index) => group.length <= 6 && (group.length >= 4 || index === groups.length - 1),
  )
  const sixAndRest = groups.length === 2 && groups[0]!.length === 6
  return asPrinted || (isUnionPay(digits) && (sixAndRest || luhnHolds(digits)))
}

const uuid = '(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])'
/** Digits, half width or full, grouped by up to two spaces or hyphens of any width. */
const run = '[0-9０-９](?:[ \\u00a0\\u3000\\-‐‑–—－]{0,2}[0-9０-９]){12,}'
/** What follows the number on track 2 (=, D) and track 1 (^NAME^): expiry, service code, secrets of the issuer. */
const restOfTrack = '[=D][0-9]{7,}|\\^[^^\\n]{2,26}\\^[0-9]{4,}'
/** A UUID, to be left alone, or a run with the rest of its track, if any. */
const candidate = new RegExp(`${uuid}|(${run})((?:${restOfTrack})?)`, 'gi')
const LONGEST_GROUPS = 8

/** Hides the card numbers among these groups of digits; `parts` alternate groups and what stands between them. */
function scrubGroups(parts: string[]): string {
  const groups = parts.filter((_, index) => index % 2 === 0)
  const between = parts.filter((_, index) => index % 2 === 1)
  let out = ''
  for (let first = 0; first < groups.length; ) {
    let last = Math.min(first + LONGEST_GROUPS, groups.length)
    while (last > first && !looksLikeGroupedPan(groups.slice(first, last))) last--
    const found = last > first
    if (!found) last = first + 1
    out += found ? maskPan(groups.slice(first, last).join('')) : scrubLongRun(groups[first]!)
    out += between[last - 1] ?? ''
    first = last
  }
  return out
}

/**
 * A card number inside a longer run – a message dump, a length before it: only UnionPay's, and only where Luhn holds.
 */
function scrubLongRun(digits: string): string {
  if (digits.length <= UNIONPAY_LENGTH_min || isEnterprise(digits)) return digits
  let out = ''
  let kept = 0
  for (let start = digits.indexOf('62'); start >= 0; start = digits.indexOf('62', Math.max(start + 1, kept))) {
    let length = Math.min(PAN_LENGTH_max, digits.length - start)
    while (length >= UNIONPAY_LENGTH_min && !luhnHolds(digits.slice(start, start + length))) length--
    if (length < UNIONPAY_LENGTH_min) continue
    // Its last four may be the beginning of the next one: what begins there is looked at together with them.
    const next = digits.indexOf('62', start + length - 4)
    const overlaps = next >= 0 && next < start + length
    out += digits.slice(kept, start) + (overlaps ? digits.slice(start, start + 6) + '*'.repeat(next - start - 6) : maskPan(digits.slice(start, start + length)))
    kept = overlaps ? next : start + length
  }
  return out + digits.slice(kept)
}

/**
 * The text with every card number in it masked to first six and last four, and the rest of a track gone: as typed,
 * grouped by spaces or hyphens, in full-width digits, as a JSON number. Merchant and device numbers, times and UUIDs
 * stay as they are.
 */
export const scrubPans = (text: string): string =>
  text.replace(candidate, (found: string, digits: string | undefined, track: string, offset: number) => {
    if (digits === undefined) return found
    const ascii = digits.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    const parts = ascii.split(/([^0-9]+)/)
    // Digits that letters make an enterprise's code keep out of it: 91420581252139324 and J.
    const rest = offset + found.length
    const letters = /^[0-9A-Z]*/.exec(text.slice(rest, rest + USCC_LENGTH))![0]
    const enterprise = letters && isEnterprise(parts.at(-1)! + letters) ? parts.pop()! : ''
    const clean = scrubGroups(parts) + enterprise
    if (clean === ascii) return found
    return clean + (track && track[0] + '*'.repeat(track.length - 1))
  })

// ── Merchants, terminals, devices ───────────────────────────────────────────────────────────────────────────────────

/** A code of the table in mcc.ts, four digits with their leading zeros. */
export const checkMcc = (text: string): Checked<'mcc_unknown'> => {
  const value = text.trim()
  return isMcc(value) ? fine(value) : { code: 'mcc_unknown' }
}
/** Terminal number, ISO 8583 field 41: eight digits or capital letters. */
export const checkTid = whole(/^[0-9A-Z]{8}$/, 'tid_format')
/**
 * Merchant number, field 42: fifteen; 3 acquirer + 4 area + 4 MCC + 4 serial, which real numbers do not always keep.
 */
export const checkMid = whole(/^[0-9A-Z]{15}$/, 'mid_format')
/** Serial number of a device (TUSN): 6 digits of maker, 2 of device type, then the maker's own. */
export const checkTusn = whole(/^[0-9A-Za-z]{12,50}$/, 'serial_format')

// ── Telephones and places ───────────────────────────────────────────────────────────────────────────────────────────

const mobile = /^1[3-9]\d{9}$/
/** Area codes 010 and 02x have three digits, all others four; the number itself seven or eight. */
const landline = /^(0(?:10|2\d|[3-9]\d{2}))([1-9]\d{6,7})$/
const service = /^[48]00\d{7}$/

/**
 * A number of the mainland: mobile, landline with its area code, 400 and 800; +86, 0086 or 86 before a mobile or
 * landline is dropped. Kept as 13812345678, 010-65551234, 4001234567.
 */
export function checkPhone(text: string): Checked<'phone_format'> {
  const plain = ungrouped(text.trim()).replace(/[()]/g, '')
  const national = /^(?:\+|00)86/.test(plain) ? plain.replace(/^(?:\+|00)86/, '') : plain.replace(/^86(?=1\d{10}$)/, '')
  if (mobile.test(national) || service.test(national)) return fine(national)
  // After the country code the area code loses its 0: +86 10 6555 1234.
  const parts = landline.exec(national) ?? (national === plain ? null : landline.exec(`0${national}`))
  return parts ? fine(`${parts[1]}-${parts[2]}`) : { code: 'phone_format' }
}

const degrees =
  (limit: number) =>
  (text: string): Checked<'position_range'> => {
    const value = text.trim()
    return /^-?\d{1,3}(?:\.\d{1,10})?$/.test(value) && Math.abs(Number(value)) <= limit
      ? fine(value)
      : { code: 'position_range' }
  }
/** Degrees east, -180 to 180. */
export const checkLongitude = degrees(180)
/** Degrees north, -90 to 90. */
export const checkLatitude = degrees(90)
