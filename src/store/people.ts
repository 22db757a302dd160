// People, their accounts and the ways they prove who they are. A person may hold several accounts (a role of a party each) and
// keys; rules about "another person" look at the person. Passwords are hashed as better-auth hashes them, in its own tables,
// so that it can check them; a key is kept as its SHA-256 and shown once, when it is made.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import type { Actor } from '../domain/authority.ts'
import type { PartyKind, Role } from '../domain/vocabulary.ts'
import type { Tx } from './db.ts'

export const password_length_min = 12
export const password_length_max = 128
const key_bytes = 32
/** `tq_` and the first characters: enough to tell one's keys apart, too little to guess one. */
const key_hint_chars = 9
export const keyShape = /^tq_[0-9A-Za-z_-]{43}$/
/** Lower case, as people type it at the sign-in. */
export const loginShape = /^[a-z0-9][a-z0-9._@-]{1,62}[a-z0-9]$/

export const keyHash = (key: string): Buffer => createHash('sha256').update(key).digest()

export async function createPerson(tx: Tx, person: { id?: string | undefined; name: string }): Promise<string> {
  const id = person.id ?? randomUUID()
  await tx.run('insert into person (id, name) values ($1, $2)', [id, person.name])
  return id
}

export type NewAccount = {
  id?: string | undefined
  person: string
  name: string
  role: Role
  party: { kind: PartyKind; id: string }
  /** Both or neither: without them the account has keys only. */
  login?: string | undefined
  password?: string | undefined
}

/** Makes an account; with login and password it can sign in. Hashing takes about 50 ms of another thread: make many at once. */
export async function createAccount(tx: Tx, account: NewAccount): Promise<string> {
  const id = account.id ?? randomUUID()
  const login = account.login?.toLowerCase()
  if ((login === undefined) !== (account.password === undefined))
    throw new RangeError('login and password belong together')
  const hash = account.password === undefined ? undefined : await hashed(account.password)
  if (login !== undefined && !loginShape.test(login)) throw new RangeError('not a login')
  if (login !== undefined)
    await tx.run(
      `with u as (
         insert into auth."user" (id, name, email, "emailVerified", username, "displayUsername", "twoFactorEnabled")
         values ($1, $2, $3, true, $4, $4, false) returning id)
       insert into auth.account (id, "accountId", "providerId", "userId", password, "updatedAt")
       select $5, id, 'credential', id, $6, clock_timestamp() from u`,
      // better-auth wants an address of everybody; this one can never be delivered to (RFC 2606).
      [id, account.name, `${id}@accounts.invalid`, login, randomUUID(), hash],
    )
  await tx.run(
    'insert into account (id, person, name, login, role, party_kind, party_id, auth_user) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    [
      id,
      account.person,
      account.name,
      login ?? null,
      account.role,
      account.party.kind,
      account.party.id,
      login === undefined ? null : id,
    ],
  )
  return id
}

/** A new password; every session of the account ends. False where the account cannot sign in at all. */
export async function setPassword(tx: Tx, accountId: string, password: string): Promise<boolean> {
  const hash = await hashed(password)
  const changed = await tx.run(
    `update auth.account set password = $2, "updatedAt" = clock_timestamp()
     where "providerId" = 'credential' and "userId" = (select auth_user from account where id = $1)`,
    [accountId, hash],
  )
  await tx.run('delete from auth.session where "userId" = (select auth_user from account where id = $1)', [accountId])
  return changed > 0
}

function hashed(password: string): Promise<string> {
  if (password.length < password_length_min || password.length > password_length_max)
    throw new RangeError(`a password has ${password_length_min} to ${password_length_max} characters`)
  return hashPassword(password)
}

// ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
export type Key = { id: string; hint: string; name: string; createdAt: number; revokedAt: number | null }

/** Makes a key for an account and returns it, this once. */
export async function createKey(tx: Tx, accountId: string, name: string, now: number): Promise<Key & { key: string }> {
  const key = `tq_${randomBytes(key_bytes).toString('base64url')}`
  const made: Key = { id: randomUUID(), hint: key.slice(0, key_hint_chars), name, createdAt: now, revokedAt: null }
  await tx.run('insert into api_key (hash, account, hint, created_at, id, name) values ($1, $2, $3, $4, $5, $6)', [
    keyHash(key),
    accountId,
    made.hint,
    new Date(now).toISOString(),
    made.id,
    name,
  ])
  return { ...made, key }
}

const keyColumns = 'id, hint, name, created_at as "createdAt", revoked_at as "revokedAt"'

/** An account's keys, newest first; revoked ones stay on the list. */
export const listKeys = (tx: Tx, accountId: string): Promise<Key[]> =>
  tx.many<Key>(`select ${keyColumns} from api_key where account = $1 order by created_at desc, id`, [accountId])

