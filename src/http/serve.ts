// The HTTP face: a fastify server with the table of routes, the contract, the public pages and the figures on it. What stands
// here holds for every request: a number of its own, who it is limited as, its one line in the log, and how an error is told.
import { randomUUID } from 'node:crypto'
import { maxHeaderSize, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type ConnectionError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { z } from 'zod'
import type { App } from '../app/app.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import { request_body_bytes_max } from '../limits.ts'
import { bodyHashes, sha256 } from './asking.ts'
import { auth_path, openAuthDoor, type AuthDoor } from './auth.ts'
import { keep_alive_ms, request_ms_max, requests_per_minute_max } from './bounds.ts'
import { checked, fieldInvalid, pointerOf } from './fields.ts'
import { gateFigures } from './gate-figures.ts'
import { languageOf } from './language.ts'
import { makeMetrics } from './metrics.ts'
import { mount, Refused, type Mounting } from './mount.ts'
import { openapiOf } from './openapi.ts'
import { mountPages, refuseAsPage } from './pages/mount.ts'
import { mountScreens } from './pages/screens.ts'
import { problemReply, refusalOf, tooLarge, traceOf } from './problem.ts'
import { checkReplies } from './reply-check.ts'
import { send } from './reply.ts'
import { routes } from './routes/index.ts'
import type { Services } from './services.ts'
import { whoIs } from './session.ts'
import { tellingFigures } from './telling-figures.ts'
import { mountVirtualTerminal } from './virtual-terminal.ts'
import { unkeepable_words, unkeepableIn, withoutPans } from './texts.ts'

export type HttpConfig = {
  port: number
  host: string
  /** Under which people reach us, without a slash at the end; decides cookies and what "same origin" means. */
  publicUrl: string
  isDemo: boolean
  /** Of the contract and the program. */
  version?: string | undefined
  /** Believe X-Forwarded-* of whatever stands in front; off unless something does. */
  trustProxy?: boolean | undefined
  /** Figures of other roles to be shown beside ours. */
  registry?: Registry | undefined
  /** Judge every reply by its schema and fail where it differs; for tests. */
  checkReplies?: boolean | undefined
  requestsPerMinute_max?: number | undefined
}
export type Http = { url: string; close(): Promise<void> }

const minute_ms = 60_000
/** The documentation's own program sets styles as it goes; it loads nothing from elsewhere. */
const docsPolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
const contentPolicy = {
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  useDefaults: false,
}

/** Everything but the listening; tests ask it by `inject`. */
export async function buildHttp({
  app,
  services,
  config,
}: {
  app: App
  services: Services
  config: HttpConfig
}): Promise<FastifyInstance> {
  const server = fastify({
    logger: false,
    trustProxy: config.trustProxy ?? false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: request_body_bytes_max,
    keepAliveTimeout: keep_alive_ms,
    requestTimeout: request_ms_max,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    // A path that cannot be read names nothing.
    frameworkErrors: (_, request, reply) => {
      tell(request as FastifyRequest, reply as unknown as FastifyReply, refuse('not_found'))
    },
    clientErrorHandler: refuseConnection,
  })
  server.decorateRequest('account', undefined)
  server.setValidatorCompiler(({ schema, httpPart, url = '' }) => {
    const part = httpPart === 'querystring' ? '/query' : ''
    // The gate keeps nothing of what it is asked, and passwords are taken as they are.
    const [isGate, isSignIn] = [url.startsWith('/gate/'), url.startsWith(auth_path)]
    return (sent: unknown) => {
      const read = maskedAndChecked(schema as unknown as z.ZodType, sent, part, isGate || isSignIn)
      const given = ('value' in read && !isGate && unkeepable(read.value, part)) || read
      if ('value' in given) return { value: given.value }
      // A path that cannot name anything names nothing.
      return { error: new Refused(httpPart === 'params' ? refuse('not_found') : given) }
    }
  })
  server.setSerializerCompiler(() => (told) => JSON.stringify(told))

  let door: AuthDoor | undefined
  const openDoor = (): AuthDoor => (door ??= openAuthDoor(app, config.publicUrl))
  server.addHook('onClose', async () => door?.close())
  // Answers that go on would keep it from closing.
  server.addHook('preClose', async () => services.telling?.live.close())

  await server.register(cookie)
  await server.register(helmet, { contentSecurityPolicy: contentPolicy, hsts: config.publicUrl.startsWith('https:') })
  takeBodies(server)
  await server.register(multipart, { throwFileSizeLimit: true })
  await server.register(rateLimit, { global: false })
  const metrics = watch(server, app, config)
  refuseErrors(server, app)

  const mounting: Mounting = {
    app,
    services,
    who: whoIs(app, openDoor, config),
    door: openDoor,
    ownOrigin: new URL(config.publicUrl).origin,
    limit: limiter(server),
    metrics,
  }
  const everybody = mounting.limit('everybody', config.requestsPerMinute_max ?? requests_per_minute_max)
  // The gate stands in the path of every payment and is asked by machines that show a key; it is not slowed down here.
  server.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.route?.tag !== 'gate') await everybody(request)
  })

  await mountVirtualTerminal(server, mounting)
  await server.register(swagger, {
    mode: 'static',
    specification: { document: openapiOf(routes, config.version ?? '0.1.0') as never },
  })
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: docsPolicy, uiConfig: { validatorUrl: null } })
  const contract = JSON.stringify(server.swagger())
  server.get('/openapi.json', (_, reply) => reply.type('application/json; charset=utf-8').send(contract))
  await server.register(async (api) => {
    if (config.checkReplies) checkReplies(api)
    api.addHook('onSend', async (_, reply) => {
      if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
    })
    for (const row of routes) mount(api, row, mounting)
  })
  await server.register(async (pages) => mountPages(pages, mounting, config))
  await server.register(mountScreens)
  return server
}

