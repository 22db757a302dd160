// How far a case is, for whoever knows its number and the last four digits of the merchant's telephone.
import { trackApplication } from '../../client/generated/sdk.gen.ts'
import type { Track } from '../../client/generated/types.gen.ts'
import { applicationKinds, applicationStates } from '../../domain/vocabulary.ts'
import type { Group } from '../command.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import { pairs } from '../table.ts'

const lines = ({ say, language, screen }: Session, track: Track): string[] => [
  `${screen.paint('strong', track.no)}  ${wordIn(applicationKinds, track.kind, language)}  ${wordIn(applicationStates, track.state, language)}`,
  track.sentence,
  ...pairs(
    [
      [say('受理', 'with'), `${track.provider.name}  ${track.provider.hotline}`],
      [say('提交', 'submitted'), instantOr(track.submittedAt)],
      [
        say('期限', 'deadline'),
        track.deadline
          ? `${instant(track.deadline.at)}${track.deadline.overdue ? screen.paint('bad', say('  已超时', '  overdue')) : ''}`
          : undefined,
      ],
    ],
    (name) => screen.paint('faint', name),
  ),
]

export const track: Group = {
  says: ['公开查询', 'Public'],
  commands: [
    {
      usage: 'track <no> <phone4>',
      dryRun: 'reads',
      says: [
        '查进度：办件编号与电话后四位',
        'how far a case is, by its number and the last four digits of the telephone',
      ],
      async run(session, given) {
        const told = await session.ask(
          trackApplication({ client: session.client, path: { no: given.arg(0) }, query: { phone: given.arg(1) } }),
        )
        session.show(told, (view) => lines(session, view))
        return 0
      },
    },
  ],
}
