// Scenarios are tables of time, who, does what, expects – carried out row by row on a real world, to the millisecond. A row
// whose last cell begins with "~" expects each of its phrases (joined by &) to be said; any other is the whole answer.
import { expect } from 'vitest'
import { backups } from '../src/app/backups.ts'
import { signedOn } from '../src/app/terminals.ts'
import type { CaseCommand } from '../src/domain/application/decide.ts'
import type { Actor } from '../src/domain/authority.ts'
import { when } from '../src/domain/effects.ts'
import type { LineCommand } from '../src/domain/device.ts'
import { formatYuan } from '../src/domain/money.ts'
import { sentenceOf } from '../src/domain/refusals.ts'
import { readerOf } from '../src/http/reader.ts'
import type { ApplicationKind, DevicePart, DormancyAnswer, PartCondition, Reason, TestItem, TransactionClass } from '../src/domain/vocabulary.ts'
import * as acts from './acts.ts'
import { at, people, type Told, type World } from './world.ts'

const instant = (text: string): number => at(text.trim().replace(' ', 'T'))
/** '2026-11-27 15:00', with seconds and milliseconds only where there are any. */
const shown = (ms: number | Date | null | undefined): string => {
  if (ms === undefined || ms === null) return '–'
  const epoch = Number(ms)
  const rest = epoch % 60_000
  return when(epoch, 'Asia/Shanghai') + (rest === 0 ? '' : `:${(rest / 1000).toFixed(3).padStart(6, '0')}`)
}

/** A refusal as its code and its sentence, so that a row may expect either. */
const heard = (told: Told, said: (told: Told) => string): string =>
  told.refusal ? `refused: ${told.refusal.refused} – ${sentenceOf(told.refusal, 'en')}` : said(told)
const state = (told: Told): string => heard(told, (t) => t.after!.dossier.case!.case.state)

type Ask = { world: World; who: string; actor: Actor | undefined; m: RegExpExecArray }
type Verb = [RegExp, (ask: Ask) => Promise<string> | string]

const lastCase = async (world: World, tid?: string): Promise<string> =>
  (await world.sql<{ no: string }>(
    `select a.no from application a join application_terminal t using (no) where $1::text is null or t.tid = $1 order by a.created_at desc, a.no desc limit 1`, [tid ?? null],
  ))[0]!.no
const commands: Record<string, CaseCommand> = {
  submits: { command: 'submit' }, approves: { command: 'approve' }, claims: { command: 'claim' }, withdraws: { command: 'withdraw' },
  rejects: { command: 'reject', words: 'not possible' }, returns: { command: 'return', words: 'one paper is missing' },
}
const lineCommands: Record<string, LineCommand> = {
  ships: { command: 'ship-device', carrier: '顺丰', tracking: 'SF1420099887766' }, receives: { command: 'receive-device' }, restocks: { command: 'restock-device' },
  retires: { command: 'retire-device', words: 'worn out' }, loses: { command: 'lose-device', words: 'stolen' }, proposes: { command: 'propose-deduction' },
  accepts: { command: 'accept-deduction' }, disputes: { command: 'dispute-deduction', words: 'it was like that' }, confirms: { command: 'confirm-refund', reference: 'R-1' },
}
const lineOf = (told: Told) => told.after!.dossier.returns!.at(-1)!
const device = (told: Told): string => heard(told, (t) => lineOf(t).state)
const deposit = (told: Told): string => heard(told, (t) => {
  const { fen, state: now, deduction, refundFen } = lineOf(t).deposit!
  return `${now}, ${formatYuan(fen)} less ${formatYuan(deduction?.fen ?? 0)}${refundFen === undefined ? '' : `, refunded ${formatYuan(refundFen)}`}`
})
const holdOn = async (world: World, tid: string, reason: string): Promise<string> =>
  (await world.sql<{ id: string }>('select id from hold where tid = $1 and reason = $2 order by effective_from desc limit 1', [tid, reason]))[0]!.id

