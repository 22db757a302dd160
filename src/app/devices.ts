// Commands on devices that come back and on their deposits. Each belongs to a case: that is locked first, with its terminals,
// and moved along in the same transaction, so that the last thing a closure waited for closes it.
import { decideOnReturn } from '../domain/application/returns.ts'
import type { LineCommand } from '../domain/device.ts'
import { isRefusal, refuse } from '../domain/refusals.ts'
import { caseOfReturn } from '../store/devices.ts'
import { lockCase, readDossier, type Dossier } from '../store/dossier.ts'
import type { App } from './app.ts'
import type { CaseAsking, Telling } from './cases.ts'
import { execute, type Reply } from './execute.ts'
import { settingOf, settle } from './settle.ts'

/** Carries one command to a line of return; the view is made of the case it belongs to. */
export function commandReturn(app: App, asking: CaseAsking, rma: string, command: LineCommand, telling: Telling): Promise<Reply> {
  let no: string | undefined
  let tids: string[] | undefined
  return execute(app, asking, {
    command: command.command,
    input: { rma, ...command },
    refusal: telling.refusal,
    async lock(tx) {
      no = await caseOfReturn(tx, rma)
      tids = no === undefined ? undefined : await lockCase(tx, no)
      return tids === undefined ? refuse('not_found') : undefined
    },
    async decide(tx, now) {
      const before = await readDossier(tx, no!, tids!)
      const stored = before.case!
      if (asking.ifVersion !== undefined && asking.ifVersion !== stored.version) return refuse('version_stale')
      const decision = decideOnReturn(stored.case, rma, sealed(app, before, command, rma), settingOf(app, before, asking.actor, now))
      if (isRefusal(decision)) return decision
      const { sheet } = decision
      const { changes, after } = await settle(app, tx, before, sheet)
      return {
        changes, before, facts: sheet.facts, caseNo: no!, tids: sheet.case.terminals.map((t) => t.tid), provider: sheet.case.provider,
        mid: sheet.case.merchant, reply: telling.view({ dossier: after, setting: sheet.setting, app }),
      }
    },
  })
}

/** What a merchant objects is sealed with its own key before it goes anywhere. */
function sealed(app: App, before: Dossier, command: LineCommand, rma: string): LineCommand {
  if (command.command !== 'dispute-deduction' || !command.words.trim()) return command
  const key = app.vault.openKey(before.merchant?.wrappedKey, before.merchant!.mid)
  return { ...command, words: key === undefined ? '\\x' : `\\x${key.seal(command.words, `return.dispute:${rma}`).toString('hex')}` }
}
