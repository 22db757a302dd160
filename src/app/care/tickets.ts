// Faults and breaches as people work them: reported, diagnosed, put right, tested; demanded, handed in, judged. What a ticket
// decides about its hold goes with it in one transaction; what repair costs the merchant goes on the ledger there and then.
import { deductionLines, lineWords, wholeMonths, type DeductionLine } from '../../domain/deposit.ts'
import { newDuty } from '../../domain/care.ts'
import type { InspectedPart } from '../../domain/device.ts'
import { when } from '../../domain/effects.ts'
import { entryOf, type Entry } from '../../domain/ledger.ts'
import { formatYuan, sumFen } from '../../domain/money.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { mayNot } from '../../domain/authority.ts'
import { decideTicket, evolveTicket, isTicketOpen, openTicket, type Ticket, type TicketCommand, type TicketFact } from '../../domain/ticket.ts'
import { initiatorOf, lossKinds, reasons, ticketActs, type LossKind, type Reason, type Words } from '../../domain/vocabulary.ts'
import { insertDuties, openDutiesOf, saveDuty } from '../../store/care-duties.ts'
import { evolveDuty } from '../../domain/care.ts'
import { faultsOfDevice, holdsWithoutTicket, insertTicket, openTicketsOf, readTicket, saveTicket } from '../../store/care-tickets.ts'
import type { NewNotice } from '../../store/dossier.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { systemActor } from '../../domain/authority.ts'
import type { Asking, Reply } from '../execute.ts'
import { holdFor, noticeAt, onCare, workdaysFrom, type CareAt, type CareDone, type CareTelling } from './door.ts'
import { nextTicketNo } from './follow.ts'
import { ticketSeen, type TicketSeen } from './seen-by.ts'

const day_ms = 86_400_000
type Moved = Extract<TicketFact, { fact: 'ticket_moved' }>
/** For the journal, where words stand as a digest only. */
const forJournal = (facts: readonly TicketFact[]): object[] => facts.map((f) => f.fact === 'ticket_opened'
  ? { fact: f.fact, terminal: f.terminal, no: f.ticket.no, kind: f.ticket.kind, reason: f.ticket.reason, ...(f.ticket.hold ? { hold: f.ticket.hold } : {}) } : f)

// ── Reported ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const reportFault = (app: App, asking: Asking, tid: string, { reason, words }: { reason: Reason; words: string }, telling: CareTelling<TicketSeen>): Promise<Reply> =>
  onCare(app, asking, {
    command: 'report-fault', input: { tid, reason, words }, tid: async () => tid,
    async decide(at) {
      const refusal = mayNot(at.actor, 'report-fault') ?? (initiatorOf(reason) === 'device' ? undefined : refuseField('/reason', 'reason_not_yours', { reason }))
        ?? (words.trim() ? undefined : refuseField('/words', 'words_required'))
      return refusal ?? opened(at, reason, words, at.setting.policy.care.faults.holdOnReport.includes(reason))
    },
  }, telling)

type LossAsked = { what: LossKind; words: string; parts?: readonly InspectedPart[] | undefined }
const reasonOfLoss: Readonly<Record<LossKind, Reason>> = { lost: 'D02', stolen: 'D03', damaged: 'D01' }

/** Lost, stolen or damaged: stopped at once, and what it costs by the table – of a loss what the deposit does not cover. */
export const reportLoss = (app: App, asking: Asking, tid: string, asked: LossAsked, telling: CareTelling<TicketSeen>): Promise<Reply> =>
  onCare(app, asking, {
    command: 'report-loss', input: { tid, ...asked }, tid: async () => tid,
    async decide(at) {
      const refusal = mayNot(at.actor, 'report-loss') ?? (asked.words.trim() ? undefined : refuseField('/words', 'words_required'))
      if (refusal) return refusal
      if (at.stored.serial === undefined) return refuse('device_absent', { tid })
      const done = await opened(at, reasonOfLoss[asked.what], asked.words, true, asked.what !== 'damaged')
      if (isRefusal(done)) return done
      const cost = await costOfLoss(at, asked, done.no)
      return { ...done, facts: [...done.facts, ...cost.facts], notices: [...done.notices, ...cost.notices], entries: cost.entries }
    },
  }, telling)

