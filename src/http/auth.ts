// Signing in: better-auth holds passwords, sessions and one-time passwords; this file opens it for the calls listed here and
// no others, speaks our language for its refusals, and locks a login after ten wrong passwords (PCI DSS 8.3.4). Accounts are
// made by an administrator, never by signing up.
import { betterAuth } from 'better-auth'
import { twoFactor, username } from 'better-auth/plugins'
import pg from 'pg'
import { z } from 'zod'
import type { App } from '../app/app.ts'
import type { Reply } from '../app/execute.ts'
import { scrubPans } from '../domain/identity.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import type { Words } from '../domain/vocabulary.ts'
import {
  forgetFailures,
  noteAttempt,
  password_length_max,
  password_length_min,
  pruneFailures,
} from '../store/people.ts'
import { session_hours, sign_in_failures_kept_hours, sign_in_failures_max, sign_in_locked_minutes } from './bounds.ts'

export const auth_path = '/api/auth'
const auth_connections_max = 4

const password = z.string().min(1).max(password_length_max)
const newPassword = z.string().min(password_length_min).max(password_length_max)
const code = z.string().regex(/^\d{6}$/)
const empty = z.strictObject({})

export type AuthCall = { method: 'GET' | 'POST'; path: string; body: z.ZodType | undefined; summary: Words }
/** What of better-auth is open to the world. */
export const authCalls: readonly AuthCall[] = [
  {
    method: 'POST',
    path: '/sign-in/username',
    summary: ['登录', 'Sign in'],
    body: z.strictObject({ username: z.string().min(1).max(64), password, rememberMe: z.boolean().optional() }),
  },
  { method: 'POST', path: '/sign-out', body: empty, summary: ['退出登录', 'Sign out'] },
  { method: 'GET', path: '/get-session', body: undefined, summary: ['当前会话', 'The session'] },
  {
    method: 'POST',
    path: '/change-password',
    summary: ['修改密码', 'Change the password'],
    body: z.strictObject({ currentPassword: password, newPassword, revokeOtherSessions: z.boolean().optional() }),
  },
  {
    method: 'POST',
    path: '/two-factor/enable',
    body: z.strictObject({ password }),
    summary: ['启用动态口令', 'Set up a one-time password'],
  },
  {
    method: 'POST',
    path: '/two-factor/disable',
    body: z.strictObject({ password }),
    summary: ['停用动态口令', 'Give up the one-time password'],
  },
  {
    method: 'POST',
    path: '/two-factor/verify-totp',
    body: z.strictObject({ code }),
    summary: ['验证动态口令', 'Give the one-time password'],
  },
  {
    method: 'POST',
    path: '/two-factor/verify-backup-code',
    summary: ['使用备用码', 'Give a backup code'],
    body: z.strictObject({ code: z.string().min(1).max(40) }),
  },
  {
    method: 'POST',
    path: '/two-factor/generate-backup-codes',
    body: z.strictObject({ password }),
    summary: ['重新生成备用码', 'Make new backup codes'],
  },
  {
    method: 'POST',
    path: '/revoke-other-sessions',
    body: empty,
    summary: ['退出其他设备', 'Sign out everywhere else'],
  },
]

/** `signedInAt` is a moment of the real clock (epoch ms). */
export type Session = { userId: string; totp: boolean; signedInAt: number }
export type AuthDoor = {
  /** The session behind a Cookie header, if any. */
  session(cookie: string): Promise<Session | undefined>
  /** Carries one of `authCalls`. `retryAfter_s` comes with a refusal of a locked login. */
  call(asked: AuthAsked): Promise<(Reply & { cookies: string[] }) | { refusal: Refusal; retryAfter_s?: number }>
  close(): Promise<void>
}
export type AuthAsked = {
  call: AuthCall
  body: Record<string, unknown> | undefined
  headers: { cookie?: string | undefined; 'user-agent'?: string | undefined }
  address: string
}

