// An import as people and programs see it.
import { say, type Language } from '../../domain/vocabulary.ts'
import type { StoredFault, StoredImport } from '../../store/imports.ts'

export type ImportRow = {
  id: string
  kind: StoredImport['kind']
  state: StoredImport['state']
  fileName: string
  sizeBytes: number
  dryRun: boolean
  partial: boolean
  rows: { total: number; accepted: number; rejected: number; changed: number }
  progress: number
  stopRequested: boolean
  createdAt: string
  endedAt: string | null
}
export type ImportView = ImportRow & {
  errors: { line: number; column: string; code: StoredFault['code']; detail: string }[]
  /** The settlement file it became, and whose place that took. */
  settlement?: { file: string; supersedes: { id: string; fileName: string }[] }
}
export type ImportPage = { items: ImportRow[]; next: string | null; total: number | { about: number } }

const instant = (at: number): string => new Date(at).toISOString()

export const importRow = (i: StoredImport): ImportRow => ({
  id: i.id,
  kind: i.kind,
  state: i.state,
  fileName: i.fileName,
  sizeBytes: i.sizeBytes,
  dryRun: i.dryRun,
  partial: i.partial,
  rows: { total: i.total, accepted: i.accepted, rejected: i.rejected, changed: i.changed },
  progress: i.progress,
  stopRequested: i.stopRequested,
  createdAt: instant(i.createdAt),
  endedAt: i.endedAt === undefined ? null : instant(i.endedAt),
})

type Became = { id: string; supersedes: { id: string; fileName: string }[] }
export const importView = (
  i: StoredImport,
  faults: readonly StoredFault[],
  language: Language,
  file?: Became | undefined,
): ImportView => ({
  ...importRow(i),
  ...(file === undefined ? {} : { settlement: { file: file.id, supersedes: file.supersedes } }),
  errors: faults.map(({ line, column, code, words }) => ({ line, column, code, detail: say(words, language) })),
})

const cursorShape = /^(\d{1,16})\.([0-9a-f-]{36})$/
export const cursorOf = (i: Pick<StoredImport, 'createdAt' | 'id'>): string => Buffer.from(`${i.createdAt}.${i.id}`).toString('base64url')
export const readCursor = (text: string | undefined): { at: number; id: string } | undefined => {
  const [, at, id] = cursorShape.exec(Buffer.from(text ?? '', 'base64url').toString()) ?? []
  return at === undefined ? undefined : { at: Number(at), id: id! }
}
