// One sequence: a policy, a few terminals and people drawn from a seed, then some forty commands – most of them sensible for
// where a case stands, the rest anything by anybody – with time moving between them, the auditor reading along.
import type { CaseCommand } from '../../src/domain/application/decide.ts'
import type { LineCommand } from '../../src/domain/device.ts'
import type { Case, Step } from '../../src/domain/application/case.ts'
import { mayNot, type Actor } from '../../src/domain/authority.ts'
import { applicationMachine, type ApplicationCommand } from '../../src/domain/lifecycle.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { isEnded, isMachineChecked, isMoneyStep, testItems, words, type ApplicationKind, type ApplicationState, type Reason } from '../../src/domain/vocabulary.ts'
import { actor, at, day_ms, hour_ms, material, passed, plainPolicy } from '../pure.ts'
import { makeAuditor, Objection } from './auditor.ts'
import type { Card } from './books.ts'
import { asBuilt, makeEstate, registered, type Entry, type System } from './estate.ts'
import { makeRandom, type Random } from './random.ts'

const people = {
  owner: actor('owner', 'merchant_owner'), staff: actor('staff', 'merchant_staff'), agent: actor('agent', 'agent'),
  reviewer: actor('reviewer', 'reviewer'), reviewer2: actor('reviewer2', 'reviewer'), approver: actor('approver', 'approver'),
  approver2: actor('approver2', 'approver'), finance: actor('finance', 'finance'), finance2: actor('finance2', 'finance'), field: actor('field', 'field'),
  risk: actor('risk', 'risk'), operations: actor('operations', 'operations'),
  // People with two roles: the person counts, not the account.
  riskWho: actor('third', 'risk'), reviewerWhoRisks: actor('third', 'reviewer'),
  agentWho: actor('dual', 'agent'), approverWho: actor('dual', 'approver'), reviewerWho: actor('twin', 'reviewer'), agentWhoReviews: actor('twin', 'agent'),
} as const satisfies Record<string, Actor>
const everybody = Object.values(people)

export type Coverage = { accepted: Set<string>; refused: Set<string>; moves: Set<string>; holdMoves: Set<string>; lineMoves: Set<string>; commands: number }
export const noCoverage = (): Coverage => ({ accepted: new Set(), refused: new Set(), moves: new Set(), holdMoves: new Set(), lineMoves: new Set(), commands: 0 })

export class Broken extends Error {
  readonly law: string
  constructor(seed: number, cause: Error, trail: readonly string[]) {
    super(`seed ${seed} (replay with TINGQI_SEED=${seed}): ${cause.message}\n${trail.join('\n')}`)
    this.law = cause instanceof Objection ? cause.message.split(': ')[0]! : cause.message
    if (cause.stack) this.stack = `${this.message}\n${cause.stack}`
  }
}

const line = ({ at: when, actor: { person, role }, command, no, tids, input, code, facts }: Entry): string =>
  `${new Date(when).toISOString()} ${person}/${role} ${command} ${no ?? tids} ${JSON.stringify(input)} → ${code ?? (facts.map((f) => f.fact).join(' ') || 'ok')}`

const drawCard = (r: Random): Card => ({
  drainHours: r.pick([0, 24, 24]), leadHours: r.pick([0, 0, 24]), second: r.pick(['never', 'many', 'always']), straight: r.chance(0.4), fee: r.chance(0.5),
  agreement: r.chance(0.3), notice: r.chance(0.4), postpone: r.chance(0.4), papers: r.pick(['none', 'demand', 'may_follow']), signOn: r.chance(0.7),
  closeOpen: r.pick(['wait', 'wait', 'refuse']), closeUnderRisk: r.pick(['wait', 'refuse']),
})

