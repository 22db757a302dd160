// The steps of a case and their dates: planned at submission by the policy's rules, dated as soon as the moment they count
// from is known – at once, with the approval, or when a stop that was asked for without a date has begun.
import { dateOf, dueTimes, type DueMoments } from '../calendar.ts'
import { stepsFor } from '../policy.ts'
import { refuse, type Refusal } from '../refusals.ts'
import { feeFen } from './fees.ts'
import type { Case, Step } from './case.ts'
import type { Sheet } from './unfold.ts'

const momentsOf = (c: Case): DueMoments => ({
  effectiveFrom: c.effectiveFrom ?? c.begunAt, submittedAt: c.submittedAt, approvedAt: c.decidedAt, completedAt: c.endedAt,
  expectedUntil: c.expectedUntil,
})

export function planSteps(sheet: Sheet): Step[] | Refusal {
  const { setting } = sheet
  const steps: Step[] = []
  for (const rule of stepsFor(setting.policy, sheet.case)) {
    if (rule.step === 'pay_fee' && feeFen(sheet.case, setting) === 0) continue
    const known = momentsOf(sheet.case)[rule.due.from] !== undefined
    const found = known ? dueTimes(rule.due, momentsOf(sheet.case), setting.calendar, setting.zone) : []
    // Advice must not keep anybody from stopping: it goes undated until the calendar is there.
    if (!Array.isArray(found) && rule.requirement === 'required') return refuse('calendar_unknown', { year: found.unknownYear })
    const dues = Array.isArray(found) ? found : []
    for (const dueAt of dues.length > 0 ? dues : [undefined])
      steps.push({
        id: `${rule.id}${dues.length > 1 ? `-${dateOf(dueAt!, setting.zone)}` : ''}`, rule: rule.id, kind: rule.step,
        requirement: rule.requirement, before: rule.before, dueAt, assignee: rule.assignee, state: 'open', evidence: undefined,
        settledAt: undefined, settledBy: undefined, waiverBy: undefined,
      })
  }
  return steps
}

/** Gives their dates to steps whose moment was not known before. */
export function dateSteps(sheet: Sheet): void {
  for (const step of sheet.case.steps) {
    if (step.dueAt !== undefined) continue
    const rule = sheet.setting.policy.steps.find((r) => r.id === step.rule)
    if (rule === undefined || momentsOf(sheet.case)[rule.due.from] === undefined) continue
    const dues = dueTimes(rule.due, momentsOf(sheet.case), sheet.setting.calendar, sheet.setting.zone)
    if (Array.isArray(dues) && dues[0] !== undefined) sheet.add({ fact: 'step_due', step: step.id, dueAt: dues[0] })
  }
}
