// Breaks as people work them. A command changes the break, its history and – in the same transaction – the clearance of the
// terminals it stands on; their cases look at themselves before the reply goes out.
import { decideBreak, evolveBreak, type BreakCommand, type BreakFact } from '../../domain/break-work.ts'
import { isRefusal, refuse, type Refusal } from '../../domain/refusals.ts'
import { breakKinds, breakStates, say, transactionClasses, type BreakEvent, type Language, type TransactionClass, type Words } from '../../domain/vocabulary.ts'
import { formatYuan } from '../../domain/money.ts'
import { csvFile } from '../../files/export.ts'
import {
  eventsOf,
  fileNames,
  listBreaks,
  lockBreak,
  readBreak,
  terminalsOfBreak,
  writeBreak,
  type BreaksAsked,
  type StoredBreak,
} from '../../store/settlement-breaks.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Reply } from '../execute.ts'
import { recomputeClearance } from '../imports/clearance.ts'
import type { Asker } from '../imports/imports.ts'
import { export_page_rows } from './bounds.ts'
import { tickCasesOf } from './cases.ts'
import { breakRow, breakView, settingFor, wordsPlace, type BreakReader, type BreakRow, type BreakView } from './views.ts'
import type { Page } from './runs.ts'

export type BreakTelling = { view: (view: BreakView) => Reply; refusal: (refusal: Refusal) => Reply }
export type BreakAsking = Asking & { ifVersion?: number | undefined; language: Language }

const eventOf: Readonly<Record<BreakFact['fact'], BreakEvent>> = {
  break_assigned: 'assigned', break_explained: 'explained', break_proposed: 'proposed', break_accepted: 'accepted', break_reopened: 'reopened',
}

const readerOf = (app: App, { actor, language }: Asker): BreakReader => ({ app, actor, language, now: app.clock.now() })

async function viewed(tx: Tx, b: StoredBreak, reader: BreakReader): Promise<BreakView> {
  const files = [b.content.slip?.file, b.content.unionpay?.file, b.content.bank?.file].filter((id) => typeof id === 'string')
  return breakView(b, await eventsOf(tx, b.id), await fileNames(tx, files), reader)
}

export function breaksOf(app: App) {
  return {
    list: ({ actor, language }: Asker, asked: BreaksAsked): Promise<Page<BreakRow> | Refusal> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const page = await listBreaks(tx, asked)
        if (isRefusal(page)) return page
        const reader = readerOf(app, { actor, language })
        return { items: page.items.map((b) => breakRow(b, reader)), next: page.next ?? null, total: page.total }
      }, { readOnly: true }),

    one: ({ actor, language }: Asker, id: string): Promise<BreakView | undefined> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const b = await readBreak(tx, id)
        return b && viewed(tx, b, readerOf(app, { actor, language }))
      }, { readOnly: true }),

    async command(asking: BreakAsking, id: string, command: BreakCommand, telling: BreakTelling): Promise<Reply> {
      let before: StoredBreak | undefined
      let tids: string[] = []
      const reply = await execute(app, asking, {
        command: `${command.command}-break`,
        input: { break: id, ...command },
        refusal: telling.refusal,
        async lock(tx) {
          before = await lockBreak(tx, id)
          return before === undefined ? refuse('not_found') : undefined
        },
        async decide(tx, now) {
          const b = before!
          if (asking.ifVersion !== undefined && asking.ifVersion !== b.version) return refuse('version_stale')
          const fact = decideBreak(b, command, settingFor({ app, actor: asking.actor, now }, b.provider))
          if (isRefusal(fact)) return fact
          const after = evolveBreak(b, fact)
          const words = 'words' in command ? command.words : undefined
          const key = words === undefined || words === '' ? undefined : app.vault.openKey(b.wrappedKey, b.mid)
          await writeBreak(tx, b, after, {
            event: eventOf[fact.fact], by: asking.actor.person, role: asking.actor.role, words: key?.seal(words!, wordsPlace(b.id, now)),
          }, now)
          if (isCounted(b) !== isCounted(after)) {
            tids = await terminalsOfBreak(tx, b)
            await recomputeClearance(app, tx, tids)
          }
          const stored = (await readBreak(tx, id))!
          return {
            changes: undefined, before: undefined, facts: [{ ...fact, kind: b.kind, tid: b.tid, reference: b.reference, settledOn: b.settledOn }],
            tids: b.tid === undefined ? [] : [b.tid], provider: b.provider, mid: b.mid,
            reply: telling.view(await viewed(tx, stored, { app, actor: asking.actor, language: asking.language, now })),
          }
        },
      })
      if (!asking.dryRun && tids.length > 0) {
        await tickCasesOf(app, tids)
        app.stirred(app.clock.now())
      }
      return reply
    },

    /** As a spreadsheet takes it; no cell runs as a formula. */
    async *exported({ actor, language }: Asker, asked: Omit<BreaksAsked, 'cursor' | 'limit'>): AsyncGenerator<string> {
      const reader = readerOf(app, { actor, language })
      let cursor: string | undefined
      let header: readonly string[] | undefined = exportColumns.map((c) => say(c.title, language))
      do {
        const page = await app.db.transaction(scopeOf(actor), (tx) => listBreaks(tx, { ...asked, cursor, limit: export_page_rows }), { readOnly: true })
        if (isRefusal(page)) return
        const pieces = csvFile(header ?? [], page.items.map((b) => exportColumns.map((c) => c.cell(b, reader))))
        const first = pieces.next()
        if (header !== undefined && !first.done) yield first.value
        header = undefined
        yield* pieces
        cursor = page.next
      } while (cursor !== undefined)
    },
  }
}

