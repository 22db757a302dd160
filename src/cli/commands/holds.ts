// The provider's own stops: placed with a reason and words, lifted by the desk that owns them.
import { liftHold, placeHold } from '../../client/generated/sdk.gen.ts'
import { effects, reasons } from '../../domain/vocabulary.ts'
import { wordsOption, type Group } from '../command.ts'
import { present, wordFrom } from '../given.ts'
import { terminalLines } from './terminal-lines.ts'

export const holds: Group = {
  says: ['机构停用', "The provider's own stops"],
  commands: [
    {
      usage: 'hold place <tid>',
      dryRun: 'rehearsed',
      says: ['停用一台终端', 'stop a terminal'],
      options: [
        {
          flags: '--reason <code>',
          says: ['原因代码，见 tingqi words reasons', 'reason code, see tingqi words reasons'],
          isRequired: true,
        },
        wordsOption(true),
        {
          flags: '--effect <effect>',
          says: ['stop 停机，restrict 只退不收', 'stop, or restrict: refunds and completions only'],
        },
        { flags: '--from <time>', says: ['何时起（默认立即）', 'from when (now unless told)'] },
        { flags: '--until <time>', says: ['预计何时止', 'expected until'] },
        { flags: '--drain-until <time>', says: ['清算最迟到何时', 'what was begun may be finished until'] },
      ],
      async run(session, given) {
        const told = await session.ask(
          placeHold({
            client: session.client,
            path: { tid: given.arg(0) },
            query: session.rehearsal,
            body: present({
              reason: wordFrom(given.text('reason') ?? '', reasons, '--reason '),
              words: given.text('words') ?? '',
              effect: given.wordOf('effect', effects),
              effectiveFrom: given.instant('from'),
              expectedUntil: given.instant('until'),
              drainUntil: given.instant('drainUntil'),
            }),
          }),
        )
        session.show(told, (terminal) => terminalLines(session, terminal))
        return 0
      },
    },
    {
      usage: 'hold lift <id>',
      dryRun: 'rehearsed',
      says: ['解除停用项', 'lift a hold'],
      options: [wordsOption(true), { flags: '--evidence <words>', says: ['凭据', 'evidence'] }],
      async run(session, given) {
        const told = await session.ask(
          liftHold({
            client: session.client,
            path: { id: given.arg(0) },
            query: session.rehearsal,
            body: present({ words: given.text('words') ?? '', evidence: given.text('evidence') }),
          }),
        )
        session.show(told, (terminal) => terminalLines(session, terminal))
        return 0
      },
    },
  ],
}
