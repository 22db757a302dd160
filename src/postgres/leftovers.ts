// Server processes in a cluster that nobody owns any more: their program was killed. They are stopped, not taken over:
// a statement the dead program sent may still be running, and whoever starts wants to read what is settled, with today's
// settings, from a server whose end it will hear of. Whoever calls this holds the folder's lock, so no living program
// of ours uses them.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, ownerName, ownerPid } from '../../scripts/owner-lock.js'
import { markOf } from './launch.ts'
import { StartRefused } from './refused.ts'

const poll_every_ms = 20
/** How each round asks, and how long it waits: finish and write a checkpoint; stop at once; be killed. */
const rounds = [
  { signal: 'SIGINT', wait_ms: 30_000 },
  { signal: 'SIGQUIT', wait_ms: 5_000 },
  { signal: 'SIGKILL', wait_ms: 5_000 },
] as const

/** The names (scripts/owner-lock.js) of the server processes living in a cluster. */
export function leftovers(cluster: string): string[] {
  const owner = statSync(cluster).uid
  const mark = markOf(cluster)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isServerProcess(name, owner, mark))
    .map((pid) => ownerName(Number(pid)))
    .filter(isAlive)
}

/** The server's first process names the mark in its arguments, its children in their titles `postgres: <mark>: …`. */
function isServerProcess(pid: string, owner: number, mark: string): boolean {
  try {
    if (statSync(`/proc/${pid}`).uid !== owner) return false
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/)
    return words.includes(`cluster_name=${mark}`) || words.includes(`${mark}:`)
  } catch {
    return false
  }
}

export async function stopLeftovers(cluster: string, log: (line: string) => void): Promise<void> {
  let living = leftovers(cluster)
  if (living.length > 0)
    log(`stopping the database server a killed program left behind (${living.map(ownerPid).join(', ')})`)
  for (const { signal, wait_ms } of rounds) {
    if (living.length === 0) break
    // The first process stops the others; when it is gone they notice by themselves and need no asking.
    const first = firstProcess(cluster)
    const asked = signal === 'SIGINT' ? living.filter((name) => ownerPid(name) === first) : living
    for (const name of asked) send(name, signal)
    const deadline = performance.now() + wait_ms
    while (living.length > 0 && performance.now() < deadline) {
      await sleep(poll_every_ms)
      living = living.filter(isAlive)
    }
    living = leftovers(cluster)
  }
  if (living.length > 0)
    throw new StartRefused(
      'orphan_would_not_stop',
      `An old database server still runs in ${cluster} and does not stop: process ${living.map(ownerPid).join(', ')}.`,
    )
  // Without processes the file is stale whatever it says; its number may by now be another process's, which PostgreSQL
  // would take for a server.
  rmSync(join(cluster, 'postmaster.pid'), { force: true })
}

function firstProcess(cluster: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10)
  } catch {
    return undefined
  }
}

/** A process that somebody has paused hears a signal only when it goes on. */
function send(name: string, signal: NodeJS.Signals): void {
  if (!isAlive(name)) return
  try {
    process.kill(ownerPid(name), signal)
    process.kill(ownerPid(name), 'SIGCONT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