function policyOf(card: Card): Policy {
  const both: ApplicationKind[] = ['suspend', 'reactivate', 'extend', 'close', 'replace', 'install', 'appeal']
  const day = { from: 'submittedAt', offset: '+3d', at: '18:00' } as const
  const steps: Policy['steps'] = [
    { id: 'clearance', kinds: ['suspend'], step: 'clearance', requirement: 'advised', before: 'stop', due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, assignee: 'merchant_owner' },
    { id: 'bank', kinds: ['suspend'], step: 'notify_parties', requirement: 'advised', before: 'reopening', due: { from: 'submittedAt', offset: '+30d', at: '18:00' }, assignee: 'finance' },
    { id: 'test', kinds: ['reactivate'], step: 'device_test', requirement: 'required', before: 'reopening', due: day, assignee: 'field' },
  ]
  for (const [kind, assignee] of [['clearance', 'merchant_owner'], ['device_return', 'merchant_owner'], ['inspection', 'field'], ['deposit_refund', 'finance'], ['upstream_cleanup', 'operations'], ['site_cleanup', 'merchant_owner']] as const)
    steps.push({ id: `close-${kind}`, kinds: ['close'], step: kind, requirement: kind === 'site_cleanup' ? 'advised' : 'required', before: 'completion', due: day, assignee })
  for (const kind of ['replace', 'install'] as const) {
    const swap = (step: Policy['steps'][number]['step'], before: Policy['steps'][number]['before'], assignee: Policy['steps'][number]['assignee']): void =>
      void steps.push({ id: `${kind}-${step}`, kinds: [kind], step, requirement: 'required', before, due: day, assignee })
    if (kind === 'replace') swap('clearance', 'stop', 'merchant_owner')
    swap('installation', 'reopening', 'field')
    if (card.fee) swap('filing', 'reopening', 'operations')
    swap('device_test', 'reopening', 'field')
    if (kind === 'replace') for (const step of ['device_return', 'inspection', 'deposit_refund'] as const) swap(step, 'completion', 'field')
  }
  if (card.fee) steps.push({ id: 'fee', kinds: ['reactivate'], step: 'pay_fee', requirement: 'required', before: 'reopening', due: day, assignee: 'finance' })
  if (card.agreement) steps.push({ id: 'agreement', kinds: ['suspend'], step: 'settlement_agreement', requirement: 'required', before: 'approval', due: day, assignee: 'finance' })
  if (card.notice) steps.push({ id: 'notice', kinds: ['suspend', 'reactivate'], step: 'notify_parties', requirement: 'required', before: 'completion', due: day, assignee: 'merchant_owner' })
  return {
    ...plainPolicy, kindsOffered: both,
    closure: {
      ...plainPolicy.closure, ifOpenAtApproval: card.closeOpen, underHold: card.closeUnderRisk === 'refuse' ? { risk: 'refuse' } : {},
      deductions: [{ id: 'cover', part: 'printer_cover', condition: 'broken', fen: 8_000 }, { id: 'gone', notReturned: true, ppm: 1_000_000 }],
    },
    leadTimeHours: card.leadHours, drainHours: card.drainHours, steps,
    checkpoint: { ...plainPolicy.checkpoint, ifOpen: card.postpone ? 'postpone' : 'proceed' },
    straightThrough: card.straight ? [{ id: 'short', kinds: ['suspend'], when: { term: 'temporary', daysMax: 90, terminalsMax: 5, clearance: 'drainable', goodStanding: true } }] : [],
    secondApproval: card.second === 'never' ? [] : [{ id: 'two-look', kinds: both, when: card.second === 'many' ? { terminalsMin: 2 } : {} }],
    materials: card.papers === 'none' ? [] : [{ id: 'moving', kinds: ['suspend'], reasons: ['M03'], types: ['relocation_proof'] }],
    materialsAtSubmission: card.papers === 'demand' ? 'demand' : 'may_follow',
    fees: { ...plainPolicy.fees, reopeningFen: card.fee ? 5_000 : 0 },
    gate: { ...plainPolicy.gate, signOnAfterReopening: card.signOn },
  }
}

