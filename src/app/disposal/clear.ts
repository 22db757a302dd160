// What was never under the key: files first, as often as it takes, then all rows with the certificate in one transaction. A
// disposal whose key is destroyed and that is not done is itself the note of what is left; a program killed anywhere in
// between finds it at its next start, finds the files it had removed gone, and goes on.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { systemActor } from '../../domain/authority.ts'
import { dateOf } from '../../domain/calendar.ts'
import { letterNumber } from '../../domain/number.ts'
import { refuse } from '../../domain/refusals.ts'
import { disposedParts, paperKinds, words, type PaperKind } from '../../domain/vocabulary.ts'
import { letterFactsSchema, type LetterFacts } from '../../documents/letter.ts'
import { newVerificationCode } from '../../documents/verification-code.ts'
import { import_rejected_kept_days } from '../../limits.ts'
import { endDisposal, filesOfMerchant, forgetRejected, readDisposal, rejectedLines, removeRejected, removeRows, waitingDisposals, type Counts, type StoredDisposal } from '../../store/disposal.ts'
import { instantParam, type Tx } from '../../store/db.ts'
import { removeFile } from '../../store/sealed-files.ts'
import type { App } from '../app.ts'
import { execute, type Reply } from '../execute.ts'
import { letterOfKind, nextLetterSerial } from '../settle.ts'
import { parquetPath } from '../settlement/folder.ts'
import { takeOutMerchant } from './records.ts'

const rejected_page = 500
const day_ms = 86_400_000
const silent: Reply = { status: 204, body: '', headers: {} }

/** Clears what is waiting; once a day forgets rejected rows of imports that are past their time. */
export function clearing(app: App): { run(): Promise<void> } {
  let running: Promise<void> | undefined
  let forgottenOn = ''
  const each = async (): Promise<void> => {
    const today = dateOf(app.clock.now(), app.zone)
    if (forgottenOn < today) {
      await app.db.transaction('*', (tx) => forgetRejected(tx, app.clock.now() - import_rejected_kept_days * day_ms))
      forgottenOn = today
    }
    for (const waiting of await app.db.transaction('*', waitingDisposals, { readOnly: true })) await clear(app, waiting)
  }
  return {
    run() {
      running ??= each().finally(() => { running = undefined })
      return running
    },
  }
}

async function clear(app: App, disposal: StoredDisposal): Promise<void> {
  const files = await removeFiles(app, disposal.mid)
  await execute(app, { actor: systemActor }, {
    command: 'clear-disposal',
    input: { id: disposal.id },
    quiet: true,
    refusal: () => ({ ...silent, status: 409 }),
    // Another program may have been faster.
    lock: async (tx) => ((await readDisposal(tx, disposal.id, true))?.state === 'confirmed' ? undefined : refuse('not_found')),
    async decide(tx, now) {
      const imports = await removeRejectedOf(app, tx, disposal.mid)
      const rows = await removeRows(tx, disposal.mid)
      const counts: Counts = { ...rows, imports, papers: rows.papers ?? 0, backups: files.backups ?? 0, records: (rows.records ?? 0) + (files.records ?? 0) }
      const letter = await certify(app, tx, disposal, counts, now)
      await endDisposal(tx, disposal.id, counts, letter, now)
      return {
        changes: undefined, before: undefined, facts: [{ fact: 'disposed', disposal: disposal.id, merchant: disposal.mid, letter, counts }],
        tids: [], provider: disposal.provider, mid: undefined, reply: silent,
      }
    },
  })
}

/** Papers and their originals, backups, and the merchant's rows in settlement files. */
async function removeFiles(app: App, mid: string): Promise<Counts> {
  const files = await app.db.transaction('*', (tx) => filesOfMerchant(tx, mid), { readOnly: true })
  for (const id of files.materials) for (const name of [id, `${id}.original`]) await removeFile(join(app.home, 'materials', name))
  for (const id of files.evidence) for (const name of [id, `${id}.original`]) await removeFile(join(app.home, 'evidence', name))
  for (const id of files.backups) await removeFile(join(app.home, 'backups', `${id}.age`))
  let records = 0
  for (const { id, isAlone } of files.parquet) records += await takeOutMerchant(parquetPath(app, id), mid, isAlone)
  return { papers: files.materials.length, backups: files.backups.length, records }
}

/** Rejected rows are sealed for the installation, whoever they speak of: each that is young enough to be there is opened. */
async function removeRejectedOf(app: App, tx: Tx, mid: string): Promise<number> {
  const found: { import: string; line: number }[] = []
  for (let after = { import: '00000000-0000-0000-0000-000000000000', line: -1 }; ; ) {
    const page = await rejectedLines(tx, after, rejected_page)
    for (const { import: id, line, cells } of page) {
      const row = JSON.parse(app.vault.open(cells, `import.rejected:${id}:${line}`).toString()) as Record<string, string>
      if (Object.values(row).includes(mid)) found.push({ import: id, line })
    }
    const last = page.at(-1)
    if (last === undefined || page.length < rejected_page) break
    after = { import: last.import, line: last.line }
  }
  await removeRejected(tx, found)
  return found.length
}

/** The certificate: numbers, days and rules. It names the merchant by its number only. */
async function certify(app: App, tx: Tx, d: StoredDisposal, counts: Counts, now: number): Promise<string> {
  const provider = app.provider(d.provider)
  const year = dateOf(now, app.zone).slice(0, 4)
  const no = letterNumber(provider.prefix, letterOfKind.disposal_certificate, Number(year), await nextLetterSerial(tx, provider.id, `${year}-01-01`))
  const code = newVerificationCode(randomBytes(16))
  const facts: LetterFacts = letterFactsSchema.parse({
    no, kind: 'disposal_certificate', code, issuedAt: now,
    provider: { name: provider.name, hotline: provider.hotline, ...(provider.licenceNo ? { licenceNo: provider.licenceNo } : {}) },
    merchant: { name: '（名称已销毁）', mid: d.mid },
    terminals: [], schedule: [],
    reason: { code: 'X99', zh: '保存期限届满', en: 'retention is over' },
    policyVersion: `${provider.id}/${app.policyAt(provider.id, now).version}`,
    decidedBy: { zh: '双人复核', en: 'two persons' },
    verifyUrl: `${app.publicUrl}/verify/${code}`,
    disposal: {
      keyDestroyedAt: d.confirmedAt!, clearedAt: now, dueOn: d.dueOn, proposedBy: d.proposedBy, confirmedBy: d.confirmedBy!,
      rows: words(disposedParts).map((part) => ({ part, count: counts[part] ?? 0 })),
      // The papers whose time ran out last.
      basis: d.basis.filter((b) => b.until === d.dueOn).map((b) => ({ zh: paperKinds[b.kind as PaperKind][0], en: paperKinds[b.kind as PaperKind][1], until: b.until })),
    },
  })
  await tx.run(
    `insert into letter (no, kind, code, case_no, provider, mid, state, facts, issued_at) values ($1, 'disposal_certificate', $2, null, $3, $4, 'valid', $5, $6)`,
    [no, code, d.provider, d.mid, JSON.stringify(facts), instantParam(now)],
  )
  return no
}
