// Who PostgreSQL runs as. It refuses root, rightly. A program started by an ordinary user runs it as that user; one
// started by root runs it as whoever owns the cluster, and gives a new cluster to a system account made for it. That
// account owns the cluster and nothing else, and need not be able to walk to it: see launch.ts.
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { StartRefused } from './refused.ts'

/** `own`: the user this program runs as; otherwise root steps down to it. */
export type Account = { readonly uid: number; readonly gid: number; readonly own: boolean }

const account_name = 'tingqi-postgres'
/** useradd locks /etc/passwd; two first starts at once meet there. */
const attempts_max = 20
const attempt_every_ms = 100

const runFile = promisify(execFile)

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const { stdout } = await runFile('getent', ['passwd', name])
    const [, , uid, gid] = stdout.split(':')
    return { uid: Number(uid), gid: Number(gid), own: false }
  } catch {
    return undefined
  }
}

/** The account for a cluster that is there, or is to be made, at `cluster`. */
export async function accountFor(cluster: string): Promise<Account> {
  const uid = process.getuid!()
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (uid !== 0) {
    if (owner && owner.uid !== uid)
      throw new StartRefused(
        'owned_by_another_user',
        `${cluster} belongs to user ${owner.uid}, and this program runs as user ${uid}. Start it as that user or as root.`,
      )
    return { uid, gid: process.getgid!(), own: true }
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, own: false }
  let complaint = ''
  for (let attempt = 0; attempt < attempts_max; attempt++) {
    const found = await lookUp(account_name)
    if (found) return found
    try {
      await runFile('useradd', [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        account_name,
      ])
    } catch (error) {
      complaint = String((error as { stderr?: string }).stderr || (error as Error).message).trim()
      await sleep(attempt_every_ms)
    }
  }
  throw new StartRefused(
    'no_account',
    `PostgreSQL does not run as root, and the system account ${account_name} could not be made (${complaint}). ` +
      'Start Tingqi as an ordinary user, or set DATABASE_URL.',
  )
}