export function runSequence(seed: number, length: number, coverage: Coverage, system: System = asBuilt): void {
  const r = makeRandom(seed)
  const trail: Entry[] = []
  const card = drawCard(r)
  const policy = policyOf(card)
  const tids = ['10000001', '10000002', '10000003', '10000004'].slice(0, 2 + r.below(3))
  const start = at('2026-02-02T08:00') + r.below(90) * day_ms + r.below(86_400_000)
  // Some programs are awake and do at once what is due, some oversleep.
  const awake = r.pick([0.95, 0.85, 0.3])
  const auditor = makeAuditor(card, tids)
  const stateBefore = new Map<string, ApplicationState>()
  const told = (entry: Entry): void => {
    const before = entry.no === undefined ? undefined : stateBefore.get(entry.no)
    trail.push(entry)
    coverage.commands += 1
    if (before !== undefined) (entry.code === undefined ? coverage.accepted : coverage.refused).add(`${entry.command} in ${before}`)
    auditor.read(entry)
    cover(entry, before, coverage, (tid, id) => auditor.books.terminals.get(tid)!.bars.find((b) => b.id === id)?.shut !== undefined)
    if (entry.no !== undefined && entry.code === undefined) stateBefore.set(entry.no, auditor.books.files.get(entry.no)!.state as ApplicationState)
  }
  const estate = makeEstate(system, policy, tids, start, told)
  const lineBefore = new Map<string, [device: string, deposit: string | undefined]>()
  const coverLines = (): void => {
    for (const { rma, state, deposit } of estate.lines.values()) {
      const [device, money] = lineBefore.get(rma) ?? [state, deposit?.state]
      if (device !== state) coverage.lineMoves.add(`${device} → ${state}`)
      if (money !== deposit?.state) coverage.lineMoves.add(`deposit ${money} → ${deposit?.state}`)
      lineBefore.set(rma, [state, deposit?.state])
    }
  }
  try {
    for (let n = 0; n < length; n++) {
      oneCommand(r, estate, tids, n)
      coverLines()
      if (r.chance(0.5)) estate.pull()
      if (r.chance(awake)) { estate.settle(); auditor.atRest(estate.now(), (tid) => estate.look(tid).gatesKnowAt) }
      if (r.chance(0.6)) moveTime(r, estate, start, awake, () => auditor.atRest(estate.now(), (tid) => estate.look(tid).gatesKnowAt))
      compare(r, estate, auditor, [...estate.terminals.keys()], system, policy)
      coverLines()
    }
  } catch (error) {
    throw new Broken(seed, error as Error, [`card ${JSON.stringify(card)}`, ...trail.filter((e) => e.command !== 'tick' || e.facts.length > 0).map(line)])
  }
}

type Estate = ReturnType<typeof makeEstate>

const latest = at('2026-11-01T00:00')
const moment = (r: Random, estate: Estate): number => {
  const step = r.pick([1, 60_000, hour_ms, 5 * hour_ms, day_ms, 4 * day_ms])
  const due = estate.nextDue() ?? estate.now()
  // Within the year whose working days are known.
  const from = due < latest ? r.pick([estate.now(), due]) : estate.now()
  return from + r.below(2 * step) + r.pick([-1, 0, 0, 1])
}

const desks: Partial<Record<Reason, Actor>> = { R09: people.risk, S01: people.risk, A03: people.finance, D01: people.agent, P01: people.operations, P06: people.risk }
const stops = Object.keys(desks) as Reason[]
const mostly = <T>(r: Random, likely: T, otherwise: readonly T[]): T => (r.chance(0.85) ? likely : r.pick(otherwise))

