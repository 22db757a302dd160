// What a gate knew, on disk: a base (the whole snapshot as it stood) and a log of what came to be held since, each batch
// forced to the disk before it is acknowledged – so that a gate that comes back knows everything it ever said it knew. A
// mark beside them says when the primary last renewed the lease, and how far the log went. Everything is signed with a key
// derived from the program's secret; what is damaged, forged or cut short is not believed at all. A log that ends in the
// middle of a batch was being written when the gate died, and nobody was told of that batch.
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { changeOf, changeText, ImageMoved } from './image.ts'
import { createSnapshot, type Change, type Snapshot } from './snapshot.ts'

/** How far a gate had come, in the primary's own counting, and the journal's hash there: which history that is. */
export type Position = { epoch: number; seq: number; hash: string; isTightened: boolean }
export type KeptMark = {
  position: Position
  /** When the last renewal of the lease that was noted was sent. */
  renewed: Renewed | undefined
  /** H as it was last told to the primary: nothing longer is ever used. */
  standinMs: number
  /** It signed off, or was fenced: the primary no longer waits for it, so it may approve nothing until it is heard again. */
  hasLeft: boolean
  isFenced: boolean
  /** Where the manual clock stood, if one rules. */
  hand: number | undefined
}
/** By the wall clock, and by the time since this machine's boot. */
export type Renewed = { wall: number; uptime_s: number; boot: string }
export type Kept = { snapshot: Snapshot; mark: KeptMark }

export type Keep = {
  readonly folder: string
  /** What was known; 'nothing' where nothing was ever kept, or why what is there is not believed. */
  load(): Promise<Kept | 'nothing' | { fault: string }>
  /** What came to be held, and how far that brings us; on disk when it resolves. */
  append(changes: readonly Change[], position: Position): Promise<void>
  /** Writes a new base; answers go on meanwhile, and so do appends. */
  whole(snapshot: Snapshot, position: Position): Promise<void>
  /** Whether the log has grown so long that a new base is worth it. */
  isLong(): boolean
  mark(mark: KeptMark): void
  /** What is small and known beside the terminals: rules to come, keys. */
  put(name: string, value: unknown): void
  get(name: string): unknown
  close(): Promise<void>
}

const log_bytes_max = 8 * 1_048_576
const mac_bytes = 32
const image_attempts_max = 5

const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
export const renewedBefore = (ms: number): Renewed => ({ wall: Date.now() - ms, uptime_s: uptime() - ms / 1_000, boot: bootId() })
/** How long ago, at least; a clock that went back leaves nothing to believe. */
export const ageOf = (renewed: Renewed | undefined): number => {
  if (renewed === undefined) return Number.POSITIVE_INFINITY
  const { wall, uptime_s, boot } = renewed
  const now = renewedBefore(0)
  if (now.wall < wall) return Number.POSITIVE_INFINITY
  return Math.max(now.wall - wall, boot !== '' && boot === now.boot ? (now.uptime_s - uptime_s) * 1_000 : 0)
}

/** Written beside and renamed: never half of it, under its own name. */
const put = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
const sync = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

