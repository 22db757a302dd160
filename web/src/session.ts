// Who is signed in. The cookie is the server's; what is kept here is only what GET /me told.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { authSignInUsername, authSignOut, authTwoFactorVerifyBackupCode, authTwoFactorVerifyTotp, getMe } from '../../src/client/generated/sdk.gen.ts'
import type { GetMeResponses } from '../../src/client/generated/types.gen.ts'
import { ask, Refused } from './api.ts'

export type Me = GetMeResponses[200]
export const meKey = ['me'] as const

/** Asked before the first page is drawn, and kept for a while. */
export const askMe = queryOptions<Me | null>({
  queryKey: meKey,
  queryFn: () => ask(getMe()).catch((error: unknown) => {
    if (error instanceof Refused && error.problem.status === 401) return null
    throw error
  }),
  staleTime: 60_000,
})
const useMeAsked = () => useQuery(askMe)

/** Undefined while asking; null when nobody is signed in. */
export const useMe = (): Me | null | undefined => useMeAsked().data

/** Signed in, and let in nowhere before the one-time password is set up. */
export function useMustSetUp(): boolean {
  const { error } = useMeAsked()
  return error instanceof Refused && error.problem.code === 'totp_required'
}


/** Answers `code` where the password was right and the one-time password is asked for. */
export function useSignIn(): (login: string, password: string) => Promise<'in' | 'code'> {
  const queries = useQueryClient()
  return async (username, password) => {
    const told = await ask(authSignInUsername({ body: { username, password, rememberMe: true } }))
    if ((told as { twoFactorRedirect?: boolean } | null)?.twoFactorRedirect === true) return 'code'
    // Whatever was known, it was known to nobody: asked anew.
    await queries.resetQueries()
    return 'in'
  }
}

/** Six digits are the one-time password; anything else is a backup code. */
export function useSecondFactor(): (code: string) => Promise<void> {
  const queries = useQueryClient()
  return async (code) => {
    await ask(/^\d{6}$/.test(code) ? authTwoFactorVerifyTotp({ body: { code } }) : authTwoFactorVerifyBackupCode({ body: { code } }))
    await queries.resetQueries()
  }
}

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  return async () => {
    await ask(authSignOut({ body: {} }))
    queries.clear()
    location.assign('/')
  }
}

/** Which entry a person works in: a merchant in the portal, its provider's desk or fleet, the platform in the fleet. */
export function homeOf(me: Me): string {
  if (me.party.kind === 'merchant') return '/portal'
  return ['operations', 'risk', 'platform_admin', 'auditor', 'provider_admin'].includes(me.role) ? '/fleet' : '/desk'
}