function oneCommand(r: Random, estate: Estate, first: readonly string[], n: number): void {
  const tids = [...estate.terminals.keys()]
  const open = [...estate.cases.values()].filter((c) => !isEnded(c.state))
  // Those that were there from the beginning have the longer lives.
  const tid = r.pick(r.chance(0.7) ? first : tids)
  const { holds } = estate.terminals.get(tid)!
  const dice = r.next()
  if (dice < 0.22 || estate.cases.size === 0) return fileSomething(r, estate, tid, tids, n)
  // Nothing is ever sold on a number that is not in service.
  if (dice < 0.28) return void estate.books(estate.terminals.get(tid)!.installedAt === undefined ? first[0]! : tid, r.chance(0.6))
  if (dice < 0.35) {
    const reason = r.pick(stops)
    return void estate.placeHold(mostly(r, desks[reason] === people.risk && r.chance(0.4) ? people.riskWho : desks[reason]!, everybody), tid, {
      reason, effect: r.chance(0.25) ? 'restrict' : 'stop', effectiveFrom: r.chance(0.5) ? undefined : Math.max(estate.now(), moment(r, estate)),
      drainUntil: r.chance(0.7) ? undefined : moment(r, estate) + day_ms,
    })
  }
  if (dice < 0.43 && holds.length > 0) {
    const free = holds.filter((h) => h.liftedAt === undefined && h.withdrawnAt === undefined && h.owner !== 'merchant')
    const one = free.length > 0 && r.chance(0.85) ? r.pick(free) : r.pick(holds)
    return void estate.liftHold(mostly(r, desks[one.reason] ?? people.agent, everybody), tid, one.id)
  }
  if (dice < 0.49) return void estate.test(mostly(r, people.field, everybody), mostly(r, testingOne(estate, tids) ?? tid, tids), items(r))
  if (dice < 0.53) return void estate.signOn([...estate.terminals.values()].find((t) => t.signOnRequired)?.tid ?? tid)
  if (dice < 0.66 && estate.lines.size > 0) return void onLine(r, estate)
  const c = open.length > 0 && r.chance(0.85) ? r.pick(open) : r.pick([...estate.cases.values()])
  const late = c.state === 'completed' ? c.steps.find((s) => s.state === 'open' && !isMachineChecked(s.kind)) : undefined
  if (late && r.chance(0.4)) return void estate.command(mostly(r, ticks(late), everybody), c.no, { command: 'complete-step', step: late.id })
  const [who, what] = !isEnded(c.state) && r.chance(seldom.includes(c.state) ? 0.55 : 0.8) ? sensible(r, c) : anything(r, c)
  estate.command(who, c.no, what)
}

/** States a case is in for a short while only, so that everything must be tried sooner. */
const seldom: readonly ApplicationState[] = ['returned', 'second_review', 'approved']

const testingOne = (estate: Estate, tids: readonly string[]): string | undefined =>
  tids.find((tid) => estate.terminals.get(tid)!.holds.some((h) => h.clearedAt !== undefined && h.liftedAt === undefined))
const items = (r: Random) => r.chance(0.1) ? passed.slice(1) : r.chance(0.2)
  ? passed.map((i) => ({ ...i, passed: i.item !== r.pick(words(testItems)) })) : passed

function fileSomething(r: Random, estate: Estate, tid: string, tids: readonly string[], n: number): void {
  const isHeld = (each: string): boolean => estate.terminals.get(each)!.holds.some((h) => h.owner === 'merchant' && h.liftedAt === undefined && h.withdrawnAt === undefined)
  const like = tids.filter((each) => isHeld(each) === isHeld(tid))
  if (r.chance(0.22)) return fileChange(r, estate, tid, tids, n)
  const kind = mostly<ApplicationKind>(r, isHeld(tid) ? r.pick(['reactivate', 'reactivate', 'extend', 'close']) : r.pick(['suspend', 'suspend', 'suspend', 'close']), ['suspend', 'reactivate', 'extend', 'close'])
  const from = (kind === 'suspend' && r.chance(0.8)) || (kind === 'close' && r.chance(0.4)) ? Math.max(moment(r, estate), r.chance(0.95) ? estate.now() : 0) : undefined
  const until = kind === 'extend' ? (r.chance(0.95) ? moment(r, estate) + r.below(40) * day_ms : undefined)
    : r.chance(0.6) ? (from ?? estate.now()) + (r.chance(0.3) ? r.below(2 * day_ms) : r.below(200 * day_ms)) : undefined
  const who = mostly(r, r.pick([people.owner, people.owner, people.agent, people.agentWho, people.agentWhoReviews]), [people.staff, people.reviewer])
  estate.file(who, `TQ-${n}`, {
    kind, tids: r.chance(0.3) ? [...new Set([tid, r.pick(like)])].toSorted() : [tid], reason: mostly<Reason>(r, kind === 'close' ? r.pick(['M21', 'X02']) : r.pick(['M02', 'M02', 'M03']), ['M21', 'R09', 'M02', 'X02']), effectiveFrom: from,
    expectedUntil: kind === 'reactivate' || (kind === 'close' && r.chance(0.95)) ? undefined : until, proof: who.role === 'agent' && r.chance(0.95) ? 'recording 17' : undefined,
    submit: who.role !== 'merchant_staff' && r.chance(0.75),
  })
}

