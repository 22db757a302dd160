// Files in (imports) and files out (materials, letters, rejected rows). What people handed in is never shown in place.
import { z } from 'zod'
import { mayNot } from '../../domain/authority.ts'
import { isRefusal, refuse } from '../../domain/refusals.ts'
import { importKinds, words, type ImportKind } from '../../domain/vocabulary.ts'
import { import_file_bytes_max } from '../../limits.ts'
import { import_uploads_at_once_max } from '../bounds.ts'
import { replyOf } from '../reply.ts'
import { route, type Answer, type Ask, type Route } from '../route.ts'
import type { ImportTelling } from '../services.ts'
import { importRow, importView, pageOf } from '../shapes.ts'
import { paging } from './common.ts'

const params = z.strictObject({ id: z.uuid() })
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')
const tell = (ask: Ask, status: number): ImportTelling => ({
  view: (view) => replyOf(status, view, status === 202 ? { location: `/api/v1/imports/${view.id}` } : {}),
  refusal: ask.refusal,
})

/** Uploads are held in memory whole; more of them at once are asked to come back. */
let uploads = 0

async function startImport(ask: Ask): Promise<Answer> {
  if (uploads >= import_uploads_at_once_max) return refuse('unavailable')
  uploads++
  try {
    const upload = await ask.upload()
    if (isRefusal(upload)) return upload
    const fields = upload.fields as { kind: ImportKind; dryRun: boolean; partial: boolean }
    const refusal = fields.kind === 'calendar' ? mayNot(ask.actor, 'import-calendar') : undefined
    if (refusal) return refusal
    const asking = ask.asking(upload.hash)
    if (isRefusal(asking)) return asking
    // An import's dry run is an import that can be looked at, not a request that leaves nothing behind.
    const file = {
      ...fields,
      dryRun: fields.dryRun || asking.dryRun === true,
      fileName: upload.file.name,
      bytes: upload.file.bytes,
    }
    return await ask.services.imports.start({ ...asking, dryRun: false }, file, tell(ask, 202))
  } finally {
    uploads--
  }
}

export const fileRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/imports',
    id: 'startImport',
    tag: 'files',
    right: 'import',
    isCommand: true,
    checks: 'route',
    summary: ['导入文件', 'Take a file in; it is worked off afterwards'],
    upload: {
      fields: z.strictObject({
        kind: z.enum(words(importKinds)),
        dryRun: flag.meta({ description: '只校验 judge every row, change nothing' }),
        partial: flag.meta({ description: '有误的行除外 take the good rows although others are bad' }),
      }),
      file_bytes_max: import_file_bytes_max,
      mediaTypes: ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    },
    replies: { 202: importView },
    refusals: ['unavailable'],
    answer: startImport,
  }),
  route({
    method: 'GET',
    path: '/api/v1/imports',
    id: 'listImports',
    tag: 'files',
    right: 'import',
    summary: ['导入列表', 'Imports, the newest first'],
    query: z.strictObject(paging),
    replies: { 200: pageOf(importRow) },
    refusals: [],
    async answer({ services, asker, query }) {
      return replyOf(200, await services.imports.list(asker, query))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/imports/{id}',
    id: 'getImport',
    tag: 'files',
    right: 'import',
    summary: ['导入进度', 'How far an import has come'],
    params,
    replies: { 200: importView },
    refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.imports.get(asker, params.id)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/imports/{id}/stop',
    id: 'stopImport',
    tag: 'files',
    right: 'import',
    isCommand: true,
    checks: 'route',
    summary: ['停止导入', 'Stop an import'],
    params,
    body: z.strictObject({}),
    replies: { 200: importView },
    refusals: ['import_not_stoppable'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : ask.services.imports.stop(asking, ask.params.id, tell(ask, 200))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/imports/{id}/rejected.csv',
    id: 'getRejectedRows',
    tag: 'files',
    right: 'import',
    summary: ['被拒的行', 'The rejected rows, with why'],
    params,
    replies: { 200: { mediaType: 'text/csv' } },
    refusals: [],
    async answer({ services, asker, params }) {
      const rows = await services.imports.rejected(asker, params.id)
      return rows && { file: rows, mediaType: 'text/csv; charset=utf-8', fileName: `rejected-${params.id}.csv` }
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/materials/{id}',
    id: 'getMaterial',
    tag: 'applications',
    right: 'read',
    summary: ['下载材料', 'A material, to be saved'],
    params,
    replies: { 200: { mediaType: 'application/octet-stream' } },
    refusals: ['material_disposed'],
    async answer({ services, asker, params }) {
      const material = await services.materials.read(asker, params.id)
      return isRefusal(material)
        ? material
        : { file: material.bytes, mediaType: material.mediaType, fileName: material.fileName }
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/letters/{no}.pdf',
    id: 'getLetter',
    tag: 'applications',
    right: 'read',
    summary: ['下载函件', 'A letter as it was issued'],
    params: z.strictObject({ no: z.string().max(40) }),
    replies: { 200: { mediaType: 'application/pdf' } },
    refusals: ['letter_not_ready'],
    async answer({ services, asker, params }) {
      const letter = await services.letters.pdf(asker, params.no)
      return isRefusal(letter)
        ? letter
        : { file: letter.bytes, mediaType: 'application/pdf', fileName: letter.fileName }
    },
  }),
]
