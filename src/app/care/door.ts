// Commands about what stands behind a terminal's holds, or is due while it is stopped. Each locks the terminal, because what
// it decides may place a hold or give one free; tickets and duties are written beside, the rest goes through the one door.
import type { Actor } from '../../domain/authority.ts'
import type { Setting } from '../../domain/application/unfold.ts'
import { addWorkdays, dateOf, instantOf } from '../../domain/calendar.ts'
import type { Entry } from '../../domain/ledger.ts'
import { isRefusal, refuse, type Refusal } from '../../domain/refusals.ts'
import { evolveTerminal, placeHold, type Terminal, type TerminalFact } from '../../domain/terminal.ts'
import { ownerOf, type NoticeKind, type Reason, type Words } from '../../domain/vocabulary.ts'
import { lockTerminals, readDossier, type Changes, type Dossier, type NewNotice, type StoredTerminal } from '../../store/dossier.ts'
import type { Tx } from '../../store/db.ts'
import { casesOnMoney } from '../../store/ledger.ts'
import type { App } from '../app.ts'
import { execute, type Asking, type Reply } from '../execute.ts'
import { settingOf, settle } from '../settle.ts'

/** What a decision has at hand. */
export type CareAt = {
  app: App; tx: Tx; now: number; actor: Actor; setting: Setting; before: Dossier; terminal: Setting['terminals'][number]; stored: StoredTerminal
  party: { provider: string; mid: string }
  /** Seals words with the merchant's own key; nothing where that key was destroyed. */
  seal(words: string): Buffer | undefined
}
export type CareDone<T> = {
  facts: readonly object[]
  terminalFacts?: readonly TerminalFact[] | undefined
  notices?: readonly NewNotice[] | undefined
  entries?: readonly Entry[] | undefined
  /** Words of a new hold, sealed beside it. */
  holdWords?: string | undefined
  /** After everything is written but the terminal itself: what the asker is told. */
  value(): Promise<T> | T
}
export type CareTelling<T> = { view(value: T): Reply; refusal(refusal: Refusal): Reply }
export type CareCommand<T> = {
  command: string
  input: object
  quiet?: boolean
  tid(tx: Tx): Promise<string | undefined>
  decide(at: CareAt): Promise<CareDone<T> | Refusal>
}

export function onCare<T>(app: App, asking: Asking, command: CareCommand<T>, telling: CareTelling<T>): Promise<Reply> {
  let locked: string[] = []
  return execute(app, asking, {
    command: command.command,
    input: command.input,
    quiet: command.quiet ?? false,
    refusal: telling.refusal,
    async lock(tx) {
      const tid = await command.tid(tx)
      locked = tid === undefined ? [] : await lockTerminals(tx, [tid])
      return locked.length === 0 ? refuse('not_found') : undefined
    },
    async decide(tx, now) {
      const before = await readDossier(tx, undefined, locked)
      const stored = before.terminals[0]!
      const setting = settingOf(app, before, asking.actor, now)
      const party = { provider: stored.provider, mid: stored.mid }
      const key = app.vault.openKey(before.merchant?.wrappedKey, stored.mid)
      const at: CareAt = {
        app, tx, now, actor: asking.actor, setting, before, terminal: setting.terminals[0]!, stored, party,
        seal: (words) => key?.seal(words, `care.words:${stored.tid}`),
      }
      const done = await command.decide(at)
      if (isRefusal(done)) return done
      const changes = await changesOf(at, done, done.holdWords === undefined ? undefined : key?.seal(done.holdWords, `hold.words:${stored.tid}`))
      return {
        changes, before, facts: [...(done.terminalFacts ?? []), ...done.facts], tids: [stored.tid], ...party, reply: telling.view(await done.value()),
      }
    },
  })
}

async function changesOf({ app, tx, before, setting, terminal, party }: CareAt, done: CareDone<unknown>, words: Buffer | undefined): Promise<Changes> {
  let changes: Changes = { ...party }
  if (done.terminalFacts?.length) {
    let after: Setting['terminals'][number] = terminal
    for (const fact of done.terminalFacts) after = { ...evolveTerminal(after, fact), open: terminal.open }
    const sheet = { facts: [...done.terminalFacts], terminals: new Map([[terminal.id, after]]), case: undefined, setting }
    changes = (await settle(app, tx, before, sheet, { words })).changes
  }
  const entries = [...(changes.entries ?? []), ...(done.entries ?? [])]
  return {
    ...changes, entries, notices: [...(changes.notices ?? []), ...(done.notices ?? [])],
    ...(done.entries?.length ? { poke: [...(changes.poke ?? []), ...await casesOnMoney(tx, [party])] } : {}),
  }
}

/** Told to one side about this terminal. */
export const noticeAt = (at: Pick<CareAt, 'setting' | 'stored'>, kind: NoticeKind, audience: 'merchant' | 'provider', words: Words): NewNotice => ({
  id: at.setting.mint(), kind, audience, caseNo: undefined, tid: at.stored.tid, words, at: at.setting.now,
})

/** So many working days from now at close of business; none where the calendar of that year is not known. */
export function workdaysFrom({ setting }: Pick<CareAt, 'setting'>, days: number): number | undefined {
  const day = addWorkdays(setting.calendar, dateOf(setting.now, setting.zone), days)
  return typeof day === 'string' ? instantOf(day, '18:00', setting.zone) : undefined
}

/** A hold of the desk that owns this reason, whoever's report or observation it follows. `atOnce` leaves no drain. */
export const holdFor = ({ setting, terminal, actor }: Pick<CareAt, 'setting' | 'actor'> & { terminal: Terminal }, reason: Reason, id: string, atOnce = false): TerminalFact[] | Refusal =>
  placeHold(terminal, {
    id, reason, owner: ownerOf(reason), effect: 'stop', effectiveFrom: undefined, drainUntil: atOnce ? setting.now : undefined, expectedUntil: undefined, caseNo: undefined,
    placedBy: actor.person, drainHours: setting.policy.drainHours, reminderDaysBeforeReturn: [], deviceConfirmHours: setting.policy.deviceConfirmHours,
  }, setting.now)