/** A replacement, an installation or an appeal. */
function fileChange(r: Random, estate: Estate, tid: string, tids: readonly string[], n: number): void {
  const { holds } = estate.terminals.get(tid)!
  const argued = holds.filter((h) => h.owner !== 'merchant' && h.liftedAt === undefined && h.withdrawnAt === undefined && h.clearedAt === undefined)
  const kind = argued.length > 0 && r.chance(0.7) ? 'appeal' : r.pick(['replace', 'replace', 'install', ...(r.chance(0.2) ? ['appeal'] as const : [])] as const)
  const hold = kind !== 'appeal' ? undefined : argued.length > 0 && r.chance(0.9) ? r.pick(argued).id : holds[0]?.id
  const who = mostly(r, r.pick([people.owner, people.owner, people.agent, people.agentWho]), [people.staff, people.reviewer])
  const one = { kind, effectiveFrom: kind === 'replace' && r.chance(0.4) ? Math.max(moment(r, estate), estate.now()) : undefined, expectedUntil: r.chance(0.03) ? estate.now() + day_ms : undefined, proof: who.role === 'agent' && r.chance(0.95) ? 'recording 17' : undefined }
  estate.file(who, `TQ-${n}`, {
    ...one, tids: kind === 'install' ? (r.chance(0.95) ? [] : [tid]) : r.chance(0.15) ? [...new Set([tid, r.pick(tids)])].toSorted() : [tid],
    reason: mostly<Reason>(r, kind === 'install' ? 'X04' : kind === 'replace' ? r.pick(['D11', 'X01', 'M08']) : holds.find((h) => h.id === hold)?.reason ?? 'R09', ['M02', 'D11']),
    ...(hold && { hold }), ...(kind === 'install' && { wish: { store: '1', storeName: 'S', count: 1 + r.below(2) } }), ...(kind === 'appeal' && r.chance(0.95) && { words: 'not so' }),
    submit: who.role !== 'merchant_staff' && r.chance(0.8),
  })
}

/** What would be done next with a device that is on its way back – mostly; else anything by anybody. */
function onLine(r: Random, estate: Estate): void {
  const line = r.pick([...estate.lines.values()])
  const inspect: LineCommand = { command: 'inspect-device', parts: [{ part: 'printer_cover', condition: r.chance(0.5) ? 'broken' : 'fine', photo: 'IMG_1' }] }
  const acts: [Actor, LineCommand][] = [
    [people.owner, { command: 'ship-device', carrier: 'SF', tracking: '1' }], [people.field, { command: 'receive-device' }], [people.field, inspect],
    [people.field, { command: 'restock-device' }], [people.operations, { command: 'retire-device', words: 'worn' }], [people.agent, { command: 'lose-device', words: 'gone' }],
    [people.finance, { command: 'propose-deduction' }], [people.owner, { command: 'accept-deduction' }], [people.owner, { command: 'dispute-deduction', words: 'no' }],
    [r.pick([people.finance2, people.approver, people.finance]), { command: 'confirm-refund', reference: 'R-1' }],
  ]
  const next: Partial<Record<string, number[]>> = { requested: [0, 1, 1, 5], shipped: [1, 1, 5], received: [2], inspected: [3, 4] }
  const money: Partial<Record<string, number[]>> = { release_due: [6], deduction_proposed: [7, 8, 9, 9], disputed: [6] }
  const likely = [...(next[line.state] ?? []), ...(money[line.deposit?.state ?? ''] ?? []), ...(money[line.deposit?.state ?? ''] ?? [])]
  const [who, what] = likely.length > 0 && r.chance(0.85) ? acts[r.pick(likely)]! : r.pick(acts)
  estate.onDevice(mostly(r, who, everybody), line.rma, what)
}

