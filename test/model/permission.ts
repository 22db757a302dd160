// When must a command be refused? One list of objections per command, in plain words, written from the rule book and not from
// the program: a command that meets one must have been refused, a command that meets none must have been accepted.
import { aboutAppeal, aboutBinding, aboutSetup, placedIt } from './changing.ts'
import { begins, mayBeUndone, seenInClosing } from './closing.ts'
import type { Entry } from './estate.ts'
import { barOf, bars, day_ms, dossier, firm, goodStanding, hour_ms, isLive, missingPaper, over, ownBar, standing, unfinished, type Books, type File } from './books.ts'

const deskOf: Record<string, string> = { M: 'merchant', D: 'service_desk', S: 'risk', R: 'risk', A: 'finance', I: 'compliance', P: 'operations', X: 'service_desk' }
export const deskOfReason = (reason: string): string => (reason === 'P06' ? 'compliance' : deskOf[reason[0]!]!)
const keepers: Record<string, string[]> = {
  merchant: [], service_desk: ['agent', 'operations'], risk: ['risk'], finance: ['finance'], operations: ['operations'], compliance: ['risk', 'provider_admin'],
}
const roles: Record<string, string[]> = {
  file: ['merchant_owner', 'merchant_staff', 'agent'], submit: ['merchant_owner', 'agent'], withdraw: ['merchant_owner', 'agent'],
  claim: ['agent', 'reviewer', 'approver', 'risk'], assign: ['reviewer', 'approver'], return: ['reviewer', 'approver'],
  approve: ['reviewer', 'approver'], reject: ['reviewer', 'approver'], 'add-material': ['merchant_owner', 'merchant_staff', 'agent'],
  'accept-material': ['agent', 'reviewer', 'approver'], 'return-material': ['agent', 'reviewer', 'approver'],
  'waive-step': ['reviewer', 'approver', 'finance'], 'record-test': ['field', 'operations', 'agent'], 'bind-device': ['field', 'operations', 'agent'], 'unbind-device': ['field', 'operations', 'agent'], 'test-terminal': ['field', 'operations', 'agent'],
  'place-hold': ['agent', 'finance', 'risk', 'operations'], 'lift-hold': ['agent', 'finance', 'risk', 'operations'],
}
const review = ['submitted', 'in_review', 'second_review']
const running = ['approved', 'in_progress']
const when: Record<string, string[]> = {
  submit: ['draft', 'returned'], withdraw: ['draft', 'returned', 'approved', ...review], claim: review, assign: [...review, ...running],
  return: review, approve: review, reject: review, 'add-material': ['draft', 'returned', ...review, ...running],
  'accept-material': review, 'return-material': review, 'complete-step': [...review, ...running, 'completed'], 'waive-step': [...review, ...running],
  'record-test': ['in_progress'], 'bind-device': running, 'unbind-device': ['in_progress'], tick: ['draft', 'returned', ...review, ...running],
}
const money = ['clearance', 'settlement_agreement', 'pay_fee']
/** Who ticks a duty besides whom it is given to. */
const answers: Record<string, string[]> = { merchant: ['merchant_owner', 'integrator', 'agent'], provider: ['reviewer', 'approver', 'provider_admin'] }
const seenByMachine = ['clearance', 'device_test', 'settlement_agreement', 'installation', 'device_return', 'inspection', 'deposit_refund']
/** Of a replacement or installation, what nobody waives. */
const unwaivable: Record<string, string[]> = { replace: ['installation', 'device_return', 'inspection', 'deposit_refund'], install: ['installation'] }

type Input = Record<string, unknown>
type Objections = (books: Books, entry: Entry, file: File, input: Input) => (string | false | undefined)[]

