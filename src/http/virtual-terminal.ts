// The virtual terminal's line: the same ISO 8583 frames as on TCP, as binary messages of a WebSocket, for one terminal and only
// for people who may see it; and the key with which the page opens what a sign-on hands out. docs/virtual-terminal.md tells
// the protocol. A cookie counts only where the page that opens the line is our own: browsers send it along for any page.
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import { mayNot, type Actor } from '../domain/authority.ts'
import { isRefusal, refuse } from '../domain/refusals.ts'
import { checkValue } from '../gate/iso8583/keys.ts'
import { languageOf } from './language.ts'
import { pattern, Refused, type Mounting } from './mount.ts'
import { replyOf } from './reply.ts'
import { route, type Route } from './route.ts'
import { tid } from './routes/common.ts'
import { admitted, isSameOrigin } from './session.ts'

const params = z.strictObject({ tid })
const line_path = '/api/v1/terminals/{tid}/line'

export const lineRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/terminals/{tid}/line-key',
    id: 'getLineKey',
    tag: 'gate',
    right: 'ask-gate',
    summary: ['虚拟终端的主密钥（仅测试环境）', 'Master key of a virtual terminal, of a test estate only'],
    params,
    replies: {
      200: z.object({
        tid: z.string(),
        key: z
          .string()
          .regex(/^[0-9A-F]{32}$/)
          .meta({ description: 'TMK, two DES keys in hexadecimal', examples: ['0123456789ABCDEFFEDCBA9876543210'] }),
        checkValue: z
          .string()
          .regex(/^[0-9A-F]{8}$/)
          .meta({ description: 'first four bytes of zeros encrypted with it', examples: ['08D7B4FB'] }),
      }),
    },
    refusals: ['key_of_host', 'unavailable'],
    async answer({ services, asker, params }) {
      const seen = await services.terminals.one(asker, params.tid)
      if (seen === undefined) return undefined
      if (services.lines === undefined) return refuse('unavailable')
      const key = services.lines.masterKey(seen.tid)
      if (key === undefined) return refuse('key_of_host')
      const inHex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase()
      return replyOf(200, { tid: seen.tid, key: inHex(key), checkValue: inHex(checkValue(key)) })
    },
  }),
]

const message_bytes_max = 65_536
const lines_per_account_max = 32
/** Both ways: a page that went away without a word is noticed within two of them. */
const ping_ms = 30_000
/** Whoever opened it may have lost the right meanwhile: the page opens it anew. */
const line_ms_max = 12 * 3_600_000
const unread_ms_max = 10_000

// RFC 6455 section 7.4.1
const closings = {
  done: 1000,
  going_away: 1001,
  not_binary: 1003,
  nonsense: 1007,
  too_slow: 1008,
  again: 1013,
} as const

export async function mountVirtualTerminal(server: FastifyInstance, mounting: Mounting): Promise<void> {
  await server.register(websocket, { options: { maxPayload: message_bytes_max, perMessageDeflate: false } })
  const open = new Map<string, number>()
  const actors = new WeakMap<FastifyRequest, Actor>()

  const admit = async (request: FastifyRequest): Promise<Actor> => {
    const isByCookie = request.headers.authorization === undefined
    if (isByCookie && !isSameOrigin(request, mounting.ownOrigin)) throw new Refused(refuse('unauthenticated'))
    const actor = admitted(await mounting.who(request), false)
    if (isRefusal(actor)) throw new Refused(actor)
    const refusal = mayNot(actor, 'ask-gate')
    if (refusal) throw new Refused(refusal)
    return actor
  }

  server.route({
    method: 'GET',
    url: pattern(line_path),
    schema: { params },
    async preHandler(request) {
      const actor = await admit(request)
      request.account = actor.account
      const { tid } = request.params as { tid: string }
      const { lines, terminals } = mounting.services
      const seen = await terminals.one({ actor, language: languageOf(request) }, tid)
      if (seen === undefined) throw new Refused(refuse('not_found'))
      if (lines === undefined || !lines.accepting()) throw new Refused(refuse('unavailable'))
      if ((open.get(actor.account) ?? 0) >= lines_per_account_max) throw new Refused(refuse('rate_limited'))
      actors.set(request, actor)
    },
    // Asked without wanting a WebSocket: there is nothing to read here.
    handler: async () => {
      throw new Refused(refuse('not_found'))
    },
    wsHandler(socket, request) {
      const { account } = actors.get(request)!
      open.set(account, (open.get(account) ?? 0) + 1)
      socket.on('close', () => {
        const others = open.get(account)! - 1
        if (others > 0) open.set(account, others)
        else open.delete(account)
      })
      carry(socket, (request.params as { tid: string }).tid, mounting)
    },
  })
}

/** Ties a WebSocket to a line: frames in, answers out, and an end to either ends the other. */
function carry(socket: WebSocket, tid: string, { services }: Mounting): void {
  const lines = services.lines!
  let unreadSince: number | undefined
  let isAlive = true
  const hasRoom = (): boolean => !line.isFull && socket.bufferedAmount <= lines.unread_bytes_max
  const readOn = (): void => {
    if (socket.isPaused && hasRoom()) socket.resume()
  }
  const send = (bytes: Uint8Array): void => {
    if (socket.readyState !== socket.OPEN) return
    unreadSince ??= performance.now()
    socket.send(bytes, () => {
      if (socket.bufferedAmount > 0) return
      unreadSince = undefined
      readOn()
    })
  }
  const line = lines.open(tid, { cut: () => socket.close(closings.nonsense), ready: readOn }, send)

  socket.on('message', (data, isBinary) => {
    if (!isBinary) return socket.close(closings.not_binary)
    line.receive(data as Buffer)
    if (!hasRoom()) socket.pause()
  })
  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('error', () => {})
  const ping = setInterval(() => {
    if (!isAlive || (unreadSince !== undefined && performance.now() - unreadSince > unread_ms_max))
      return socket.terminate()
    isAlive = false
    socket.ping()
  }, ping_ms).unref()
  const end = setTimeout(() => socket.close(closings.again), line_ms_max).unref()
  socket.on('close', () => {
    clearInterval(ping)
    clearTimeout(end)
    line.close()
  })
}
