// What anyone may ask without signing in: is this letter true, how far is this case, what do the words mean, are we alive.
import { z } from 'zod'
import * as vocabulary from '../../domain/vocabulary.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { letter_verify_bytes_max, track_per_minute_max, verify_per_minute_max } from '../../limits.ts'
import { replyOf } from '../reply.ts'
import { route, type Route } from '../route.ts'
import { trackView, verifyView, wordEntry } from '../shapes.ts'
import { caseNo } from './common.ts'

const isWords = (value: unknown): value is vocabulary.Words =>
  Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === 'string')
const isTable = (value: unknown): value is Record<string, vocabulary.Words> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).length > 0 &&
  Object.values(value).every(isWords)

/** Every closed set of words, with its labels. */
const labels = JSON.stringify(
  Object.fromEntries(
    Object.entries(vocabulary)
      .filter(([, table]) => isTable(table))
      .map(([name, table]) => [
        name,
        Object.fromEntries(
          Object.entries(table as Record<string, vocabulary.Words>).map(([word, [zh, en]]) => [word, { zh, en }]),
        ),
      ]),
  ),
)

export const publicRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/verify/{code}',
    id: 'verifyCode',
    tag: 'public',
    right: 'public',
    perMinute_max: verify_per_minute_max,
    summary: ['验证函件', 'Verify a letter by its code or number'],
    params: z.strictObject({ code: z.string().max(64) }),
    replies: { 200: verifyView },
    refusals: [],
    async answer({ services, params, language }) {
      return replyOf(200, await services.letters.verifyCode(params.code, language))
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/verify',
    id: 'verifyPdf',
    tag: 'public',
    right: 'public',
    perMinute_max: verify_per_minute_max,
    summary: ['验证 PDF 函件', 'Verify a letter by its PDF, as the body or as a form'],
    consumes: ['application/pdf'],
    body_bytes_max: letter_verify_bytes_max,
    upload: { fields: z.strictObject({}), file_bytes_max: letter_verify_bytes_max, mediaTypes: ['application/pdf'] },
    replies: { 200: verifyView },
    refusals: [],
    async answer(ask) {
      const { services, language } = ask
      const body: unknown = ask.body
      if (body instanceof Buffer) return replyOf(200, await services.letters.verifyPdf(body, language))
      const upload = await ask.upload()
      return isRefusal(upload) ? upload : replyOf(200, await services.letters.verifyPdf(upload.file.bytes, language))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/track/{no}',
    id: 'trackApplication',
    tag: 'public',
    right: 'public',
    perMinute_max: track_per_minute_max,
    summary: ['查询进度', 'How far a case is, with the last four digits of the telephone'],
    params: z.strictObject({ no: caseNo }),
    query: z.strictObject({ phone: z.string().regex(/^\d{4}$/) }),
    replies: { 200: trackView },
    refusals: [],
    async answer({ services, params, query, language, limit }) {
      // Also per case, from wherever it is asked: four digits are soon tried.
      await limit('track-case', track_per_minute_max, params.no)
      const view = await services.track(params.no, query.phone, language)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/vocabulary',
    id: 'getVocabulary',
    tag: 'public',
    right: 'public',
    summary: ['词汇表', 'Every word of the contract with its labels'],
    replies: { 200: z.record(z.string(), z.record(z.string(), wordEntry)) },
    refusals: [],
    answer: () => ({ status: 200, body: labels, headers: { 'content-type': 'application/json; charset=utf-8' } }),
  }),
  route({
    method: 'GET',
    path: '/healthz',
    id: 'getHealth',
    tag: 'system',
    right: 'public',
    summary: ['存活', 'Alive'],
    replies: { 200: z.object({ alive: z.literal(true) }) },
    refusals: [],
    answer: () => replyOf(200, { alive: true }),
  }),
  route({
    method: 'GET',
    path: '/metrics',
    id: 'getMetrics',
    tag: 'system',
    right: 'public',
    summary: ['指标', 'Figures for Prometheus'],
    replies: { 200: { mediaType: 'text/plain' } },
    refusals: [],
    answer: ({ metrics }) => metrics(),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    id: 'getReadiness',
    tag: 'system',
    right: 'public',
    summary: ['就绪', 'Able to serve; says what is missing'],
    replies: {
      200: z.object({ ready: z.literal(true), missing: z.array(z.string()) }),
      503: z.object({ ready: z.literal(false), missing: z.array(z.string()) }),
    },
    refusals: [],
    async answer({ services, app }) {
      const missing = await services.missing().catch((error: unknown) => {
        app.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'could not tell what is missing')
        return ['unknown']
      })
      return replyOf(missing.length === 0 ? 200 : 503, { ready: missing.length === 0, missing })
    },
  }),
]
