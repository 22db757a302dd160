// What every sentence about a case asks of it: the facts it is made from, and the steps, items and tests that are still open.
import type { Case, Step } from './application/case.ts'
import type { CaseTerminalFacts, OpenCase } from './application/unfold.ts'
import type { ClearanceItem } from './clearance.ts'
import type { Return } from './device.ts'
import type { Told } from './sentence.ts'
import { listed } from './sentence-words.ts'
import { stepKinds, stepMoments, testItems, type LetterKind, type MaterialType, type StepMoment, type TerminalResult, type Words } from './vocabulary.ts'

export type CaseFacts = {
  case: Case
  terminals: readonly CaseTerminalFacts[]
  provider: { name: Words; hotline: string }
  /** Materials the policy demands that are not there or were returned. */
  missing: readonly MaterialType[]
  /** Of the promise to answer; negative when overdue, undefined where the calendar is not known so far. */
  workingDaysLeft?: number | undefined
  /** What the reviewer wrote when returning or rejecting. */
  said?: string | undefined
  /** Materials the reviewer asked for by name. */
  asked?: readonly { type: MaterialType; words: string }[] | undefined
  letters?: readonly { no: string; kind: LetterKind }[] | undefined
  /** What is unpaid of the case's own fees. */
  unpaidFen?: number | undefined
  /** Of a closure: its devices on their way back, and other open cases on its terminals. */
  returns?: readonly Return[] | undefined
  others?: readonly OpenCase[] | undefined
}

export const isOpenStep = (s: Step): boolean => s.requirement === 'required' && (s.state === 'open' || s.state === 'failed')
export const merchantRoles = new Set<Step['assignee']>(['merchant_owner', 'merchant_staff'])

/** Required steps that are still open before a moment, told to the side that has to do them. */
export function stepsLeft({ case: c }: CaseFacts, before: StepMoment, told: Told, but: readonly Step['kind'][] = []): Words | undefined {
  const left = c.steps.filter((s) => s.before === before && isOpenStep(s) && !but.includes(s.kind))
  if (left.length === 0) return undefined
  const mine = left.filter((s) => merchantRoles.has(s.assignee) === (told.audience === 'merchant'))
  const [zh, en] = listed(unique((mine.length > 0 ? mine : left).map((s) => stepKinds[s.kind])))
  const moment: Words = before === 'stop' ? [stepMoments.stop[0], 'the stop'] : stepMoments[before]
  return mine.length > 0 ? [`${moment[0]}请办：${zh}。`, `Still needed before ${moment[1]}: ${en}.`] : [`${moment[0]}还要等：${zh}。`, `Before ${moment[1]} it waits for: ${en}.`]
}
export const unique = <T>(all: readonly T[]): T[] => [...new Set(all)]
export const openItems = (terminals: readonly CaseTerminalFacts[]): ClearanceItem[] => terminals.flatMap((t) => t.open)

export const count = (c: Case, result: TerminalResult): number => c.terminals.filter((t) => t.result === result).length

/** 'test_sale: timeout; print' as people read it. */
export function testNames(evidence: string): Words {
  const one = (text: string): Words => {
    const [item = '', note] = text.split(/: (.*)/s)
    const name = testItems[item as keyof typeof testItems] ?? [item, item]
    return note === undefined ? name : [`${name[0]}（${note}）`, `${name[1]} (${note})`]
  }
  return evidence === '' ? ['见测试记录', 'see the test record'] : listed(evidence.split('; ').map(one))
}

