// Who is asking: the holder of a key (machines) or of a session cookie (people). A cookie that another site's page sends
// along does not count for anything that changes something (CSRF); and provider staff without a one-time password may,
// outside the demo, do nothing but set one up.
import type { FastifyRequest } from 'fastify'
import type { App } from '../app/app.ts'
import type { Actor } from '../domain/authority.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import { actorOfAuthUser, actorOfKey, keyHash, keyShape } from '../store/people.ts'
import type { AuthDoor } from './auth.ts'
import { identities_remembered_max, identity_believed_ms } from './bounds.ts'

export type Identity = {
  actor: Actor
  /** Has, or does not need, a one-time password. */
  totp: boolean
  /** When a person signed in (real clock, epoch ms); a key never does. */
  signedInAt?: number
}

/** Remembers what was looked up for a moment; concurrent look-ups of one thing are one. */
function briefly<T>(look: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, { until: number; value: Promise<T> }>()
  return (key) => {
    const now = performance.now()
    const found = known.get(key)
    if (found && found.until > now) return found.value
    if (known.size >= identities_remembered_max) known.clear()
    const value = look(key)
    known.set(key, { until: now + identity_believed_ms, value })
    // A failed look-up is nobody's identity: the next one looks again.
    value.catch(() => known.delete(key))
    return value
  }
}

export type WhoIs = (request: FastifyRequest) => Promise<Identity | undefined>

export function whoIs(
  app: App,
  door: () => AuthDoor,
  { publicUrl, isDemo }: { publicUrl: string; isDemo: boolean },
): WhoIs {
  const holder = briefly((hash) =>
    app.db.transaction('*', (tx) => actorOfKey(tx, Buffer.from(hash, 'hex')), { readOnly: true }),
  )
  const account = briefly((userId) => app.db.transaction('*', (tx) => actorOfAuthUser(tx, userId), { readOnly: true }))
  const ownOrigin = new URL(publicUrl).origin

  return async (request) => {
    const { authorization, cookie } = request.headers
    // Whoever shows a key is judged by the key alone.
    if (authorization !== undefined) {
      const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
      const actor = key !== undefined && keyShape.test(key) ? await holder(keyHash(key).toString('hex')) : undefined
      return actor && { actor, totp: true }
    }
    if (cookie === undefined || !sessionCookies.some((name) => name in request.cookies)) return undefined
    if (!isSafe(request.method) && !isSameOrigin(request, ownOrigin)) return undefined
    const session = await door().session(cookie)
    const actor = session && (await account(session.userId))
    return actor && { actor, totp: isDemo || actor.party.kind === 'merchant' || session.totp, signedInAt: session.signedInAt }
  }
}

/** The second is the name over https, which browsers then take from nowhere else. */
const sessionCookies = ['tingqi.session_token', '__Secure-tingqi.session_token']
const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Scheme and host under which the asker reached us. */
export const originAsked = (request: FastifyRequest): string => `${request.protocol}://${request.host}`

/** Browsers say where a request comes from, and pages cannot change what they say. Silence counts as elsewhere. */
export function isSameOrigin(request: FastifyRequest, ownOrigin: string): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = request.headers
  return origin !== undefined && (origin === ownOrigin || origin === originAsked(request))
}

/** The identity a route needs, or why not. */
export function admitted(identity: Identity | undefined, withoutTotp: boolean): Actor | Refusal {
  if (!identity) return refuse('unauthenticated')
  return identity.totp || withoutTotp ? identity.actor : refuse('totp_required')
}
