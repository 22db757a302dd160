// Materials as rows: what a case was handed, and who may open it. Names of files are people's words and stay sealed.
import type { MaterialType } from '../domain/vocabulary.ts'
import type { Tx } from './db.ts'

export type StoredMaterial = {
  id: string
  no: string
  mid: string
  type: MaterialType
  mediaType: string
  nameSealed: Buffer
  /** Absent where the merchant's key was destroyed: what it sealed is disposed of. */
  wrappedKey: Buffer | undefined
}

/** Undefined where it is not there or not the looker's. */
export async function readMaterial(tx: Tx, id: string): Promise<StoredMaterial | undefined> {
  const row = await tx.one<Omit<StoredMaterial, 'wrappedKey'> & { wrappedKey: Buffer | null }>(
    `select m.id, m.no, m.mid, m.type, m.media_type as "mediaType", m.name_sealed as "nameSealed", x.wrapped_key as "wrappedKey"
     from material m join merchant x on x.mid = m.mid where m.id = $1`,
    [id],
  )
  return row && { ...row, wrappedKey: row.wrappedKey ?? undefined }
}

export type CaseOfMaterials = { mid: string; count: number; wrappedKey: Buffer | undefined }

/** What must be known of a case before a file is sealed for it; undefined where it is not the looker's. */
export async function caseOfMaterials(tx: Tx, no: string): Promise<CaseOfMaterials | undefined> {
  const row = await tx.one<{ mid: string; count: number; key: Buffer | null }>(
    `select a.mid, (select count(*) from material m where m.no = a.no) as count, x.wrapped_key as key
     from application a join merchant x on x.mid = a.mid where a.no = $1`,
    [no],
  )
  return row && { mid: row.mid, count: row.count, wrappedKey: row.key ?? undefined }
}

export const materialsAmong = async (tx: Tx, ids: readonly string[]): Promise<Set<string>> =>
  new Set((await tx.many<{ id: string }>('select id from material where id::text = any($1)', [ids])).map((r) => r.id))