const paper = (r: Random, type = r.pick(['relocation_proof', 'relocation_proof', 'other', 'settlement_agreement'] as const)): CaseCommand => ({ command: 'add-material', material: material(type, { id: `paper-${r.below(2 ** 31)}` }) })
const stepOf = (r: Random, c: Case): string => (c.steps.length > 0 ? r.pick(c.steps).id : 'none')
const paperOf = (r: Random, c: Case): string => (c.materials.length > 0 ? r.pick(c.materials).id : 'none')

/** Whose it is to tick. */
const ticks = ({ kind, assignee }: Pick<Step, 'kind' | 'assignee'>): Actor =>
  isMoneyStep(kind) ? people.finance : assignee === 'merchant_owner' ? people.owner : assignee === 'operations' ? people.operations : assignee === 'finance' ? people.finance : people.reviewer

/** What somebody would do next with a case that stands like this. */
function sensible(r: Random, c: Case): [Actor, CaseCommand] {
  const desk = r.pick([people.reviewer, people.reviewer2, people.approver, people.approver2, people.approverWho, people.reviewerWho, people.reviewerWhoRisks])
  if (r.chance(0.06)) return [people.owner, { command: 'withdraw' }]
  const duty = c.steps.find((s) => s.state === 'open' && s.requirement === 'required' && s.kind !== 'device_test')
  const agreement = c.materials.find((m) => m.type === 'settlement_agreement' && m.state !== 'accepted')
  const settle = duty && (duty.kind !== 'settlement_agreement' ? [ticks(duty), { command: 'complete-step', step: duty.id }]
    : agreement ? [desk, { command: 'accept-material', material: agreement.id }] : [people.owner, paper(r, 'settlement_agreement')]) as [Actor, CaseCommand] | undefined
  const brings = c.state === 'draft' || c.state === 'returned'
  if (brings) return r.chance(0.7) ? [r.pick([people.owner, people.agent, people.agentWho, people.agentWhoReviews]), { command: 'submit' }] : [people.staff, paper(r)]
  if (c.state === 'submitted' || c.state === 'in_review' || c.state === 'second_review') {
    if (duty?.before === 'approval' && r.chance(0.5)) return settle!
    if (r.chance(0.6)) return [c.state === 'second_review' ? r.pick([people.approver, people.approver2, people.approverWho]) : desk, { command: 'approve' }]
    const about: CaseCommand[] = [{ command: 'claim' }, { command: 'return', words: 'more' }, { command: 'assign', to: 'approver' }, { command: 'reject', words: 'no' }]
    if (c.steps.length > 0) about.push({ command: 'complete-step', step: stepOf(r, c) }, { command: 'waive-step', step: stepOf(r, c), words: 'known to us' })
    if (c.materials.length > 0) about.push({ command: 'accept-material', material: paperOf(r, c) }, { command: 'return-material', material: paperOf(r, c), words: 'blurred' })
    return r.chance(0.3) ? [people.owner, paper(r)] : [desk, r.pick(about)]
  }
  const bare = c.kind === 'replace' || c.kind === 'install' ? c.terminals.find((t) => t.to === undefined && (c.kind === 'install' || t.result === 'stopped' || t.from !== undefined)) : undefined
  if (bare && r.chance(0.6)) return [people.field, c.kind === 'replace' && r.chance(0.25) ? { command: 'unbind-device', terminal: bare.tid } : bindOf(r, bare.tid)]
  const testing = c.terminals.find((t) => t.result === 'testing')?.tid
  if (testing !== undefined && r.chance(0.7)) return [people.field, { command: 'record-test', terminal: testing, items: items(r) }]
  if (settle && r.chance(0.7)) return r.chance(0.3) ? [r.pick([people.finance, people.finance2]), { command: 'waive-step', step: duty.id, words: 'known to us' }] : settle
  return [people.owner, r.chance(0.3) ? paper(r) : { command: 'withdraw' }]
}

