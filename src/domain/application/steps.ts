// The steps of a case as people settle them: ticked, waived, or tested on the device.
import { mayTick } from '../authority.ts'
import { commandWords, stepMachine } from '../lifecycle.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../refusals.ts'
import { recordTest, type TestedItem } from '../terminal.ts'
import { applicationStates, isMachineChecked, isMoneyStep, stepKinds } from '../vocabulary.ts'
import { rulesOf, type Binding } from './kinds.ts'
import { openSteps, stepsOpen, terminalsOf } from './sheet.ts'
import type { CaseTerminalFacts, Sheet } from './unfold.ts'

export function completeStep(sheet: Sheet, { step: id, evidence }: { step: string; evidence?: string | undefined }): Refusal | undefined {
  const step = sheet.case.steps.find((s) => s.id === id)
  if (!step) return refuse('step_unknown')
  if (isMachineChecked(step.kind)) return refuse('step_machine_checked', { step: stepKinds[step.kind] })
  if (!stepMachine.complete.includes(step.state)) return refuse('step_settled')
  const { actor, now } = sheet.setting
  const role = mayTick(actor, { assignee: step.assignee, isMoney: isMoneyStep(step.kind) })
  if (role) return role
  // The elements of a device are filed once it is there.
  if (step.kind === 'filing' && rulesOf[sheet.case.kind]?.bind) {
    const bare = terminalsOf(sheet).find((t) => sheet.case.terminals.find((x) => x.id === t.id)!.to === undefined)
    if (bare || sheet.case.terminals.length === 0) return refuse('device_not_on_it', { tid: bare?.tid ?? '' })
  }
  sheet.add({ fact: 'step_settled', step: id, state: 'done', at: now, by: actor.person, evidence })
  return undefined
}

export function waiveStep(sheet: Sheet, { step: id, words }: { step: string; words: string }): Refusal | undefined {
  const { actor, now } = sheet.setting
  const step = sheet.case.steps.find((s) => s.id === id)
  if (!step) return refuse('step_unknown')
  if (!stepMachine.waive.includes(step.state)) return refuse('step_settled')
  if (!words) return refuseField('/words', 'words_required')
  if (step.kind === 'device_test' || rulesOf[sheet.case.kind]?.neverWaived.includes(step.kind))
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

/** The terminal a command names; of a single one the name may be left out. */
const chosen = (sheet: Sheet, tid: string | undefined): CaseTerminalFacts | undefined =>
  terminalsOf(sheet).find((t) => (tid === undefined ? sheet.case.terminals.length === 1 : t.tid === tid))

export function bindDevice(sheet: Sheet, { terminal: tid, ...binding }: Binding & { terminal?: string | undefined }): Refusal | undefined {
  const { bind } = rulesOf[sheet.case.kind] ?? {}
  if (bind === undefined) return refuse('not_in_this_state', { state: applicationStates[sheet.case.state], command: commandWords['bind-device'] })
  const terminal = chosen(sheet, tid)
  return terminal ? bind(sheet, terminal, binding) : refuse('terminal_unknown', { tid: tid ?? '' })
}

export function unbindDevice(sheet: Sheet, { terminal: tid }: { terminal?: string | undefined }): Refusal | undefined {
  const { unbind } = rulesOf[sheet.case.kind] ?? {}
  if (unbind === undefined) return refuse('not_in_this_state', { state: applicationStates[sheet.case.state], command: commandWords['unbind-device'] })
  const terminal = chosen(sheet, tid)
  return terminal ? unbind(sheet, terminal) : refuse('terminal_unknown', { tid: tid ?? '' })
}

export function recordTests(sheet: Sheet, { terminal: tid, items }: { terminal?: string | undefined; items: readonly TestedItem[] }): Refusal | undefined {
  const { setting } = sheet
  const rules = rulesOf[sheet.case.kind]
  if (sheet.case.kind !== 'reactivate' && rules?.test === undefined)
    return refuse('not_in_this_state', { state: applicationStates[sheet.case.state], command: commandWords['record-test'] })
  const open = openSteps(sheet, 'reopening', ['device_test'])
  if (open.length > 0) return stepsOpen(open)
  const terminal = chosen(sheet, tid)
  if (!terminal) return refuse('terminal_unknown', { tid: tid ?? '' })
  const facts = rules?.test?.(sheet, terminal, items) ?? recordTest(
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
