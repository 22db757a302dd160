// Papers of a case. Each is judged by its content, sealed with the merchant's own key and on the disk before the row
// that names it is committed; destroying that key disposes of both. Kept are the file as it was handed in – what its
// digest, its size and the approval are about – and, of a picture, the one encoded anew that people are shown.
import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { takeIn, type MediaType, type TakenIn } from '../documents/intake.ts'
import { mayNot, type Actor } from '../domain/authority.ts'
import { scrubPans } from '../domain/identity.ts'
import { isRefusal, refuse, type Refusal } from '../domain/refusals.ts'
import type { Language, MaterialType } from '../domain/vocabulary.ts'
import { materials_per_case_max } from '../limits.ts'
import { caseOfMaterials, materialsAmong, readMaterial } from '../store/materials.ts'
import { removeFile, sweepFolder, writeDurably } from '../store/sealed-files.ts'
import type { MerchantKey } from '../store/vault.ts'
import type { App } from './app.ts'
import { commandCase, type CaseAsking, type Telling } from './cases.ts'
import { execute, scopeOf, type Reply } from './execute.ts'

export type MaterialFile = { type: MaterialType; fileName: string; bytes: Uint8Array }
export type OpenedMaterial = { bytes: Buffer; mediaType: string; fileName: string }

export type Materials = {
  /** Checks by content, seals, adds to the case; `telling.view` gets the case afterwards. */
  add(asking: CaseAsking, no: string, file: MaterialFile, telling: Telling): Promise<Reply>
  /** What may be shown of a material; with `original`, the file as it was handed in. */
  read(asker: { actor: Actor; language: Language }, id: string, original?: boolean): Promise<OpenedMaterial | Refusal>
  /** Once at start: removes files that no row names. */
  sweep(): Promise<number>
}

const file_name_length_max = 120
const originalSuffix = '.original'
const extensions: Readonly<Record<MediaType, string>> = {
  'application/pdf': '.pdf',
  'image/jpeg': '.jpg',
  'image/png': '.png',
}
const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A name any system can save: no path, no control or direction characters, the extension of what it is. */
export function safeName(name: string, mediaType: MediaType): string {
  const last = scrubPans(basename(name.replaceAll('\\', '/')).normalize('NFC'))
  const plain = last
    .replace(/\.[A-Za-z0-9]{1,8}$/, '')
    .replace(/[\p{C}\p{Zl}\p{Zp}"*/:<>?|\\]/gu, '')
    .replace(/^[.\s]+|[.\s]+$/g, '')
  return `${[...plain].slice(0, file_name_length_max).join('') || 'material'}${extensions[mediaType]}`
}

export function openMaterials(app: App): Materials {
  const openedAt = Date.now()
  const folder = join(app.home, 'materials')
  const pathOf = (id: string): string => join(folder, id)
  const remove = async (id: string): Promise<void> => {
    for (const path of [pathOf(id), pathOf(id) + originalSuffix]) await removeFile(path)
  }
  const exists = (id: string): Promise<boolean> =>
    app.db.transaction('*', async (tx) => (await materialsAmong(tx, [id])).has(id), { readOnly: true })

  /** Before a megabyte is decoded: may this actor add anything, and is there a case to add it to? */
  const allowed = async (actor: Actor, no: string): Promise<{ key: MerchantKey } | Refusal> => {
    const refusal = mayNot(actor, 'add-material')
    if (refusal) return refusal
    const found = await app.db.transaction(scopeOf(actor), (tx) => caseOfMaterials(tx, no), { readOnly: true })
    if (found === undefined) return refuse('not_found')
    if (found.count >= materials_per_case_max)
      return refuse('too_large', { max: [`${materials_per_case_max} 份`, `${materials_per_case_max} files`] })
    const key = app.vault.openKey(found.wrappedKey, found.mid)
    return key ? { key } : refuse('material_disposed')
  }

  const seal = async (key: MerchantKey, id: string, taken: TakenIn, original: Buffer): Promise<void> => {
    await writeDurably(pathOf(id), [key.seal(taken.bytes, `material:${id}`)])
    if (taken.mediaType !== 'application/pdf')
      await writeDurably(pathOf(id) + originalSuffix, [key.seal(original, `material.original:${id}`)])
  }

  return {
    async add(asking, no, file, telling) {
      const original = Buffer.from(file.bytes)
      const sha256 = createHash('sha256').update(original).digest('hex')
      const may = await allowed(asking.actor, no)
      const taken = isRefusal(may) ? may : await takeIn(original)
      if (isRefusal(may) || isRefusal(taken))
        return execute(app, asking, {
          command: 'add-material',
          input: { no, type: file.type, sha256 },
          refusal: telling.refusal,
          lock: async () => (isRefusal(may) ? may : (taken as Refusal)),
          decide: () => Promise.reject(new Error('a refused material decides nothing')),
        })
      const id = randomUUID()
      const at = app.clock.now()
      if (!asking.dryRun) await seal(may.key, id, taken, original)
      const material = { id, type: file.type, state: 'uploaded', sha256, addedAt: at, words: undefined } as const
      const reply = await commandCase(app, asking, no, { command: 'add-material', material }, telling, {
        ...material,
        mediaType: taken.mediaType,
        sizeBytes: original.length,
        addedBy: asking.actor.person,
        nameSealed: may.key.seal(safeName(file.fileName, taken.mediaType), `material.name:${id}`),
      })
      // Refused, or the stored reply of an earlier request: nobody knows this file. Where a commit's fate is unknown,
      // the
      // call above throws and the file stays for the sweep to decide.
      if (!asking.dryRun && !(await exists(id))) await remove(id)
      return reply
    },

    async read({ actor }, id, original = false) {
      const refusal = mayNot(actor, 'read')
      if (refusal) return refusal
      const found = uuidShape.test(id)
        ? await app.db.transaction(scopeOf(actor), (tx) => readMaterial(tx, id), { readOnly: true })
        : undefined
      if (found === undefined) return refuse('not_found')
      const key = app.vault.openKey(found.wrappedKey, found.mid)
      if (key === undefined) return refuse('material_disposed')
      const isApart = original && found.mediaType !== 'application/pdf'
      const sealed = await readFile(pathOf(id) + (isApart ? originalSuffix : ''))
      return {
        bytes: key.open(sealed, `${isApart ? 'material.original' : 'material'}:${id}`),
        mediaType: found.mediaType,
        fileName: key.open(found.nameSealed, `material.name:${id}`).toString(),
      }
    },

    sweep: () =>
      sweepFolder(folder, openedAt, async (names) => {
        const ids = [...new Set(names.map((name) => basename(name, originalSuffix)))]
        const known = await app.db.transaction('*', (tx) => materialsAmong(tx, ids), { readOnly: true })
        return new Set(names.filter((name) => known.has(basename(name, originalSuffix))))
      }),
  }
}
