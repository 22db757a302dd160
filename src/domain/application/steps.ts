// The steps of a case as people settle them: ticked, waived, or tested on the device.
import { commandWords, stepMachine } from '../lifecycle.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../refusals.ts'
import { recordTest, type TestedItem } from '../terminal.ts'
import { applicationStates, isMachineChecked, isMoneyStep, roles, stepKinds, type Role } from '../vocabulary.ts'
import type { Step } from './case.ts'
import { neverWaived } from './close.ts'
import { openSteps, terminalsOf } from './sheet.ts'
import type { Sheet } from './unfold.ts'

export const stepsOpen = (open: readonly Step[]): Refusal => {
  const named = (i: 0 | 1): string => [...new Set(open.map((s) => stepKinds[s.kind][i]))].join(i === 0 ? '、' : ', ')
  return refuse('steps_open', { steps: [named(0), named(1)] })
}

const isMerchantRole = (role: Role): boolean => role === 'merchant_owner' || role === 'merchant_staff'

export function completeStep(sheet: Sheet, { step: id, evidence }: { step: string; evidence?: string | undefined }): Refusal | undefined {
  const step = sheet.case.steps.find((s) => s.id === id)
  if (!step) return refuse('step_unknown')
  if (isMachineChecked(step.kind)) return refuse('step_machine_checked', { step: stepKinds[step.kind] })
  if (!stepMachine.complete.includes(step.state)) return refuse('step_settled')
  // What ends in a closing is not ticked by those it is done for.
  if (sheet.case.kind === 'close' && sheet.setting.actor.party.kind === 'merchant' && !isMerchantRole(step.assignee))
    return refuse('role_missing', { role: roles[sheet.setting.actor.role], needed: roles[step.assignee] })
  // Money is confirmed by the desk that receives it, never by the one who owes it.
  const { actor, now } = sheet.setting
  if (isMoneyStep(step.kind) && actor.role !== 'finance' && actor.role !== 'system')
    return refuse('role_missing', { role: roles[actor.role], needed: roles.finance })
  sheet.add({ fact: 'step_settled', step: id, state: 'done', at: now, by: actor.person, evidence })
  return undefined
}

export function waiveStep(sheet: Sheet, { step: id, words }: { step: string; words: string }): Refusal | undefined {
  const { actor, now } = sheet.setting
  const step = sheet.case.steps.find((s) => s.id === id)
  if (!step) return refuse('step_unknown')
  if (!stepMachine.waive.includes(step.state)) return refuse('step_settled')
  if (!words) return refuseField('/words', 'words_required')
  if (step.kind === 'device_test' || (sheet.case.kind === 'close' && neverWaived.includes(step.kind)))
    return refuse('step_machine_checked', { step: stepKinds[step.kind] })
  if (isMoneyStep(step.kind)) {
    if (step.waiverBy === undefined) {
      sheet.add({ fact: 'waiver_proposed', step: id, by: actor.person, words })
      return undefined
    }
    if (step.waiverBy === actor.person) return refuse('second_person')
  }
  sheet.add({ fact: 'step_settled', step: id, state: 'waived', at: now, by: actor.person, evidence: words })
  return undefined
}

export function recordTests(sheet: Sheet, { terminal: tid, items }: { terminal?: string | undefined; items: readonly TestedItem[] }): Refusal | undefined {
  const { setting } = sheet
  if (sheet.case.kind !== 'reactivate')
    return refuse('not_in_this_state', { state: applicationStates[sheet.case.state], command: commandWords['record-test'] })
  const open = openSteps(sheet, 'reopening', ['device_test'])
  if (open.length > 0) return stepsOpen(open)
  const chosen = terminalsOf(sheet).filter((t) => (tid === undefined ? sheet.case.terminals.length === 1 : t.tid === tid))
  const terminal = chosen[0]
  if (!terminal) return refuse('terminal_unknown', { tid: tid ?? '' })
  const facts = recordTest(
    terminal, items, setting.policy.deviceTests, setting.policy.gate.signOnAfterReopening, setting.actor.person, setting.now,
  )
  if (isRefusal(facts)) return facts
  sheet.add(...facts)
  const failed = items.filter((i) => !i.passed)
  const step = sheet.case.steps.find((s) => s.kind === 'device_test')
  if (failed.length > 0 && step && stepMachine.fail.includes(step.state))
    sheet.add({
      fact: 'step_settled', step: step.id, state: 'failed', at: setting.now, by: setting.actor.person,
      evidence: failed.map((f) => (f.note ? `${f.item}: ${f.note}` : f.item)).join('; '),
    })
  return undefined
}
