// What a card machine keeps while it is switched off: its batch, its last voucher number, the transactions of the batch, and a
// reversal it still owes. No key and no card is among it.
import type { Ask } from '../../../src/gate/front/terminal.ts'

export type Deal = {
  readonly ask: Extract<Ask, 'sale' | 'preauth' | 'complete' | 'refund' | 'void' | 'preauth-cancel'>
  readonly batch: number
  readonly trace: number
  readonly amountFen: number
  readonly reference: string
  readonly authCode: string
  /** MMDD and hhmmss, of the host. */
  readonly date: string
  readonly time: string
  /** Voided, cancelled or completed. */
  readonly isOver?: boolean
}
/** A transaction nobody answered: it may have happened, so it is undone before the next. */
export type Owed = { readonly batch: number; readonly trace: number; readonly amountFen: number }

export type Kept = { readonly batch: number; readonly trace: number; readonly deals: readonly Deal[]; readonly owed?: Owed | undefined }
export type Memory = { read(): Kept; write(kept: Kept): void }

const fresh: Kept = { batch: 1, trace: 0, deals: [] }
const nameOf = (tid: string): string => `tingqi.machine.${tid}`

export const machineMemory = (tid: string): Memory => ({
  read() {
    try {
      return { ...fresh, ...JSON.parse(localStorage.getItem(nameOf(tid)) ?? '{}') as Partial<Kept> }
    } catch {
      return fresh
    }
  },
  write: (kept) => localStorage.setItem(nameOf(tid), JSON.stringify(kept)),
})

/** Forgotten with the page. */
export function passingMemory(): Memory {
  let kept = fresh
  return { read: () => kept, write: (next) => { kept = next } }
}