export async function serve(given: { app: App; services: Services; config: HttpConfig }): Promise<Http> {
  const server = await buildHttp(given)
  const url = await server.listen({ port: given.config.port, host: given.config.host })
  return { url, close: () => server.close() }
}

/** JSON as it was sent is digested before it is read, for the idempotency key; other bodies only where a route takes them. */
function takeBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error')
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = bytes as Buffer
    bodyHashes.set(request.raw, sha256(body))
    // A command that needs no words may be sent without any.
    if (body.length === 0) return done(null, {})
    let text: string
    try {
      text = utf8.decode(body)
    } catch {
      return done(new Refused(refuse('request_malformed')))
    }
    parse(request, text, (error, value) => done(error ? new Refused(refuse('request_malformed')) : null, value))
  })
  server.addContentTypeParser('application/pdf', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (request.routeOptions.config.route?.consumes?.includes('application/pdf')) done(null, bytes)
    else done(new Refused(refuse('media_unsupported')))
  })
  // A POST without any body at all is one with an empty object.
  server.addHook('preValidation', async (request) => {
    if (request.body === undefined && request.routeOptions.config.route?.body && !request.headers['content-type'])
      request.body = {}
  })
}

/** One count per name and asker; a name that was counted before goes on where it was. */
function limiter(server: FastifyInstance): Mounting['limit'] {
  const counters = new Map<string, ReturnType<FastifyInstance['createRateLimit']>>()
  return (name, perMinute_max) => {
    const counted =
      counters.get(name) ??
      server.createRateLimit({
        max: perMinute_max,
        timeWindow: minute_ms,
        keyGenerator: (asker) => (asker as unknown as { counted: string }).counted,
      })
    counters.set(name, counted)
    return async (request, of = request.ip) => {
      const count = await counted({ routeOptions: request.routeOptions, counted: of } as unknown as FastifyRequest)
      if (!count.isAllowed && count.isExceeded) throw new Refused(refuse('rate_limited'), count.ttlInSeconds)
    }
  }
}

