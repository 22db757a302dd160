// The pages people reach without signing in, on the server. They run no scripts but one small file of ours, load nothing from
// elsewhere and cannot be framed.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, refuse, refusals, type RefusalCode } from '../../domain/refusals.ts'
import { parseCaseNumber } from '../../domain/number.ts'
import { letter_verify_bytes_max, track_per_minute_max, verify_per_minute_max } from '../../limits.ts'
import { z } from 'zod'
import { multipart_overhead_bytes } from '../bounds.ts'
import { languageOf } from '../language.ts'
import { Refused, type Mounting } from '../mount.ts'
import { problemOf } from '../problem.ts'
import { withoutPans } from '../texts.ts'
import { readUpload } from '../upload.ts'
import { landingPage, problemPage } from './landing.ts'
import { dropScript, icon, style } from './style.ts'
import { refusedPage, trackPage, verifyPage } from './verify.ts'

const day_s = 86_400
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
}
const showPage = (reply: FastifyReply, text: string, status = 200): FastifyReply =>
  reply.code(status).headers(pageHeaders).send(text)
const form_bytes_max = 4_096
const upload = { fields: z.strictObject({}), file_bytes_max: letter_verify_bytes_max, mediaTypes: ['application/pdf'] }

export function mountPages(
  server: FastifyInstance,
  { app, services, limit }: Mounting,
  config: { publicUrl: string; isDemo: boolean },
): void {
  const verifying = limit('verify-page', verify_per_minute_max)
  const tracking = limit('track-page', track_per_minute_max)
  const file = (path: string, mediaType: string, text: string): void => {
    server.get(path, (_, reply) =>
      reply
        .headers({ 'content-type': `${mediaType}; charset=utf-8`, 'cache-control': `public, max-age=${day_s}` })
        .send(text),
    )
  }
  file('/pages/style.css', 'text/css', style)
  file('/pages/drop.js', 'text/javascript', dropScript)
  file('/pages/icon.svg', 'image/svg+xml', icon)

  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: form_bytes_max },
    (_, text, done) => done(null, Object.fromEntries(new URLSearchParams(text as string))),
  )

  server.get('/', (request, reply) => showPage(reply, landingPage(languageOf(request), config)))

  server.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    if (!Object.hasOwn(refusals, request.params.code)) throw new Refused(refuse('not_found'))
    return showPage(reply, problemPage(languageOf(request), request.params.code as RefusalCode))
  })

  server.get<{ Querystring: { code?: unknown } }>('/verify', (request, reply) => {
    const { code } = request.query
    const language = languageOf(request)
    if (typeof code === 'string' && code.trim() !== '') {
      const typed = withoutPans(code.trim()).slice(0, 64).toWellFormed()
      return reply.redirect(`/verify/${encodeURIComponent(typed)}?lang=${language}`, 303)
    }
    return showPage(reply, verifyPage(language, app.zone))
  })
  server.get<{ Params: { code: string } }>(
    '/verify/:code',
    { onRequest: (request) => verifying(request) },
    async (request, reply) => {
      const language = languageOf(request)
      const code = withoutPans(request.params.code)
      return showPage(
        reply,
        verifyPage(language, app.zone, { view: await services.letters.verifyCode(code, language), code }),
      )
    },
  )
  server.post(
    '/verify',
    { onRequest: (request) => verifying(request), bodyLimit: letter_verify_bytes_max + multipart_overhead_bytes },
    async (request, reply) => {
      const language = languageOf(request)
      const given = await readUpload(request, upload)
      if (isRefusal(given)) throw new Refused(given)
      return showPage(
        reply,
        verifyPage(language, app.zone, { view: await services.letters.verifyPdf(given.file.bytes, language) }),
      )
    },
  )

  server.get('/track', (request, reply) => showPage(reply, trackPage(languageOf(request), app.zone)))
  // A POST, so that the digits of the telephone stand in no address, no history and no log.
  server.post('/track', { onRequest: (request) => tracking(request) }, async (request: FastifyRequest, reply) => {
    const language = languageOf(request)
    const sent = (request.body ?? {}) as { no?: unknown; phone?: unknown }
    const [typed, phone] = [withoutPans(String(sent.no ?? '')), String(sent.phone ?? '')]
    const no = parseCaseNumber(typed)?.no
    if (no !== undefined) await limit('track-case', track_per_minute_max)(request, no)
    const view = no !== undefined && /^\d{4}$/.test(phone) ? await services.track(no, phone, language) : undefined
    return showPage(reply, trackPage(language, app.zone, { no: typed, view }), view ? 200 : 404)
  })
}

/** A refusal as a page, for whoever came to a page. */
export function refuseAsPage(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Parameters<typeof problemOf>[0],
): FastifyReply {
  const problem = problemOf(refusal, languageOf(request), request.id)
  return showPage(reply, refusedPage(languageOf(request), problem.title, problem.detail, request.id), problem.status)
}
