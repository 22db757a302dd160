// Puts the table of routes on the server: who may, what was asked, the handler, the answer in bytes.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '../app/app.ts'
import type { Reply } from '../app/execute.ts'
import { mayNot, type Actor } from '../domain/authority.ts'
import { isRefusal, refuse, type Refusal } from '../domain/refusals.ts'
import { languages, type Language } from '../domain/vocabulary.ts'
import { request_body_bytes_max, sign_in_per_minute_max, step_up_minutes } from '../limits.ts'
import { idempotencyOf, ifVersionOf } from './asking.ts'
import type { AuthCall, AuthDoor } from './auth.ts'
import { multipart_overhead_bytes } from './bounds.ts'
import { languageOf } from './language.ts'
import { problemReply } from './problem.ts'
import { send } from './reply.ts'
import type { Answer, Ask, Route } from './route.ts'
import type { Services } from './services.ts'
import { admitted, isSameOrigin, type WhoIs } from './session.ts'
import { readUpload } from './upload.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route
    /** What is let through at most, for the words of a refusal. */
    bytes_max?: number
  }
  interface FastifyRequest {
    /** Account of the asker, for the log line; it names no person. */
    account: string | undefined
  }
}

export type Mounting = {
  app: App
  services: Services
  who: WhoIs
  door: () => AuthDoor
  ownOrigin: string
  /** Passes, or throws `rate_limited`; counts askers by address, or what is given instead. */
  limit: (name: string, perMinute_max: number) => (request: FastifyRequest, of?: string) => Promise<void>
  metrics: () => Promise<Reply>
}

/** /a/{id} → /a/:id; a parameter with something behind it (`{no}.pdf`) ends before the dot. */
export const pattern = (path: string): string =>
  path.replace(/\{(\w+)\}(\.?)/g, (_, name: string, dot: string) => (dot ? `:${name}(^[^./]+)${dot}` : `:${name}`))

const commandQuery = {
  dryRun: z.enum(['true', 'false']).optional().meta({ description: '只预演 say what would happen, change nothing' }),
}
const anyQuery = { lang: z.enum(languages).optional() }
/** What may stand in the query string: the route's own, the language, and for commands the dry run. */
export const querySchema = (row: Route): z.ZodObject =>
  (row.query ?? z.strictObject({})).extend({ ...anyQuery, ...(row.isCommand ? commandQuery : {}) })

export function mount(server: FastifyInstance, row: Route, mounting: Mounting): void {
  const limited = row.perMinute_max === undefined ? undefined : mounting.limit(row.id, row.perMinute_max)
  const bytes_max = row.upload?.file_bytes_max ?? row.body_bytes_max ?? request_body_bytes_max
  server.route({
    method: row.method,
    url: pattern(row.path),
    bodyLimit: bytes_max + (row.upload ? multipart_overhead_bytes : 0),
    config: { route: row, bytes_max },
    schema: {
      ...(row.params ? { params: row.params } : {}),
      querystring: querySchema(row),
      ...(row.body ? { body: row.body } : {}),
    },
    // Before the body is read: whoever may not, need not be heard out.
    async onRequest(request) {
      await limited?.(request)
      if (row.right === 'public') return
      const identity = await mounting.who(request)
      const actor = admitted(identity, row.path === '/api/v1/me')
      if (isRefusal(actor)) throw new Refused(actor)
      actors.set(request, actor)
      if (Date.now() - (identity?.signedInAt ?? 0) < step_up_minutes * 60_000) fresh.add(request)
      request.account = actor.account
      const refusal = row.checks === 'route' && row.right !== 'signed_in' ? mayNot(actor, row.right) : undefined
      if (refusal) throw new Refused(refusal)
    },
    async handler(request, reply) {
      const ask = askOf(row, request, reply, mounting)
      return answered(await row.answer(ask), ask, reply)
    },
  })
}

/** A refusal on its way to the error handler. */
export class Refused extends Error {
  readonly refusal: Refusal
  readonly retryAfter_s: number | undefined
  constructor(refusal: Refusal, retryAfter_s?: number) {
    super(refusal.refused)
    this.refusal = refusal
    this.retryAfter_s = retryAfter_s
  }
}

const actors = new WeakMap<FastifyRequest, Actor>()
/** Asked by a person who signed in a moment ago. */
const fresh = new WeakSet<FastifyRequest>()

function answered(answer: Answer, ask: Ask, reply: FastifyReply): FastifyReply {
  if (answer === undefined) return send(reply, ask.refusal({ refused: 'not_found', with: {} }))
  return send(reply, isRefusal(answer) ? ask.refusal(answer) : answer)
}

function askOf(row: Route, request: FastifyRequest, reply: FastifyReply, mounting: Mounting): Ask {
  const { app, services } = mounting
  const language: Language = languageOf(request)
  const actorOf = (): Actor => {
    const actor = actors.get(request)
    if (!actor) throw new Error('nobody asks on a public route')
    return actor
  }
  const { lang: _, dryRun, ...query } = request.query as Record<string, unknown>
  return {
    app,
    services,
    language,
    request,
    requestId: request.id,
    get actor() {
      return actorOf()
    },
    get asker() {
      return { actor: actorOf(), language }
    },
    params: request.params,
    query,
    body: request.body,
    asking(bodyHash) {
      const ifVersion = row.versioned ? ifVersionOf(request.headers['if-match']) : undefined
      if (isRefusal(ifVersion)) return ifVersion
      const idempotency = idempotencyOf(request, bodyHash)
      if (isRefusal(idempotency)) return idempotency
      return { actor: actorOf(), idempotency, ifVersion, dryRun: dryRun === 'true', isFresh: fresh.has(request) }
    },
    upload: () => readUpload(request, row.upload!),
    refusal: (refusal) => problemReply(refusal, language, request.id),
    limit: (name, perMinute_max, of) => mounting.limit(name, perMinute_max)(request, of),
    async stillThere() {
      const actor = admitted(await mounting.who(request), false)
      return !isRefusal(actor) && actor.account === actorOf().account
    },
    metrics: mounting.metrics,
    carryAuth: (call, body) => carryAuth(mounting, call, body, request, reply),
  }
}

async function carryAuth(
  mounting: Mounting,
  call: AuthCall,
  body: Record<string, unknown> | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  const { cookie, origin, 'sec-fetch-site': site, 'user-agent': agent } = request.headers
  // Signing in or out on somebody else's behalf is a write like any other; only a program shows none of the three.
  const shown = cookie !== undefined || origin !== undefined || site !== undefined
  if (call.method === 'POST' && shown && !isSameOrigin(request, mounting.ownOrigin)) return refuse('unauthenticated')
  if (call.path.startsWith('/sign-in/'))
    await mounting.limit('sign-in', sign_in_per_minute_max)(
      request,
      `${request.ip} ${String(body?.['username']).toLowerCase()}`,
    )
  const told = await mounting.door().call({ call, body, address: request.ip, headers: { cookie, 'user-agent': agent } })
  if ('refusal' in told) throw new Refused(told.refusal, told.retryAfter_s)
  for (const one of told.cookies) void reply.header('set-cookie', one)
  return { status: told.status, body: told.body, headers: told.headers }
}