export function openKeep(folder: string, id: string, secret: string): Keep {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const key = Buffer.from(hkdfSync('sha256', secret, 'tingqi', `gate-keep ${id}`, 32))
  const macOf = (text: string): string => createHmac('sha256', key).update(text).digest('hex')
  const path = (name: string): string => join(folder, name)
  let n = Math.max(0, ...numbered(folder, 'base'), ...numbered(folder, 'log'))
  let log: { handle: FileHandle; mac: string; bytes: number } | undefined
  let baseBytes = 0
  let wasTightened: boolean | undefined
  /** What could not be written: the next batch brings it along. */
  let owed: readonly Change[] = []
  const signed = (name: string, value: unknown): void => {
    const text = JSON.stringify(value)
    put(path(name), `${macOf(`${name}\n${text}`)}\t${text}`)
  }
  let isWriting: Promise<void> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  /** The log is written and changed one after the other. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }

  const openLog = async (number: number): Promise<void> => {
    const handle = await open(path(`log.${number}`), 'w', 0o600)
    await log?.handle.close()
    log = { handle, mac: macOf(`log ${number}`), bytes: 0 }
    n = number
  }

  const write = async (changes: readonly Change[], position: Position): Promise<void> => {
    // The first after a start goes on where the logs before it ended.
    if (!log) await openLog(n + 1)
    const text = JSON.stringify({ position, changes: changes.map(changeText) })
    const current = log!
    const mac = macOf(`${current.mac}\n${text}`)
    const line = `${mac}\t${text}\n`
    current.mac = mac
    current.bytes += line.length
    await current.handle.write(line)
    // Where nothing changed but how far we are, the next that changes something brings it to the disk.
    if (changes.length > 0 || position.isTightened !== wasTightened) await current.handle.datasync()
    wasTightened = position.isTightened
  }

  const writeBase = async (snapshot: Snapshot, number: number, position: Position): Promise<void> => {
    const hmac = createHmac('sha256', key)
    const handle = await open(path(`base.${number}.new`), 'w', 0o600)
    let bytes = 0
    const write = async (piece: Uint8Array): Promise<void> => {
      hmac.update(piece)
      bytes += piece.length
      await handle.write(piece)
    }
    try {
      await write(framed(Buffer.from(JSON.stringify({ base: number, gate: id, position, terminals: snapshot.size }))))
      for (const piece of snapshot.image()) await write(framed(piece))
      await handle.write(hmac.digest())
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(path(`base.${number}.new`), path(`base.${number}`))
    await sync(folder)
    baseBytes = bytes
  }

  const whole = async (snapshot: Snapshot, position: Position): Promise<void> => {
    await inTurn(() => openLog(n + 1))
    const number = n
    for (let attempt = 1; ; attempt++) {
      try {
        await writeBase(snapshot, number, position)
        break
      } catch (error) {
        if (!(error instanceof ImageMoved) || attempt === image_attempts_max) throw error
      }
    }
    for (const name of ['base', 'log'])
      for (const old of numbered(folder, name)) if (old < number) await rm(path(`${name}.${old}`), { force: true })
  }

  return {
    folder,
    async load() {
      const bases = numbered(folder, 'base')
      if (bases.length === 0) return 'nothing'
      const mark = readSigned(path('mark'), 'mark', macOf) as KeptMark | undefined
      if (mark === undefined) return { fault: 'its mark is missing, damaged or not ours' }
      const base = await readBase(path(`base.${Math.max(...bases)}`), key, id)
      if (base === undefined) return { fault: 'the snapshot is damaged or not ours' }
      let { position } = base
      const { snapshot } = base
      for (const number of numbered(folder, 'log').filter((each) => each >= Math.max(...bases)).toSorted((a, b) => a - b)) {
        const read = readLog(readFileSync(path(`log.${number}`), 'utf8'), macOf(`log ${number}`), macOf, snapshot)
        if (read === 'bad') return { fault: 'the log is damaged or not ours' }
        position = read ?? position
      }
      snapshot.advance({ epoch: position.epoch, seq: position.seq })
      const { epoch, seq } = mark.position
      if (position.epoch < epoch || (position.epoch === epoch && position.seq < seq)) return { fault: 'the log ends before what was acknowledged' }
      return { snapshot, mark: { ...mark, position } }
    },
    append: (fresh, position) => inTurn(async () => {
      const changes = [...owed, ...fresh]
      try {
        await write(changes, position)
        owed = []
      } catch (error) {
        // What follows half a line is not believed: it goes on in a log of its own.
        owed = changes
        await log?.handle.close().catch(() => {})
        log = undefined
        throw error
      }
    }),
    whole(snapshot, position) {
      isWriting = (isWriting ?? Promise.resolve()).catch(() => {}).then(() => whole(snapshot, position))
      return isWriting
    },
    isLong: () => log !== undefined && log.bytes > Math.max(log_bytes_max, baseBytes),
    mark: (mark) => signed('mark', mark),
    put: signed,
    get: (name) => readSigned(path(name), name, macOf),
    async close() {
      await isWriting?.catch(() => {})
      await turn
      await log?.handle.close()
    },
  }
}

const numbered = (folder: string, name: string): number[] =>
  readdirSync(folder).flatMap((file) => (new RegExp(`^${name}\\.\\d+$`).test(file) ? [Number(file.slice(name.length + 1))] : []))

/** Of this folder only: who may come back under the gate's name. */
export const tokenOf = (folder: string): string => {
  const path = join(folder, 'token')
  if (!existsSync(path)) put(path, randomBytes(24).toString('base64url'))
  return readFileSync(path, 'utf8')
}

const framed = (piece: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(4 + piece.length)
  bytes.writeUInt32LE(piece.length)
  bytes.set(piece, 4)
  return bytes
}

type Header = { gate: string; position: Position; terminals: number }

async function readBase(path: string, key: Buffer, id: string): Promise<{ position: Position; snapshot: Snapshot } | undefined> {
  const bytes = await readFile(path)
  const end = bytes.length - mac_bytes
  if (end < 4) return undefined
  const mac = createHmac('sha256', key).update(bytes.subarray(0, end)).digest()
  if (!timingSafeEqual(mac, bytes.subarray(end))) return undefined
  let header: Header | undefined
  let snapshot: Snapshot | undefined
  let last: Uint8Array | undefined
  for (let at = 0; at < end;) {
    const length = bytes.readUInt32LE(at)
    const piece = bytes.subarray(at + 4, at + 4 + length)
    at += 4 + length
    if (header === undefined) {
      const read = JSON.parse(piece.toString()) as Header
      header = read
      // Lines come in the order of a table of this size; in a smaller one they would all crowd at its beginning.
      snapshot = createSnapshot({ terminals: read.terminals })
    } else if (snapshot!.restore(piece)) last = piece
    else return undefined
  }
  return header?.gate === id && snapshot && last?.[0] === 'D'.charCodeAt(0) ? { position: header.position, snapshot } : undefined
}

/** The position its last whole batch brings us to; undefined where it has none. */
function readLog(text: string, first: string, macOf: (text: string) => string, snapshot: Snapshot): Position | undefined | 'bad' {
  let position: Position | undefined
  let mac = first
  const lines = text.split('\n')
  // Whatever follows the last line's end was still being written.
  lines.pop()
  for (const line of lines) {
    const [said, batch] = [line.slice(0, mac_bytes * 2), line.slice(mac_bytes * 2 + 1)]
    mac = macOf(`${mac}\n${batch}`)
    if (said !== mac || line[mac_bytes * 2] !== '\t') return 'bad'
    const read = JSON.parse(batch) as { position: Position; changes: string[] }
    for (const change of read.changes)
      if (['malformed', 'rules_missing', 'out_of_order'].includes(snapshot.apply(changeOf(change)))) return 'bad'
    position = read.position
    // Also where nothing changed but how far it was; what a lost history said is counted otherwise.
    if (!position.isTightened) snapshot.advance({ epoch: position.epoch, seq: position.seq })
  }
  return position
}

function readSigned(path: string, name: string, macOf: (text: string) => string): unknown {
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  const said = text.slice(mac_bytes * 2 + 1)
  return text.slice(0, mac_bytes * 2) === macOf(`${name}\n${said}`) ? JSON.parse(said) : undefined
}
