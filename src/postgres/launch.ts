// How a program of PostgreSQL is started on a cluster.
//
// As root's own account it may be unable to walk to the cluster: /root and private temporary folders are closed to it.
// Opening those folders, or giving the server the right to read everything, would be worse than the problem; moving the
// data elsewhere would surprise whoever backs up or deletes the folder. So the server is born inside: the child enters
// the cluster while it is still root, then steps down, and knows its data directory as /proc/self/cwd. PostgreSQL names
// its files from there and never leaves it, and so do the processes it forks.
//
// The server is told to end with us (setpriv --pdeathsig): a program that is killed leaves no server behind. Where
// setpriv is missing it does, and the next start deals with it: leftovers.ts. It is a session of its own, so that Ctrl-C
// in a terminal reaches us alone and we stop it when the last request is answered.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import type { Account } from './account.ts'
import type { Programs } from './programs.ts'

const setpriv = '/usr/bin/setpriv'

/** The data directory as a program started inside it names it. */
const nameInside = (cluster: string, account: Account): string => (account.own ? cluster : '/proc/self/cwd')

/** Where and as whom; nothing of our environment, whose PG… variables mean other servers. */
const inside = (cluster: string, account: Account): SpawnOptions => ({
  cwd: cluster,
  env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  stdio: ['ignore', 'pipe', 'pipe'],
  ...(account.own ? {} : { uid: account.uid, gid: account.gid }),
})

/** Runs a program in the cluster to its end; throws with what it said when it fails. */
export async function runInside(
  cluster: string,
  account: Account,
  program: string,
  args: (self: string) => string[],
): Promise<void> {
  const child = spawn(program, args(nameInside(cluster, account)), inside(cluster, account))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const code = await new Promise((done, failed) => child.on('close', done).on('error', failed))
  if (code !== 0) throw new Error(`${program} failed in ${cluster}:\n${said}`)
}

/**
 * The mark every process of the cluster's server carries in its command line or title, where anybody may read it – also
 * in a container, where even root may not look at another account's working directory. It is the folder's identity, not
 * its name: a copy is another cluster, a moved folder is the same.
 */
export function markOf(cluster: string): string {
  const { dev, ino } = statSync(cluster)
  return `tingqi-${dev}-${ino}`
}

/** Starts the server. `tied` is whether it ends with this process; only a test wants it otherwise. */
export function launchServer(
  cluster: string,
  account: Account,
  programs: Programs,
  port: number,
  tied = existsSync(setpriv),
): ChildProcess {
  const server = [
    programs.postgres,
    '-D',
    nameInside(cluster, account),
    '-p',
    `${port}`,
    '-c',
    `cluster_name=${markOf(cluster)}`,
  ]
  const [file, ...args] = tied ? [setpriv, '--pdeathsig=INT', '--', ...server] : server
  return spawn(file!, args, { ...inside(cluster, account), detached: true })
}