export function openAuthDoor(app: App, publicUrl: string): AuthDoor {
  const { connectionString, options } = app.db.pool.options
  const pool = new pg.Pool({
    connectionString,
    options: `${options ?? ''} -c search_path=auth`,
    max: auth_connections_max,
    application_name: 'tingqi-auth',
  })
  pool.on('error', () => {})
  const auth = betterAuth({
    database: pool,
    secret: app.vault.digest('better-auth', 'secret').toString('hex'),
    baseURL: publicUrl,
    basePath: auth_path,
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: password_length_min,
      maxPasswordLength: password_length_max,
    },
    session: { expiresIn: session_hours * 3_600, disableSessionRefresh: true },
    // Ours below; theirs counts per address only.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'tingqi',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      ipAddress: { ipAddressHeaders: ['x-tingqi-address'] },
    },
    plugins: [
      username({ maxUsernameLength: 64, usernameValidator: (name) => /^[a-z0-9._@-]+$/i.test(name) }),
      twoFactor({
        issuer: 'Tingqi',
        accountLockout: { maxFailedAttempts: sign_in_failures_max, durationSeconds: sign_in_locked_minutes * 60 },
      }),
    ],
    // Its lines name users and addresses.
    logger: { disabled: true },
    telemetry: { enabled: false },
  })

  // Where a request comes from was looked at before it came here.
  const { origin } = new URL(publicUrl)
  const carry = async ({ call, body, headers, address }: AuthAsked): Promise<Response> => {
    const sent = new Headers({ origin, 'x-tingqi-address': address })
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) sent.set(name, name === 'cookie' ? value : scrubPans(value))
    if (body !== undefined) sent.set('content-type', 'application/json')
    return auth.handler(
      new Request(`${origin}${auth_path}${call.path}`, {
        method: call.method,
        headers: sent,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
  }

  return {
    async session(cookie) {
      const found = await auth.api.getSession({ headers: new Headers({ cookie }) })
      return found ? { userId: found.user.id, totp: found.user.twoFactorEnabled === true, signedInAt: new Date(found.session.createdAt).getTime() } : undefined
    },
    async call(asked) {
      // Keyed, because people type other things there than their name: what was typed cannot be guessed from it.
      const login = asked.call.path.startsWith('/sign-in/')
        ? app.vault.digest(String(asked.body?.['username']).toLowerCase(), 'login')
        : undefined
      const locked_s =
        login &&
        (await app.db.transaction('*', async (tx) => {
          await pruneFailures(tx, sign_in_failures_kept_hours)
          return noteAttempt(tx, login, sign_in_failures_max, sign_in_locked_minutes)
        }))
      if (locked_s) return { refusal: refuse('rate_limited'), retryAfter_s: locked_s }
      const response = await carry(asked)
      if (response.ok && login) await app.db.transaction('*', (tx) => forgetFailures(tx, login))
      const told = await response.text()
      if (!response.ok) return { refusal: refusalOf(response.status, told) }
      return {
        status: 200,
        body: withoutToken(told),
        headers: { 'content-type': 'application/json; charset=utf-8' },
        cookies: response.headers.getSetCookie(),
      }
    },
    close: () => pool.end(),
  }
}

/** The session travels in its cookie only, where no script reads it. */
function withoutToken(told: string): string {
  const body: unknown = told === '' ? null : JSON.parse(told)
  if (typeof body !== 'object' || body === null) return JSON.stringify(body)
  const { token: _, ...rest } = body as Record<string, unknown>
  const session = rest['session']
  if (typeof session === 'object' && session !== null) {
    const { token: __, ...told } = session as Record<string, unknown>
    rest['session'] = told
  }
  return JSON.stringify(rest)
}

const wordsOf: Readonly<Record<string, Words>> = {
  invalid_username_or_password: ['用户名或密码不正确。', 'User name or password is wrong.'],
  invalid_username: ['用户名或密码不正确。', 'User name or password is wrong.'],
  username_too_short: ['用户名或密码不正确。', 'User name or password is wrong.'],
  invalid_password: ['密码不正确。', 'The password is wrong.'],
  invalid_code: ['动态口令不正确。', 'The one-time password is wrong.'],
  invalid_backup_code: ['备用码不正确。', 'The backup code is wrong.'],
  invalid_two_factor_cookie: ['登录已过期，请重新登录。', 'The sign-in has run out; please start again.'],
  totp_already_enabled: ['动态口令已启用。', 'A one-time password is already set up.'],
  totp_not_enabled: ['尚未启用动态口令。', 'No one-time password is set up.'],
}

function refusalOf(status: number, told: string): Refusal {
  const code = String((JSON.parse(told || '{}') as { code?: unknown }).code ?? 'not_taken').toLowerCase()
  const words = wordsOf[code] ?? ['请求未被接受。', 'The request was not taken.']
  // A login that cannot exist is answered as one that does not.
  const taken: Refusal['refused'] =
    status === 401 || code.includes('username')
      ? 'unauthenticated'
      : status === 429
        ? 'rate_limited'
        : status === 404
          ? 'not_found'
          : status >= 500
            ? 'internal'
            : status === 403
              ? 'unauthenticated'
              : 'fields_invalid'
  return refuse(
    taken,
    taken === 'fields_invalid' ? { count: 1 } : {},
    taken === 'fields_invalid' || wordsOf[code] ? [{ pointer: '', code, words }] : undefined,
  )
}
