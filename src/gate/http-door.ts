// A gate's own HTTP door: plain node:http, because a decision takes a microsecond and a framework takes twenty. What a caller
// usually sends is checked by hand, field by field; whatever is not that – a mistake, or a field seldom used – goes the long
// way through the contract's own schema, which either takes it after all or says what is wrong. While draining it goes on
// answering and asks each connection to close after its next answer, so that nothing that was asked is lost.
import { isAscii } from 'node:buffer'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { Reply } from '../app/execute.ts'
import type { GatePosition, GateQuery } from '../domain/gate.ts'
import { isRefusal, refuse, type Refusal } from '../domain/refusals.ts'
import { transactionClasses, type Language, type TransactionClass } from '../domain/vocabulary.ts'
import { gate_queries_per_request_max, request_body_bytes_max } from '../limits.ts'
import type { GateReply } from './door.ts'
import { gateMetrics, type FrontFigures } from './metrics.ts'
import type { Caller } from './keys.ts'
import { openNexoDoor } from './nexo/door.ts'
import type { Gate } from './start.ts'
import { answerText, inAscii, terminalView } from './view.ts'

/** How callers are spoken to; the contract's own. */
export type Manners = {
  language(accepted: string | undefined): Language
  /** The long way: reads a body by its schema. */
  read(body: unknown): { queries: GateQuery[]; many: boolean } | Refusal
  problem(refusal: Refusal, language: Language, requestId: string): Reply
}
/** `nexo`: whether terminals are managed here too, by ISO 20022 messages. */
export type HttpDoorOptions = { port: number; host: string; manners: Manners; nexo?: boolean | undefined; drain_ms_max?: number; front?: () => FrontFigures | undefined }
export type HttpDoor = { readonly port: number; close(): Promise<void> }

const connections_max = 10_000
const keep_alive_ms = 75_000
const request_ms_max = 10_000
const drain_ms_max_default = 5_000
/** A connection that was asked nothing for so long is not in the middle of asking. */
const quiet_ms = 1_000
/** Nobody looks for an unknown key more often than this. */
const key_look_apart_ms = 500
const languages_remembered_max = 500
/** A TID nobody has. */
const nobody = '--------'

const json = 'application/json'
const isJson = (type: string | undefined): boolean => type === json || (type?.startsWith(json) === true && /^application\/json\s*(;|$)/.test(type))

const isXml = (type: string | undefined): boolean => /^(?:application|text)\/xml\s*(;|$)/i.test(type ?? '')

// ── What is usually sent ────────────────────────────────────────────────────────────────────────────────────────────
const classes = new Set<unknown>(Object.keys(transactionClasses))
const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max

const positionOf = (sent: unknown): GatePosition | undefined => {
  if (typeof sent !== 'object' || sent === null || Object.keys(sent).length !== 2) return undefined
  const { longitude, latitude } = sent as Record<string, unknown>
  return typeof longitude === 'number' && typeof latitude === 'number' && Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90
    ? { longitude, latitude } : undefined
}
const fenOf = (sent: unknown): number | undefined => {
  if (typeof sent !== 'object' || sent === null || Object.keys(sent).length !== 2) return undefined
  const { fen, currency } = sent as Record<string, unknown>
  return Number.isSafeInteger(fen) && (fen as number) >= 0 && currency === 'CNY' ? (fen as number) : undefined
}

/** A query in the shape decisions like, or nothing where the schema must look at it. */
function usual(sent: unknown): GateQuery | undefined {
  if (typeof sent !== 'object' || sent === null) return undefined
  const { tid, mid, class: kind, serial, position, amount } = sent as Record<string, unknown>
  if (!isText(tid, 20) || !isText(mid, 20) || !classes.has(kind)) return undefined
  let fields = 3
  if (serial !== undefined) {
    if (!isText(serial, 64)) return undefined
    fields += 1
  }
  let at: GatePosition | undefined
  if (position !== undefined) {
    at = positionOf(position)
    if (at === undefined) return undefined
    fields += 1
  }
  let fen: number | undefined
  if (amount !== undefined) {
    fen = fenOf(amount)
    if (fen === undefined) return undefined
    fields += 1
  }
  for (const _ in sent) fields -= 1
  return fields === 0 ? { tid, mid, class: kind as TransactionClass, serial: serial as string | undefined, position: at, madeAt: undefined, amount: fen } : undefined
}

const usualMany = (sent: readonly unknown[]): GateQuery[] | undefined => {
  if (sent.length === 0 || sent.length > gate_queries_per_request_max) return undefined
  const queries: GateQuery[] = []
  for (const each of sent) {
    const query = usual(each)
    if (query === undefined) return undefined
    queries.push(query)
  }
  return queries
}

// ── The door ────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Whose key a connection showed last: most show the same with every request. */
type Shown = { header: string; generation: number; caller: Caller | undefined }

