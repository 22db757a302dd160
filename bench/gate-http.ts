// Decisions per second of one gate over HTTP, kept-alive connections with one question under way on each, against a bare Node
// server that reads the same questions and answers a constant of the same length. Both are processes of their own; the gate is
// the real one – key, lease, heartbeat, journal of attempts and all – over a database of a million terminals (--rows), any of
// which is asked about. They take turns and the median of the rounds' ratios counts. This process asks, over bare sockets, and
// so that it is not itself what is measured, the processor time each server took per request is told too. Arrays of a
// hundred questions are told besides.
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { addKey, at, cpuMs, key, median, startGate, startServer, three, type Measured } from './gate-process.ts'
import type { Options, Result } from './result.ts'
import { makeBenchWorld, midOf, tidOf } from './world.ts'

const rows_default = 1_000_000
const connections = 32
const rounds = 5
const warm_up_ms = 1_500
const per_array = 100
const questions_count = 4_096
const reach = 0.75

const headers = (port: number, body: string): string =>
  `POST /gate/decisions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

/** Questions about terminals all over the estate, one each or many. */
function questionsOf(port: number, rows: number, many: number): Buffer[] {
  const one = (n: number): object => ({ tid: tidOf(n), mid: midOf(n), class: 'sale', amount: { fen: 58_800, currency: 'CNY' } })
  const count = Math.ceil(questions_count / many)
  return Array.from({ length: count }, (_, i) => {
    const of = Array.from({ length: many }, (__, k) => one(((i * many + k) * 104_729) % rows))
    return Buffer.from(headers(port, JSON.stringify(many === 1 ? of[0] : of)))
  })
}

const lengthName = Buffer.from('content-length: ', 'latin1')
const headEnd = Buffer.from('\r\n\r\n')
/** Whole answers in a piece of input: mostly one. Answers how many, and keeps what is not whole. */
function answersIn(): (chunk: Buffer) => number {
  let held: Buffer | undefined
  return (chunk) => {
    let bytes = held === undefined ? chunk : Buffer.concat([held, chunk])
    held = undefined
    for (let count = 0; ; count++) {
      const head = bytes.indexOf(headEnd)
      const lengthAt = bytes.indexOf(lengthName)
      const end = head < 0 || lengthAt < 0 ? Number.NaN : head + 4 + Number.parseInt(bytes.toString('latin1', lengthAt + lengthName.length, lengthAt + lengthName.length + 8), 10)
      if (!(end <= bytes.length)) {
        if (bytes.length > 0) held = bytes
        return count
      }
      if (bytes[9] !== 50) throw new Error(bytes.toString('latin1', 0, 200))
      bytes = bytes.subarray(end)
    }
  }
}

type Round = { perSecond: number; server_us: number; busy: number; p50_us: number; p99_us: number }

async function round({ port, pid }: Measured, questions: readonly Buffer[], measure_ms: number, warm_ms = 100): Promise<Round> {
  const sockets: Socket[] = []
  let [answered, next, isOver] = [0, 0, false]
  const took: number[] = []
  for (let i = 0; i < connections; i++) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    sockets.push(socket)
    const answers = answersIn()
    let sentAt = 0
    const ask = (): void => {
      if (isOver) return
      sentAt = performance.now()
      socket.write(questions[next++ % questions.length]!)
    }
    socket.on('data', (chunk: Buffer) => {
      const whole = answers(chunk)
      if (whole === 0) return
      answered += whole
      took.push(performance.now() - sentAt)
      ask()
    })
    ask()
  }
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
  await pause(warm_ms)
  took.length = 0
  const [from, cpu, began] = [answered, cpuMs(pid), performance.now()]
  await pause(measure_ms)
  const [count, used, ms] = [answered - from, cpuMs(pid) - cpu, performance.now() - began]
  const times = took.slice()
  isOver = true
  for (const socket of sockets) socket.destroy()
  await pause(30)
  return { perSecond: (count / ms) * 1_000, server_us: (used / count) * 1_000, busy: used / ms, p50_us: at(times, 0.5) * 1_000, p99_us: at(times, 0.99) * 1_000 }
}

const told = (all: readonly Round[], each = 1): Record<string, number> => ({
  perSecond: Math.round(median(all.map((r) => r.perSecond)) * each), server_us: three(median(all.map((r) => r.server_us)) / each), serverBusy: three(median(all.map((r) => r.busy))),
  p50_us: Math.round(median(all.map((r) => r.p50_us))), p99_us: Math.round(median(all.map((r) => r.p99_us))),
})

/** One answer of the gate, to be the constant; and that it is an answer. */
async function answerOf({ port }: Measured, tid: string, mid: string): Promise<string> {
  const reply = await fetch(`http://127.0.0.1:${port}/gate/decisions`, {
    method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ tid, mid, class: 'sale' }),
  })
  const body = await reply.text()
  if ((JSON.parse(body) as { decision?: string }).decision !== 'approve') throw new Error(body)
  return body
}

export async function run({ rows = rows_default, seconds = 20 }: Options): Promise<Result> {
  const world = await makeBenchWorld(rows)
  const open: Measured[] = []
  try {
    await addKey(world.client)
    const gate = await startGate({ url: world.url, home: world.home, id: 'bench' })
    open.push(gate)
    const bare = await startServer(new URL('./gate-http-server.ts', import.meta.url), [await answerOf(gate, tidOf(1), midOf(1))])
    open.push(bare)
    const measure_ms = Math.max(200, (seconds * 1_000) / (rounds * 3))
    const asked = { gate: questionsOf(gate.port, rows, 1), bare: questionsOf(bare.port, rows, 1), many: questionsOf(gate.port, rows, per_array) }
    await round(bare, asked.bare, 0, warm_up_ms)
    await round(gate, asked.gate, 0, warm_up_ms)
    await round(gate, asked.many, 0, warm_up_ms / 3)
    const all: Record<keyof typeof asked, Round[]> = { gate: [], bare: [], many: [] }
    for (let i = 0; i < rounds; i++) {
      all.bare.push(await round(bare, asked.bare, measure_ms))
      all.gate.push(await round(gate, asked.gate, measure_ms))
      all.many.push(await round(gate, asked.many, measure_ms))
    }
    // Of neighbours in time: what else the machine does then counts for both.
    const ratio = three(median(all.gate.map((one, i) => one.perSecond / all.bare[i]!.perSecond)))
    return {
      name: 'gate-http', value: median(all.gate.map((r) => r.perSecond)), unit: 'decisions/s', reference: median(all.bare.map((r) => r.perSecond)), ratio,
      reach: `≥ ${reach} of a bare Node HTTP server that answers a constant`,
      detail: { terminals: rows, connections, gate: told(all.gate), bare: told(all.bare), [`arrays of ${per_array}, each decision`]: told(all.many, per_array), reached: ratio >= reach },
    }
  } finally {
    for (const one of open) await one.end()
    await world.close()
  }
}