const aboutTerminals = (books: Books, { kind, no }: Pick<File, 'kind' | 'no'>, tids: readonly string[]): (string | false)[] => tids.flatMap((tid) => [
  books.terminals.get(tid)!.closedAt !== undefined && 'it is closed', isBare(books, tid) && 'it is not there yet',
  ...besideClosing(books, { kind, no }, tid),
  kind !== 'appeal' && [...books.files.values()].some((f) => f.no !== no && f.kind !== 'appeal' && f.tids.includes(tid) && !over.includes(f.state) && way(f.kind) === way(kind)) && 'a case that way is open',
  kind === 'suspend' && ownBar(books, tid) !== undefined && 'its merchant stopped it already',
  ['reactivate', 'extend'].includes(kind) && ownBar(books, tid) === undefined && 'its merchant did not stop it',
])
/** A number, and nothing in service. */
const isBare = (books: Books, tid: string): boolean => books.terminals.get(tid)!.isNew === true && books.terminals.get(tid)!.installedAt === undefined
const way = (kind: string): string => ({ suspend: 'down', close: 'down', reactivate: 'up', install: 'up' })[kind] ?? 'aside'
/** A closure stands beside no other case, but a reactivation that would undo it while that can still be done. */
const besideClosing = (books: Books, { kind, no }: Pick<File, 'kind' | 'no'>, tid: string): (string | false)[] =>
  kind === 'appeal' ? [] : [...books.files.values()].filter((f) => f.no !== no && f.kind !== 'appeal' && f.tids.includes(tid) && !over.includes(f.state)).map((f) =>
    kind === 'close' ? 'another case is open' : f.kind === 'close' && !(kind === 'reactivate' && f.state === 'in_progress' && mayBeUndone(books, f, tid)) && 'it is being closed')

const aboutTimes = (books: Books, { kind, from, until }: Pick<File, 'kind' | 'from' | 'until'>, tids: readonly string[], now: number): (string | false)[] => {
  const begins = kind === 'extend' ? tids.map((tid) => ownBar(books, tid)?.from ?? now) : [from ?? now]
  return [
    kind === 'extend' && until === undefined && 'an extension names its day',
    ['suspend', 'close', 'replace'].includes(kind) && from !== undefined && from < now && 'no stop in the past',
    ['close', 'replace', 'install', 'appeal'].includes(kind) && until !== undefined && 'a closing has no return',
    until !== undefined && until <= Math.max(now, ...begins) && 'the return comes after the stop and after now',
    until !== undefined && until - Math.min(...begins) > 180 * day_ms && 'longer than the longest stop',
  ]
}

/** Approved at submission, by the policy's own rule. */
export const isStraight = (books: Books, file: File, now: number): boolean =>
  books.card.straight && file.kind === 'suspend' && file.until !== undefined && Math.ceil((file.until - (file.from ?? now)) / day_ms) <= 90
  && goodStanding(books) && !missingPaper(books, file) && !books.card.agreement

export const wantsSecond = (books: Books, file: File): boolean =>
  books.card.second === 'always' || (books.card.second === 'many' && (file.wished ?? file.tids.length) >= 2)

const submit = (books: Books, file: File, now: number): (string | false)[] => [
  ...aboutTerminals(books, file, file.tids), ...(file.kind === 'appeal' ? aboutAppeal(books, file.no, file.tids, file.bars.get(file.tids[0]!), now, !file.sent) : []), ...aboutTimes(books, file, file.tids, now),
  missingPaper(books, file) && (file.sent || books.card.papers === 'demand') && 'papers are missing',
  !file.sent && ['suspend', 'close'].includes(file.kind) && file.from !== undefined && file.from < now + books.card.leadHours * hour_ms
    && !isStraight(books, file, now) && 'too soon',
]

const aboutTest = (books: Books, tid: string, now: number, items: unknown): (string | false)[] => [
  firm(books, tid, now).length > 0 && 'another stop stands in the way',
  standing(books, tid, now) !== 'test' && 'not its time',
  (items as unknown[]).length < 8 && 'not every item was tested',
]

