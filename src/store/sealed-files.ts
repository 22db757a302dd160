// Files the program keeps beside the database, always sealed before they get here. A file is there whole or not at all,
// and once written it is on the disk: temporary name → fsync → rename → fsync of the folder. What a crash leaves under
// a temporary name, or without a row that knows it, is swept at start.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const temporary = '.part'

export async function writeDurably(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const part = `${path}.${randomUUID().slice(0, 8)}${temporary}`
  try {
    const file = await open(part, 'wx', 0o600)
    try {
      for await (const piece of pieces) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await syncFolder(folder)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const removeFile = (path: string): Promise<void> => rm(path, { force: true })

/**
 * Removes what a crash left: files older than `before` (epoch ms) that were half written, or that `isKnown` does not vouch
 * for. Younger ones may be somebody's whose row is about to be committed. Returns how many.
 */
export async function sweepFolder(
  folder: string,
  before: number,
  isKnown: (names: string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  const names: string[] = []
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found && found.mtimeMs < before) names.push(name)
  }
  const known = await isKnown(names.filter((name) => !name.endsWith(temporary)))
  const lost = names.filter((name) => !known.has(name))
  for (const name of lost) await removeFile(join(folder, name))
  return lost.length
}