export async function openHttpDoor(gate: Gate, { port, host, manners, nexo = false, front, drain_ms_max = drain_ms_max_default }: HttpDoorOptions): Promise<HttpDoor> {
  const { door } = gate
  const text = answerText(door)
  const figures = gateMetrics(gate, front)
  const manage = nexo ? openNexoDoor(gate) : undefined
  const shown = new WeakMap<Socket, Shown>()
  const askedAt = new Map<Socket, number>()
  const languages = new Map<string | undefined, Language>()
  let isClosing = false
  let lookedAt = Number.NEGATIVE_INFINITY

  const languageOf = (accepted: string | undefined): Language => {
    const known = languages.get(accepted)
    if (known !== undefined) return known
    if (languages.size >= languages_remembered_max) languages.clear()
    const language = manners.language(accepted)
    languages.set(accepted, language)
    return language
  }

  /** `body` is ASCII: as many bytes as characters, and nothing to encode. */
  const answer = (res: ServerResponse, status: number, type: string, body: string): void => {
    const headers = ['content-type', type, 'content-length', String(body.length), 'cache-control', 'no-store']
    if (isClosing) headers.push('connection', 'close')
    res.writeHead(status, headers)
    res.end(body, 'latin1')
  }
  const refused = (req: IncomingMessage, res: ServerResponse, refusal: Refusal): void => {
    const { status, body, headers } = manners.problem(refusal, languageOf(req.headers['accept-language']), randomUUID())
    if (isClosing || !req.complete) res.setHeader('connection', 'close')
    res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' })
    res.end(body)
  }

  // ── Who asks ────────────────────────────────────────────────────────────────────────────────────────────────────
  const callerOf = ({ socket, headers }: IncomingMessage): Caller | undefined => {
    const header = headers.authorization ?? ''
    const last = shown.get(socket)
    if (last !== undefined && last.header === header && last.generation === gate.keys.generation) return last.caller
    const key = /^Bearer +(\S+)$/i.exec(header)?.[1]
    const caller = key === undefined ? undefined : gate.keys.of(key)
    shown.set(socket, { header, generation: gate.keys.generation, caller })
    return caller
  }
  /** A key made a moment ago may not have come here yet; the database is asked, but not by everybody who guesses. */
  const lookedUp = async (req: IncomingMessage): Promise<Caller | undefined> => {
    const known = callerOf(req)
    if (known !== undefined || req.headers.authorization === undefined || performance.now() - lookedAt < key_look_apart_ms) return known
    lookedAt = performance.now()
    await gate.lookForKeys()
    return callerOf(req)
  }

  // ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────
  const isSeen = ({ scope }: Caller, tid: string): boolean => scope === '*' || gate.isWithin(tid, scope)
  /** Somebody else's terminal is answered like one that does not exist: nothing can be learnt by asking. */
  const asked = (caller: Caller, query: GateQuery): GateQuery => (isSeen(caller, query.tid) ? query : { ...query, tid: nobody })
  const told = (query: GateQuery, reply: GateReply, language: Language): string => {
    if (query.class === 'sign_on' && reply.decision === 'approve') door.observe({ kind: 'signed_on', at: reply.asOf, tid: query.tid })
    return text(reply, query.tid === nobody ? undefined : query.tid, language)
  }

  const decide = (req: IncomingMessage, res: ServerResponse, caller: Caller, body: Buffer): void => {
    let sent: unknown
    try {
      sent = JSON.parse(utf8(body))
    } catch {
      return refused(req, res, refuse('request_malformed'))
    }
    const language = languageOf(req.headers['accept-language'])
    const one = usual(sent)
    if (one !== undefined) {
      const query = asked(caller, one)
      return answer(res, 200, json_type, told(query, door.decide(query), language))
    }
    const usually = Array.isArray(sent) ? usualMany(sent) : undefined
    const read = usually === undefined ? manners.read(sent) : { queries: usually, many: true }
    if (isRefusal(read)) return refused(req, res, read)
    const queries = read.queries.map((query) => asked(caller, query))
    const texts = door.decideAll(queries).map((reply, i) => told(queries[i]!, reply, language))
    answer(res, 200, json_type, read.many ? `[${texts.join()}]` : texts[0]!)
  }

  const takeBody = (req: IncomingMessage, res: ServerResponse, isType: (type: string | undefined) => boolean, take: (body: Buffer) => void): void => {
    if (!isType(req.headers['content-type'])) return refused(req, res, refuse('media_unsupported'))
    if (Number(req.headers['content-length'] ?? 0) > request_body_bytes_max) return refused(req, res, tooLarge)
    let first: Buffer | undefined
    let more: Buffer[] | undefined
    let bytes = 0
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > request_body_bytes_max) {
        // Answered once, and the rest is not read.
        req.removeAllListeners('data').removeAllListeners('end')
        return refused(req, res, tooLarge)
      }
      if (first === undefined) first = chunk
      else (more ??= [first]).push(chunk)
    })
    req.on('end', () => take(more === undefined ? (first ?? nothing) : Buffer.concat(more)))
  }

  const admitted = (req: IncomingMessage, res: ServerResponse, caller: Caller | undefined, go: (caller: Caller) => void): void => {
    if (caller === undefined) return refused(req, res, refuse('unauthenticated'))
    if (caller.refusal !== undefined) return refused(req, res, caller.refusal)
    go(caller)
  }
  const withCaller = (req: IncomingMessage, res: ServerResponse, go: (caller: Caller) => void): void => {
    const caller = callerOf(req)
    if (caller !== undefined || req.headers.authorization === undefined) return admitted(req, res, caller, go)
    lookedUp(req).then((found) => admitted(req, res, found, go), () => refused(req, res, refuse('unavailable')))
  }

  const terminal = (req: IncomingMessage, res: ServerResponse, caller: Caller, tid: string): void => {
    const entry = isSeen(caller, tid) ? door.entry(tid) : undefined
    if (entry === undefined) return refused(req, res, refuse('not_found'))
    answer(res, 200, json_type, inAscii(JSON.stringify(terminalView(door, gate.look(tid, entry.mid), entry, languageOf(req.headers['accept-language'])))))
  }

  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    const { method, url = '' } = req
    askedAt.set(req.socket, performance.now())
    if (url === '/gate/decisions' && method === 'POST') {
      // The body is read before anybody is asked anything, so that it is never half there.
      return takeBody(req, res, isJson, (body) => withCaller(req, res, (caller) => decide(req, res, caller, body)))
    }
    if (manage !== undefined && url === '/gate/nexo' && method === 'POST')
      return takeBody(req, res, isXml, (body) => withCaller(req, res, (caller) => {
        const reply = Buffer.from(manage(body, (tid) => isSeen(caller, tid)))
        res.writeHead(200, { 'content-type': 'application/xml; charset=utf-8', 'content-length': reply.length, 'cache-control': 'no-store', ...(isClosing ? { connection: 'close' } : {}) })
        res.end(reply)
      }))
    const tid = method === 'GET' ? /^\/gate\/terminals\/([^/?]{1,20})$/.exec(url)?.[1] : undefined
    if (tid !== undefined) return withCaller(req, res, (caller) => terminal(req, res, caller, tid))
    if (method === 'GET' && url === '/healthz') return answer(res, 200, json_type, '{"alive":true}')
    if (method === 'GET' && url === '/readyz') {
      const missing = isClosing || !door.accepting() ? ['gate'] : gate.condition() === 'expired' ? ['lease'] : []
      return answer(res, missing.length === 0 ? 200 : 503, json_type, JSON.stringify({ ready: missing.length === 0, missing }))
    }
    if (method === 'GET' && url === '/metrics') {
      figures().then(({ type, body }) => answer(res, 200, type, inAscii(body)), () => refused(req, res, refuse('internal')))
      return
    }
    refused(req, res, refuse('not_found'))
  }

  const server: Server = createServer({ keepAlive: true, noDelay: true, keepAliveTimeout: keep_alive_ms, requestTimeout: request_ms_max, headersTimeout: request_ms_max }, handle)
  server.maxConnections = connections_max
  let knocked = 0
  server.on('connection', (socket) => {
    knocked += 1
    askedAt.set(socket, performance.now())
    socket.once('close', () => askedAt.delete(socket))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    const { body } = manners.problem(refuse('request_malformed'), 'zh', randomUUID())
    socket.end(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/problem+json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()

  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      // Whoever had knocked is let in, and the door is shut right after a turn in which nobody did; only then is anybody asked
      // to leave, so that nobody comes back to a door that is about to close. The server's own close would cut off connections
      // between two questions: only the listening ends here.
      for (let before = -1; before !== knocked;) {
        before = knocked
        await new Promise((resolve) => setImmediate(resolve))
      }
      const ended = new Promise<void>((resolve) => { NetServer.prototype.close.call(server, () => resolve()) })
      isClosing = true
      const began = performance.now()
      while (askedAt.size > 0 && performance.now() < began + drain_ms_max) {
        // One that was quiet before may be about to ask: it is given as long as any to ask once more.
        for (const [socket, at] of askedAt) if (performance.now() - Math.max(at, began) > quiet_ms) socket.end()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      server.closeAllConnections()
      server.close()
      await ended
    },
  }
}

const json_type = 'application/json; charset=utf-8'
const nothing = Buffer.alloc(0)
const tooLarge = refuse('too_large', { max: `${Math.floor(request_body_bytes_max / 1_048_576)} MB` })
const strict = new TextDecoder('utf-8', { fatal: true })
/** Throws where it is no UTF-8; looks twice only where it may not be. */
const utf8 = (bytes: Buffer): string => (isAscii(bytes) ? bytes.toString('latin1') : strict.decode(bytes))