/** An open break keeps a terminal from being clear; one whose acceptance waits for a second person does so still. */
const isCounted = (b: Pick<StoredBreak, 'state'>): boolean => b.state === 'open' || b.state === 'proposed'

type ExportColumn = { title: Words; cell: (b: StoredBreak, reader: BreakReader) => string }
const yuan = (fen: number | undefined): string => (fen === undefined ? '' : formatYuan(fen).replaceAll(',', ''))
const classWords = (name: string | undefined, language: Language): string => {
  const words = transactionClasses[name as TransactionClass]
  return words === undefined ? '' : say(words, language)
}
const exportColumns: readonly ExportColumn[] = [
  { title: ['编号', 'id'], cell: (b) => b.id },
  { title: ['种类', 'kind'], cell: (b, { language }) => say(breakKinds[b.kind], language) },
  { title: ['状态', 'state'], cell: (b, { language }) => say(breakStates[b.state], language) },
  { title: ['商户号', 'merchant number'], cell: (b) => b.mid },
  { title: ['商户名称', 'merchant'], cell: (b) => b.merchantName },
  { title: ['终端号', 'terminal'], cell: (b) => b.tid ?? '' },
  { title: ['检索参考号', 'reference'], cell: (b) => b.reference ?? '' },
  { title: ['清算日期', 'settled on'], cell: (b) => b.settledOn },
  { title: ['涉及金额（元）', 'at stake (yuan)'], cell: (b) => yuan(b.amountFen) },
  { title: ['签购单金额（元）', 'slip (yuan)'], cell: (b) => yuan(b.content.slip?.amountFen) },
  { title: ['签购单类型', 'slip type'], cell: (b, { language }) => classWords(b.content.slip?.class, language) },
  { title: ['签购单商户', 'merchant on the slip'], cell: (b) => b.content.slip?.name ?? '' },
  { title: ['签购单 MCC', 'MCC on the slip'], cell: (b) => b.content.slip?.mcc ?? '' },
  { title: ['银联金额（元）', 'UnionPay (yuan)'], cell: (b) => yuan(b.content.unionpay?.amountFen) },
  { title: ['银联类型', 'UnionPay type'], cell: (b, { language }) => classWords(b.content.unionpay?.class, language) },
  { title: ['银联商户', 'merchant at UnionPay'], cell: (b) => b.content.unionpay?.name ?? '' },
  { title: ['银联 MCC', 'MCC at UnionPay'], cell: (b) => b.content.unionpay?.mcc ?? '' },
  { title: ['手续费（元）', 'fee (yuan)'], cell: (b) => yuan(b.content.unionpay?.feeFen) },
  { title: ['银行入账（元）', 'bank (yuan)'], cell: (b) => yuan(b.content.bank?.netFen) },
  { title: ['应为（元）', 'expected (yuan)'], cell: (b) => yuan(b.content.expectedFen) },
  { title: ['实为（元）', 'actual (yuan)'], cell: (b) => yuan(b.content.actualFen) },
  { title: ['经办人', 'assignee'], cell: (b) => b.assignee ?? '' },
  { title: ['说明', 'in one sentence'], cell: (b, reader) => breakRow(b, reader).sentence },
]