const verbs: Verb[] = [
  [/^asks to (\w+) ([\d, ]+?)(?: for (\w+))?(?: from (.+?))?(?: until (.+))?$/, async ({ world, actor, m }) => state(await acts.file(world, actor!, {
    kind: m[1] as ApplicationKind, terminals: m[2]!.split(', '), reason: m[3] as Reason | undefined, effectiveFrom: m[4] ? instant(m[4]) : undefined,
    expectedUntil: m[5] ? instant(m[5]) : undefined, submit: true,
  }))],
  [/^(submits|approves|claims|withdraws|rejects|returns)$/, async ({ world, actor, m }) => state(await acts.command(world, actor!, await lastCase(world), commands[m[1]!]!))],
  [/^stops (\d+) for (\w+)(?: from (.+))?$/, async ({ world, actor, m }) => heard(await acts.place(world, actor!, m[1]!, {
    reason: m[2] as Reason, words: 'as told by telephone', effectiveFrom: m[3] ? instant(m[3]) : undefined,
  }), () => 'stopped')],
  [/^lifts (\w+) on (\d+)$/, async ({ world, actor, m }) => heard(await acts.lift(world, actor!, await holdOn(world, m[2]!, m[1]!)), () => 'lifted')],
  [/^tests (\d+)(?:, (.+) fails)?$/, async ({ world, actor, m }) => {
    const tested = acts.items(m[2] ? (m[2].split(', ') as TestItem[]) : [])
    const no = await lastCase(world, m[1]!).catch(() => undefined)
    const [running] = await world.sql<{ state: string }>(`select state from application where no = $1 and kind = 'reactivate' and state = 'in_progress'`, [no ?? ''])
    return running ? state(await acts.command(world, actor!, no!, { command: 'record-test', terminal: m[1]!, items: tested }))
      : heard(await acts.testOf(world, actor!, m[1]!, tested), () => 'recorded')
  }],
  [/^(sale|test_sale|refund|reversal|settlement|preauth_completion|sign_on)$/, ({ world, who, m }) => {
    const { decision, code, reason } = world.ask(m[1] as TransactionClass, who)
    return `${decision} ${code}${reason === 'ok' ? '' : ` ${reason}`}`
  }],
  [/^signs on$/, async ({ world, who }) => { await signedOn(world.app, who); await world.moveTo(new Date(world.clock.now() + 8 * 3_600_000).toISOString().slice(0, -1)); return 'done' }],
  [/^a batch is (open|settled)$/, async ({ world, who, m }) => { await acts.sell(world, who, '000001', m[1] === 'settled'); return 'done' }],
  [/^stands$/, async ({ world, who }) => (await world.sql<{ service: string }>('select service from terminal where tid = $1', [who]))[0]!.service],
  [/^cashier reads$/, ({ world, who }) => world.cashierReads(who, 'en')],
  [/^is told$/, async ({ world, who }) => (await world.sql<{ said: string }>(
    `select kind || ': ' || words_en || ' ' || words_zh as said from notice where audience = $1 and at = $2 order by kind`, [who, new Date(world.clock.now()).toISOString()],
  )).map((n) => n.said).join('\n') || 'nothing'],
  [/^dates of the case$/, async ({ world }) => {
    const [c] = await world.sql<Record<string, Date>>('select * from application where no = $1', [await lastCase(world)])
    return `answer from ${shown(c!['earliest_at'])} to ${shown(c!['deadline_at'])}, checkpoint ${shown(c!['checkpoint_at'])}, stop ${shown(c!['effective_from'])}`
  }],
  [/^step (\S+) is due$/, async ({ world, m }) => (await world.sql<{ due_at: Date | null }>(
    'select due_at from step where no = $1 and (id = $2 or kind = $2) order by due_at', [await lastCase(world), m[1]],
  )).map((s) => shown(s.due_at)).join(', ') || 'no such step'],
  [/^reminders of (\d+)$/, async ({ world, m }) => (await world.sql<{ reminders: Date[] }>('select reminders from hold where tid = $1', [m[1]])).flatMap((h) => h.reminders.map(shown)).join(', ')],
  [/^makes what backups are due$/, async ({ world }) => { await backups(world.app).run(); return 'done' }],
  [/^backups of (\d+)$/, async ({ world, m }) => (await world.sql<{ due_at: Date; verified_at: Date | null }>('select * from backup where tid = $1 order by due_at', [m[1]]))
    .map((b) => `${shown(b.due_at)} ${b.verified_at ? 'proven' : 'due'}`).join(', ') || 'none'],
  [/^letter$/, async ({ world }) => {
    const [l] = await world.sql<{ kind: string; facts: { terminals: Record<string, number>[] } }>('select kind, facts from letter order by issued_at desc limit 1')
    if (!l) return 'none'
    const t = l.facts.terminals[0]!
    if (l.kind === 'closure_certificate') {
      const { heldFen = 0, deductedFen = 0, refundedFen = 0 } = (t['deposit'] ?? {}) as unknown as Record<string, number>
      return `${l.kind}: stop ${shown(t['effectiveFrom'])}, closed ${shown(t['closedAt'])}, deposit ${formatYuan(heldFen)} less ${formatYuan(deductedFen)} is ${formatYuan(refundedFen)}, chargebacks until ${shown(t['chargebackUntil'])}`
    }
    return `${l.kind}: stop ${shown(t['effectiveFrom'])}, every gate since ${shown(t['hostBlockedAt'])}, drained ${shown(t['drainedAt'])}${t['reopenedAt'] ? `, open ${shown(t['reopenedAt'])}` : ''}`
  }],
  [/^a chargeback is (open|decided)$/, async ({ world, who, m }) => { await acts.chargeback(world, who, '000007', m[1] === 'open'); return 'done' }],
  [/^(ships|receives|restocks|retires|loses) the device of (\d+)$/, async ({ world, actor, m }) => device(await acts.onDevice(world, actor!, m[2]!, lineCommands[m[1]!]!))],
  [/^inspects the device of (\d+): (.+)$/, async ({ world, actor, m }) => device(await acts.onDevice(world, actor!, m[1]!, {
    command: 'inspect-device', parts: m[2]!.split(', ').map((p) => p.split(' ') as [DevicePart, PartCondition]).map(([part, condition]) => ({ part, condition, photo: 'IMG_2041' })),
  }))],
  [/^(proposes|accepts|disputes|confirms) the refund of (\d+)$/, async ({ world, actor, m }) => deposit(await acts.onDevice(world, actor!, m[2]!, lineCommands[m[1]!]!))],
  [/^does (\S+)$/, async ({ world, actor, m }) => state(await acts.command(world, actor!, await lastCase(world), { command: 'complete-step', step: m[1]!, evidence: 'done' }))],
  [/^the case says$/, async ({ world, who }) => (await readerOf(world.app).applications.one({ actor: people[who as keyof typeof people] ?? people.agent, language: 'en' }, await lastCase(world)))!.sentence],
  [/^device of (\d+)$/, async ({ world, m }) => (await world.sql<{ state: string }>(
    `select d.state from device d where d.serial = coalesce((select t.serial from terminal t where t.tid = $1), (select r.serial from device_return r where r.tid = $1 order by opened_at desc limit 1))`, [m[1]],
  ))[0]!.state],
  [/^deposits held$/, async ({ world }) => formatYuan(Number((await world.sql<{ fen: string }>(
    `select coalesce(sum(credit_fen - debit_fen), 0) as fen from ledger_line where account = 'deposit_liability'`))[0]!.fen))],
  [/^results$/, async ({ world }) => (await world.sql<{ tid: string; result: string }>('select tid, result from application_terminal where no = $1 order by tid', [await lastCase(world)]))
    .map((r) => `${r.tid} ${r.result}`).join(', ')],
  [/^last sold on (.+)$/, async ({ world, who, m }) => { await world.sql('update terminal set last_transaction_at = $2 where tid = $1', [who, new Date(instant(m[1]!)).toISOString()]); return 'done' }],
  [/^answers (\w+) for (\d+)$/, async ({ world, actor, m }) => heard(await acts.answer(world, actor!, m[2]!, m[1] as DormancyAnswer), () => 'noted')],
  [/^holds$/, async ({ world, who }) => (await world.sql<{ reason: string; effective_from: Date; lifted_at: Date | null }>(
    'select * from hold where tid = $1 and withdrawn_at is null order by effective_from, reason', [who],
  )).map((h) => `${h.reason} from ${shown(h.effective_from)}${h.lifted_at ? ` to ${shown(h.lifted_at)}` : ''}`).join(', ') || 'none'],
]

export async function play(world: World, table: string): Promise<void> {
  const rows = table.trim().split('\n').map((line) => line.trim().split('|').slice(1, -1).map((cell) => cell.trim()) as [string, string, string, string])
  for (const [time, who, what, expects] of rows) {
    const row = `${time} | ${who} | ${what}`
    if (instant(time) > world.clock.now()) await world.moveTo(time.replace(' ', 'T'))
    expect(instant(time), `${row}: rows go forward`).toBeGreaterThanOrEqual(world.clock.now())
    const found = verbs.map(([pattern, act]) => ({ m: pattern.exec(what), act })).find(({ m }) => m !== null)
    if (!found) throw new Error(`no such act: ${row}`)
    const said = await found.act({ world, who, actor: people[who as keyof typeof people], m: found.m! })
    // What was done now may have fallen due now.
    await world.moveTo(time.replace(' ', 'T'))
    if (!expects.startsWith('~')) expect(said, row).toBe(expects)
    else for (const phrase of expects.slice(1).split('&')) expect(said, row).toContain(phrase.trim())
  }
}
