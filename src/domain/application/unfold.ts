// What a decision looks at, and the sheet it writes its facts on. A decision never changes anything: it adds facts, each
// folded at once into the sheet's own copy, so that later parts of the same decision see what earlier parts brought about.
import type { Actor } from '../authority.ts'
import type { Calendar } from '../calendar.ts'
import type { ClearanceItem, Records } from '../clearance.ts'
import type { StockDevice } from '../custody.ts'
import { evolveReturn, isReturnFact, type Return } from '../device.ts'
import type { Policy } from '../policy.ts'
import { evolveTerminal, type BoundDevice, type Terminal, type TerminalFact } from '../terminal.ts'
import type { ApplicationKind, ApplicationState, Direction, Words } from '../vocabulary.ts'
import { evolveCase, evolveDevices, type Case, type CaseFact, type Fact } from './case.ts'
import type { Money } from './fees.ts'

export type CaseTerminalFacts = Terminal & { open: readonly ClearanceItem[]; device?: BoundDevice | undefined; records?: Records | undefined }
/** An open case, other than this one, on one of its terminals. */
export type OpenCase = { terminal: string; no: string; direction: Direction; kind?: ApplicationKind | undefined; state?: ApplicationState | undefined; hold?: string | undefined }

/** Everything a decision about a case may know. The pipeline reads it inside the transaction that will store the facts. */
export type Setting = {
  now: number
  zone: string
  actor: Actor
  policy: Policy
  policyVersion: number
  calendar: Calendar
  providerName: Words
  /** No hold of risk, finance or compliance on any terminal of the merchant. */
  goodStanding: boolean
  terminals: readonly CaseTerminalFacts[]
  others: readonly OpenCase[]
  /** Devices of these terminals that are on their way back, or were; of this case and of others. */
  returns?: readonly Return[] | undefined
  /** The merchant's account with this provider; absent where nothing is known of it. */
  money?: Money | undefined
  /** The device a command names, as the register and the shelf know it. */
  device?: StockDevice | undefined
  /** Terminal numbers reserved for an installation that is approved now. */
  numbers?: readonly string[] | undefined
  mint: () => string
  digest: (text: string) => string
}

export type Sheet = {
  readonly setting: Setting
  case: Case
  terminals: Map<string, CaseTerminalFacts>
  /** Lines of this case, by their terminal. */
  returns: Map<string, Return>
  facts: Fact[]
  add(...facts: readonly Fact[]): void
}

const terminalFacts = new Set<Fact['fact']>([
  'hold_placed', 'hold_withdrawn', 'hold_started', 'hold_shut', 'hold_cleared', 'hold_lifted', 'hold_reclaimed', 'hold_moved',
  'expected_until_set', 'reminded', 'tested', 'reopened', 'signed_on', 'host_blocked',
  'device_confirmed', 'device_operating', 'device_silent', 'made_final', 'closed', 'device_bound', 'device_unbound', 'installed', 'unreserved',
])
export const isTerminalFact = (fact: Fact): fact is TerminalFact => terminalFacts.has(fact.fact)

/** A number that is nobody's yet: nothing on it, nothing open. */
const newTerminal = (id: string, tid: string): CaseTerminalFacts => ({
  id, tid, installedAt: undefined, closedAt: undefined, signOnRequired: false, clear: true, holds: [], open: [],
})

export function openSheet(c: Case, setting: Setting): Sheet {
  return {
    setting,
    case: c,
    terminals: new Map(setting.terminals.map((t) => [t.id, t])),
    returns: new Map((setting.returns ?? []).filter((r) => r.caseNo === c.no).map((r) => [r.terminal, r])),
    facts: [],
    add(...facts) {
      for (const fact of facts) {
        this.facts.push(fact)
        if (isTerminalFact(fact)) {
          const before = this.terminals.get(fact.terminal)!
          const isSwap = fact.fact === 'device_bound' || fact.fact === 'device_unbound'
          const device = fact.fact === 'device_bound' ? fact.device : fact.fact === 'device_unbound' ? undefined : before.device
          this.terminals.set(fact.terminal, { ...evolveTerminal(before, fact), open: before.open, device, records: before.records })
          if (isSwap) this.case = evolveDevices(this.case, fact)
        } else if (isReturnFact(fact)) {
          // What comes first opens the line; everything else is about one that is there.
          this.returns.set(fact.terminal, evolveReturn(this.returns.get(fact.terminal)!, fact))
        } else {
          this.case = evolveCase(this.case, fact as CaseFact)
          if (fact.fact === 'reserved') this.terminals.set(fact.terminal, newTerminal(fact.terminal, fact.tid))
        }
      }
    },
  }
}
