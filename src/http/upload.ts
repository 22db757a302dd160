// One file and a few short fields, as multipart/form-data. The file stays in memory: it may carry what must not touch a disk
// before it was looked at.
import type { FastifyRequest } from 'fastify'
import { scrubPans } from '../domain/identity.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import { file_name_length_max, upload_field_bytes_max, upload_fields_max } from './bounds.ts'
import { sha256 } from './asking.ts'
import { sqlState } from '../store/db.ts'
import { checked, fieldInvalid } from './fields.ts'
import { tooLarge } from './problem.ts'
import type { UploadShape } from './route.ts'

export type Upload = {
  fields: Record<string, unknown>
  file: { name: string; mediaType: string; bytes: Buffer }
  /** Of the fields and the file together. */
  hash: Buffer
}

export async function readUpload(request: FastifyRequest, shape: UploadShape): Promise<Upload | Refusal> {
  if (!request.isMultipart()) return refuse('media_unsupported')
  let parts: Awaited<ReturnType<typeof readParts>>
  try {
    parts = await readParts(request, shape.file_bytes_max)
  } catch (error) {
    // Everything else that can go wrong here is a body that is torn off, mangled or cut into too many parts.
    return sqlState(error) === 'FST_REQ_FILE_TOO_LARGE' ? tooLarge(shape.file_bytes_max) : refuse('request_malformed')
  }
  const { fields, file } = parts
  const given = checked(shape.fields, fields)
  if ('refused' in given) return given
  if (!file || file.bytes.length === 0) return fieldInvalid('/file', 'required', ['请选择文件。', 'A file is needed.'])
  return {
    fields: given.value as Record<string, unknown>,
    file,
    hash: sha256(JSON.stringify(fields), '\n', file.name, '\n', file.bytes),
  }
}

async function readParts(
  request: FastifyRequest,
  file_bytes_max: number,
): Promise<{ fields: Record<string, unknown>; file: Upload['file'] | undefined }> {
  const fields: Record<string, unknown> = {}
  let file: Upload['file'] | undefined
  const parts = request.parts({
    limits: {
      files: 1,
      fields: upload_fields_max,
      fieldSize: upload_field_bytes_max,
      fileSize: file_bytes_max,
      parts: upload_fields_max + 1,
    },
  })
  for await (const part of parts) {
    if (part.type === 'field') {
      fields[part.fieldname] = part.value
      continue
    }
    const bytes = await part.toBuffer()
    if (part.fieldname === 'file') file = { name: plainName(part.filename), mediaType: part.mimetype, bytes }
  }
  return { fields, file }
}

/** The last part of a path, without control characters and card numbers; it is shown, never used to open anything. */
const plainName = (name: string | undefined): string =>
  scrubPans(
    (name ?? '')
      .normalize('NFC')
      .split(/[/\\]/)
      .at(-1)!
      .replace(/[\p{Cc}\p{Cf}]/gu, ''),
  )
    // No file can be saved under a name with an asterisk.
    .replaceAll('*', 'x')
    .slice(-file_name_length_max) || 'file'