type Opened = CareDone<TicketSeen> & { no: string; notices: NewNotice[] }
async function opened(at: CareAt, reason: Reason, words: string, stops: boolean, atOnce = false): Promise<Opened | Refusal> {
  const { app, tx, now, actor, stored, setting } = at
  if (stored.closedAt !== undefined) return refuse('terminal_closed', { tid: stored.tid })
  const same = (await openTicketsOf(tx, [stored.tid])).find((t) => t.ticket.reason === reason)
  if (same) return refuse('ticket_exists', { tid: stored.tid, no: same.ticket.no })
  const hold = setting.mint()
  const placed = stops ? holdFor(at, reason, hold, atOnce) : []
  if (isRefusal(placed)) return placed
  const no = await nextTicketNo(app, stored.provider, reason, now)
  const ticket = openTicket({ no, terminal: stored.tid, serial: stored.serial, reason, hold: undefined }, { actor, now, words })
  await insertTicket(tx, ticket, at.party, at.seal)
  const repeated = await repeatedFaults(at)
  const [zh, en] = reasons[reason]
  return {
    no,
    // The hold names its ticket by the hook of every hold: it finds this one open for the same reason.
    terminalFacts: placed, holdWords: words, facts: [...forJournal([{ fact: 'ticket_opened', terminal: stored.tid, ticket }]), ...repeated.facts],
    notices: [
      noticeAt(at, 'fault_ticket', 'provider', [`终端 ${stored.tid} 报修：${zh}（${reason}），故障单 ${no}。`, `Terminal ${stored.tid} reports a fault: ${en} (${reason}), ticket ${no}.`]),
      ...repeated.notices,
    ],
    value: () => seenAfter(at, no),
  }
}

/** The same device again and again: somebody should think of another one. */
async function repeatedFaults(at: CareAt): Promise<{ facts: object[]; notices: NewNotice[] }> {
  const { repeatDays, repeatCount } = at.setting.policy.care.faults
  const { serial, tid } = at.stored
  const count = serial === undefined ? 0 : await faultsOfDevice(at.tx, serial, at.now - repeatDays * day_ms)
  if (count < repeatCount) return { facts: [], notices: [] }
  return {
    facts: [{ fact: 'faults_repeated', terminal: tid, serial, count, days: repeatDays, at: at.now }],
    notices: [noticeAt(at, 'fault_ticket', 'provider', [
      `机具 ${serial}（终端 ${tid}）${repeatDays} 天内第 ${count} 次故障，建议换机。`, `Device ${serial} (terminal ${tid}) has failed ${count} times within ${repeatDays} days; consider replacing it.`,
    ])],
  }
}