/** Revokes a key of the account, by id or hint; again is no error. Undefined where the account has no such key. */
export const revokeKey = (tx: Tx, accountId: string, idOrHint: string, now: number): Promise<Key | undefined> =>
  tx.one<Key>(
    `update api_key set revoked_at = coalesce(revoked_at, $3) where account = $1 and (id::text = $2 or hint = $2) returning ${keyColumns}`,
    [accountId, idOrHint, new Date(now).toISOString()],
  )

// ── Who is it? ──────────────────────────────────────────────────────────────────────────────────────────────────────
type ActorRow = { person: string; account: string; name: string; role: Role; party_kind: PartyKind; party_id: string }
const actorColumns = 'a.person, a.id as account, a.name, a.role, a.party_kind, a.party_id'
const actorOf = (row: ActorRow | undefined, via: Actor['via']): Actor | undefined =>
  row && {
    person: row.person,
    account: row.account,
    name: row.name,
    role: row.role,
    party: { kind: row.party_kind, id: row.party_id },
    via,
  }

/** Whose key this is, by its SHA-256; nobody's when revoked or when the account is disabled. */
export const actorOfKey = async (tx: Tx, hash: Buffer): Promise<Actor | undefined> =>
  actorOf(
    await tx.one<ActorRow>(
      `select ${actorColumns} from api_key k join account a on a.id = k.account
     where k.hash = $1 and k.revoked_at is null and a.disabled_at is null`,
      [hash],
    ),
    'key',
  )

/** The account behind a better-auth user. */
export const actorOfAuthUser = async (tx: Tx, userId: string): Promise<Actor | undefined> =>
  actorOf(
    await tx.one<ActorRow>(`select ${actorColumns} from account a where a.auth_user = $1 and a.disabled_at is null`, [
      userId,
    ]),
    'session',
  )

export type Person = {
  person: string
  account: string
  name: string
  login: string | null
  role: Role
  party: { kind: PartyKind; id: string }
  disabled: boolean
  totp: boolean
}

/** The accounts the looker may see, by account id. `after` is the last one of the page before. */
export const listPeople = async (tx: Tx, after: string, count_max: number): Promise<Person[]> =>
  (
    await tx.many<ActorRow & { login: string | null; disabled: boolean; totp: boolean }>(
      `select ${actorColumns}, a.login, a.disabled_at is not null as disabled, coalesce(u."twoFactorEnabled", false) as totp
     from account a left join auth."user" u on u.id = a.auth_user where a.id > $1 order by a.id limit $2`,
      [after, count_max],
    )
  ).map((r) => ({
    person: r.person,
    account: r.account,
    name: r.name,
    login: r.login,
    role: r.role,
    party: { kind: r.party_kind, id: r.party_id },
    disabled: r.disabled,
    totp: r.totp,
  }))
export const countPeople = async (tx: Tx): Promise<number> =>
  (await tx.one<{ n: number }>('select count(*) as n from account'))!.n

// ── Wrong passwords ─────────────────────────────────────────────────────────────────────────────────────────────────
/**
 * Counts an attempt before it is made, so that attempts side by side cannot outrun the count. Returns how many seconds the
 * login is still locked for; 0 lets the attempt happen, and `forgetFailures` clears the count when it succeeds.
 */
export async function noteAttempt(
  tx: Tx,
  login: Buffer,
  failures_max: number,
  locked_minutes: number,
): Promise<number> {
  const row = await tx.one<{ locked_s: number }>(
    `insert into auth.failure as f (login, count, last_at) values ($1, 1, clock_timestamp())
     on conflict (login) do update set
       count = case when f.locked_until <= clock_timestamp() then 1 else f.count + 1 end,
       last_at = case when f.locked_until > clock_timestamp() then f.last_at else clock_timestamp() end,
       locked_until = case
         when f.locked_until > clock_timestamp() then f.locked_until
         when f.locked_until is null and f.count + 1 > $2 then clock_timestamp() + make_interval(mins => $3) end
     returning greatest(0, ceil(extract(epoch from locked_until - clock_timestamp())))::int as locked_s`,
    [login, failures_max, locked_minutes],
  )
  return row!.locked_s ?? 0
}

export const forgetFailures = (tx: Tx, login: Buffer): Promise<number> =>
  tx.run('delete from auth.failure where login = $1', [login])

/** Attempts so old that they count for nothing. */
export const pruneFailures = (tx: Tx, kept_hours: number): Promise<number> =>
  tx.run('delete from auth.failure where last_at < clock_timestamp() - make_interval(hours => $1)', [kept_hours])
