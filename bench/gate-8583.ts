// Sale messages decided per second over pipelined TCP, against a bare Node TCP echo of the same frames in the same run.
// Three servers, each a process of its own, are loaded by this one: the echo (it parses nothing), the gate, and the gate with
// a MAC on every sale and every answer. They take turns; the median of the rounds counts. Every frame is a new transaction
// (terminal, batch, trace), so each is classified, decided over a hundred thousand terminals (--rows for more), compared with
// the register (serial and position in F59), looked up for a duplicate, booked, observed and answered – observations are held
// as the gate holds them, not sent. Before the rounds one answer of every selling terminal is read and compared with what its
// mode asks for. How many frames come in one piece of input decides how much of the time is the socket's, so several depths
// are told: requests under way per connection. The one named in `judged` counts.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { heard, requestFrame, test_card } from '../src/gate/front/terminal.ts'
import { openTerminalKeys } from '../src/gate/front/terminal-keys.ts'
import { createSplitter, length_bytes } from '../src/gate/iso8583/frame.ts'
import { locate, newLocated } from '../src/gate/iso8583/located.ts'
import { mac_bytes, writeMac, type BlockKey } from '../src/gate/iso8583/mac.ts'
import { writeBcd } from '../src/gate/iso8583/rewrite.ts'
import { F, unionpay } from '../src/gate/iso8583/spec-unionpay.ts'
import { codeExpected, midOf, positionOf, secret, serialOf, tidOf } from './gate-8583-estate.ts'
import type { Kind, Listening, Usage } from './gate-8583-server.ts'
import type { Options, Result } from './result.ts'

const terminals_default = 100_000
const connections = 64
const terminals_per_connection = 128
const sales_per_terminal = 48
/** A terminal has one request under way, or two where a reversal goes before the next sale; concentrators have more. */
const depths = [2, 1, 4, 16, 64] as const
const judged: (typeof depths)[number] = 2
const rounds = 5
const warm_up_ms = 150
const measure_ms_min = 200
const compile_depth = 16
const compile_ms = 1_000
const reach = 0.6

const frames_per_connection = terminals_per_connection * sales_per_terminal
/** Selling terminals lie all over the estate. */
const placeOf = (connection: number, i: number, terminals: number): number =>
  ((connection * terminals_per_connection + i) * 104_729) % terminals

type Sales = {
  /** Frames of one connection behind each other, all of one length. */
  readonly bytes: Buffer
  readonly frame_bytes: number
  readonly traceAt: number
  /** Of F60, whose third to eighth digits are the batch. */
  readonly kindAt: number
  readonly keys: readonly BlockKey[] | undefined
  nextTrace: number
  batch: number
  /** Frames that were used since they were made. */
  used: number
}

function salesOf(connection: number, isKeyed: boolean, terminals: number): Sales {
  const terminalKeys = isKeyed ? openTerminalKeys(secret) : undefined
  const places = Array.from({ length: terminals_per_connection }, (_, i) => placeOf(connection, i, terminals))
  const keys = terminalKeys && places.map((n) => terminalKeys.mac(tidOf(n), 1))
  const first = places.map((n, i) => requestFrame('sale', {
    tid: tidOf(n), mid: midOf(n), batch: 1, trace: 1, amountFen: 58_800, card: test_card,
    device: { serial: serialOf(n), deviceType: '04', position: { ...positionOf(n), from: 'BD' } }, mac: keys?.[i],
  }))
  const [one] = first as [Buffer, ...Buffer[]]
  if (first.some((frame) => frame.length !== one.length)) throw new Error('frames differ in length')
  const located = newLocated()
  locate(unionpay, one, length_bytes + around_bytes, one.length, located)
  const sales: Sales = {
    bytes: Buffer.concat(Array.from({ length: sales_per_terminal }, () => first).flat()), frame_bytes: one.length,
    traceAt: located.at[F.trace]!, keys, nextTrace: 1,
    kindAt: located.at[F.kind]!, batch: 1, used: frames_per_connection,
  }
  renew(sales)
  return sales
}
/** TPDU and header. */
const around_bytes = 11