async function costOfLoss(at: CareAt, { what, parts = [] }: LossAsked, no: string): Promise<{ facts: object[]; notices: NewNotice[]; entries: Entry[] }> {
  const { tx, stored, setting: { policy, zone }, now } = at
  const { tid } = stored
  const device = (await tx.one<{ type: keyof typeof policy.care.lossFen; ownership: string; deposit_fen: number }>('select type, ownership, deposit_fen from device where serial = $1', [stored.serial]))!
  const said = (zh: string, en: string): NewNotice[] => (['merchant', 'provider'] as const).map((to) => noticeAt(at, 'device_loss', to, [zh, en]))
  if (device.ownership !== 'lent') return { facts: [], entries: [], notices: said(`终端 ${tid} 的机具${lossKinds[what][0]}，已停用。`, `The device of terminal ${tid} is ${lossKinds[what][1]}; the terminal is stopped.`) }
  if (what === 'damaged') {
    const lines = deductionLines(policy.closure.deductions, { parts, months: stored.installedAt === undefined ? 0 : wholeMonths(stored.installedAt, now, zone), depositFen: device.deposit_fen, lost: false })
      .filter((l) => l.part !== undefined)
    const estimate = sumFen(lines.map((l) => l.fen))
    return {
      facts: [{ fact: 'damage_reported', terminal: tid, ticket: no, at: now, lines, estimateFen: estimate }], entries: [],
      notices: said(...damageWords(tid, no, lines, estimate)),
    }
  }
  const way = at.before.returns?.find((r) => r.terminal === tid && (r.state === 'requested' || r.state === 'shipped'))
  // A closure under way has its own rule for what never comes back: the deposit goes by the table there.
  if (way) return { facts: [{ fact: 'loss_reported', terminal: tid, ticket: no, at: now, rma: way.rma }], entries: [], notices: said(
    `终端 ${tid} 的机具${lossKinds[what][0]}，正在注销（${way.rma}）：请登记无法退还，押金按扣款表处理。`,
    `The device of terminal ${tid} is ${lossKinds[what][1]} during its closure (${way.rma}): register it as not coming back; the deposit goes by the table.`,
  ) }
  const priceFen = policy.care.lossFen[device.type] ?? 0
  const chargeFen = Math.max(0, priceFen - device.deposit_fen)
  const formula: Words = [`¥${formatYuan(priceFen)} − 押金 ¥${formatYuan(Math.min(priceFen, device.deposit_fen))}`, `¥${formatYuan(priceFen)} − deposit ¥${formatYuan(Math.min(priceFen, device.deposit_fen))}`]
  const entries = chargeFen === 0 ? [] : [entryOf({
    id: `loss/${no}`, kind: 'charge', ...at.party, tid, serial: stored.serial, at: now, words: [`机具${lossKinds[what][0]}赔偿（${no}）`, `device ${lossKinds[what][1]} (${no})`], formula,
  }, [{ debit: 'receivable', credit: 'revenue_damage', fen: chargeFen }])]
  return {
    facts: [{ fact: 'loss_reported', terminal: tid, ticket: no, at: now, priceFen, chargeFen }], entries,
    notices: said(`终端 ${tid} 的机具${lossKinds[what][0]}，已停用（${no}）。赔偿 ${formula[0]} = ¥${formatYuan(chargeFen)}，押金在注销时抵扣。`,
      `The device of terminal ${tid} is ${lossKinds[what][1]}; the terminal is stopped (${no}). To pay: ${formula[1]} = ¥${formatYuan(chargeFen)}; the deposit is taken at its closure.`),
  }
}
const damageWords = (tid: string, no: string, lines: readonly DeductionLine[], fen: number): Words => {
  const [zh, en] = ([0, 1] as const).map((i) => lines.map((l) => lineWords(l)[i]).join(i === 0 ? '、' : ', '))
  return lines.length === 0 ? [`终端 ${tid} 的机具损坏，故障单 ${no}。`, `The device of terminal ${tid} is damaged, ticket ${no}.`]
    : [`终端 ${tid} 的机具损坏，故障单 ${no}；按扣款表估 ¥${formatYuan(fen)}（${zh}），以维修结果为准。`, `The device of terminal ${tid} is damaged, ticket ${no}; by the table about ¥${formatYuan(fen)} (${en}), as the repair will show.`]
}

// ── Worked ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export const commandTicket = (app: App, asking: Asking, no: string, command: TicketCommand, telling: CareTelling<TicketSeen>): Promise<Reply> =>
  onCare(app, asking, {
    command: command.command, input: { ticket: no, ...command },
    tid: async (tx) => (await tx.one<{ tid: string }>('select tid from ticket where no = $1', [no]))?.tid,
    async decide(at) {
      const { tx, actor, now } = at
      const found = (await readTicket(tx, no))!
      const replacements = command.command === 'swap' ? await replacementsOf(tx, at.stored.tid) : new Set<string>()
      const decision = decideTicket(found.ticket, command, {
        now, actor, terminal: at.terminal, rectifyBy: workdaysFrom(at, at.setting.policy.care.violations.rectifyWorkingDays), isReplacement: (one) => replacements.has(one),
      })
      if (isRefusal(decision)) return decision
      const hold = at.setting.mint()
      const placed = decision.stop ? holdFor(at, found.ticket.reason, hold) : []
      if (isRefusal(placed)) return placed
      const moved = decision.facts as readonly Moved[]
      const after = moved.reduce(evolveTicket, found.ticket)
      await saveTicket(tx, after, at.party, moved, at.seal)
      await dutyOf(at, after, command)
      return {
        terminalFacts: [...decision.terminalFacts, ...placed], ...(decision.stop && 'words' in command && command.words ? { holdWords: command.words } : {}),
        facts: forJournal(moved), notices: noticesOf(at, after, command), entries: repairCharge(at, after, command), value: () => seenAfter(at, no),
      }
    },
  }, telling)

/** Numbers of replacement cases of this terminal, under way or done. */
const replacementsOf = async (tx: Tx, tid: string): Promise<Set<string>> => new Set((await tx.many<{ no: string }>(
  `select no from application_terminal join application using (no) where tid = $1 and kind = 'replace' and state not in ('rejected', 'withdrawn', 'expired', 'failed')`, [tid],
)).map((r) => r.no))

