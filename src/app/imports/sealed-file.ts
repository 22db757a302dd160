// The file of an import while it waits and runs. It may carry personal data and, where somebody erred, card numbers, so
// it never touches the disk unsealed: pieces of a megabyte, each its own envelope that names the import, its place and
// whether it is the last, so that pieces cannot be swapped or cut off unseen.
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../../store/sealed-files.ts'
import type { App } from '../app.ts'
import { sealed_chunk_bytes } from './bounds.ts'

export const importFolder = (app: App): string => join(app.home, 'imports')
export const importPath = (app: App, id: string): string => join(importFolder(app), id)

const whatOf = (id: string, index: number, isLast: boolean): string =>
  `import:${id}:${index}:${isLast ? 'last' : 'more'}`
const length_bytes = 4

export async function sealFile(app: App, id: string, bytes: Uint8Array): Promise<void> {
  const pieces = function* (): Generator<Uint8Array> {
    const count = Math.max(1, Math.ceil(bytes.length / sealed_chunk_bytes))
    for (let index = 0; index < count; index++) {
      const piece = bytes.subarray(index * sealed_chunk_bytes, (index + 1) * sealed_chunk_bytes)
      const sealed = app.vault.seal(
        Buffer.from(piece.buffer, piece.byteOffset, piece.length),
        whatOf(id, index, index === count - 1),
      )
      const length = Buffer.alloc(length_bytes)
      length.writeUInt32BE(sealed.length)
      yield length
      yield sealed
    }
  }
  await writeDurably(importPath(app, id), pieces())
}

/** Opens a sealed file from its start; as often as it is read. */
export const unsealFile = (app: App, id: string) =>
  async function* (): AsyncGenerator<Uint8Array> {
    const file = await open(importPath(app, id), 'r')
    try {
      const { size } = await file.stat()
      let at = 0
      if (size === 0) throw new Error(`the sealed file of import ${id} is cut short`)
      const next = async (count: number): Promise<Buffer> => {
        const buffer = Buffer.alloc(count)
        const { bytesRead } = await file.read(buffer, 0, count, at)
        if (bytesRead !== count) throw new Error(`the sealed file of import ${id} is cut short`)
        at += count
        return buffer
      }
      for (let index = 0; at < size; index++) {
        const length = (await next(length_bytes)).readUInt32BE()
        if (length > size - at) throw new Error(`the sealed file of import ${id} is cut short`)
        const sealed = await next(length)
        yield app.vault.open(sealed, whatOf(id, index, at === size))
      }
    } finally {
      await file.close()
    }
  }

export const isSealedHere = (app: App, id: string): Promise<boolean> =>
  stat(importPath(app, id)).then(
    () => true,
    () => false,
  )
