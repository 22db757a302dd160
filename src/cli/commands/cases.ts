// Cases: asked for, listed, looked at, and every command that moves one on.
import {
  addMaterial,
  approveApplication,
  claimApplication,
  completeStep,
  fileApplication,
  getApplication,
  listApplications,
  rejectApplication,
  returnApplication,
  submitApplication,
  waiveStep,
  withdrawApplication,
} from '../../client/generated/sdk.gen.ts'
import type { Application, FileApplicationBody, ReturnApplicationBody } from '../../client/generated/types.gen.ts'
import {
  applicationKinds,
  applicationStates,
  channels,
  proofKinds,
  materialTypes,
  reasons,
  words,
  type Words,
} from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group } from '../command.ts'
import { fileAt } from '../files.ts'
import { halves, present, wordFrom, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { wrong } from '../refused.ts'
import type { Session, Told } from '../session.ts'
import { caseColumns, caseLines } from './case-lines.ts'

const queues = {
  mine: ['我领取的', 'claimed by me'],
  open: ['待办', 'waiting for somebody'],
} as const satisfies Record<string, Words>

const filing = (given: Given): FileApplicationBody =>
  present({
    kind: given.argOf(0, applicationKinds),
    terminals: given.args(1),
    reason: given.wordOf('reason', reasons),
    effectiveFrom: given.instant('from'),
    expectedUntil: given.instant('until'),
    words: given.text('words'),
    channel: given.wordOf('channel', channels),
    onBehalfOf: given.text('onBehalfOf'),
    proof: given.text('proof'),
    proofKind: given.wordOf('proofKind', proofKinds),
    submit: given.flag('submit') ? true : undefined,
    hold: given.text('hold'),
    provider: given.text('provider'),
    store: given.text('store'),
    count: given.count('count'),
  })

/** `type=words` for each paper that is missing or wrong. */
const wrongMaterials = (given: Given): ReturnApplicationBody['materials'] =>
  given.list('material').map((text) => {
    const [type, why] = halves(text)
    if (!why)
      throw wrong(
        `--material 应写成 材料=说明，如 ${words(materialTypes)[0]}=缺公章。`,
        `--material should be type=words, such as ${words(materialTypes)[0]}=no stamp.`,
      )
    return { type: wordFrom(type, materialTypes, '--material '), words: why }
  })

type Asked = { client: Session['client']; path: { no: string }; query: Session['rehearsal'] }
type Row = Pick<Command, 'says' | 'options'> & {
  ask(session: Session, asked: Asked, given: Given): Promise<Told<Application>>
}
const optionalWords = (given: Given): { words?: string } => present({ words: given.text('words') })

/** Commands that need a case's number and perhaps words; each answers with the case as it is then. */
const moves: Readonly<Record<string, Row>> = {
  submit: { says: ['提交', 'submit'], ask: (session, asked) => session.ask(submitApplication({ ...asked, body: {} })) },
  withdraw: {
    says: ['撤回', 'withdraw'],
    options: [wordsOption()],
    ask: (session, asked, given) => session.ask(withdrawApplication({ ...asked, body: optionalWords(given) })),
  },
  claim: { says: ['领取', 'claim'], ask: (session, asked) => session.ask(claimApplication({ ...asked, body: {} })) },
  approve: {
    says: ['批准', 'approve'],
    options: [wordsOption()],
    ask: (session, asked, given) => session.ask(approveApplication({ ...asked, body: optionalWords(given) })),
  },
  reject: {
    says: ['驳回', 'reject'],
    options: [wordsOption(true)],
    ask: (session, asked, given) => session.ask(rejectApplication({ ...asked, body: optionalWords(given) })),
  },
  return: {
    says: ['退回补件', 'return for materials'],
    options: [
      wordsOption(true),
      {
        flags: '--material <type=words>',
        says: ['哪份材料、为什么（可重复）', 'which material, and why (may be repeated)'],
        isMany: true,
      },
    ],
    ask: (session, asked, given) => {
      const materials = wrongMaterials(given)
      return session.ask(
        returnApplication({ ...asked, body: { ...optionalWords(given), ...(materials?.length ? { materials } : {}) } }),
      )
    },
  },
}

const moveCommands: readonly Command[] = Object.entries(moves).map(([name, { says, options, ask }]) => ({
  usage: `${name} <no>`,
  says,
  dryRun: 'rehearsed',
  ...(options ? { options } : {}),
  async run(session, given) {
    const told = await ask(
      session,
      { client: session.client, path: { no: given.arg(0) }, query: session.rehearsal },
      given,
    )
    session.show(told, (one) => caseLines(session, one))
    return 0
  },
}))

export const cases: Group = {
  says: ['办件', 'Cases'],
  commands: [
    {
      usage: 'apply <kind> [tids...]',
      dryRun: 'rehearsed',
      says: ['申请：suspend 停机、reactivate 复机、extend 延期 …', 'ask for: suspend, reactivate, extend …'],
      options: [
        {
          flags: '--reason <code>',
          says: ['原因代码，见 tingqi words reasons', 'reason code, see tingqi words reasons'],
        },
        {
          flags: '--from <time>',
          says: [
            '停机时间，如 2026-11-27 15:00（默认尽早）',
            'when to stop, such as 2026-11-27 15:00 (as soon as may be unless told)',
          ],
        },
        { flags: '--until <time>', says: ['恢复日；没有即为停用', 'return date; without one the stop is open-ended'] },
        wordsOption(),
        { flags: '--submit', says: ['同时提交', 'submit in the same breath'] },
        { flags: '--on-behalf-of <mid>', says: ['代办的商户号', 'merchant an agent files for'] },
        { flags: '--proof <words>', says: ['商户同意的凭证', "proof of the merchant's consent"] },
        { flags: '--proof-kind <kind>', says: ['凭证种类，省略时按渠道', 'what the proof is; left out: what its channel demands'] },
        { flags: '--channel <channel>', says: ['来路', 'how it came in'] },
        { flags: '--hold <id>', says: ['申诉所针对的停用项', 'of an appeal: the hold it is against'] },
        { flags: '--provider <provider>', says: ['装机：向哪家机构申请', 'of an installation: the provider that is asked'] },
        { flags: '--store <name>', says: ['装机：门店名称', 'of an installation: the store'] },
        { flags: '--count <n>', says: ['装机台数', 'how many'] },
      ],
      async run(session, given) {
        const told = await session.ask(
          fileApplication({ client: session.client, body: filing(given), query: session.rehearsal }),
        )
        session.show(told, (one) => caseLines(session, one))
        return 0
      },
    },
    {
      usage: 'cases',
      dryRun: 'reads',
      says: ['办件列表；--queue 按期限', 'the cases; with --queue by deadline'],
      options: [
        { flags: '--queue <queue>', says: ['mine 我领取的，open 待办', 'mine or open'] },
        {
          flags: '--state <state>',
          says: [`状态：${words(applicationStates).join('、')}`, `one of: ${words(applicationStates).join(', ')}`],
        },
        {
          flags: '--kind <kind>',
          says: [`种类：${words(applicationKinds).join('、')}`, `one of: ${words(applicationKinds).join(', ')}`],
        },
        { flags: '--q <text>', says: ['办件编号、终端号、商户号或名称', 'case, terminal or merchant'] },
        limit,
        many,
      ],
      run(session, given) {
        const { client } = session
        const filter = present({
          queue: given.wordOf('queue', queues),
          state: given.wordOf('state', applicationStates),
          kind: given.wordOf('kind', applicationKinds),
          q: given.text('q'),
        })
        return list(
          session,
          given,
          (paging) => session.ask(listApplications({ client, query: { ...filter, ...paging } })),
          caseColumns(session),
        )
      },
    },
    {
      usage: 'show <no>',
      dryRun: 'reads',
      says: ['一个办件', 'one case'],
      async run(session, given) {
        session.show(await session.ask(getApplication({ client: session.client, path: { no: given.arg(0) } })), (one) =>
          caseLines(session, one),
        )
        return 0
      },
    },
    ...moveCommands,
    {
      usage: 'step complete <no> <step>',
      dryRun: 'rehearsed',
      says: ['完成事项', 'complete a step'],
      options: [{ flags: '--words <words>', says: ['凭据', 'evidence'] }],
      async run(session, given) {
        const body = present({ step: given.arg(1), evidence: given.text('words') })
        const told = await session.ask(
          completeStep({ client: session.client, path: { no: given.arg(0) }, query: session.rehearsal, body }),
        )
        session.show(told, (one) => caseLines(session, one))
        return 0
      },
    },
    {
      usage: 'step waive <no> <step>',
      dryRun: 'rehearsed',
      says: ['豁免事项；涉及资金的须另一人确认', 'waive a step; where it is about money another person must confirm'],
      options: [wordsOption(true)],
      async run(session, given) {
        const body = { step: given.arg(1), words: given.text('words') ?? '' }
        const told = await session.ask(
          waiveStep({ client: session.client, path: { no: given.arg(0) }, query: session.rehearsal, body }),
        )
        session.show(told, (one) => caseLines(session, one))
        return 0
      },
    },
    {
      usage: 'material <no> <type> <file>',
      dryRun: 'rehearsed',
      says: [
        '提交材料（PDF、JPEG、PNG）；种类见 tingqi words materialTypes',
        'hand in a material (PDF, JPEG, PNG); for types see tingqi words materialTypes',
      ],
      async run(session, given) {
        const body = { type: given.argOf(1, materialTypes), file: await fileAt(given.arg(2)) }
        const told = await session.ask(
          addMaterial({ client: session.client, path: { no: given.arg(0) }, query: session.rehearsal, body }),
        )
        session.show(told, (one) => caseLines(session, one))
        return 0
      },
    },
  ],
}
