// Complaints and feedback: filed, taken up, answered within their time, closed.
import { answerComplaint, assignComplaint, closeComplaint, fileComplaint, getComplaint, listComplaints, reopenComplaint } from '../../client/generated/sdk.gen.ts'
import type { Complaint, FileComplaintBody } from '../../client/generated/types.gen.ts'
import { channels, complaintKinds, complaintStates, complaintTopics } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group } from '../command.ts'
import { present, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { wrong } from '../refused.ts'
import type { Session, Told } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import { pairs, type Column } from '../table.ts'
import { allowedLines } from './allowed-lines.ts'

const columns = ({ say, language, screen }: Session): Column<Complaint>[] => [
  { title: say('编号', 'number'), cell: (c) => c.no },
  { title: say('种类', 'kind'), cell: (c) => wordIn(complaintKinds, c.kind, language) },
  { title: say('事由', 'about'), cell: (c) => wordIn(complaintTopics, c.topic, language) },
  { title: say('状态', 'state'), cell: (c) => wordIn(complaintStates, c.state, language), finish: (text, c) => screen.paint(c.deadline.overdue ? 'bad' : 'good', text) },
  { title: say('答复期限', 'answer by'), cell: (c) => instant(c.deadline.at) },
  { title: say('满意度', 'rating'), cell: (c) => (c.satisfaction === null ? '' : `${c.satisfaction}/5`) },
  { title: say('内容', 'words'), cell: (c) => c.words ?? '', width_min: 12 },
]

function lines(session: Session, c: Complaint): string[] {
  const { say, language, screen } = session
  return [
    `${screen.paint('strong', c.no)}  ${wordIn(complaintKinds, c.kind, language)}  ${wordIn(complaintStates, c.state, language)}`,
    c.sentence,
    '',
    ...pairs(
      [
        [say('事由', 'about'), wordIn(complaintTopics, c.topic, language)],
        [say('终端', 'terminal'), c.tid ?? undefined],
        [say('办件', 'case'), c.application ?? undefined],
        [say('渠道', 'channel'), `${wordIn(channels, c.channel, language)}${c.proof === null ? '' : `  ${c.proof}`}`],
        [say('内容', 'words'), c.words ?? undefined],
        [say('办理人', 'assignee'), c.assignee ?? undefined],
        [say('答复', 'answer'), c.answer ?? undefined],
        [say('评价', 'remark'), c.remark ?? undefined],
        [say('逾期上报', 'raised'), instantOr(c.lateAt) || undefined],
      ],
      (name) => screen.paint('faint', name),
    ),
    '',
    screen.paint('strong', say('可做的事', 'What may be done')),
    ...allowedLines(session, c.allowed),
  ]
}

type Asked = { client: Session['client']; path: { no: string }; query: Session['rehearsal'] }
const onComplaint = (usage: string, says: Command['says'], options: Command['options'], ask: (session: Session, asked: Asked, given: Given) => Promise<Told<Complaint>>): Command => ({
  usage, says, dryRun: 'rehearsed', options: options ?? [],
  async run(session, given) {
    session.show(await ask(session, { client: session.client, path: { no: given.arg(0) }, query: session.rehearsal }, given), (c) => lines(session, c))
    return 0
  },
})
const wording = (given: Given): { words: string } => ({ words: given.text('words') ?? '' })

function rating(given: Given): number | undefined {
  const n = given.count('satisfaction')
  if (n !== undefined && (n < 1 || n > 5)) throw wrong('--satisfaction 应为 1 至 5。', '--satisfaction is 1 to 5.')
  return n
}

export const complaints: Group = {
  says: ['投诉与建议', 'Complaints and feedback'],
  commands: [
    {
      usage: 'complaints list', dryRun: 'reads', says: ['投诉与建议', 'complaints and feedback, the newest first'],
      options: [{ flags: '--state <state>', says: ['状态', 'its state'] }, { flags: '--late', says: ['只看逾期的', 'only those that were late'] }, many, limit],
      run: (session, given) => list(session, given, (paging) => session.ask(listComplaints({
        client: session.client, query: present({ ...paging, state: given.wordOf('state', complaintStates), late: given.flag('late') ? 'true' as const : undefined }),
      })), columns(session)),
    },
    {
      usage: 'complaints show <no>', dryRun: 'reads', says: ['投诉详情', 'one complaint'],
      async run(session, given) {
        session.show(await session.ask(getComplaint({ client: session.client, path: { no: given.arg(0) } })), (c) => lines(session, c))
        return 0
      },
    },
    {
      usage: 'complaints file <kind> <topic>', dryRun: 'rehearsed', says: ['提出投诉（complaint）或建议（feedback）', 'complain (complaint), or say what would be better (feedback)'],
      options: [
        wordsOption(true),
        { flags: '--terminal <tid>', says: ['关于哪台终端', 'about this terminal'] }, { flags: '--application <no>', says: ['关于哪份办件', 'about this case'] },
        { flags: '--on-behalf-of <mid>', says: ['代哪家商户', 'for this merchant'] }, { flags: '--channel <channel>', says: ['渠道', 'how it came'] },
        { flags: '--proof <words>', says: ['凭证编号', 'where its proof is kept'] },
      ],
      async run(session, given) {
        const body = present({
          kind: given.argOf(0, complaintKinds), topic: given.argOf(1, complaintTopics), ...wording(given), terminal: given.text('terminal'), application: given.text('application'),
          onBehalfOf: given.text('onBehalfOf'), channel: given.wordOf('channel', channels), proof: given.text('proof'),
        }) as FileComplaintBody
        session.show(await session.ask(fileComplaint({ client: session.client, body, query: session.rehearsal })), (c) => lines(session, c))
        return 0
      },
    },
    onComplaint('complaints assign <no>', ['分派', 'give it to somebody'], [{ flags: '--to <person>', says: ['人员编号', 'the person'], isRequired: true }],
      (session, asked, given) => session.ask(assignComplaint({ ...asked, body: { to: given.text('to') ?? '' } }))),
    onComplaint('complaints answer <no>', ['答复', 'answer it'], [wordsOption(true)], (session, asked, given) => session.ask(answerComplaint({ ...asked, body: wording(given) }))),
    onComplaint('complaints close <no>', ['结案并评价', 'close it, and say whether it helped'], [{ flags: '--satisfaction <n>', says: ['1 不满意 … 5 满意', '1 not at all … 5 fully'] }, wordsOption()],
      (session, asked, given) => session.ask(closeComplaint({ ...asked, body: present({ satisfaction: rating(given), words: given.text('words') }) }))),
    onComplaint('complaints reopen <no>', ['要求重新办理', 'have it taken up again, once'], [wordsOption(true)], (session, asked, given) => session.ask(reopenComplaint({ ...asked, body: wording(given) }))),
  ],
}
