// A provider's rules: listed, shown, drafted from a file, tried on past cases, approved by a second person.
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { approvePolicy, draftPolicy, getPolicy, getReplay, listPolicies, listReplayedCases, replayPolicy, stopReplay } from '../../client/generated/sdk.gen.ts'
import type { ReplayPolicyReply202 } from '../../client/generated/types.gen.ts'
import { replayDifferences, replayStates } from '../../domain/vocabulary.ts'
import { limit, many, type Group } from '../command.ts'
import { present } from '../given.ts'
import { list } from '../pages.ts'
import { progress } from '../progress.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'

const poll_ms = 200

const replayLines = (session: Session, r: ReplayPolicyReply202): string[] => [
  `${r.policy}  ${wordIn(replayStates, r.state, session.language)}  ${r.sentence}`,
  ...r.groups.map((g) => `  ${String(g.count).padStart(8)}  ${g.words}${g.from || g.to ? `  ${g.from || '–'} → ${g.to || '–'}` : ''}`),
  r.id,
]

/** Asks for a replay and waits for it; Ctrl-C asks the program to stop it. */
async function replayed(session: Session, id: string, body: { since?: string; until?: string }): Promise<ReplayPolicyReply202> {
  const bar = progress(session.screen)
  const { client } = session
  let { value } = await session.ask(replayPolicy({ client, path: { id }, body }))
  const stop = (): void => void stopReplay({ client, path: { replay: value.id }, body: {} })
  process.once('SIGINT', stop)
  try {
    while (value.endedAt === null) {
      bar.draw(value.progress, session.say('重放中', 'replaying'))
      await sleep(poll_ms)
      value = (await session.ask(getReplay({ client, path: { replay: value.id } }))).value
    }
    return value
  } finally {
    process.off('SIGINT', stop)
    bar.clear()
  }
}

export const policies: Group = {
  says: ['规则', "A provider's rules"],
  commands: [
    {
      usage: 'policies list', dryRun: 'reads', says: ['规则版本', 'versions, the newest first'],
      async run(session) {
        session.show(await session.ask(listPolicies({ client: session.client })), ({ items }) => session.table([
          { title: session.say('规则', 'policy'), cell: (p) => `${p.provider}-${p.version}` },
          { title: session.say('状态', 'state'), cell: (p) => (p.state === 'draft' ? session.say('草稿', 'draft') : session.say('已批准', 'approved')) },
          { title: session.say('起草', 'drafted'), cell: (p) => `${instant(p.createdAt)}  ${p.createdBy}` }, { title: session.say('生效', 'in force from'), cell: (p) => instantOr(p.effectiveFrom) },
        ], items))
        return 0
      },
    },
    {
      usage: 'policies show <id>', dryRun: 'reads', says: ['规则内容（JSON）与重放结果', 'one policy as JSON, and whether it was tried'],
      async run(session, given) {
        const told = await session.ask(getPolicy({ client: session.client, path: { id: given.arg(0) } }))
        session.show(told, (p) => [JSON.stringify(p.document, null, 2)])
        if (told.value.replayed) session.note(told.value.replayed.sentence, told.value.replayed.sentence)
        else session.note('这份规则还没有重放过。', 'This very document has not been tried on past cases.')
        return 0
      },
    },
    {
      usage: 'policies draft <file>', dryRun: 'rehearsed', says: ['从 JSON 文件起草下一版', 'draft the next version from a JSON file'],
      async run(session, given) {
        const text = await readFile(given.arg(0), 'utf8').catch(() => { throw wrong(`没有文件 ${given.arg(0)}。`, `There is no file ${given.arg(0)}.`) })
        let document: never
        try {
          document = JSON.parse(text) as never
        } catch {
          throw wrong('文件不是 JSON。', 'The file is not JSON.')
        }
        const told = await session.ask(draftPolicy({ client: session.client, query: session.rehearsal, body: { document } }))
        session.show(told, (p) => [session.say(`草稿 ${p.provider}-${p.version}`, `draft ${p.provider}-${p.version}`)])
        return 0
      },
    },
    {
      usage: 'policies replay <id>', dryRun: 'cannot', says: ['在以往办件上重放', 'try it on past cases'],
      options: [{ flags: '--since <time>', says: ['此刻起提交的', 'submitted from then on'] }, { flags: '--until <time>', says: ['此刻前提交的', 'submitted before'] }],
      async run(session, given) {
        const value = await replayed(session, given.arg(0), present({ since: given.instant('since'), until: given.instant('until') }))
        session.lines(session.isJson ? [JSON.stringify(value)] : replayLines(session, value))
        return value.state === 'done' ? 0 : 1
      },
    },
    {
      usage: 'policies cases <replay>', dryRun: 'reads', says: ['有差别的办件', 'cases that differ'],
      options: [limit, many, { flags: '--what <kind>', says: ['只看一种差别', 'one kind of difference only'] }, { flags: '--otherwise', says: ['只看决定不同的', 'only those decided otherwise'] }],
      run: (session, given) => list(
        session, given,
        (paging) => session.ask(listReplayedCases({
          client: session.client, path: { replay: given.arg(0) },
          query: present({ ...paging, what: given.wordOf('what', replayDifferences), otherwise: given.flag('otherwise') ? ('true' as const) : undefined }),
        })),
        [
          { title: session.say('办件', 'case'), cell: (c) => c.no },
          { title: session.say('差别', 'differs in'), cell: (c) => c.differences.map((d) => `${d.words}${d.from || d.to ? ` ${d.from || '–'} → ${d.to || '–'}` : ''}`).join('; ') },
        ],
      ),
    },
    {
      usage: 'policies approve <id>', dryRun: 'rehearsed', says: ['批准（须另一人）', 'approve a draft, as a second person'], options: [{ flags: '--from <time>', says: ['何时生效（默认立即）', 'in force from (now unless told)'] }],
      async run(session, given) {
        const told = await session.ask(approvePolicy({ client: session.client, path: { id: given.arg(0) }, query: session.rehearsal, body: present({ effectiveFrom: given.instant('from') }) }))
        session.show(told, (p) => [session.say(`${p.provider}-${p.version} 自 ${instantOr(p.effectiveFrom)} 生效。`, `${p.provider}-${p.version} is in force from ${instantOr(p.effectiveFrom)}.`)])
        return 0
      },
    },
  ],
}