const position = { longitude: 121.48, latitude: 31.23 }
const bindOf = (r: Random, terminal: string | undefined): CaseCommand => ({ command: 'bind-device', terminal, serial: r.pick(['N0', 'N1', 'N2', 'N3', 'N4', 'N5', 'S0', 'S1']), position, photo: 'IMG_1' })

function anything(r: Random, c: Case): [Actor, CaseCommand] {
  const anyOf = (): string | undefined => (r.chance(0.8) && c.terminals.length > 0 ? r.pick(c.terminals).tid : undefined)
  const commands: Record<ApplicationCommand, () => CaseCommand> = {
    submit: () => ({ command: 'submit' }), withdraw: () => ({ command: 'withdraw' }), claim: () => ({ command: 'claim' }), assign: () => ({ command: 'assign', to: r.pick(['reviewer', 'approver']) }),
    return: () => ({ command: 'return', words: r.chance(0.9) ? 'more' : '' }), approve: () => ({ command: 'approve' }), reject: () => ({ command: 'reject', words: r.chance(0.9) ? 'no' : '' }),
    'add-material': () => paper(r), 'accept-material': () => ({ command: 'accept-material', material: paperOf(r, c) }),
    'return-material': () => ({ command: 'return-material', material: paperOf(r, c), words: 'blurred' }),
    'complete-step': () => ({ command: 'complete-step', step: stepOf(r, c) }), 'waive-step': () => ({ command: 'waive-step', step: stepOf(r, c), words: 'known to us' }),
    'record-test': () => ({ command: 'record-test', terminal: anyOf(), items: items(r) }), 'bind-device': () => bindOf(r, anyOf()), 'unbind-device': () => ({ command: 'unbind-device', terminal: anyOf() }), tick: () => ({ command: 'tick' }),
  }
  const command = r.pick(Object.keys(applicationMachine) as ApplicationCommand[])
  const entitled = command === 'tick' ? everybody : everybody.filter((who) => mayNot(who, command) === undefined)
  return [r.pick(r.chance(0.7) ? entitled : everybody), commands[command]()]
}

/** Either from one due moment to the next, as a program that is awake, or in one leap, as one that slept. */
function moveTime(r: Random, estate: Estate, start: number, awake: number, rested: () => void): void {
  const due = estate.nextDue()
  const target = due !== undefined && r.chance(0.4) ? due + r.pick([-1, 0, 0, 1]) : estate.now() + r.below(r.pick([2, 1_000, hour_ms, 3 * hour_ms, day_ms, 3 * day_ms, r.chance(0.2) ? 40 * day_ms : day_ms]))
  if (target < estate.now() || target > start + 150 * day_ms) return
  if (r.chance(awake)) {
    for (let next = estate.nextDue(); next !== undefined && next <= target; next = estate.nextDue()) {
      estate.setNow(next)
      if (r.chance(0.7)) estate.pull()
      estate.settle()
      rested()
    }
  }
  estate.setNow(target)
  if (r.chance(awake)) { estate.settle(); rested() }
}

