// A case as people read it: the sentence first, then the facts, what is found, what is to be done, the papers, the letters.
import type { Application, ApplicationRow } from '../../client/generated/types.gen.ts'
import {
  applicationKinds,
  applicationStates,
  channels,
  isEnded,
  letterKinds,
  returnStates,
  materialStates,
  materialTypes,
  requirements,
  roles,
  stepKinds,
  stepMoments,
  stepStates,
  terminalResults,
  type Severity,
} from '../../domain/vocabulary.ts'
import type { Style } from '../paint.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import { pairs, type Column } from '../table.ts'
import { clean } from '../width.ts'
import { allowedLines } from './allowed-lines.ts'

type Step = Application['steps'][number]

const stateStyle = (state: ApplicationRow['state']): Style =>
  state === 'completed' ? 'good' : isEnded(state) ? 'faint' : state === 'returned' ? 'waiting' : 'trying'
const severities: Readonly<Record<Severity, readonly [shape: string, style: Style]>> = {
  blocking: ['✗', 'bad'],
  warning: ['!', 'waiting'],
  fine: ['✓', 'good'],
}

function deadlineWords({ deadline }: ApplicationRow, { say, screen }: Session): string | undefined {
  if (deadline === null) return undefined
  const { at, workingDays, overdue, paused } = deadline
  if (overdue) return `${instant(at)}  ${screen.paint('bad', say('已超时', 'overdue'))}`
  if (paused)
    return say(
      `补件期间暂停${workingDays === null ? '' : `，还有 ${workingDays} 个工作日`}`,
      `paused while returned${workingDays === null ? '' : `, ${workingDays} working days left`}`,
    )
  return `${instant(at)}${workingDays === null ? '' : say(`（还有 ${workingDays} 个工作日）`, ` (${workingDays} working days left)`)}`
}

export const caseColumns = (session: Session): Column<ApplicationRow>[] => {
  const { say, language, screen } = session
  return [
    { title: say('编号', 'number'), cell: (c) => c.no },
    { title: say('种类', 'kind'), cell: (c) => wordIn(applicationKinds, c.kind, language) },
    {
      title: say('状态', 'state'),
      cell: (c) => wordIn(applicationStates, c.state, language),
      finish: (text, c) => screen.paint(stateStyle(c.state), text),
    },
    { title: say('商户', 'merchant'), cell: (c) => c.merchant.name, width_min: 12 },
    {
      title: say('终端', 'terminals'),
      cell: (c) => (c.terminals.length === 1 ? c.terminals[0]!.tid : String(c.terminals.length)),
    },
    { title: say('原因', 'reason'), cell: (c) => `${c.reason} ${c.reasonWords}`, width_min: 8 },
    { title: say('停机', 'stop'), cell: (c) => instantOr(c.effectiveFrom, '') },
    {
      title: say('期限', 'deadline'),
      cell: (c) => (c.deadline === null || isEnded(c.state) ? '' : instant(c.deadline.at)),
      finish: (text, c) => (c.deadline?.overdue ? screen.paint('bad', text) : text),
    },
    { title: say('说明', 'sentence'), cell: (c) => c.sentence, width_min: 20 },
  ]
}

function factLines(one: Application, session: Session): string[] {
  const { say, language, screen } = session
  const { merchant, provider, applicant, decision } = one
  const contact = merchant.contact ? `  ${merchant.contact.name ?? ''} ${merchant.contact.phone ?? ''}` : ''
  const behalf = applicant.onBehalf ? say('（代办）', ' (on behalf)') : ''
  return pairs(
    [
      [say('商户', 'merchant'), clean(`${merchant.name}  ${merchant.mid}${contact}`)],
      [say('机构', 'provider'), clean(`${provider.name}  ${provider.hotline}`)],
      [say('申请人', 'applicant'), clean(`${applicant.name}${behalf}  ${wordIn(channels, one.channel, language)}`)],
      [say('经办', 'handled by'), one.assignee ? clean(one.assignee.name) : undefined],
      [say('原因', 'reason'), clean(`${one.reason} ${one.reasonWords}`)],
      [say('说明', 'words'), one.words === null ? undefined : clean(one.words)],
      [say('审核意见', 'reviewer'), one.said === null ? undefined : clean(one.said)],
      [say('提交', 'submitted'), one.submittedAt === null ? undefined : instant(one.submittedAt)],
      [
        say('核对', 'checkpoint'),
        one.checkpointAt === null
          ? undefined
          : `${instant(one.checkpointAt)}${one.checkpointTakenAt === null ? '' : say('（已核对）', ' (taken)')}`,
      ],
      [say('停机', 'stop'), one.effectiveFrom === null ? undefined : instant(one.effectiveFrom)],
      [say('恢复日', 'return'), one.expectedUntil === null ? undefined : instant(one.expectedUntil)],
      [say('期限', 'deadline'), isEnded(one.state) ? undefined : deadlineWords(one, session)],
      [say('补件期限', 'answer by'), one.answerBy === null ? undefined : instant(one.answerBy)],
      [
        say('决定', 'decision'),
        decision.at === null
          ? undefined
          : clean([instant(decision.at), decision.by, decision.rule].filter((part) => part !== null).join('  ')),
      ],
      [say('办结', 'ended'), one.endedAt === null ? undefined : instant(one.endedAt)],
      [
        say('还缺材料', 'missing'),
        one.missing.map((type) => `${wordIn(materialTypes, type, language)} (${type})`).join(say('、', ', ')),
      ],
    ],
    (name) => screen.paint('faint', name),
  )
}

