// The kinds of case that are more than one hold placed or lifted, each with its own rules in a file of its own: what its
// approval brings about, how it goes on, what of its steps the machine sees, when the clock must look at it. A kind that is
// not here is carried out in advance.ts alone.
import type { Refusal } from '../refusals.ts'
import type { Place, TerminalFact, TestedItem } from '../terminal.ts'
import type { ApplicationKind, StepKind } from '../vocabulary.ts'
import { appeal } from './appeal.ts'
import { closure } from './close.ts'
import { installation } from './install.ts'
import { replacement } from './replace.ts'
import type { CaseTerminalFacts, Sheet } from './unfold.ts'

/** A device put on a terminal: which, where that is, and the picture that shows it. */
export type Binding = { serial: string; position: Place; photo?: string | undefined }

export type KindRules = {
  /** Somebody must decide it, whatever the policy lets through. */
  isReviewed: boolean
  carryOut(sheet: Sheet): Refusal | undefined
  /** Moves it along before its steps are looked at, and ends it after. */
  bring(sheet: Sheet): void
  end(sheet: Sheet): void
  /** When the clock must look at it by itself. */
  due(sheet: Sheet): number[]
  /** Whether the machine sees this step done; undefined where that is not particular to the kind. */
  seen?(sheet: Sheet, kind: StepKind): { done: boolean; evidence: string } | undefined
  /** What may end it while nobody has decided yet. */
  anytime?(sheet: Sheet): void
  /** Why this actor may not decide it, either way. */
  deciding?(sheet: Sheet): Refusal | undefined
  /** What a withdrawal takes back beside its holds. */
  withdraw?(sheet: Sheet): void
  bind?(sheet: Sheet, terminal: CaseTerminalFacts, binding: Binding): Refusal | undefined
  unbind?(sheet: Sheet, terminal: CaseTerminalFacts): Refusal | undefined
  test?(sheet: Sheet, terminal: CaseTerminalFacts, items: readonly TestedItem[]): TerminalFact[] | Refusal
  /** Steps nobody waives; and those that nobody ticks for whom they are done. */
  neverWaived: readonly StepKind[]
}

export const rulesOf: Readonly<Partial<Record<ApplicationKind, KindRules>>> = { close: closure, replace: replacement, install: installation, appeal }
