// What may be shown of a value. A card number is its first six and last four digits; what stands elsewhere in free text
// and looks like one is masked there too.

const first = 6
const last = 4
/** Shorter numbers would be shown nearly whole. */
export const card_digits_min = 13
const card_digits_max = 19

export const maskCard = (card: string): string =>
  card.length < card_digits_min
    ? '*'.repeat(card.length)
    : card.slice(0, first) + '*'.repeat(card.length - first - last) + card.slice(-last)

/** In place of a value that is never shown. */
export const hiddenText = (size: number): string => `*** (${size})`

function isLuhn(digits: string): boolean {
  let sum = 0
  for (let i = digits.length - 1, twice = false; i >= 0; i--, twice = !twice) {
    const digit = Number(digits[i])
    sum += twice ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

/** UnionPay's own test cards fail the check digit, so what begins with 62 counts without it. */
export const isCardLike = (digits: string): boolean =>
  digits.length >= card_digits_min && digits.length <= card_digits_max && /^[2-69]\d+$/.test(digits) &&
  (digits.startsWith('62') || isLuhn(digits))

/** What follows a card number in a track: separator, expiry, service code. With whatever digits stand before it. */
const trackEnd = /\d{0,19}[D=]\d\d(?:0[1-9]|1[0-2])\d{3,}/g

/** Card numbers in a text, masked: those that are known, and every run of digits that looks like one; tracks are taken out. */
export function maskText(text: string, known: readonly string[]): string {
  let masked = text.replace(trackEnd, (track) => hiddenText(track.length))
  for (const card of known) masked = masked.replaceAll(card, maskCard(card))
  return masked.replace(/\d{13,}/g, (run) => (isCardLike(run) ? maskCard(run) : run))
}

/** The card number a track begins with; undefined where it begins with none. */
export const cardOfTrack = (track: string): string | undefined => /^(?:99)?(\d{13,19})[D=]/.exec(track)?.[1]
