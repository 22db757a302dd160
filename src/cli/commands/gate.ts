// The gate's question, and what it knows of a terminal.
import { decide, getGateTerminal, getTerminal } from '../../client/generated/sdk.gen.ts'
import type { DecideBody, GateAnswer, GateTerminal } from '../../client/generated/types.gen.ts'
import { bases, decisions, modes, transactionClasses } from '../../domain/vocabulary.ts'
import type { Group } from '../command.ts'
import { present } from '../given.ts'
import { modeLamps } from '../paint.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instantOr, readYuan, wordIn } from '../show.ts'
import { pairs } from '../table.ts'

type Basis = Pick<GateAnswer, 'basis' | 'epoch' | 'seq' | 'ageMs'>
const basisLine = ({ language, say }: Session, { basis, epoch, seq, ageMs }: Basis): string =>
  `${wordIn(bases, basis, language)}  epoch ${epoch}  seq ${seq}  ${say(`${Math.round(ageMs)} 毫秒前`, `${Math.round(ageMs)} ms old`)}`

function answerLines(session: Session, answer: GateAnswer): string[] {
  const { say, language, screen } = session
  const isYes = answer.decision === 'approve'
  return [
    `${screen.paint(isYes ? 'good' : 'bad', `${isYes ? '✓' : '✗'} ${wordIn(decisions, answer.decision, language)} ${answer.code}`)}  ${answer.sentence}`,
    ...pairs(
      [
        [say('状态', 'mode'), wordIn(modes, answer.mode, language)],
        [say('原因', 'reason'), answer.reason],
        [say('停用项', 'holds'), answer.holds.join(', ')],
        [say('判定时间', 'as of'), instantOr(answer.asOf)],
        [say('至', 'until'), answer.until === null ? undefined : instantOr(answer.until)],
        [say('依据', 'basis'), basisLine(session, answer)],
      ],
      (name) => screen.paint('faint', name),
    ),
  ]
}

function knownLines(session: Session, known: GateTerminal): string[] {
  const { say, language, screen } = session
  const lamp = modeLamps[known.mode]
  return [
    `${known.tid}  ${screen.paint(lamp.style, `${lamp.shape} ${wordIn(modes, known.mode, language)}`)}  ${known.sentence}`,
    ...(known.signOnRequired ? [say('须先签到。', 'Must sign on first.')] : []),
    '',
    ...session.table(
      [
        { title: say('起', 'from'), cell: (i) => instantOr(i.from) },
        { title: say('止', 'to'), cell: (i) => instantOr(i.to) },
        { title: say('状态', 'mode'), cell: (i) => wordIn(modes, i.mode, language) },
        { title: say('停用项', 'holds'), cell: (i) => i.holds.join(', ') },
      ],
      known.intervals,
    ),
    '',
    basisLine(session, known),
  ]
}

export const gate: Group = {
  says: ['闸口', 'The gate'],
  commands: [
    {
      usage: 'gate ask <tid> <class>',
      dryRun: 'reads',
      says: ['这台终端现在能做这笔交易吗', 'may this terminal do this, now?'],
      options: [
        { flags: '--mid <mid>', says: ['商户号（默认取登记的）', 'merchant number (the registered one unless told)'] },
        { flags: '--serial <serial>', says: ['机具序列号', 'serial number of the device'] },
        { flags: '--made-at <time>', says: ['交易发生时间（离线上送）', 'when it was made (offline upload)'] },
        { flags: '--amount <yuan>', says: ['金额（元）', 'amount in yuan'] },
      ],
      async run(session, given) {
        const { client } = session
        const tid = given.arg(0)
        const amount = given.text('amount')
        const fen = amount === undefined ? undefined : readYuan(amount)
        if (amount !== undefined && fen === undefined)
          throw wrong('--amount 应为金额，如 588.00。', '--amount should be an amount such as 588.00.')
        const mid = given.text('mid') ?? (await session.ask(getTerminal({ client, path: { tid } }))).value.mid
        const body: DecideBody = present({
          tid,
          mid,
          class: given.argOf(1, transactionClasses),
          serial: given.text('serial'),
          madeAt: given.instant('madeAt'),
          amount: fen === undefined ? undefined : { fen, currency: 'CNY' as const },
        })
        const told = await session.ask(decide({ client, body }))
        session.show(told, (answer) => [answer].flat().flatMap((one) => answerLines(session, one)))
        return 0
      },
    },
    {
      usage: 'gate show <tid>',
      dryRun: 'reads',
      says: ['闸口对终端所知', 'what the gate knows of a terminal'],
      async run(session, given) {
        session.show(
          await session.ask(getGateTerminal({ client: session.client, path: { tid: given.arg(0) } })),
          (known) => knownLines(session, known),
        )
        return 0
      },
    },
  ],
}
