// What a route is: one row of a table that the server mounts, the OpenAPI document describes, and the test of who may do what
// walks through. A handler gets what was asked, already checked, and answers with a value; it knows nothing of HTTP beyond.
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { App } from '../app/app.ts'
import type { Asking, Reply } from '../app/execute.ts'
import type { Actor, Right } from '../domain/authority.ts'
import type { Refusal, RefusalCode } from '../domain/refusals.ts'
import type { Language, Words } from '../domain/vocabulary.ts'
import type { AuthCall } from './auth.ts'
import type { FileReply, StreamReply } from './reply.ts'
import type { Asker, Services } from './services.ts'
import type { Upload } from './upload.ts'

export type Answer = Reply | FileReply | StreamReply | Refusal | undefined

/** What a handler gets. `undefined` as an answer means: not there, or not theirs. */
export type Ask<P = unknown, Q = unknown, B = unknown> = {
  app: App
  services: Services
  /** Throws on a public route: there is nobody. */
  readonly actor: Actor
  readonly asker: Asker
  language: Language
  params: P
  query: Q
  body: B
  request: FastifyRequest
  requestId: string
  /** For commands: who asks, the idempotency key, the version insisted on, dry run. `bodyHash` for a body that is a file. */
  asking(bodyHash?: Buffer): (Asking & { ifVersion?: number | undefined }) | Refusal
  /** The parts of an upload. */
  upload(): Promise<Upload | Refusal>
  /** A refusal in its final bytes, for `Telling`. */
  refusal(refusal: Refusal): Reply
  /** Passes, or throws `rate_limited`: counted under a name, of an address or of whatever is given. */
  limit(name: string, perMinute_max: number, of?: string): Promise<void>
  /** Whether the asker is still signed in, and still the same: for answers that go on. */
  stillThere(): Promise<boolean>
  metrics(): Promise<Reply>
  /** Carries a call of better-auth and sets its cookies. */
  carryAuth(call: AuthCall, body: Record<string, unknown> | undefined): Promise<Answer>
}

export type UploadShape = { fields: z.ZodObject; file_bytes_max: number; mediaTypes: readonly string[] }

export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** OpenAPI's way: /api/v1/terminals/{tid} */
  path: string
  id: string
  tag: Tag
  summary: Words
  /** A right of authority.ts, or anybody signed in, or anybody at all. */
  right: Right | 'signed_in' | 'public'
  /** Who checks the right: the route before anything else, or the command itself, which journals its refusal. */
  checks: 'route' | 'command'
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** A body that tells the story, where one made from the schema would not. */
  example?: unknown
  upload?: UploadShape
  /** Media types of a raw body. */
  consumes?: readonly string[]
  /** Successful replies: a shape as JSON, or the media type of a file, or nothing. */
  replies: Readonly<Record<number, z.ZodType | { mediaType: string } | undefined>>
  refusals: readonly RefusalCode[]
  /** Takes If-Match / gives ETag; dry run and Idempotency-Key go with every command. */
  versioned?: boolean
  isCommand?: boolean
  perMinute_max?: number
  body_bytes_max?: number
  answer(ask: Ask): Promise<Answer> | Answer
}

export const tags = {
  applications: ['办件', 'Cases'],
  terminals: ['终端', 'Terminals'],
  bulk: ['批量与计划', 'Many at once'],
  care: ['故障、违规与停机看护', 'Faults, breaches, and care while stopped'],
  devices: ['机具、交接与押金', 'Devices, hand-overs and deposits'],
  money: ['费用与合同', 'Money'],
  gate: ['闸口', 'The gate'],
  files: ['文件导入', 'Files in'],
  settlement: ['三单核对', 'Settlement'],
  public: ['公开查询', 'Public'],
  rules: ['规则与日志', 'Rules and journal'],
  disposal: ['保存与销毁', 'Kept and disposed of'],
  people: ['人员与密钥', 'People and keys'],
  telling: ['通知与接口', 'Telling people and machines'],
  complaints: ['投诉与建议', 'Complaints and feedback'],
  sign_in: ['登录', 'Signing in'],
  system: ['系统', 'The system'],
} as const satisfies Record<string, Words>
export type Tag = keyof typeof tags

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined
/** One row of a table, its handler typed by its schemas. */
export const route = <
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  row: Omit<Route, 'params' | 'query' | 'body' | 'answer' | 'checks'> & {
    params?: P
    query?: Q
    body?: B
    checks?: Route['checks']
    answer(ask: Ask<Parsed<P>, Parsed<Q>, Parsed<B>>): Promise<Answer> | Answer
  },
): Route => ({ checks: row.isCommand && row.right !== 'public' ? 'command' : 'route', ...row }) as unknown as Route

/** Refusals that need no mention in each row: what anybody signed in may meet. */
export const commonRefusals = (row: Route): RefusalCode[] => [
  ...(row.right === 'public' ? [] : (['unauthenticated', 'totp_required'] as const)),
  ...(row.right === 'public' || row.right === 'signed_in' ? [] : (['role_missing'] as const)),
  'rate_limited',
  ...(row.params ? (['not_found'] as const) : []),
  // Also where nothing is asked: a query nobody knows is refused.
  'fields_invalid',
  ...(row.method === 'GET' ? [] : (['request_malformed', 'too_large', 'media_unsupported'] as const)),
  ...(row.isCommand ? (['idempotency_mismatch', 'still_running'] as const) : []),
  ...(row.isCommand && row.versioned ? (['version_stale'] as const) : []),
  'unavailable',
  'internal',
]
export const refusalsOf = (row: Route): RefusalCode[] => [...new Set([...commonRefusals(row), ...row.refusals])]