const objections: Record<string, Objections> = {
  file: (books, { actor, at }, _, input) => {
    const file = { ...(input as unknown as File), no: '', from: input['effectiveFrom'] as number, until: input['expectedUntil'] as number, sent: false, papers: [] }
    const tids = input['tids'] as string[]
    const reason = input['reason'] as string
    const hold = input['hold'] as string | undefined
    file.bars = new Map(tids.map((tid) => [tid, hold]))
    return [
      file.kind === 'install' ? reason !== 'X04' && 'not for installing' : file.kind === 'replace' ? !/^(D|X01|M08)/.test(reason) && 'not for replacing' : file.kind === 'appeal' ? !input['words'] && 'no words' : (file.kind === 'close' ? !/^(M2|X02)/.test(reason) : !/^M/.test(reason) && !(file.kind === 'reactivate' && reason === 'X02')) && 'not a reason of a merchant', /^M2/.test(reason) && file.kind === 'suspend' && file.until !== undefined && 'for good has no return',
      actor.role === 'agent' && !input['proof'] && 'no consent', file.kind === 'install' && tids.length > 0 && 'an installation names no terminal', ...aboutTerminals(books, file, tids),
      ...(file.kind === 'appeal' ? aboutAppeal(books, '', tids, hold, at, true) : []), ...aboutTimes(books, file, tids, at),
      ...(input['submit'] ? [...submit(books, { ...file, tids }, at), !roles['submit']!.includes(actor.role) && 'may not submit'] : []),
    ]
  },
  submit: (books, { at }, file) => submit(books, file, at),
  withdraw: (books, { at }, file) => [
    file.kind === 'close' && file.state === 'approved' && begins(file) <= at && 'the closure has begun',
    file.tids.some((tid) => books.terminals.get(tid)!.bars.some((b) => b.no === file.no && isLive(b) && b.from <= at)) && 'the stop has begun',
  ],
  claim: (_, { actor }, file) => [file.handler !== undefined && file.handler !== actor.person && 'somebody has it'],
  return: (_, __, ___, input) => [!input['words'] && 'no words'],
  reject: (books, { actor }, file, input) => [!input['words'] && 'no words', placedIt(books, file, actor.person) && 'placed it'],
  approve: (books, { actor, at }, file) => [
    file.makers.has(actor.person) && 'a maker', file.state === 'second_review' && file.looker === actor.person && 'looked first',
    file.state === 'second_review' && actor.role !== 'approver' && 'the second look is an approver’s',
    missingPaper(books, file) && 'papers are missing', unfinished(file, 'approval').length > 0 && 'something must be done before',
    ...(file.kind === 'close' ? [
      books.card.closeOpen === 'refuse' && file.tids.some((tid) => !books.terminals.get(tid)!.clear) && 'something is open',
      books.card.closeUnderRisk === 'refuse' && file.tids.some((tid) => bars(books, tid, at).some((b) => b.desk === 'risk' && b.consent === undefined)) && 'risk holds it',
    ] : []),
    placedIt(books, file, actor.person) && 'placed it', file.kind === 'appeal' && aboutAppeal(books, file.no, file.tids, file.bars.get(file.tids[0]!), at, false).find((o) => o !== false),
    file.kind === 'replace' && file.tids.some((tid) => books.terminals.get(tid)!.bars.some((b) => isLive(b) && b.reason === 'X01')) && 'one of its kind stands',
    ...aboutTerminals(books, file, file.tids),
    file.until !== undefined && file.until <= Math.max(at, file.from ?? at, ...(file.kind === 'extend' ? file.tids.map((tid) => ownBar(books, tid)?.from ?? 0) : []))
      && 'its return has come already',
    file.state === 'second_review' && file.looked !== dossier(file) && 'not what was looked at',
  ],
  'accept-material': (_, __, file, input) => [!file.papers.some((p) => p.id === input['material'] && p.standing !== 'accepted') && 'nothing to accept'],
  'return-material': (_, __, file, input) => [!file.papers.some((p) => p.id === input['material'] && p.standing !== 'returned') && 'nothing to return', !input['words'] && 'no words'],
  'complete-step': (_, { actor }, file, input) => {
    const duty = file.duties.find((d) => d.id === input['step'])
    return [
      !duty && 'no such duty', duty && (seenByMachine.includes(duty.kind) || (file.kind === 'close' && seenInClosing.includes(duty.kind))) && 'the machine sees it',
      duty?.kind === 'filing' && (file.tids.length === 0 || file.tids.some((tid) => file.put.get(tid) === undefined)) && 'nothing to file yet',
      duty && !money.includes(duty.kind) && duty.whose !== actor.role && !answers[duty.whose.startsWith('merchant') ? 'merchant' : 'provider']!.includes(actor.role) && 'somebody else’s to tick', duty && ['done', 'waived'].includes(duty.state) && 'settled',
      duty && money.includes(duty.kind) && actor.role !== 'finance' && 'money is confirmed by finance',
    ]
  },
  'waive-step': (_, { actor }, file, input) => {
    const duty = file.duties.find((d) => d.id === input['step'])
    return [
      !duty && 'no such duty', duty?.kind === 'device_test' && 'a test is not waived', duty && file.kind === 'close' && seenInClosing.includes(duty.kind) && 'a closure is not shortened', duty && unwaivable[file.kind]?.includes(duty.kind) && 'not waived', duty && ['done', 'waived'].includes(duty.state) && 'settled',
      duty && money.includes(duty.kind) && duty.waiver === actor.person && 'money takes two',
    ]
  },
  'record-test': (books, { at }, file, input) => {
    const tid = (input['terminal'] as string | undefined) ?? (file.tids.length === 1 ? file.tids[0]! : '')
    if (!['reactivate', 'replace', 'install'].includes(file.kind)) return ['nothing to test']
    if (file.kind === 'install') return [unfinished(file, 'reopening', 'device_test').length > 0 && 'something must be done before', ...(file.tids.includes(tid) ? aboutSetup(books, tid, input['items']) : ['no such terminal'])]
    return [unfinished(file, 'reopening', 'device_test').length > 0 && 'something must be done before',
      ...(file.tids.includes(tid) ? aboutTest(books, tid, at, input['items']) : ['no such terminal'])]
  },
  'bind-device': (books, _, file, input) => aboutBinding(books, file, (input['terminal'] as string | undefined) ?? (file.tids.length === 1 ? file.tids[0]! : ''), input['serial'] as string),
  'unbind-device': (books, _, file, input) => file.kind === 'install' ? ['nothing to take off'] : aboutBinding(books, file, (input['terminal'] as string | undefined) ?? (file.tids.length === 1 ? file.tids[0]! : ''), undefined),
  'test-terminal': (books, { at, tids }, _, input) => isBare(books, tids[0]!) ? ['not its time'] : aboutTest(books, tids[0]!, at, input['items']),
  'place-hold': (books, { actor, tids }, _, input) => [
    books.terminals.get(tids[0]!)!.closedAt !== undefined && 'it is closed', isBare(books, tids[0]!) && 'it is not there yet',
    !keepers[deskOfReason(input['reason'] as string)]!.includes(actor.role) && 'not its desk',
    books.terminals.get(tids[0]!)!.bars.some((b) => isLive(b) && b.reason === input['reason']) && 'it stands already',
  ],
  'lift-hold': (books, { actor, tids }, _, input) => {
    const bar = barOf(books, tids[0]!, input['hold'] as string)!
    return [!keepers[bar.desk]!.includes(actor.role) && 'not its desk', bar.reason === 'X01' && bar.no !== undefined && 'it ends with its replacement', (!isLive(bar) || bar.consent !== undefined) && 'free already']
  },
  'signed-on': (books, { tids }) => [!books.terminals.get(tids[0]!)!.owesSignOn && 'nothing owed'],
}

/** Why this must have been refused; undefined when it must have been accepted. */
export function objection(books: Books, entry: Entry): string | undefined {
  const { command, actor, no, input } = entry
  const file = no === undefined ? undefined : books.files.get(no)
  if (roles[command] && actor.role !== 'system' && !roles[command].includes(actor.role)) return 'not their role'
  if (when[command] && file && !when[command].includes(file.state)) return 'not in this state'
  const all = objections[command]?.(books, entry, file!, input) ?? []
  return all.find((o) => typeof o === 'string') as string | undefined
}
