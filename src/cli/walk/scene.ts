// What a scene has at hand: people who ask the program over HTTP, a clock to move, a gate to question, files to hand in – and
// the story in which all of it is told. Nothing here knows the program from inside.
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, createConfig, type Client } from '../../client/generated/client/index.ts'
import {
  answerDormancy,
  approveApplication,
  completeStep,
  decide,
  fileApplication,
  getApplication,
  getBreak,
  getImport,
  getMe,
  getSettlementRun,
  getTerminal,
  getTimeline,
  liftHold,
  listBackups,
  listBreaks,
  listNotices,
  listTerminals,
  moveClock,
  placeHold,
  readJournal,
  recordTest,
  startImport,
  startSettlementRun,
  testTerminal,
  verifyCode,
} from '../../client/generated/sdk.gen.ts'
import type {
  Application,
  Break,
  BreakRow,
  FileApplicationBody,
  GateAnswer,
  Import,
  ListBackupsReply,
  Notice,
  PlaceHoldBody,
  SettlementRun,
  Terminal,
  TerminalRow,
  TimelineRow,
} from '../../client/generated/types.gen.ts'
import {
  reasons,
  roles,
  testItems,
  words,
  type ImportKind,
  type Reason,
  type TestItem,
  type TransactionClass,
  type Words,
} from '../../domain/vocabulary.ts'
import type { Actor, Running } from './running.ts'
import { wallText, WalkEnded, type Story, type Tongue } from './story.ts'

export type Scene = {
  name: string
  /** Number of the scenario in the domain's list. */
  number: number
  title: Words
  /** Where its clock starts, with an offset. */
  startsAt: string
  play(stage: Stage): Promise<void>
}

/** '2026-11-27T15:00' on the wall in Shanghai, as an instant. */
export const at = (local: string): number => Date.parse(`${local.length <= 16 ? `${local}:00` : local}+08:00`)
export const rfc = (local: string): string => new Date(at(local)).toISOString()

type Answer<T> = Promise<{ data?: T | undefined; error?: unknown; response?: Response | undefined }>
const class_words = {
  sale: ['消费', 'sale'],
  reversal: ['冲正', 'reversal'],
  sign_on: ['签到', 'sign-on'],
  test_sale: ['测试消费', 'test sale'],
  refund: ['退货', 'refund'],
} as const satisfies Partial<Record<TransactionClass, Words>>
export type Asked = keyof typeof class_words

export type Stage = ReturnType<typeof openStage>

