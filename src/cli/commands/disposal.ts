// What an authority wants kept, and what is disposed of when its time is over. A disposal is confirmed on the web only, by
// somebody who signed in a moment ago: a key, which is all this has, does not do.
import {
  getDisposability, getDisposal, liftLegalHold, listDisposals, listDueDisposals, listLegalHolds, placeLegalHold, proposeDisposal, withdrawDisposal,
} from '../../client/generated/sdk.gen.ts'
import type { ProposeDisposalReply } from '../../client/generated/types.gen.ts'
import { disposalStates } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Group } from '../command.ts'
import { present } from '../given.ts'
import { list } from '../pages.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import { pairs } from '../table.ts'

const disposalLines = (session: Session, d: ProposeDisposalReply): string[] => {
  const { say, language } = session
  return [
    ...pairs(
      [
        ['id', d.id],
        [say('商户', 'merchant'), d.mid],
        [say('状态', 'state'), wordIn(disposalStates, d.state, language)],
        [say('保存至', 'kept until'), d.dueOn],
        [say('提出', 'proposed'), `${instant(d.proposedAt)}  ${d.proposedBy}`],
        [say('密钥销毁', 'key destroyed'), d.confirmedAt === null ? undefined : `${instant(d.confirmedAt)}  ${d.confirmedBy ?? ''}`],
        [say('清理完毕', 'cleared'), d.doneAt === null ? undefined : instant(d.doneAt)],
        [say('销毁证明', 'certificate'), d.letter ?? undefined],
      ],
      (name) => session.screen.paint('faint', name),
    ),
    ...d.destroyed.map((part) => `  ${part.words}  ${part.count}`),
    ...(d.state === 'proposed' ? [say('须由另一人登录网页确认。', 'Another person confirms it on the web, signed in anew.')] : []),
  ]
}

export const disposal: Group = {
  says: ['保存与销毁', 'Kept and disposed of'],
  commands: [
    {
      usage: 'legal-hold place <mid>', dryRun: 'rehearsed', says: ['下达法定保全', 'keep a merchant’s data for an authority'],
      options: [{ flags: '--reference <no>', says: ['文书编号', 'number of the authority’s paper'], isRequired: true }, wordsOption(true)],
      async run(session, given) {
        const told = await session.ask(placeLegalHold({
          client: session.client, path: { mid: given.arg(0) }, query: session.rehearsal, body: { reference: given.text('reference') ?? '', words: given.text('words') ?? '' },
        }))
        session.show(told, (h) => [session.say(`已保全 ${h.mid}，编号 ${h.id}。`, `The data of ${h.mid} is kept: ${h.id}.`)])
        return 0
      },
    },
    {
      usage: 'legal-hold lift <id>', dryRun: 'rehearsed', says: ['解除法定保全（须另一人）', 'lift a legal hold, as another person'], options: [wordsOption(true)],
      async run(session, given) {
        const told = await session.ask(liftLegalHold({
          client: session.client, path: { legalHold: given.arg(0) }, query: session.rehearsal, body: { words: given.text('words') ?? '' },
        }))
        session.show(told, (h) => [session.say(`${h.mid} 的保全已解除。`, `The legal hold on ${h.mid} is lifted.`)])
        return 0
      },
    },
    {
      usage: 'legal-hold list', dryRun: 'reads', says: ['法定保全列表', 'legal holds, the newest first'], options: [limit, many, { flags: '--open', says: ['只看未解除的', 'only those that stand'] }],
      run: (session, given) => list(
        session, given,
        (paging) => session.ask(listLegalHolds({ client: session.client, query: { ...paging, ...(given.flag('open') ? { open: 'true' as const } : {}) } })),
        [
          { title: session.say('商户', 'merchant'), cell: (h) => h.mid }, { title: session.say('文书', 'paper'), cell: (h) => h.reference },
          { title: session.say('下达', 'placed'), cell: (h) => instant(h.placedAt) }, { title: session.say('解除', 'lifted'), cell: (h) => instantOr(h.liftedAt) }, { title: 'id', cell: (h) => h.id },
        ],
      ),
    },
    {
      usage: 'disposal look <mid>', dryRun: 'reads', says: ['能否销毁，保存至何时', 'until when a merchant’s data is kept'],
      async run(session, given) {
        const told = await session.ask(getDisposability({ client: session.client, path: { mid: given.arg(0) } }))
        session.show(told, (v) => [
          v.sentence ?? session.say(`${v.mid} 的资料可以销毁。`, `The data of ${v.mid} may be disposed of.`), ...v.kept.map((k) => `  ${k.until}  ${k.words}`),
        ])
        return told.value.allowed === true ? 0 : 1
      },
    },
    {
      usage: 'disposal due', dryRun: 'reads', says: ['到期可销毁的商户', 'merchants whose time has come'], options: [limit],
      async run(session, given) {
        const told = await session.ask(listDueDisposals({ client: session.client, query: present({ limit: given.count('limit') }) }))
        session.show(told, ({ items }) => items.length === 0 ? [session.say('没有。', 'None.')] : session.table([
          { title: session.say('商户', 'merchant'), cell: (m) => m.mid }, { title: session.say('最后注销', 'last closed'), cell: (m) => instant(m.endedAt) },
          { title: session.say('保存至', 'kept until'), cell: (m) => m.dueOn },
        ], items))
        return 0
      },
    },
    {
      usage: 'disposal propose <mid>', dryRun: 'rehearsed', says: ['提出销毁', 'propose a disposal'], options: [wordsOption()],
      async run(session, given) {
        const told = await session.ask(proposeDisposal({ client: session.client, path: { mid: given.arg(0) }, query: session.rehearsal, body: present({ words: given.text('words') }) }))
        session.show(told, (d) => disposalLines(session, d))
        return 0
      },
    },
    {
      usage: 'disposal withdraw <id>', dryRun: 'rehearsed', says: ['撤回未确认的销毁', 'withdraw a disposal that is not confirmed'],
      async run(session, given) {
        const told = await session.ask(withdrawDisposal({ client: session.client, path: { disposal: given.arg(0) }, query: session.rehearsal, body: {} }))
        session.show(told, (d) => disposalLines(session, d))
        return 0
      },
    },
    {
      usage: 'disposal show <id>', dryRun: 'reads', says: ['一次销毁', 'one disposal'],
      async run(session, given) {
        session.show(await session.ask(getDisposal({ client: session.client, path: { disposal: given.arg(0) } })), (d) => disposalLines(session, d))
        return 0
      },
    },
    {
      usage: 'disposal list', dryRun: 'reads', says: ['销毁列表', 'disposals, the newest first'], options: [limit, many],
      run: (session, given) => list(session, given, (paging) => session.ask(listDisposals({ client: session.client, query: paging })), [
        { title: session.say('商户', 'merchant'), cell: (d) => d.mid }, { title: session.say('状态', 'state'), cell: (d) => wordIn(disposalStates, d.state, session.language) },
        { title: session.say('提出', 'proposed'), cell: (d) => instant(d.proposedAt) }, { title: session.say('完成', 'done'), cell: (d) => instantOr(d.doneAt) },
        { title: session.say('证明', 'certificate'), cell: (d) => d.letter ?? '–' }, { title: 'id', cell: (d) => d.id },
      ]),
    },
  ],
}
