// Oneself, one's keys, one's notices, and the people of one's party; and the calls by which people sign in.
import { z } from 'zod'
import { scopeOf } from '../../app/execute.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { countPeople, listPeople } from '../../store/people.ts'
import { authCalls, auth_path } from '../auth.ts'
import { sign_ins_per_address_per_minute_max } from '../bounds.ts'
import { listOwnKeys, makeKey, revokeOwnKey } from '../keys.ts'
import { replyOf } from '../reply.ts'
import { route, type Route } from '../route.ts'
import { keyRow, newKey, pageOf, personRow } from '../shapes.ts'
import { meView, noticeView } from '../views.ts'
import { meOf } from '../me.ts'
import { paging } from './common.ts'

export const peopleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/me',
    id: 'getMe',
    tag: 'people',
    right: 'signed_in',
    summary: ['我是谁', 'Who I am and what I may do'],
    replies: { 200: meView },
    refusals: [],
    async answer({ app, asker }) {
      return replyOf(200, await meOf(app, asker))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/notices',
    id: 'listNotices',
    tag: 'people',
    right: 'read',
    summary: ['通知', 'Notices to my party, the newest first'],
    query: z.strictObject(paging),
    replies: { 200: pageOf(noticeView) },
    refusals: [],
    async answer({ services, asker, query }) {
      const page = await services.notices.list(asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/people',
    id: 'listPeople',
    tag: 'people',
    right: 'read-people',
    summary: ['人员', 'Accounts of my party, or of all'],
    query: z.strictObject(paging),
    replies: { 200: pageOf(personRow) },
    refusals: [],
    answer: ({ app, actor, query }) =>
      app.db.transaction(
        scopeOf(actor),
        async (tx) => {
          const found = await listPeople(tx, query.cursor ?? '', query.limit + 1)
          const items = found.slice(0, query.limit)
          return replyOf(200, {
            items,
            next: found.length > query.limit ? items.at(-1)!.account : null,
            total: await countPeople(tx),
          })
        },
        { readOnly: true },
      ),
  }),
  route({
    method: 'GET',
    path: '/api/v1/keys',
    id: 'listKeys',
    tag: 'people',
    right: 'signed_in',
    summary: ['我的密钥', 'My keys'],
    replies: { 200: z.object({ items: z.array(keyRow) }) },
    refusals: [],
    async answer({ app, actor }) {
      return replyOf(200, { items: await listOwnKeys(app, actor) })
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/keys',
    id: 'makeKey',
    tag: 'people',
    right: 'signed_in',
    isCommand: true,
    summary: ['新建密钥', 'Make a key; it is shown this once'],
    body: z.strictObject({ name: z.string().max(100).default('') }),
    replies: { 201: newKey },
    refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : makeKey(ask.app, asking, ask.body.name, ask.refusal)
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/keys/{key}',
    id: 'revokeKey',
    tag: 'people',
    right: 'signed_in',
    isCommand: true,
    summary: ['吊销密钥', 'Revoke a key, by its id or hint'],
    params: z.strictObject({ key: z.string().max(50) }),
    replies: { 200: keyRow },
    refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : revokeOwnKey(ask.app, asking, ask.params.key, ask.refusal)
    },
  }),
]

/** Described like any other call, carried by better-auth (serve.ts mounts them through its door). */
export const authRoutes: readonly Route[] = authCalls.map((call) =>
  route({
    method: call.method,
    path: `${auth_path}${call.path}`,
    tag: 'sign_in',
    right: 'public',
    summary: call.summary,
    id: `auth${call.path.replace(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    ...(call.body ? { body: call.body } : {}),
    ...(call.method === 'POST' ? { perMinute_max: sign_ins_per_address_per_minute_max } : {}),
    replies: { 200: z.record(z.string(), z.unknown()).nullable() },
    refusals: call.method === 'POST' ? ['unauthenticated'] : [],
    answer: ({ carryAuth, body }) => carryAuth(call, body as Record<string, unknown> | undefined),
  }),
)