/** Whole frames nobody has seen: the next batch, as after a settlement, or where keys belong to the batch new traces with MACs. */
function renew(sales: Sales): void {
  const { bytes, frame_bytes, traceAt, kindAt, keys } = sales
  if (keys === undefined) {
    sales.batch += 1
    for (let i = 0; i < frames_per_connection; i++) writeBcd(bytes, i * frame_bytes + kindAt + 1, 3, sales.batch)
  }
  const rows = Math.ceil(sales.used / terminals_per_connection)
  for (let i = 0; i < rows * terminals_per_connection; i++) {
    const from = i * frame_bytes
    writeBcd(bytes, from + traceAt, 3, sales.nextTrace + Math.floor(i / terminals_per_connection))
    const macAt = from + frame_bytes - mac_bytes
    if (keys) writeMac(keys[i % terminals_per_connection]!, bytes, from + length_bytes + around_bytes, macAt, bytes, macAt)
  }
  sales.nextTrace = keys === undefined ? 1 : sales.nextTrace + rows
  sales.used = 0
}

type Server = { readonly kind: Kind; readonly child: ChildProcess; readonly port: number; readonly sales: readonly Sales[] }

async function start(kind: Kind, terminals: number): Promise<Server> {
  const child = fork(new URL('./gate-8583-server.ts', import.meta.url), [kind, String(terminals)])
  const [{ port }] = (await once(child, 'message')) as [Listening]
  const sales = Array.from({ length: connections }, (_, connection) => salesOf(connection, kind === 'gate-mac', terminals))
  return { kind, child, port, sales }
}
async function usageOf({ child }: Server): Promise<Usage> {
  child.send('usage')
  return ((await once(child, 'message')) as [Usage])[0]
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** Asks once for every selling terminal and reads every answer; how many were approved. */
async function verify({ port, sales }: Server, terminals: number): Promise<number> {
  let approved = 0
  for (const [connection, { bytes, frame_bytes }] of sales.entries()) {
    const socket = await open(port)
    const splitter = createSplitter()
    let count = 0
    const wrong: string[] = []
    const all = new Promise<void>((resolve) => socket.on('data', (chunk: Buffer) => {
      splitter.feed(chunk, (from, start, end) => {
        const answer = heard(from.subarray(start - length_bytes, end))
        const n = placeOf(connection, count, terminals)
        if (answer?.code !== codeExpected(n) || answer.fields[F.terminal] !== tidOf(n)) wrong.push(`${tidOf(n)} ${answer?.code}`)
        if (answer?.code === '00') approved += 1
        count += 1
      })
      if (count === terminals_per_connection) resolve()
    }))
    socket.write(bytes.subarray(0, terminals_per_connection * frame_bytes))
    sales[connection]!.used = terminals_per_connection
    await all
    socket.destroy()
    if (wrong.length > 0) throw new Error(`${wrong.length} answers are wrong: ${wrong.slice(0, 3).join(', ')}`)
  }
  return approved
}

/** Counts whole frames in a stream by their lengths alone. */
function counter(): (chunk: Buffer) => number {
  let skip = 0
  let high = -1
  return (chunk) => {
    let frames = 0
    let at = skip
    while (at < chunk.length) {
      let size: number
      if (high >= 0) {
        size = (high << 8) | chunk[at]!
        high = -1
        at += 1
      } else if (at + 1 < chunk.length) {
        size = (chunk[at]! << 8) | chunk[at + 1]!
        at += 2
      } else {
        high = chunk[at]!
        at += 1
        break
      }
      at += size
      frames += 1
    }
    // A frame counts when it has begun; with thousands of them that is no matter.
    skip = at - chunk.length
    return frames
  }
}

type Round = { perSecond: number; server_ns: number }

/** Keeps so many requests under way on every connection, until the frames or the time are used up. */
async function round(server: Server, depth: number, measure_ms: number): Promise<Round> {
  const { port, sales } = server
  for (const one of sales) renew(one)
  const sockets = await Promise.all(sales.map(() => open(port)))
  let answered = 0
  let isOver = false
  const done = new Promise<void>((resolve) => {
    for (const [connection, socket] of sockets.entries()) {
      const { bytes, frame_bytes } = sales[connection]!
      const count = counter()
      let sent = 0
      const send = (frames: number): void => {
        const upTo = Math.min(sent + frames, frames_per_connection)
        if (upTo === sent || isOver) return
        socket.write(bytes.subarray(sent * frame_bytes, upTo * frame_bytes))
        // An echo does not mind hearing the same again; to the gate it would be a duplicate.
        sent = upTo === frames_per_connection && server.kind === 'echo' ? 0 : upTo
        sales[connection]!.used = Math.max(sales[connection]!.used, upTo)
        if (sent === frames_per_connection) resolve()
      }
      socket.on('data', (chunk: Buffer) => {
        const frames = count(chunk)
        answered += frames
        send(frames)
      })
      send(depth)
    }
  })
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
  await pause(warm_up_ms)
  const [before, from, began] = [await usageOf(server), answered, performance.now()]
  await Promise.race([done, pause(measure_ms)])
  const [frames, seconds] = [answered - from, (performance.now() - began) / 1_000]
  const after = await usageOf(server)
  isOver = true
  for (const socket of sockets) socket.destroy()
  await pause(20)
  return { perSecond: frames / seconds, server_ns: ((after.cpu_ms - before.cpu_ms) / frames) * 1e6 }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const three = (value: number): number => Number(value.toPrecision(3))

export async function run({ seconds, rows: terminals = terminals_default }: Options): Promise<Result> {
  // Of all rounds together.
  const measure_ms = ((seconds ?? 30) * 1_000) / (depths.length * rounds * 3) - warm_up_ms
  const servers = [await start('echo', terminals), await start('gate', terminals), await start('gate-mac', terminals)] as const
  try {
    const approved = await verify(servers[1], terminals)
    await verify(servers[2], terminals)
    // Unmeasured: what runs for the first time is compiled.
    for (const server of servers) await round(server, compile_depth, compile_ms)
    const told: Record<string, unknown> = {}
    let figures = { gate: 0, echo: 0, ratio: 0 }
    for (const depth of depths) {
      const all: Record<Kind, Round[]> = { echo: [], gate: [], 'gate-mac': [] }
      for (let i = 0; i < rounds; i++)
        for (const server of servers) all[server.kind].push(await round(server, depth, Math.max(measure_ms_min, measure_ms)))
      const rate = (kind: Kind): number => median(all[kind].map((one) => one.perSecond))
      const cost = (kind: Kind): number => Math.round(median(all[kind].map((one) => one.server_ns)))
      // Of neighbours in time: what else the machine does then counts for both.
      const ratioOf = (kind: Kind): number => three(median(all[kind].map((one, i) => one.perSecond / all.echo[i]!.perSecond)))
      told[`depth ${depth}`] = {
        echo: Math.round(rate('echo')), gate: Math.round(rate('gate')), withMac: Math.round(rate('gate-mac')), ratio: ratioOf('gate'),
        ratioWithMac: ratioOf('gate-mac'), server_ns: { echo: cost('echo'), gate: cost('gate'), withMac: cost('gate-mac') },
      }
      if (depth === judged) figures = { gate: rate('gate'), echo: rate('echo'), ratio: ratioOf('gate') }
    }
    return {
      name: 'gate-8583', value: Math.round(figures.gate), unit: 'sales/s', reference: Math.round(figures.echo), ratio: figures.ratio,
      reach: `≥ ${reach} of a bare TCP echo of the same frames`,
      detail: {
        judged: `depth ${judged}`, terminals, connections, frame_bytes: servers[0].sales[0]!.frame_bytes,
        selling: connections * terminals_per_connection,
        approvedShare: three(approved / (connections * terminals_per_connection)), ...told, reached: figures.ratio >= reach,
      },
    }
  } finally {
    for (const { child } of servers) child.kill()
  }
}
