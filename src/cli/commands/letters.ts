// Letters: those of a case, one to be saved, and whether one is genuine.
import { getApplication, getLetter, verifyCode, verifyPdf } from '../../client/generated/sdk.gen.ts'
import type { Verification } from '../../client/generated/types.gen.ts'
import { letterKinds, letterStates } from '../../domain/vocabulary.ts'
import type { Group } from '../command.ts'
import { fileAt, saveTo } from '../files.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import { pairs } from '../table.ts'

function verificationLines(session: Session, { state, sentence, letter }: Verification): string[] {
  const { say, language, screen } = session
  const style = state === 'valid' ? 'good' : state === 'superseded' ? 'waiting' : 'bad'
  const word = state === 'unknown' ? say('无法证实', 'not proven') : wordIn(letterStates, state, language)
  const head = `${screen.paint(style, word)}  ${sentence}`
  if (!letter) return [head]
  return [
    head,
    ...pairs(
      [
        [say('函件', 'letter'), `${letter.no}  ${wordIn(letterKinds, letter.kind, language)}`],
        [say('出具', 'issued'), `${instant(letter.issuedAt)}  ${letter.provider}`],
        [say('商户', 'merchant'), letter.merchant],
        [say('办件', 'case'), letter.caseNo ?? undefined],
        [say('原因', 'reason'), `${letter.reason.code} ${letter.reason.words}`],
      ],
      (name) => screen.paint('faint', name),
    ),
    '',
    ...session.table(
      [
        { title: say('终端号', 'terminal'), cell: (t) => t.tid },
        { title: say('门店', 'store'), cell: (t) => t.storeName, width_min: 10 },
        { title: say('停机', 'stop'), cell: (t) => instant(t.effectiveFrom) },
        { title: say('恢复日', 'return'), cell: (t) => instantOr(t.expectedUntil) },
        ...(letter.kind === 'closure_certificate'
          ? [{ title: say('注销', 'closed'), cell: (t: (typeof letter.terminals)[number]) => instantOr(t.closedAt) }]
          : [{ title: say('复机', 'reopened'), cell: (t: (typeof letter.terminals)[number]) => instantOr(t.reopenedAt) }]),
      ],
      letter.terminals,
    ),
  ]
}

export const letters: Group = {
  says: ['函件', 'Letters'],
  commands: [
    {
      usage: 'letters <no>',
      dryRun: 'reads',
      says: ['办件的函件', 'the letters of a case'],
      async run(session, given) {
        const { say, language } = session
        const told = await session.ask(getApplication({ client: session.client, path: { no: given.arg(0) } }))
        const all = told.value.letters
        // The case is the API's object; its letters are the part of it that was asked for.
        session.show({ ...told, text: JSON.stringify(all) }, () =>
          all.length === 0
            ? [say('还没有函件。', 'No letter yet.')]
            : session.table(
                [
                  { title: say('编号', 'number'), cell: (l) => l.no },
                  { title: say('函件', 'letter'), cell: (l) => wordIn(letterKinds, l.kind, language) },
                  { title: say('核验', 'verify at'), cell: (l) => l.verifyHref },
                ],
                all,
              ),
        )
        return 0
      },
    },
    {
      usage: 'letter get <letterNo>',
      dryRun: 'reads',
      says: ['下载函件 PDF', 'save a letter as PDF'],
      options: [
        {
          flags: '-o, --output <file>',
          says: [
            '存为（- 为标准输出；默认 <编号>.pdf）',
            'save as (- is the standard output; <number>.pdf unless told)',
          ],
        },
      ],
      async run(session, given) {
        const no = given.arg(0).replace(/\.pdf$/i, '')
        const { value } = await session.ask(getLetter({ client: session.client, path: { no }, parseAs: 'stream' }))
        await saveTo(
          session,
          given.text('output') ?? `${no.replace(/[^\w.-]/g, '_')}.pdf`,
          value as unknown as ReadableStream<Uint8Array>,
        )
        return 0
      },
    },
    {
      usage: 'verify <codeOrPdf>',
      dryRun: 'reads',
      says: [
        '验证函件：核验码、编号或 PDF 文件；无法证实时退出码为 1',
        'verify a letter by code, number or PDF file; exits 1 where it is not proven',
      ],
      async run(session, given) {
        const { client } = session
        const what = given.arg(0)
        const told = await session.ask(
          /\.pdf$/i.test(what)
            ? verifyPdf({ client, body: await fileAt(what) })
            : verifyCode({ client, path: { code: what } }),
        )
        session.show(told, (view) => verificationLines(session, view))
        return told.value.state === 'unknown' ? 1 : 0
      },
    },
  ],
}
