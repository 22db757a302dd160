// The journal: read, taken away as a file, and checked without trusting whoever keeps it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJournal } from '../../client/generated/sdk.gen.ts'
import type { JournalPage } from '../../client/generated/types.gen.ts'
import { headsIn, journalChecker, type JournalChecker, type JournalHead } from '../../journal/chain.ts'
import type { Group } from '../command.ts'
import { saveTo } from '../files.ts'
import { present, type Given } from '../given.ts'
import { exportLines, faultWords, feedFile, take, type Fault, type Feeding, type Row } from '../journal-file.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant } from '../show.ts'

/** As many as the API gives at once. */
const page_rows_max = 1_000
const list_rows_default = 50
const faults_shown_max = 20

/** Every row after `after`, a page at a time, until the head is reached or no more may be seen. */
async function* pages(session: Session): AsyncGenerator<JournalPage> {
  for (let after = 0; ; ) {
    const { value } = await session.ask(readJournal({ client: session.client, query: { after, limit: page_rows_max } }))
    yield value
    const last = value.rows.at(-1)
    if (!last || last.seq >= value.head.seq) return
    after = last.seq
  }
}

// ── Checking ────────────────────────────────────────────────────────────────────────────────────────────────────────
async function feedPages(session: Session, feeding: Feeding): Promise<JournalHead | undefined> {
  let head: JournalHead | undefined
  for await (const page of pages(session)) {
    take(feeding, page.rows)
    head = page.head
  }
  return head
}

/** The text of a file that was named, or of the usual one where it exists. */
function textOf(named: string | undefined, usual: string): { path: string; text: string } | undefined {
  const path = named ?? usual
  if (named === undefined && !existsSync(path)) return undefined
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch {
    throw wrong(`打不开文件 ${path}。`, `The file ${path} cannot be opened.`)
  }
}

function checkerWith(key: { path: string; text: string } | undefined, partial: boolean): JournalChecker {
  try {
    return journalChecker(key?.text, { partial })
  } catch {
    throw wrong(`${key?.path} 不是公钥。`, `${key?.path} is not a public key.`)
  }
}

async function verify(session: Session, given: Given): Promise<0 | 1> {
  const partial = given.flag('partial')
  const key = textOf(given.text('publicKey'), join(session.home, 'journal', 'public-key.pem'))
  const kept = textOf(given.text('heads'), join(session.home, 'journal', 'heads.jsonl'))
  const feeding: Feeding = { checker: checkerWith(key, partial), faults: [] }
  const file = given.text('file')
  if (file !== undefined && !existsSync(file)) throw wrong(`打不开文件 ${file}。`, `The file ${file} cannot be opened.`)
  // The heads were read first: one that is signed meanwhile is not missed in what was read before it.
  const head = file === undefined ? await feedPages(session, feeding) : await feedFile(file, feeding)
  const isOld = given.flag('old')
  const heads = (kept ? headsIn(kept.text) : []).filter(({ seq }) => !isOld || seq <= (head?.seq ?? 0))
  const { rows, faults } = feeding.checker.close(heads, head)
  const all: Fault[] = [...feeding.faults, ...faults]
  const verdict = {
    rows,
    head: head ?? null,
    signedHeads: heads.length,
    signaturesChecked: key !== undefined && heads.length > 0,
    partial,
    faults: all,
  }
  if (session.isJson) session.screen.write(`${JSON.stringify(verdict)}\n`)
  else session.lines(verdictLines(session, verdict))
  return all.length === 0 ? 0 : 1
}

type Verdict = {
  rows: number
  head: JournalHead | null
  signedHeads: number
  signaturesChecked: boolean
  partial: boolean
  faults: Fault[]
}