/** A demand is a duty with its time; what was handed in fulfils it. */
async function dutyOf(at: CareAt, ticket: Ticket, command: TicketCommand): Promise<void> {
  const { tx, now, setting: { policy, zone, mint } } = at
  const isDemand = command.command === 'demand' || (command.command === 'judge' && !command.accepted)
  if (!isDemand && command.command !== 'hand-in') return
  for (const { duty } of await openDutiesOf(tx, ticket.terminal))
    if (duty.ticket === ticket.no) await saveDuty(tx, evolveDuty(duty, { fact: command.command === 'hand-in' ? 'duty_done' : 'duty_cancelled', terminal: duty.terminal, duty: duty.id, kind: duty.kind, at: now, by: at.actor.person }))
  if (isDemand && ticket.dueAt !== undefined)
    await insertDuties(tx, [{ duty: newDuty({ id: mint(), kind: 'rectification', terminal: ticket.terminal, ticket: ticket.no, dueAt: ticket.dueAt }, policy.care, zone), ...at.party }])
}

function noticesOf(at: CareAt, ticket: Ticket, command: TicketCommand): NewNotice[] {
  const { setting: { zone } } = at
  const { no, terminal: tid, dueAt } = ticket
  const by: Words = dueAt === undefined ? ['', ''] : [`，请在 ${when(dueAt, zone)} 前提交`, `; hand in by ${when(dueAt, zone)}`]
  switch (command.command) {
    case 'demand': return [noticeAt(at, 'rectification', 'merchant', [
      `终端 ${tid} 因${reasons[ticket.reason][0]}（${ticket.reason}）须整改（${no}）：${command.words}${by[0]}。可以申诉。`,
      `Terminal ${tid} (${reasons[ticket.reason][1]}, ${ticket.reason}) must be put right (${no}): ${command.words}${by[1]}. You may appeal.`,
    ])]
    case 'hand-in': return [noticeAt(at, 'rectification', 'provider', [`终端 ${tid} 的整改已提交（${no}），请审定。`, `The rectification for terminal ${tid} (${no}) was handed in; please judge it.`])]
    case 'judge': return [noticeAt(at, 'rectification', 'merchant', command.accepted
      ? [`终端 ${tid} 的整改（${no}）已认可：${command.words}`, `The rectification for terminal ${tid} (${no}) is accepted: ${command.words}`]
      : [`终端 ${tid} 的整改（${no}）未通过：${command.words}${by[0]}。`, `The rectification for terminal ${tid} (${no}) is not accepted: ${command.words}${by[1]}.`])]
    default: return []
  }
}

function repairCharge(at: CareAt, ticket: Ticket, command: TicketCommand): Entry[] {
  if (!('payer' in command) || command.payer !== 'merchant' || !command.costFen) return []
  const act = ticketActs[command.command]
  return [entryOf({
    id: `repair/${ticket.no}/${ticket.entries.length}`, kind: 'charge', ...at.party, tid: ticket.terminal, serial: ticket.serial, at: at.now,
    words: [`机具${act[0]}（${ticket.no}）`, `device ${act[1]} (${ticket.no})`],
  }, [{ debit: 'receivable', credit: 'revenue_other', fen: command.costFen }])]
}

const seenAfter = async (at: CareAt, no: string): Promise<TicketSeen> => ticketSeen(at.tx, (await readTicket(at.tx, no))!, at)

/** Holds placed before there were tickets, or by many at once, get theirs. */
export async function openMissing(app: App, provider: string): Promise<void> {
  for (const { tid, hold } of await app.db.transaction('*', (tx) => holdsWithoutTicket(tx, provider, missing_max), { readOnly: true }))
    await onCare(app, { actor: systemActor }, {
      command: 'open-ticket', input: { tid, hold }, quiet: true, tid: async () => tid,
      async decide(at) {
        const held = at.terminal.holds.find((h) => h.id === hold)
        const open = await openTicketsOf(at.tx, [tid])
        if (held === undefined || open.some((t) => t.ticket.hold === hold || (t.ticket.reason === held.reason && isTicketOpen(t.ticket)))) return { facts: [], value: () => undefined }
        const ticket = openTicket({ no: await nextTicketNo(app, at.stored.provider, held.reason, at.now), terminal: tid, serial: at.stored.serial, reason: held.reason, hold }, at)
        await insertTicket(at.tx, ticket, at.party, at.seal)
        return { facts: forJournal([{ fact: 'ticket_opened', terminal: tid, ticket }]), value: () => undefined }
      },
    }, { view: () => ({ status: 204, body: '', headers: {} }), refusal: () => ({ status: 409, body: '', headers: {} }) })
}
const missing_max = 500
