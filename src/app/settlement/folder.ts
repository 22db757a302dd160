// Where settlement files are kept: one Parquet file each, under the id of its row, in a folder nobody else reads. What is
// being read, or put together for a run, has a folder of its own in it that goes when the work is done; what a crash leaves of
// either is swept at start.
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesAmong, workUnderWay } from '../../store/settlement-files.ts'
import { sweepFolder } from '../../store/sealed-files.ts'
import type { App } from '../app.ts'

export const settlementFolder = (app: Pick<App, 'home'>): string => join(app.home, 'settlement')
export const parquetPath = (app: Pick<App, 'home'>, id: string): string => join(settlementFolder(app), id)
const workPrefix = 'work-'
export const workFolder = (app: Pick<App, 'home'>, id: string): string => join(settlementFolder(app), `${workPrefix}${id}`)

export async function makeWorkFolder(app: Pick<App, 'home'>, id: string): Promise<string> {
  const folder = workFolder(app, id)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}
export const dropWorkFolder = (app: Pick<App, 'home'>, id: string): Promise<void> =>
  rm(workFolder(app, id), { recursive: true, force: true })

/** Gives a file its lasting name, on the disk before anybody is told. */
export async function keepParquet(app: Pick<App, 'home'>, from: string, id: string): Promise<void> {
  for (const path of [from, settlementFolder(app)]) {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  await rename(from, parquetPath(app, id))
}

/** What a crash left: work of a former run of the program, and files whose row never came. */
export async function sweepSettlement(app: App, before: number): Promise<void> {
  const folder = settlementFolder(app)
  const busy = await app.db.transaction('*', workUnderWay, { readOnly: true })
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    if (!name.startsWith(workPrefix) || busy.has(name.slice(workPrefix.length))) continue
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found && found.mtimeMs < before) await rm(join(folder, name), { recursive: true, force: true })
  }
  await sweepFolder(folder, before, async (names) => {
    const files = names.filter((name) => !name.startsWith(workPrefix))
    const known = await app.db.transaction('*', (tx) => filesAmong(tx, files), { readOnly: true })
    return new Set([...known, ...names.filter((name) => name.startsWith(workPrefix))])
  })
}