export function openStage(running: Running, story: Story, tongue: Tongue) {
  const client: Client = createClient(
    createConfig({ baseUrl: running.url, headers: { 'accept-language': tongue === 'en' ? 'en' : 'zh-CN' } }),
  )
  const person = (role: string, party: string): Actor => {
    const found =
      running.actors.find((a) => a.role === role && [a.party.id, a.party.name].includes(party)) ??
      running.actors.find((a) => a.login === `${party}.${role}`)
    if (!found) throw new WalkEnded(`nobody is ${role} of ${party} in the credentials`)
    return found
  }
  const cast = (login: string): Actor =>
    running.actors.find((a) => a.login === login) ?? person(...(login.split('.').toReversed() as [string, string]))
  const by = (who: Actor) => ({ client, auth: who.apiKey, headers: { authorization: `Bearer ${who.apiKey}` } })

  async function heard<T>(answer: Answer<T>): Promise<NonNullable<T>> {
    const { data, error, response } = await answer
    if (response?.ok && data !== undefined && data !== null) return data
    const problem = error as { code?: string; detail?: string } | undefined
    story.claim(
      [`程序拒绝了：${problem?.detail ?? String(error)}`, `the program refused: ${problem?.code ?? String(error)}`],
      response?.status ?? 0,
      200,
    )
    throw new WalkEnded()
  }
  const refusal = async (answer: Answer<unknown>): Promise<string | undefined> =>
    ((await answer).error as { code?: string } | undefined)?.code

  const admin = cast('platform.admin')

  /** The gate's answer once it knows everything that was decided before: an opening may reach it a moment later. */
  async function level(terminal: Pick<Terminal, 'tid' | 'mid'>, asked: TransactionClass): Promise<GateAnswer> {
    const { head } = await heard(readJournal({ ...by(admin), query: { after: Number.MAX_SAFE_INTEGER, limit: 1 } }))
    for (const until = Date.now() + gate_level_within_ms; ; await sleep(poll_ms)) {
      const answer = (await heard(
        decide({ ...by(admin), body: { tid: terminal.tid, mid: terminal.mid, class: asked } }),
      )) as GateAnswer
      if (answer.seq >= head.seq || Date.now() > until) return answer
    }
  }
  const named = (who: Actor): Words => [
    `${who.name}（${roles[who.role as keyof typeof roles][0]}）`,
    `${who.name} (${roles[who.role as keyof typeof roles][1]})`,
  ]

  const stage = {
    story,
    cast,
    named,
    /** For calls that only one scene makes: as whom, and the reply or the end of the walk. */
    by,
    heard,
    /** Moves the clock; everything due on the way has happened when it returns. */
    async moveTo(local: string): Promise<void> {
      await heard(moveClock({ ...by(admin), body: { now: rfc(local) } }))
      story.heading(at(local))
    },
    terminal: (who: Actor, tid: string): Promise<Terminal> => heard(getTerminal({ ...by(who), path: { tid } })),
    case: (who: Actor, no: string): Promise<Application> => heard(getApplication({ ...by(who), path: { no } })),
    async timeline(who: Actor, tid: string): Promise<TimelineRow[]> {
      return (await heard(getTimeline({ ...by(who), path: { tid }, query: { limit: 200 } }))).items
    },
    async notices(who: Actor): Promise<Notice[]> {
      return (await heard(listNotices({ ...by(who), query: { limit: 200 } }))).items
    },
    async backups(who: Actor, tid: string): Promise<ListBackupsReply['items']> {
      return (await heard(listBackups({ ...by(who), path: { tid } }))).items
    },
    /** A terminal of theirs that works, owes nothing and of which nobody asks anything. */
    async freeTerminal(who: Actor): Promise<TerminalRow> {
      const { items } = await heard(listTerminals({ ...by(who), query: { service: 'active', limit: 200 } }))
      const free = items.find((t) => t.clearance.clear && t.upcoming.length === 0 && t.allowed.suspend === true)
      if (!free) throw new WalkEnded(`${who.name} 没有空闲的终端 has no free terminal`)
      return free
    },
    file: (who: Actor, body: FileApplicationBody): Promise<Application> =>
      heard(fileApplication({ ...by(who), body: { submit: true, ...body } })),
    approve: (who: Actor, no: string): Promise<Application> =>
      heard(approveApplication({ ...by(who), path: { no }, body: {} })),
    refusedApproval: (who: Actor, no: string): Promise<string | undefined> =>
      refusal(approveApplication({ ...by(who), path: { no }, body: {} })),
    completeStep: (who: Actor, no: string, step: string, evidence: string): Promise<Application> =>
      heard(completeStep({ ...by(who), path: { no }, body: { step, evidence } })),
    test: (who: Actor, no: string, failing?: TestItem, note?: string): Promise<Application> =>
      heard(recordTest({ ...by(who), path: { no }, body: { items: tested(failing, note) } })),
    testDevice: (who: Actor, tid: string): Promise<Terminal> =>
      heard(testTerminal({ ...by(who), path: { tid }, body: { items: tested() } })),
    hold: (who: Actor, tid: string, body: PlaceHoldBody): Promise<Terminal> =>
      heard(placeHold({ ...by(who), path: { tid }, body })),
    lift: (who: Actor, id: string, given: string): Promise<Terminal> =>
      heard(liftHold({ ...by(who), path: { id }, body: { words: given } })),
    refusedLift: (who: Actor, id: string, given: string): Promise<string | undefined> =>
      refusal(liftHold({ ...by(who), path: { id }, body: { words: given } })),
    answerDormancy: (who: Actor, tid: string, answer: 'keep' | 'verify' | 'suspend' | 'close'): Promise<Terminal> =>
      heard(answerDormancy({ ...by(who), path: { tid }, body: { answer } })),
    /** Saves the case's last letter as its owner does, and has it verified as anybody may. */
    async readLetter(who: Actor, seen: Application, effectiveFrom?: string): Promise<void> {
      const letter = seen.letters.at(-1)
      story.claim(['有一份函件', 'there is a letter'], letter !== undefined, true)
      const answer = await fetch(new URL(letter!.href, running.url), {
        headers: { authorization: `Bearer ${who.apiKey}` },
      })
      const pdf = Buffer.from(await answer.arrayBuffer())
      story.claim(
        [
          `函件 ${letter!.no} 是 PDF（${Math.round(pdf.length / 1_024)} KB）`,
          `letter ${letter!.no} is a PDF of ${Math.round(pdf.length / 1_024)} KB`,
        ],
        pdf.subarray(0, 5).toString(),
        '%PDF-',
      )
      const code = new URL(letter!.verifyHref, running.url).pathname.split('/').at(-1)!
      const verified = await heard(verifyCode({ client, path: { code } }))
      story.claim(
        [`公开核验（验证码 ${code}）：真实有效`, `anybody may verify it (code ${code}): valid`],
        verified.state,
        'valid',
      )
      if (effectiveFrom)
        story.claim(
          ['函件写着停机时刻', 'it says the moment of the stop'],
          wall(verified.letter?.terminals[0]?.effectiveFrom),
          effectiveFrom,
        )
    },
    /** Where the program's clock stands. */
    async clock(): Promise<number> {
      const { now, clock } = await heard(getMe(by(admin)))
      if (clock === 'real')
        throw new WalkEnded('那里走的是真实时钟 its clock is the real one; start it with --clock=manual --now=…')
      return Date.parse(now)
    },
    /** Brings a program that runs already to the scene's beginning; refuses where its clock is past that. */
    async comeTo(start: number): Promise<void> {
      const now = await stage.clock()
      if (now > start)
        throw new WalkEnded(`那里的时钟已过场景开始 its clock is past the scene’s beginning: ${wallText(now)}`)
      if (now < start) await heard(moveClock({ ...by(admin), body: { now: new Date(start).toISOString() } }))
    },
    /** Puts a question to the gate and tells its answer; `expected` is the code it must give. */
    async gate(terminal: Pick<Terminal, 'tid' | 'mid'>, asked: Asked, expected: string): Promise<GateAnswer> {
      const answer = await level(terminal, asked)
      const [zh, en] = class_words[asked]
      const approved = answer.decision === 'approve'
      story.claim(
        [
          `闸口：${zh} → ${approved ? '通过' : '拒绝'} ${answer.code}`,
          `gate: ${en} → ${answer.decision} ${answer.code}`,
        ],
        answer.code,
        expected,
      )
      if (!approved) story.quote(['终端上显示', 'on the terminal'], answer.sentence)
      return answer
    },
    /** Hands in a file and waits until it is worked off; every row must be good. */
    async import(
      who: Actor,
      kind: ImportKind,
      content: readonly string[] | Uint8Array,
      name = `${kind}.csv`,
    ): Promise<Import> {
      const bytes = content instanceof Uint8Array ? Uint8Array.from(content) : `${content.join('\n')}\n`
      const file = new File([bytes], name)
      let seen: Import = await heard(startImport({ ...by(who), body: { kind, file } }))
      for (const until = Date.now() + import_within_ms; !ended.has(seen.state) && Date.now() < until; ) {
        await sleep(poll_ms)
        seen = await heard(getImport({ ...by(who), path: { id: seen.id } }))
      }
      story.claim(
        [`导入 ${seen.rows.total} 行：${seen.state}`, `${seen.rows.total} row(s) imported: ${seen.state}`],
        [seen.state, ...seen.errors.map((e) => `${e.line} ${e.column} ${e.code}`)],
        ['done'],
      )
      return seen
    },
    /** Hands in a file that must not be taken; answers what is wrong with its rows. */
    async refusedImport(who: Actor, kind: ImportKind, lines: readonly string[]): Promise<string[]> {
      const file = new File([`${lines.join('\n')}\n`], `${kind}.csv`, { type: 'text/csv' })
      let seen: Import = await heard(startImport({ ...by(who), body: { kind, file } }))
      for (const until = Date.now() + import_within_ms; !ended.has(seen.state) && Date.now() < until; ) {
        await sleep(poll_ms)
        seen = await heard(getImport({ ...by(who), path: { id: seen.id } }))
      }
      return seen.state === 'done' ? [] : seen.errors.map((e) => e.code)
    },
    /** Matches the three records and waits for what comes of it. */
    async settle(who: Actor): Promise<SettlementRun> {
      let run: SettlementRun = await heard(startSettlementRun({ ...by(who), body: {} }))
      for (const until = Date.now() + import_within_ms; run.endedAt === null && Date.now() < until; ) {
        await sleep(poll_ms)
        run = await heard(getSettlementRun({ ...by(who), path: { run: run.id } }))
      }
      return run
    },
    async breaks(who: Actor, merchant: string): Promise<BreakRow[]> {
      return (await heard(listBreaks({ ...by(who), query: { merchant, limit: 200 } }))).items
    },
    oneBreak: (who: Actor, id: string): Promise<Break> => heard(getBreak({ ...by(who), path: { break: id } })),
  }
  return stage
}

