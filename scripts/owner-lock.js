// One owner at a time, across processes, kill -9 and reboots. Plain JavaScript, because the bootstrap needs it on Node 20.
//
// The lock is a directory holding exactly one file, whose name says who owns it: process id, the tick that process
// started at, and the boot it started in – so a number used again by another process is not mistaken for the owner.
// Taking it is one rename of a directory made beside it: the kernel refuses to rename over a directory that is not empty.
// Breaking the lock of a dead owner removes that owner's file by its name, so two breakers cannot remove each other's lock.
// It sees processes of one machine (one pid namespace); a folder shared between machines needs a server of its own.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** State and start tick of a process, or undefined when there is none. Field 3 and 22 of proc(5)'s stat. */
function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0], startTick: fields[19] }
  } catch {
    return undefined
  }
}

function bootId() {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
  } catch {
    return 'noboot'
  }
}

/** The name a living process is known by, e.g. `4711-1093482-3f2a91c0`. */
export const ownerName = (pid = process.pid) => `${pid}-${processOf(pid)?.startTick ?? 0}-${bootId()}`

export const ownerPid = (name) => Number.parseInt(name, 10)

export function isAlive(name) {
  const pid = ownerPid(name)
  if (bootId() === 'noboot') return answersSignals(pid)
  const found = processOf(pid)
  return found !== undefined && !'ZX'.includes(found.state) && ownerName(pid) === name
}

function answersSignals(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Runs a file operation that others may have done, or undone, before us. */
function tolerating(codes, operation) {
  try {
    operation()
    return true
  } catch (error) {
    if (codes.includes(error.code)) return false
    throw error
  }
}

function namesIn(path) {
  try {
    return readdirSync(path)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

/** `{ release }` when the lock is ours now, `{ heldBy: pid }` when a living process has it. The parent folder must exist. */
export function takeLock(path) {
  const me = ownerName()
  for (;;) {
    const names = namesIn(path)
    const living = names.find(isAlive)
    if (living !== undefined) return { heldBy: ownerPid(living) }
    for (const dead of names) tolerating(['ENOENT'], () => unlinkSync(join(path, dead)))
    sweep(path)

    const mine = `${path}.${me}`
    mkdirSync(mine, { recursive: true, mode: 0o700 })
    writeFileSync(join(mine, me), '')
    if (tolerating(['ENOTEMPTY', 'EEXIST'], () => renameSync(mine, path))) break
    rmSync(mine, { recursive: true, force: true })
  }
  let released = false
  return {
    release() {
      // The name is our process's: a second release could let go of a lock this process has taken since.
      if (released) return
      released = true
      tolerating(['ENOENT'], () => unlinkSync(join(path, me)))
      tolerating(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => rmdirSync(path))
    },
  }
}

/** Removes what takers that were killed between making their directory and renaming it have left. */
function sweep(path) {
  const prefix = `${basename(path)}.`
  for (const name of namesIn(dirname(path)))
    if (
      name.startsWith(prefix) &&
      /^\d+-\d+-\w+$/.test(name.slice(prefix.length)) &&
      !isAlive(name.slice(prefix.length))
    )
      rmSync(join(dirname(path), name), { recursive: true, force: true })
}
