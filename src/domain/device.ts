// A device on its way back: one line of return per terminal of a closure, with a number people can say (RMA). A lent device
// must come back – shipped or handed over, received, inspected, then back on the shelf or written off; one that never comes is
// said to be lost. A device of the merchant's own is kept and only unbound. The deposit on it goes beside it (deposit.ts).
import type { Actor } from './authority.ts'
import type { ClearanceItem } from './clearance.ts'
import { decideDeposit, openingDeposit, type Deduction, type Deposit } from './deposit.ts'
import { depositMachine, returnMachine, type DepositCommand, type ReturnCommand } from './lifecycle.ts'
import type { Policy } from './policy.ts'
import { refuse, refuseField, type Refusal } from './refusals.ts'
import type { BoundDevice } from './terminal.ts'
import {
  depositStates, deviceParts, returnStates, type DevicePart, type Ownership, type PartCondition, type ReturnState, type Words,
} from './vocabulary.ts'

/** `photo` says which picture shows it: a material of the case, or the archive's own reference. */
export type InspectedPart = { part: DevicePart; condition: PartCondition; photo?: string | undefined; note?: string | undefined }

export type Return = {
  rma: string
  caseNo: string
  terminal: string
  serial: string
  ownership: Ownership
  lentSince: number | undefined
  state: ReturnState
  openedAt: number
  carrier: string | undefined
  tracking: string | undefined
  shippedAt: number | undefined
  receivedAt: number | undefined
  inspectedAt: number | undefined
  inspectedBy: string | undefined
  parts: readonly InspectedPart[]
  endedAt: number | undefined
  /** None where no deposit was taken. */
  deposit: Deposit | undefined
}

export type ReturnFact =
  | { fact: 'return_opened'; terminal: string; return: Return }
  | { fact: 'device_shipped'; terminal: string; rma: string; at: number; carrier: string; tracking: string }
  | { fact: 'device_received'; terminal: string; rma: string; at: number; by: string }
  | { fact: 'device_inspected'; terminal: string; rma: string; at: number; by: string; parts: readonly InspectedPart[] }
  | { fact: 'device_restocked'; terminal: string; rma: string; at: number; by: string }
  | { fact: 'device_retired'; terminal: string; rma: string; at: number; by: string; words: string }
  | { fact: 'device_lost'; terminal: string; rma: string; at: number; by: string; words: string }
  | { fact: 'return_cancelled'; terminal: string; rma: string; at: number }
  | { fact: 'deposit_due'; terminal: string; rma: string; at: number; dueAt: number }
  | { fact: 'deposit_held'; terminal: string; rma: string; at: number }
  | { fact: 'deposit_late'; terminal: string; rma: string; at: number }
  | { fact: 'deduction_proposed'; terminal: string; rma: string; deduction: Deduction }
  | { fact: 'deduction_accepted'; terminal: string; rma: string; at: number; by: string }
  | { fact: 'deduction_disputed'; terminal: string; rma: string; at: number; by: string; words: string }
  | { fact: 'deposit_settled'; terminal: string; rma: string; at: number; by: string; refundFen: number; deductionFen: number; reference: string }

const returnFacts: ReadonlySet<string> = new Set<ReturnFact['fact']>([
  'return_opened', 'device_shipped', 'device_received', 'device_inspected', 'device_restocked', 'device_retired', 'device_lost', 'return_cancelled',
  'deposit_due', 'deposit_held', 'deposit_late', 'deduction_proposed', 'deduction_accepted', 'deduction_disputed', 'deposit_settled',
])
export const isReturnFact = (fact: { fact: string }): fact is ReturnFact => returnFacts.has(fact.fact)

/** The line a closure opens for a terminal's device; `ordinal` is the terminal's place in the case. */
export const openReturn = (
  c: { no: string }, terminal: { id: string; installedAt: number | undefined }, device: BoundDevice, ordinal: number, now: number,
): ReturnFact => ({
  fact: 'return_opened', terminal: terminal.id,
  return: {
    rma: `${c.no}-R${ordinal}`, caseNo: c.no, terminal: terminal.id, serial: device.serial, ownership: device.ownership,
    lentSince: device.since ?? terminal.installedAt, state: device.ownership === 'owned' ? 'kept' : 'requested', openedAt: now, carrier: undefined,
    tracking: undefined, shippedAt: undefined, receivedAt: undefined, inspectedAt: undefined, inspectedBy: undefined, parts: [],
    endedAt: device.ownership === 'owned' ? now : undefined, deposit: openingDeposit(device.depositFen),
  },
})

export function evolveReturn(line: Return, fact: ReturnFact): Return {
  const deposit = (part: Partial<Deposit>): Return => ({ ...line, deposit: line.deposit && { ...line.deposit, ...part } })
  switch (fact.fact) {
    case 'return_opened': return fact.return
    case 'device_shipped': return { ...line, state: 'shipped', shippedAt: fact.at, carrier: fact.carrier, tracking: fact.tracking }
    case 'device_received': return { ...line, state: 'received', receivedAt: fact.at }
    case 'device_inspected': return { ...line, state: 'inspected', inspectedAt: fact.at, inspectedBy: fact.by, parts: fact.parts }
    case 'device_restocked': return { ...line, state: 'restocked', endedAt: fact.at }
    case 'device_retired': return { ...line, state: 'retired', endedAt: fact.at }
    case 'device_lost': return { ...line, state: 'lost', endedAt: fact.at }
    case 'return_cancelled': return { ...line, state: 'cancelled', endedAt: fact.at }
    case 'deposit_due': return deposit({ state: 'release_due', releasedAt: fact.at, dueAt: fact.dueAt })
    case 'deposit_held': return deposit({ state: 'held', releasedAt: undefined, dueAt: undefined, lateAt: undefined })
    case 'deposit_late': return deposit({ lateAt: fact.at })
    case 'deduction_proposed': return deposit({ state: 'deduction_proposed', deduction: fact.deduction, acceptedAt: undefined })
    case 'deduction_accepted': return deposit({ acceptedAt: fact.at })
    case 'deduction_disputed': return deposit({ state: 'disputed', disputedAt: fact.at, disputeWords: fact.words })
    case 'deposit_settled': return deposit({
      state: fact.refundFen === 0 ? 'forfeited' : 'refunded', settledAt: fact.at, settledBy: fact.by, refundFen: fact.refundFen, reference: fact.reference,
    })
  }
}

