// An installation (装机): a terminal that was not there before. It names no number: with the approval – always a person's, after
// the risk review – numbers are reserved that nobody ever had, and each is a terminal on which nothing can be done. Its device
// comes from the shelf and is put in place with a picture and a position; then it can be tested, and only the passed test
// makes it a terminal in service, which the first sign-on completes. Taken back before a device is on it, the number is gone
// for good.
import { whyNotFree } from '../custody.ts'
import { refuse, refuseField, type Refusal } from '../refusals.ts'
import { recordInstallation } from '../terminal.ts'
import type { StepKind } from '../vocabulary.ts'
import type { Binding, KindRules } from './kinds.ts'
import { complete, setResult, terminalsOf, unfile } from './sheet.ts'
import type { CaseTerminalFacts, Sheet } from './unfold.ts'

const photographed = ['装好的机具', 'the device in place'] as const

function carryOut(sheet: Sheet): Refusal | undefined {
  const { now, numbers, mint } = sheet.setting
  for (let i = 0; i < sheet.case.wish!.count; i++) {
    const tid = numbers?.[i] ?? mint()
    sheet.add({ fact: 'reserved', terminal: tid, tid, at: now })
  }
  return undefined
}

function bring(sheet: Sheet): void {
  const { now } = sheet.setting
  if (sheet.case.state === 'approved' && sheet.case.terminals.some((t) => t.to !== undefined)) sheet.add({ fact: 'begun', at: now })
  for (const t of terminalsOf(sheet))
    if (t.installedAt !== undefined) setResult(sheet, t.id, 'installed')
    else if (t.setupAt !== undefined) setResult(sheet, t.id, 'testing')
}

function bind(sheet: Sheet, terminal: CaseTerminalFacts, { serial, position, photo }: Binding): Refusal | undefined {
  const { now, actor, policy, device } = sheet.setting
  const { id, tid } = terminal
  if (terminal.installedAt !== undefined || terminal.device?.serial === serial) return refuse('device_on_it', { tid, serial: terminal.device?.serial ?? serial })
  const refusal = whyNotFree(device, serial, { tid, provider: sheet.case.provider, mid: sheet.case.merchant }, policy)
  if (refusal) return refusal
  if (!photo?.trim()) return refuseField('/photo', 'photo_required', { parts: photographed })
  // One that failed its test makes way for another.
  if (terminal.device) unfile(sheet)
  if (terminal.device) sheet.add({ fact: 'device_unbound', terminal: id, at: now, by: actor.person, serial: terminal.device.serial })
  const { ownership, depositFen, model } = device!
  sheet.add({ fact: 'device_bound', terminal: id, at: now, by: actor.person, device: { serial, ownership, depositFen, since: now }, model, position, photo })
  return undefined
}

function seen({ case: c }: Sheet, kind: StepKind): { done: boolean; evidence: string } | undefined {
  const isThere = c.terminals.length > 0
  if (kind === 'installation') return { done: isThere && c.terminals.every((t) => t.to !== undefined), evidence: c.terminals.map((t) => t.to).join(', ') }
  if (kind === 'device_test') return { done: isThere && c.terminals.every((t) => t.result === 'installed'), evidence: 'tested' }
  return undefined
}

export const installation: KindRules = {
  isReviewed: true, carryOut, bring, seen, bind, due: () => [], neverWaived: ['installation', 'device_test'],
  end(sheet) {
    if (terminalsOf(sheet).every((t) => !t.signOnRequired)) complete(sheet, ['installed'], 'handover_list')
  },
  withdraw(sheet) {
    for (const { id } of sheet.case.terminals) sheet.add({ fact: 'unreserved', terminal: id, at: sheet.setting.now })
  },
  test: ({ setting: { policy, actor, now } }, terminal, items) => recordInstallation(terminal, items, policy.deviceTests, policy.gate.signOnAfterReopening, actor.person, now),
}