function verdictLines(
  session: Session,
  { rows, head, signedHeads, signaturesChecked, partial, faults }: Verdict,
): string[] {
  const { say, words, screen } = session
  const place = (fault: Fault): string =>
    'seq' in fault ? `#${fault.seq}` : 'line' in fault ? say(`第 ${fault.line} 行`, `line ${fault.line}`) : ''
  const against =
    signaturesChecked && !partial
      ? say(`，与 ${signedHeads} 个签名链头一致`, ` and agrees with ${signedHeads} signed heads`)
      : ''
  const notes = [
    ...(signaturesChecked
      ? []
      : [
          say(
            '没有核对签名链头（需要 heads.jsonl 和 public-key.pem），末尾被截断不一定能发现。',
            'No signed heads were checked (heads.jsonl and public-key.pem are needed): a cut end may go unseen.',
          ),
        ]),
    ...(!partial && faults.some(({ fault }) => fault === 'missing')
      ? [say('只看得到本方的行时，请加 --partial。', 'Where only your own rows may be seen, add --partial.')]
      : []),
    ...(partial
      ? [
          say(
            '只核对了看得见的行，缺行不能发现。',
            'Only the rows that may be seen were checked: missing rows go unseen.',
          ),
        ]
      : []),
  ]
  if (faults.length === 0)
    return [
      screen.paint(
        'good',
        say(`✓ ${rows} 行日志完整${against}。`, `✓ The journal's ${rows} rows are whole${against}.`),
      ),
      ...(head ? [say(`链头 #${head.seq} ${head.hash}`, `head #${head.seq} ${head.hash}`)] : []),
      ...notes,
    ]
  return [
    screen.paint(
      'bad',
      say(
        `✗ 日志有 ${faults.length} 处不符（共 ${rows} 行）：`,
        `✗ ${faults.length} fault(s) in the journal (${rows} rows):`,
      ),
    ),
    ...faults
      .slice(0, faults_shown_max)
      .map(
        (fault) =>
          `  ${place(fault)}  ${words(faultWords[fault.fault])}${'expected' in fault ? say(`，应到 #${fault.expected}`, `, should reach #${fault.expected}`) : ''}`,
      ),
    ...(faults.length > faults_shown_max ? [`  … ${faults.length - faults_shown_max}`] : []),
    ...notes,
  ]
}

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const rowText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
/** What came of it: the names of the facts, or of the refusal. */
const factNames = ({ facts, refused }: Row['body']): string =>
  Array.isArray(facts)
    ? facts.map((one) => rowText((one as { fact?: unknown } | null)?.fact)).join(', ')
    : rowText(refused)

function listLines(session: Session, { rows, head }: JournalPage): string[] {
  const { say } = session
  return [
    ...session.table<Row>(
      [
        { title: '#', cell: (r) => String(r.seq), align: 'right' },
        { title: say('时间', 'at'), cell: (r) => instant(rowText(r.body['at'])) },
        { title: say('命令', 'command'), cell: (r) => rowText(r.body['command']) },
        { title: say('角色', 'by'), cell: (r) => rowText((r.body['actor'] as { role?: string } | undefined)?.role) },
        { title: say('内容', 'what'), cell: (r) => factNames(r.body), width_min: 20 },
        { title: say('散列', 'hash'), cell: (r) => r.hash.slice(0, 12) },
      ],
      rows,
    ),
    say(`链头 #${head.seq} ${head.hash}`, `head #${head.seq} ${head.hash}`),
  ]
}

export const journal: Group = {
  says: ['日志', 'The journal'],
  commands: [
    {
      usage: 'journal list',
      dryRun: 'reads',
      says: ['日志，从旧到新', 'the journal, oldest first'],
      options: [
        { flags: '--after <seq>', says: ['从这一行之后', 'rows after this one'] },
        { flags: '--terminal <tid>', says: ['只看一台终端', 'of one terminal'] },
        { flags: '--application <no>', says: ['只看一个办件', 'of one case'] },
        {
          flags: '--limit <n>',
          says: ['最多几行（默认 50，至多 1000）', 'how many at most (50 unless told, 1000 at most)'],
        },
      ],
      async run(session, given) {
        const query = present({
          after: given.count('after'),
          terminal: given.text('terminal'),
          application: given.text('application'),
          limit: given.count('limit') ?? list_rows_default,
        })
        session.show(await session.ask(readJournal({ client: session.client, query })), (page) =>
          listLines(session, page),
        )
        return 0
      },
    },
    {
      usage: 'journal export <file>',
      dryRun: 'reads',
      says: ['导出全部日志，供别处核对', 'write the whole journal, to be checked elsewhere'],
      async run(session, given) {
        await saveTo(session, given.arg(0), exportLines(pages(session)))
        return 0
      },
    },
    {
      usage: 'journal verify',
      dryRun: 'reads',
      says: [
        '核对日志：改、删、插、换序、截尾都能发现；有不符时退出码为 1',
        'check the journal: what was edited, deleted, inserted, moved or cut is found; exits 1 on any fault',
      ],
      options: [
        {
          flags: '--file <export>',
          says: ['核对导出的文件，不需要程序运行', 'check an exported file; the program need not run'],
        },
        {
          flags: '--heads <file>',
          says: [
            '签名链头（默认 TINGQI_HOME/journal/heads.jsonl）',
            'signed heads (else TINGQI_HOME/journal/heads.jsonl)',
          ],
        },
        {
          flags: '--public-key <file>',
          says: [
            '公钥（默认 TINGQI_HOME/journal/public-key.pem）',
            'public key (else TINGQI_HOME/journal/public-key.pem)',
          ],
        },
        {
          flags: '--old',
          says: [
            '导出早于最新链头：只核对到导出的末尾',
            'the export is older than the newest heads: check up to its own end',
          ],
        },
        {
          flags: '--partial',
          says: ['只有本方的行（机构、商户所见）', "only one's own rows are there (what a party sees)"],
        },
      ],
      run: verify,
    },
  ],
}
