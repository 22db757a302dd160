// What is still to be paid of what was charged. Nothing of this is stored: it follows from the entries. A charge that was
// taken back is gone. A payment that names a case pays that case's charges first; everything else pays the oldest charge
// first. What is left over stays as credit.
import { sumFen, type Fen } from './money.ts'
import type { EntryKind, Words } from './vocabulary.ts'

/** An entry as the receivable sees it: above 0 it adds to what is owed, below 0 it pays. */
export type Posted = {
  id: string; kind: EntryKind; at: number; fen: Fen; words: Words
  caseNo?: string | undefined; tid?: string | undefined; month?: string | undefined; reverses?: string | undefined; formula?: Words | undefined
}
export type OpenCharge = Posted & { openFen: Fen }
export type Standing = { charges: readonly OpenCharge[]; owedFen: Fen; creditFen: Fen }

const oldestFirst = (a: Posted, b: Posted): number => a.at - b.at || (a.id < b.id ? -1 : 1)

/** Every charge that counts, with what is open of it, the oldest first. Owed less credit is the balance. */
export function standingOf(posted: readonly Posted[]): Standing {
  const takenBack = new Set(posted.flatMap((p) => (p.reverses === undefined ? [] : [p.reverses])))
  const counts = posted.filter((p) => p.reverses === undefined && !takenBack.has(p.id))
  const charges = counts.filter((p) => p.fen > 0 && p.kind !== 'payout').toSorted(oldestFirst).map((p) => ({ ...p, openFen: p.fen }))
  const pay = (charge: OpenCharge, fen: Fen): Fen => {
    const paid = Math.min(charge.openFen, fen)
    charge.openFen -= paid
    return fen - paid
  }
  let pool = -sumFen(counts.filter((p) => p.kind === 'payout').map((p) => p.fen))
  for (const payment of counts.filter((p) => p.fen < 0).toSorted(oldestFirst)) {
    let left = -payment.fen
    if (payment.caseNo !== undefined) for (const charge of charges) if (charge.caseNo === payment.caseNo) left = pay(charge, left)
    pool += left
  }
  if (pool > 0) for (const charge of charges) pool = pay(charge, pool)
  return { charges, owedFen: sumFen([...charges.map((c) => c.openFen), Math.max(0, -pool)]), creditFen: Math.max(0, pool) }
}
