// Clients: each asks every gate, one question after another, about all terminals at once; at odd moments, and again when nobody
// answers. Of the sales a few are small enough for stand-in.
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../model/random.ts'
import { mid } from '../world.ts'
import type { Asked, History, Reply } from './history.ts'
import { key } from './node.ts'

/** Between an answer and the next question, on average. */
const think_ms = 45
const small_fen = 100
const large_fen = 50_000
const small_sales = 6
const reversals = 4
const bodies_count = 16

type Question = { body: string; asked: readonly { terminal: number; kind: Asked }[] }

function questionsOf(terminals: readonly string[], random: Random): Question[] {
  return Array.from({ length: bodies_count }, () => {
    const small = new Set(Array.from({ length: small_sales }, () => random.below(terminals.length)))
    const sale = (tid: string, i: number): object => ({ tid, mid, class: 'sale', amount: { fen: small.has(i) ? small_fen : large_fen, currency: 'CNY' } })
    const others = Array.from({ length: reversals }, () => random.below(terminals.length))
    return {
      body: JSON.stringify([...terminals.map(sale), ...others.map((i) => ({ tid: terminals[i]!, mid, class: 'reversal' }))]),
      asked: [...terminals.map((_, terminal) => ({ terminal, kind: 'sale' as const })), ...others.map((terminal) => ({ terminal, kind: 'reversal' as const }))],
    }
  })
}

type Said = Omit<Reply, 'asOf'> & { asOf: string }

export function openReaders(history: History, ports: readonly (() => number)[], clients: number, random: Random): { lost(): number; close(): Promise<void> } {
  const questions = questionsOf(history.terminals, random)
  let isOver = false
  let lost = 0
  const stream = async (client: number, gate: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!isOver) {
      const { body, asked } = random.pick(questions)
      const sentAt = Date.now()
      const said = await ask(agent, ports[gate]!(), body).catch(() => undefined)
      const receivedAt = Date.now()
      if (said === undefined) lost += 1
      else history.add({ client, gate, sentAt, receivedAt }, asked, said.map((reply) => ({ ...reply, asOf: Date.parse(reply.asOf) })))
      await pause(random.below(2 * think_ms))
    }
    agent.destroy()
  }
  const streams = ports.flatMap((_, gate) => Array.from({ length: clients }, (__, client) => stream(client, gate)))
  return {
    lost: () => lost,
    async close() {
      isOver = true
      await Promise.all(streams)
    },
  }
}

const ask = (agent: Agent, port: number, body: string): Promise<Said[]> => new Promise((resolve, reject) => {
  const req = request({
    host: '127.0.0.1', port, path: '/gate/decisions', method: 'POST', agent,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  }, (res) => {
    const got: Buffer[] = []
    res.on('data', (chunk: Buffer) => got.push(chunk)).on('error', reject).on('end', () => {
      const text = Buffer.concat(got).toString()
      if (res.statusCode === 200 && res.complete) resolve(JSON.parse(text) as Said[])
      else reject(new Error(`${res.statusCode} ${text}`))
    })
  })
  req.on('error', reject)
  req.end(body)
})
