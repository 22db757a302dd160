// A command on a device that is on its way back, or on its deposit: decided on the line, and then the case it belongs to is
// moved along, because a closure may have waited for just that. A case that has ended leaves only the shelf to be sorted.
import { mayNot } from '../authority.ts'
import { decideReturn, lineCommands, type LineCommand } from '../device.ts'
import { isRefusal, refuse, type Refusal } from '../refusals.ts'
import { returnStates } from '../vocabulary.ts'
import { advance } from './advance.ts'
import type { Case } from './case.ts'
import type { Decision } from './decide.ts'
import { openSheet, type Setting } from './unfold.ts'

export function decideOnReturn(c: Case, rma: string, command: LineCommand, setting: Setting): Decision | Refusal {
  const role = mayNot(setting.actor, command.command)
  if (role) return role
  const sheet = openSheet(c, setting)
  // What has happened meanwhile comes first: a reactivation that was granted may have called the device off.
  advance(sheet)
  const line = [...sheet.returns.values()].find((r) => r.rma === rma)
  if (line === undefined) return refuse('not_found')
  if (line.state === 'cancelled') return refuse('return_not_in_this_state', { state: returnStates.cancelled, command: lineCommands[command.command] })
  // What is open on a terminal that goes on is its new device's.
  const open = c.kind === 'replace' ? [] : sheet.terminals.get(line.terminal)!.open
  const facts = decideReturn(line, command, { now: setting.now, zone: setting.zone, actor: setting.actor, policy: setting.policy, open })
  if (isRefusal(facts)) return facts
  sheet.add(...facts)
  advance(sheet)
  return { facts: sheet.facts, sheet }
}