function watch(server: FastifyInstance, app: App, config: HttpConfig): Mounting['metrics'] {
  const metrics = makeMetrics()
  const readGates = gateFigures(metrics.registry, app)
  const readTelling = tellingFigures(metrics.registry, app)
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id)
  })
  server.addHook('onResponse', async (request, reply) => {
    // The pattern, not the address: addresses carry case numbers, codes and digits of telephones.
    const route = request.routeOptions.url ?? '(none)'
    metrics.observe(route, request.method, reply.statusCode, reply.elapsedTime / 1_000)
    const line = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      took_ms: Math.round(reply.elapsedTime),
      account: request.account,
    }
    if (reply.statusCode >= 500) app.log.error(line, 'answered')
    else app.log.info(line, 'answered')
  })
  const registries = [metrics.registry, ...(config.registry ? [config.registry] : [])]
  return async () => {
    await readGates()
    await readTelling()
    return {
      status: 200,
      headers: { 'content-type': metrics.registry.contentType },
      body: (await Promise.all(registries.map((r) => r.metrics()))).join('\n'),
    }
  }
}

/**
 * What was sent, as its schema reads it, card numbers masked. Where one was found it is judged once more as masked: where a name
 * of digits may stand it is refused here and not by the database. Judged first, because only then it is known to be no deeper
 * than a schema goes.
 */
function maskedAndChecked(schema: z.ZodType, sent: unknown, part: string, asSent: boolean): ReturnType<typeof checked> {
  const read = checked(schema, sent, part)
  if (asSent || !('value' in read)) return read
  const masked = withoutPans(sent)
  return JSON.stringify(masked) === JSON.stringify(sent) ? read : checked(schema, masked, part)
}

const unkeepable = (value: unknown, part: string): Refusal | undefined => {
  const path = unkeepableIn(value)
  return path && fieldInvalid(pointerOf(part, path), 'format', unkeepable_words)
}

/** A no as a problem document, or as a page for whoever came to one. */
function tell(request: FastifyRequest, reply: FastifyReply, refusal: Refusal, retryAfter_s?: number): FastifyReply {
  const isPage =
    !/^\/(api|gate|openapi|healthz|readyz|metrics)\b/.test(request.url) &&
    (request.headers.accept ?? '').includes('text/html')
  if (retryAfter_s !== undefined) void reply.header('retry-after', String(retryAfter_s))
  if (isPage) return refuseAsPage(request, reply, refusal)
  const told = problemReply(refusal, languageOf(request), request.id)
  const { 'retry-after': usual, ...headers } = told.headers
  return send(reply, { ...told, headers: usual !== undefined && retryAfter_s === undefined ? told.headers : headers })
}

/** What is no HTTP at all is told so in the same form, and the line is closed. */
function refuseConnection(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) {
    const refusal = error.code === 'HPE_HEADER_OVERFLOW' ? tooLarge(maxHeaderSize) : refuse('request_malformed')
    const { status, headers, body } = problemReply(refusal, 'zh', randomUUID())
    const lines = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' }
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`)
  }
  socket.destroy(error)
}

function refuseErrors(server: FastifyInstance, app: App): void {
  server.setErrorHandler((error, request, reply) => {
    if (error instanceof Refused) return tell(request, reply, error.refusal, error.retryAfter_s)
    const refusal = refusalOf(error, request.routeOptions.config.bytes_max ?? request_body_bytes_max)
    if (refusal.refused === 'internal' || refusal.refused === 'unavailable')
      app.log.error({ requestId: request.id, route: request.routeOptions.url, ...traceOf(error) }, 'could not answer')
    return tell(request, reply, refusal)
  })
  server.setNotFoundHandler((request, reply) => tell(request, reply, refuse('not_found')))
}