/** What the program shows against what the auditor holds, at instants before, at and after now. */
function compare(r: Random, estate: Estate, auditor: ReturnType<typeof makeAuditor>, tids: readonly string[], system: System, policy: Policy): void {
  const now = estate.now()
  for (const [no, c] of estate.cases) {
    const file = auditor.books.files.get(no)!
    auditor.must(c.state === file.state, 'a case stands where its facts put it', { no, is: c.state, should: file.state })
    auditor.must(c.terminals.every((t) => file.results.get(t.tid) === t.result), 'results are as told', { no, terminals: c.terminals })
  }
  const rules = { provider: registered.provider, ...policy.gate, responseCodes: {} }
  for (const tid of tids) {
    const t = estate.terminals.get(tid)!
    const books = auditor.books.terminals.get(tid)!
    auditor.must(t.holds.length === books.bars.length && t.holds.every((h) => {
      const b = books.bars.find((x) => x.id === h.id)!
      return b.from === h.effectiveFrom && b.drainTo === h.drainUntil && b.shut === h.shutAt && b.consent === h.clearedAt && b.gone === h.liftedAt && b.dropped === h.withdrawnAt
    }), 'holds are as told', { tid, holds: t.holds, bars: books.bars })
    auditor.must(t.hostBlockedAt === books.blockedAt, 'blocked since as told', tid)
    auditor.must(t.closedAt === books.closedAt, 'closed as told, and never open again', { tid, is: t.closedAt, should: books.closedAt })
    const edges = t.holds.flatMap((h) => [h.effectiveFrom, h.drainUntil, h.clearedAt ?? now, h.liftedAt ?? now])
    const instants = [now, now + r.below(10 * day_ms), now - r.below(10 * day_ms), ...(edges.length > 0 ? [r.pick(edges) + r.pick([-1, 0, 1])] : [])]
    const stretches = system.schedule(t, now - 30 * day_ms, now + 180 * day_ms)
    auditor.must(stretches[0]!.from === now - 30 * day_ms && stretches.at(-1)!.to === now + 180 * day_ms
      && stretches.every((s, i) => s.to! > s.from && (i === 0 || stretches[i - 1]!.to === s.from)), 'a schedule without gaps', stretches)
    const fresh = system.entryOf(t, { ...registered, version: 1 }, now)
    for (const instant of instants) {
      const should = auditor.standing(tid, instant)
      auditor.must(system.modeAt(t, instant) === should, 'a terminal does what its holds say', { tid, instant, is: system.modeAt(t, instant), should })
      const stretch = stretches.find((s) => s.from <= instant && instant < s.to!)
      auditor.must(stretch === undefined || stretch.mode === should, 'the schedule says the same', { tid, instant, stretch, should })
      if (instant < now) continue
      const query = { tid, mid: registered.mid, class: 'sale' } as const
      const sale = system.gateDecide(fresh, query, instant, rules)
      const owes = auditor.owesSignOn(tid) && policy.gate.signOnAfterReopening
      auditor.must(sale.mode === should && (sale.decision === 'approve') === (should === 'open' && !owes), 'the gate says the same', { tid, instant, sale, should })
      // A gate may be behind, but never on a stop that was called effective, nor on one it was told of ahead.
      const behind = system.gateDecide(estate.published.get(tid), query, now, rules)
      const isEffective = books.blockedAt !== undefined && books.blockedAt <= now && should !== 'open'
      if (instant === now && isEffective) auditor.must(behind.decision === 'decline', 'no sale after a stop was called effective', { tid, now, behind })
    }
  }
}

const stateAfter: Partial<Record<string, ApplicationState>> = {
  submitted: 'submitted', returned: 'returned', reviewed: 'second_review', review_voided: 'in_review', approved: 'approved', rejected: 'rejected',
  withdrawn: 'withdrawn', expired: 'expired', begun: 'in_progress', completed: 'completed',
}
const holdAfter: Partial<Record<string, string>> = {
  hold_started: 'scheduled → started', hold_withdrawn: 'scheduled → withdrawn', hold_shut: 'started → shut', hold_lifted: 'cleared → lifted', hold_reclaimed: 'cleared → shut',
}
function cover(entry: Entry, before: ApplicationState | undefined, coverage: Coverage, isShut: (tid: string, hold: string) => boolean): void {
  let state: ApplicationState = before ?? 'draft'
  for (const fact of entry.facts) {
    const next = stateAfter[fact.fact] ?? ((fact.fact === 'claimed' || fact.fact === 'assigned') && state === 'submitted' ? 'in_review' : undefined)
    if (next !== undefined) { coverage.moves.add(`${state} → ${next}`); state = next }
    const move = fact.fact === 'hold_cleared' ? `${isShut(fact.terminal, fact.hold) ? 'shut' : 'started'} → cleared` : holdAfter[fact.fact]
    if (move) coverage.holdMoves.add(move)
  }
}