const import_within_ms = 30_000
const gate_level_within_ms = 5_000
const poll_ms = 50
const ended = new Set(['done', 'refused', 'stopped', 'failed'])
const tested = (failing?: TestItem, note?: string) =>
  words(testItems).map((item) =>
    item === failing ? { item, passed: false, ...(note ? { note } : {}) } : { item, passed: true },
  )

export const reasonWords = (reason: Reason): Words => [
  `${reasons[reason][0]}（${reason}）`,
  `${reasons[reason][1]} (${reason})`,
]
/** An instant of the program's, as people read it. */
export const wall = (instant: string | null | undefined): string | undefined =>
  instant ? wallText(Date.parse(instant)) : undefined

/** Transactions as a file: the header and one line each. */
export type Sale = { tid: string; mid: string; trace: string; yuan: string; at: string; settledOn?: string }
export const transactionFile = (sales: readonly Sale[]): string[] => [
  'tid,mid,batch,trace,reference,class,amountYuan,at,settledOn,cardKind,cardMasked,authCode,status',
  ...sales.map(
    (s) =>
      `${s.tid},${s.mid},900001,${s.trace},9000${s.trace}01,sale,${s.yuan},${s.at}+08:00,${s.settledOn ?? ''},credit,621234******0001,306499,approved`,
  ),
]