function stepLines(steps: readonly Step[], { say, language, screen, table }: Session): string[] {
  return table<Step>(
    [
      { title: say('事项', 'step'), cell: (s) => s.id },
      { title: say('内容', 'what'), cell: (s) => wordIn(stepKinds, s.kind, language) },
      { title: '', cell: (s) => wordIn(requirements, s.requirement, language) },
      { title: say('须在', 'before'), cell: (s) => wordIn(stepMoments, s.before, language) },
      {
        title: say('期限', 'due'),
        cell: (s) => instantOr(s.dueAt),
        finish: (text, s) => (s.overdue ? screen.paint('bad', text) : text),
      },
      { title: say('由', 'by'), cell: (s) => wordIn(roles, s.assignee, language) },
      {
        title: say('状态', 'state'),
        cell: (s) => wordIn(stepStates, s.state, language),
        finish: (text, s) => (s.state === 'failed' ? screen.paint('bad', text) : text),
      },
      { title: say('凭据', 'evidence'), cell: (s) => s.evidence ?? '', width_min: 8 },
    ],
    steps,
  )
}

export function caseLines(session: Session, one: Application): string[] {
  const { say, language, screen } = session
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', screen.paint('strong', title), ...lines]
  return [
    `${screen.paint('strong', one.no)}  ${wordIn(applicationKinds, one.kind, language)}  ${screen.paint(stateStyle(one.state), wordIn(applicationStates, one.state, language))}`,
    clean(one.sentence),
    '',
    ...factLines(one, session),
    ...section(
      say('终端', 'Terminals'),
      one.terminals.map((t) => `${t.tid}  ${wordIn(terminalResults, t.result, language)}`),
    ),
    ...section(
      say('核查', 'Findings'),
      one.findings.map(({ severity, detail }) => {
        const [shape, style] = severities[severity]
        return `${screen.paint(style, shape)} ${clean(detail)}`
      }),
    ),
    ...section(say('事项', 'Steps'), one.steps.length === 0 ? [] : stepLines(one.steps, session)),
    ...section(
      say('材料', 'Materials'),
      one.materials.length === 0
        ? []
        : session.table<Application['materials'][number]>(
            [
              { title: say('材料', 'material'), cell: (m) => wordIn(materialTypes, m.type, language) },
              { title: say('状态', 'state'), cell: (m) => wordIn(materialStates, m.state, language) },
              { title: say('文件', 'file'), cell: (m) => m.name ?? '–', width_min: 10 },
              { title: say('提交', 'added'), cell: (m) => instant(m.addedAt) },
              { title: say('意见', 'words'), cell: (m) => m.words ?? '', width_min: 8 },
              { title: 'id', cell: (m) => m.id },
            ],
            one.materials,
          ),
    ),
    ...section(
      say('机具与押金', 'Devices coming back'),
      one.returns.map((r) => `${r.rma}  ${wordIn(returnStates, r.state, language)}  ${clean(r.sentence)}`),
    ),
    ...section(
      say('函件', 'Letters'),
      one.letters.map((l) => `${l.no}  ${wordIn(letterKinds, l.kind, language)}  ${l.verifyHref}`),
    ),
    ...section(say('可做的事', 'What may be done'), allowedLines(session, one.allowed)),
  ]
}
