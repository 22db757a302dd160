// The data folder: what lies in it, and how it comes to be.
//
//   <folder>/owner/     the lock: which process has this folder (scripts/owner-lock.js)
//   <folder>/password   of the database's superuser, random, readable by us and the server's account only
//   <folder>/cluster/   PostgreSQL's own, of the server's account; made as cluster.new-… and renamed when complete
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ownerName } from '../../scripts/owner-lock.js'
import type { Account } from './account.ts'
import { runInside } from './launch.ts'
import type { Programs } from './programs.ts'
import { StartRefused } from './refused.ts'
import { settingsFile } from './settings.ts'

export const superuser = 'tingqi'

export type Cluster = { readonly path: string; readonly password: string }

const password_bytes = 24

export const clusterPath = (folder: string): string => join(folder, 'cluster')
export const lockPath = (folder: string): string => join(folder, 'owner')

/** The folder that holds everything. Root keeps it to itself but lets the server's account through to the cluster. */
export const makeFolder = (folder: string, account: Account): void => {
  if (existsSync(folder)) return
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, account.own ? 0o700 : 0o711)
}

/** Makes the cluster on first use, and brings an existing one into the state a start expects. No server may run in it. */
export async function prepareCluster(folder: string, programs: Programs, account: Account): Promise<Cluster> {
  const path = clusterPath(folder)
  const isNew = !existsSync(path)
  const password = isNew ? choosePassword(folder, account) : readPassword(folder)
  if (isNew) await initialise(folder, programs, account)
  else checkCluster(folder, programs, account)
  writeSettings(path, account)
  return { path, password }
}

function choosePassword(folder: string, account: Account): string {
  const password = randomBytes(password_bytes).toString('base64url')
  const file = join(folder, 'password')
  replaceFile(file, `${password}\n`, account)
  return password
}

function readPassword(folder: string): string {
  const file = join(folder, 'password')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new StartRefused(
      'password_lost',
      `The database is there but its password is not: ${file} cannot be read (${(error as Error).message}). Bring it back from a backup.`,
    )
  }
}

async function initialise(folder: string, programs: Programs, account: Account): Promise<void> {
  // A name of its own: the initdb of a program that was killed may still be writing to the one before.
  for (const name of readdirSync(folder).filter((name) => name.startsWith('cluster.new-')))
    rmSync(join(folder, name), { recursive: true, force: true })
  const making = join(folder, `cluster.new-${ownerName()}`)
  mkdirSync(making, { mode: 0o700 })
  chown(making, account)
  // The password is reached from inside, by `..`: the account may not be able to walk there from the root.
  await runInside(making, account, programs.initdb, (self) => [
    '--pgdata',
    self,
    '--username',
    superuser,
    '--pwfile',
    '../password',
    '--auth',
    'scram-sha-256',
    '--encoding',
    'UTF8',
    '--locale-provider',
    'builtin',
    '--builtin-locale',
    'C.UTF-8',
    '--locale',
    'C',
    '--data-checksums',
  ])
  renameSync(making, clusterPath(folder))
}

function checkCluster(folder: string, programs: Programs, account: Account): void {
  const path = clusterPath(folder)
  // Copied back by root, as a restore does: the owner and the mode are not what PostgreSQL accepts.
  if (statSync(path).uid !== account.uid) {
    chownTree(path, account)
    chown(join(folder, 'password'), account)
  }
  chmodSync(path, 0o700)
  const major = Number.parseInt(readFileSync(join(path, 'PG_VERSION'), 'utf8'), 10)
  if (major !== programs.major)
    throw new StartRefused(
      'other_version',
      `${path} was made by PostgreSQL ${major}; this version of Tingqi brings ${programs.major}. Start the Tingqi it was made with, back up, and restore into a new folder.`,
    )
}

const writeSettings = (path: string, account: Account): void =>
  replaceFile(join(path, 'postgresql.conf'), settingsFile(), account)

/** Written anew and renamed, never through what lies there: root does not follow links out of another account's folder. */
function replaceFile(file: string, text: string, account: Account): void {
  const making = `${file}.new`
  rmSync(making, { recursive: true, force: true })
  writeFileSync(making, text, { flag: 'wx', mode: 0o600 })
  chown(making, account)
  renameSync(making, file)
}

function chown(path: string, { uid, gid, own }: Account): void {
  if (!own) lchownSync(path, uid, gid)
}

function chownTree(path: string, account: Account): void {
  chown(path, account)
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) chownTree(join(path, entry.name), account)
    else chown(join(path, entry.name), account)
}
