// Money is a whole number of fen (1 yuan = 100 fen), CNY only; rates are parts per million (0.6 % = 6000 ppm).
// Nothing here ever holds yuan as a number: text becomes fen digit by digit, fen becomes text the same way.
// Rounding is half up, per line, and a cap is applied after rounding. A negative amount (a refund) mirrors the
// positive one, so that what is given back is exactly what was charged.
import { dinero, allocate as dineroAllocate, toSnapshot } from 'dinero.js'
import { CNY } from 'dinero.js/currencies'

/** Hundredths of a yuan, a safe integer: at most ± 90,071,992,547,409.91 yuan. */
export type Fen = number
/** Parts per million: 3500 ppm = 0.35 %. */
export type Ppm = number

const FEN_PER_YUAN = 100
const PPM_WHOLE = 1_000_000

function assertFen(fen: Fen): void {
  if (!Number.isSafeInteger(fen)) throw new RangeError(`not a whole number of fen: ${fen}`)
}

const yuanText = /^(-?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?$/

/**
 * Yuan as people and files write them: '12', '12.3', '12.34', '1,234.50', '-5.00'. Undefined for anything else – a
 * third decimal, a currency sign, an exponent, commas out of place, or more than fits.
 */
export function parseYuan(text: string): Fen | undefined {
  const match = yuanText.exec(text.trim())
  if (!match) return undefined
  const [, sign, yuan = '', decimals = ''] = match
  const fen = Number(yuan.replaceAll(',', '') + decimals.padEnd(2, '0'))
  if (!Number.isSafeInteger(fen)) return undefined
  return sign && fen !== 0 ? -fen : fen
}

/** 123450 → '1,234.50'. `parseYuan` reads it back. */
export function formatYuan(fen: Fen): string {
  assertFen(fen)
  const size = Math.abs(fen)
  const decimals = String(size % FEN_PER_YUAN).padStart(2, '0')
  const yuan = String(Math.floor(size / FEN_PER_YUAN)).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${fen < 0 ? '-' : ''}${yuan}.${decimals}`
}

/** Adds up fen, and refuses to leave the range in which whole numbers are exact. */
export function sumFen(amounts: Iterable<Fen>): Fen {
  let total = 0
  for (const fen of amounts) {
    total += fen
    assertFen(total)
  }
  return total
}

/**
 * A rate of an amount, rounded half up to the fen, then held to the cap: 1299.998 fen are 1300.
 * Exact for every amount: the product is taken as a BigInt where it leaves the safe integers.
 */
export function rateOf(fen: Fen, ppm: Ppm, capFen = Number.POSITIVE_INFINITY): Fen {
  assertFen(fen)
  if (!Number.isSafeInteger(ppm) || ppm < 0 || ppm > PPM_WHOLE) throw new RangeError(`not a rate in ppm: ${ppm}`)
  const size = Math.abs(fen)
  const product = size * ppm
  const rounded = Number.isSafeInteger(product + PPM_WHOLE)
    ? Math.floor((product + PPM_WHOLE / 2) / PPM_WHOLE)
    : Number((BigInt(size) * BigInt(ppm) + BigInt(PPM_WHOLE / 2)) / BigInt(PPM_WHOLE))
  const capped = Math.min(rounded, capFen)
  return fen < 0 && capped !== 0 ? -capped : capped
}

/**
 * Splits an amount by whole-number ratios so that the parts add up to it to the fen; what is left over goes to the
 * first parts, one fen each. Ratios are non-negative integers, not all of them 0.
 */
export function allocate(fen: Fen, ratios: readonly number[]): Fen[] {
  assertFen(fen)
  if (!ratios.every((ratio) => Number.isSafeInteger(ratio) && ratio >= 0) || !ratios.some((ratio) => ratio > 0))
    throw new RangeError(`not ratios: ${ratios.join(':')}`)
  // dinero multiplies before it divides; with amount × ratio beyond the safe integers its parts would be inexact.
  if (!Number.isSafeInteger(Math.abs(fen) * Math.max(...ratios))) throw new RangeError('amount × ratio is too large')
  const parts = dineroAllocate(dinero({ amount: fen, currency: CNY }), [...ratios])
  return parts.map((part) => toSnapshot(part).amount + 0)
}

/**
 * The most a card transaction may cost in interchange and network fees, per transaction (发改价格〔2016〕557号, in force
 * 2016-09-06). The network fee is charged to each side, issuer and acquirer.
 */
export const interchangeCaps = {
  issuer_debit: { ppm: 3_500, capFen: 1_300 },
  issuer_credit: { ppm: 4_500, capFen: Number.POSITIVE_INFINITY },
  network_each_side: { ppm: 325, capFen: 325 },
} as const satisfies Record<string, { ppm: Ppm; capFen: Fen }>

/**
 * The highest lawful fees on one card sale. Non-profit medical, educational, welfare, elderly-care and charitable
 * institutions are exempt: 0 throughout.
 */
export function highestFees(
  amountFen: Fen,
  card: 'debit' | 'credit',
  nonProfit = false,
): { issuerFen: Fen; networkEachSideFen: Fen } {
  if (nonProfit) return { issuerFen: 0, networkEachSideFen: 0 }
  const issuer = interchangeCaps[`issuer_${card}`]
  const network = interchangeCaps.network_each_side
  return {
    issuerFen: rateOf(amountFen, issuer.ppm, issuer.capFen),
    networkEachSideFen: rateOf(amountFen, network.ppm, network.capFen),
  }
}
