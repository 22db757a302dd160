// How long papers are kept, and from when the years count. The table is the least that is asked; where two rules speak of one
// paper the longer counts. A policy may keep longer, never shorter; whoever disposes of anything asks here first.
//   反洗钱法 (2024) 34: identity and transactions, ten years after the relationship or the transaction ended.
//   银行卡收单业务管理办法 (2013): the merchant's file, five years after the service ended; papers that show identity are in it.
//   会计档案管理办法 (2015; from memory): vouchers and books thirty years, reconciliation with banks ten.
// What no rule speaks of – repairs, photos, recordings, copies – is our own choice.
import { addMonths, dateOf, instantOf } from './calendar.ts'
import type { CarePolicy } from './care-policy.ts'
import type { PaperKind, Words } from './vocabulary.ts'

/** From when: the day it was made, or the end of what it belongs to – which must have ended. */
export type KeptFrom = 'made' | 'case_ended' | 'ticket_closed' | 'terminal_closed'
export const keptFrom: Readonly<Record<KeptFrom, Words>> = {
  made: ['自形成之日', 'from the day it was made'],
  case_ended: ['自办结之日', 'from the end of its case'],
  ticket_closed: ['自结案之日', 'from the end of its ticket'],
  terminal_closed: ['自终端注销之日', 'from the closing of the terminal'],
}

export const retention: Readonly<Record<PaperKind, { years: number; from: KeptFrom }>> = {
  transaction_records: { years: 10, from: 'made' },
  backup: { years: 5, from: 'made' },
  voucher: { years: 10, from: 'made' },
  contract: { years: 10, from: 'terminal_closed' },
  invoice: { years: 30, from: 'made' },
  case_material: { years: 10, from: 'terminal_closed' },
  letter: { years: 10, from: 'made' },
  evidence: { years: 10, from: 'ticket_closed' },
  fault: { years: 3, from: 'ticket_closed' },
  custody_photo: { years: 2, from: 'made' },
  recording: { years: 2, from: 'case_ended' },
  identity: { years: 10, from: 'terminal_closed' },
  journal: { years: 30, from: 'made' },
}

export const yearsKept = (kind: PaperKind, care?: Pick<CarePolicy, 'retentionYears'>): number =>
  Math.max(retention[kind].years, care?.retentionYears[kind] ?? 0)

/** Until when a paper is kept: the end of that day. Undefined while what its years count from has not come. */
export function keptUntil(kind: PaperKind, from: number | undefined, zone: string, care?: Pick<CarePolicy, 'retentionYears'>): number | undefined {
  return from === undefined ? undefined : instantOf(addMonths(dateOf(from, zone), 12 * yearsKept(kind, care)), '23:59:59', zone)
}