/** Back with the provider, or never to be expected: a lent device in any other state keeps its terminal from being closed. */
export const isBack = ({ state }: Return): boolean => state !== 'requested' && state !== 'shipped'
/** Looked at, or nothing to be looked at. */
export const isLookedAt = ({ state }: Return): boolean => isBack({ state } as Return) && state !== 'received'
/** Still where a closure that is undone finds it, with its deposit untouched. */
export const isUndoable = (line: Return): boolean =>
  (returnMachine.cancel as readonly ReturnState[]).includes(line.state) && ['held', 'release_due', undefined].includes(line.deposit?.state)

export type LineCommand =
  | { command: 'ship-device'; carrier: string; tracking: string }
  | { command: 'receive-device' }
  | { command: 'inspect-device'; parts: readonly InspectedPart[] }
  | { command: 'restock-device' }
  | { command: 'retire-device'; words: string }
  | { command: 'lose-device'; words: string }
  | { command: 'propose-deduction'; without?: readonly string[] | undefined; words?: string | undefined }
  | { command: 'accept-deduction' }
  | { command: 'dispute-deduction'; words: string }
  | { command: 'confirm-refund'; reference: string }

export const lineCommands: Readonly<Record<ReturnCommand | DepositCommand, Words>> = {
  'ship-device': ['寄出机具', 'ship the device'],
  'receive-device': ['收到机具', 'receive the device'],
  'inspect-device': ['验机', 'inspect the device'],
  'restock-device': ['机具入库', 'put the device back on the shelf'],
  'retire-device': ['机具报废', 'write the device off'],
  'lose-device': ['登记无法退还', 'say that the device will not come back'],
  'propose-deduction': ['提出退还与扣款', 'propose the refund and what is deducted'],
  'accept-deduction': ['同意扣款', 'accept the deduction'],
  'dispute-deduction': ['对扣款提出异议', 'dispute the deduction'],
  'confirm-refund': ['确认退还', 'confirm the refund'],
}
const isDepositCommand = (command: ReturnCommand | DepositCommand): command is DepositCommand => command in depositMachine

/** What a decision about a line looks at; `open` is what is still open on its terminal. */
export type LineSetting = { now: number; zone: string; actor: Actor; policy: Policy; open: readonly ClearanceItem[] }

/** What a command brings about on a line; who may give it was asked before. */
export function decideReturn(line: Return, command: LineCommand, setting: LineSetting): ReturnFact[] | Refusal {
  const { deposit } = line
  if (isDepositCommand(command.command)) {
    if (deposit === undefined || !(depositMachine[command.command] as readonly string[]).includes(deposit.state))
      return refuse('deposit_not_in_this_state', { state: deposit ? depositStates[deposit.state] : ['无押金', 'not there'], command: lineCommands[command.command] })
    // Nobody says what is deducted from the deposit before the device was looked at.
    if (command.command === 'propose-deduction' && !isLookedAt(line)) return refuse('return_not_in_this_state', { state: returnStates[line.state], command: lineCommands[command.command] })
    return decideDeposit(line, deposit, command as Extract<LineCommand, { command: DepositCommand }>, setting)
  }
  if (!(returnMachine[command.command] as readonly string[]).includes(line.state))
    return refuse('return_not_in_this_state', { state: returnStates[line.state], command: lineCommands[command.command] })
  return deviceFact(line, command as Extract<LineCommand, { command: ReturnCommand }>, setting)
}

function deviceFact(
  { terminal, rma }: Return, command: Extract<LineCommand, { command: ReturnCommand }>, { now: at, actor }: LineSetting,
): ReturnFact[] | Refusal {
  const by = actor.person
  switch (command.command) {
    case 'ship-device': {
      const empty = (['carrier', 'tracking'] as const).find((field) => !command[field].trim())
      return empty ? refuseField(`/${empty}`, 'words_required') : [{ fact: 'device_shipped', terminal, rma, at, carrier: command.carrier, tracking: command.tracking }]
    }
    case 'receive-device': return [{ fact: 'device_received', terminal, rma, at, by }]
    case 'inspect-device': {
      const dark = command.parts.filter((p) => (p.condition === 'broken' || p.condition === 'missing') && !p.photo?.trim())
      const named = (i: 0 | 1): string => dark.map((p) => deviceParts[p.part][i]).join(i === 0 ? '、' : ', ')
      return dark.length > 0 ? refuseField('/parts', 'photo_required', { parts: [named(0), named(1)] })
        : [{ fact: 'device_inspected', terminal, rma, at, by, parts: command.parts }]
    }
    case 'restock-device': return [{ fact: 'device_restocked', terminal, rma, at, by }]
    case 'retire-device':
    case 'lose-device': return !command.words.trim() ? refuseField('/words', 'words_required')
      : [{ fact: command.command === 'lose-device' ? 'device_lost' : 'device_retired', terminal, rma, at, by, words: command.words }]
  }
}
