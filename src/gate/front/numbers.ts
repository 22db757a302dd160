// Numbers as digits of fixed length, made for every transaction and therefore without formatting: texts from a table of three
// digits, bytes by whole numbers.
const threes = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'))
/** Six digits in ASCII. Numbers that fit 31 bits are taken apart much faster than longer ones. */
export function writeSix(out: Buffer, at: number, n: number): void {
  let left = n | 0
  for (let i = at + 5; i >= at; i--) {
    const next = (left / 10) | 0
    out[i] = 48 + left - next * 10
    left = next
  }
}

/** Of a whole number below a million. */
export function sixDigits(n: number): string {
  const high = (n / 1_000) | 0
  return threes[high]! + threes[n - high * 1_000]!
}
export function twelveDigits(n: number): string {
  const high = Math.floor(n / 1_000_000)
  return sixDigits(high) + sixDigits(n - high * 1_000_000)
}
