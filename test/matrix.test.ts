// Who may: every route of the table × every role × whose it is. What is expected is derived from the row itself – its right and
// whether its path names a thing of somebody's –, so that a new route is tested by being there, and one whose thing this test
// does not know fails. Then once more with the application's own checks off: a role that passes every one of them stands on
// the other side, and row level security alone must leave it nothing.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programRoles } from '../src/config.ts'
import { authority, type Right } from '../src/domain/authority.ts'
import { roles, words, type PartyKind, type Role } from '../src/domain/vocabulary.ts'
import { openapiOf } from '../src/http/openapi.ts'
import type { Route } from '../src/http/route.ts'
import { routes } from '../src/http/routes/index.ts'
import { startProgram, type Program } from '../src/program.ts'
import { keyHash } from '../src/store/people.ts'
import { midA, midB, twoParties } from './parties.ts'
import { startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let program: Program
const home = mkdtempSync(join(tmpdir(), 'tingqi-matrix-'))

/** What a path names, by its first word and its parameter: one thing of a party, found by its merchant ($1), provider ($2), terminal ($3). */
const things: Readonly<Record<string, string>> = {
  'applications no': 'select no from application where mid = $1', 'terminals tid': 'select tid from terminal where mid = $1', 'holds id': 'select id from hold where mid = $1',
  'returns rma': 'select rma from device_return where mid = $1', 'merchants mid': 'select mid from merchant where mid = $1', 'invoices invoice': 'select no from invoice where mid = $1',
  'payments payment': 'select id from payment where mid = $1', 'waivers waiver': 'select id from waiver where mid = $1', 'channels channel': 'select id from channel where provider = $2',
  'imports id': 'select id from import where provider = $2', 'materials id': 'select id from material where mid = $1', 'letters no': 'select no from letter where mid = $1',
  'settlement file': 'select file from settlement_part where mid = $1', 'settlement run': 'select id from settlement_run where provider = $2',
  'settlement break': 'select id from settlement_break where mid = $1', 'policies id': `select provider || '-' || version from policy where provider = $2`,
  'replays replay': 'select id from policy_replay where provider = $2', 'legal-holds legalHold': 'select id from legal_hold where mid = $1',
  'disposals disposal': 'select id from disposal where mid = $1', 'keys key': `select k.id from api_key k join account a on a.id = k.account where a.party_id = $1`,
  'webhooks id': 'select id from webhook where mid = $1', 'contacts id': 'select id from contact where mid = $1', 'deliveries id': 'select id from delivery where mid = $1',
  'complaints no': 'select no from complaint where mid = $1', 'bulks bulk': 'select id from bulk where provider = $2', 'plans plan': 'select id from plan where provider = $2',
  'tickets ticket': 'select no from ticket where mid = $1', 'evidence evidence': 'select id from evidence where mid = $1', 'duties duty': 'select id from care_duty where mid = $1',
  'devices serial': 'select serial from terminal where mid = $1 and serial is not null', 'handovers id': 'select id from handover where mid = $1', '{tid} tid': 'select tid from terminal where mid = $1',
  // Gates answer for all parties and belong to none.
  'gates id': 'select id from gate',
}
/** Nobody's: about the program itself, or what anybody of a role may ask. */
const ofNobody = (row: Route): boolean => row.path.startsWith('/api/v1/gates')
/** A practice estate's clock is not moved here. */
const isAsked = (row: Route): boolean => row.right !== 'public' && row.id !== 'moveClock'
const isStream = (row: Route): boolean => Object.values(row.replies).some((reply) => reply !== undefined && 'mediaType' in reply && reply.mediaType === 'text/event-stream')
const parameters = (row: Route): string[] => [...row.path.matchAll(/\{(\w+)\}/g)].map((m) => `${row.path.split('/')[3]!} ${m[1]!}`)

type Asker = { name: string; role: Role; kind: PartyKind; party: string; key: string }
const askers: Asker[] = []
const keyOf = (name: string): string => `tq_${Buffer.from(name.padEnd(32, '_')).toString('base64url').slice(0, 43)}`
const partyRoles: Readonly<Record<PartyKind, readonly Role[]>> = {
  platform: ['platform_admin', 'auditor'],
  provider: ['agent', 'reviewer', 'approver', 'finance', 'field', 'risk', 'operations', 'provider_admin', 'integrator'],
  merchant: ['merchant_owner', 'merchant_staff', 'integrator'],
}
const midC = '102290058120003'
/** A merchant beside A at A's own provider, with nothing of its own. */
const parties = [['provider', 'yunhui'], ['provider', 'chengfutong'], ['merchant', midA], ['merchant', midB], ['merchant', midC], ['platform', 'platform']] as const

async function hire(role: Role, kind: PartyKind, party: string): Promise<void> {
  const name = `${party}.${role}`
  await world.sql('insert into person (id, name) values ($1, $1)', [name])
  await world.sql('insert into account (id, person, name, role, party_kind, party_id) values ($1, $1, $1, $2, $3, $4)', [name, role, kind, party])
  await world.sql(`insert into api_key (hash, account, hint, created_at) values ($1, $2, 'tq', now())`, [keyHash(keyOf(name)), name])
  askers.push({ name, role, kind, party, key: keyOf(name) })
}

const mine: Record<string, string> = {}
let marks: string[] = []
beforeAll(async () => {
  server = await startServer()
  world = await twoParties(server.url)
  await world.sql(`insert into merchant (mid, name, uscc, mcc, wrapped_key) values ($1, '隔壁', '91350100M000100Y60', '5812', $2)`, [midC, world.app.vault.newKey(midC)])
  await world.sql('insert into merchant_provider (mid, provider) values ($1, $2)', [midC, 'yunhui'])
  for (const [kind, party] of parties) for (const role of partyRoles[kind]) await hire(role, kind, party)
  // Passes every check of the application, wherever it stands.
  for (const [kind, party] of parties.filter(([, party]) => ![midA, 'yunhui', 'platform'].includes(party))) await hire('system', kind, party)
  for (const [name, sql] of Object.entries(things)) {
    const [found] = await world.sql<Record<string, unknown>>(`${sql.includes('$') ? `select x.* from (${sql}) x, (select $1::text, $2::text) y` : sql} limit 1`, sql.includes('$') ? [midA, 'yunhui'] : [])
    if (found) mine[name] = String(Object.values(found)[0])
  }
  // Both sides have a channel of one name; only A's is asked for.
  await world.sql(`update channel set id = 'a-bank' where provider = 'yunhui'`)
  mine['channels channel'] = 'a-bank'
  const ids = await world.sql<{ id: string }>(`select id::text from hold where mid = $1 union select no from application where mid = $1 union select tid from terminal where mid = $1 union select no from letter where mid = $1`, [midA])
  marks = [midA, ...ids.map((r) => r.id)]
  program = await startProgram({
    home, databaseUrl: world.url, host: '127.0.0.1', port: 0, publicUrl: 'http://tingqi.test', roles: programRoles, isDemo: false,
    manualClockFrom: world.clock.now(), secret: 'x'.repeat(40), connections_max: 12, logLevel: 'error',
  } as Parameters<typeof startProgram>[0])
}, 240_000)
afterAll(async () => {
  await program?.close()
  await world?.close()
  await server?.stop()
  rmSync(home, { recursive: true, force: true, maxRetries: 3 })
})

const contract = openapiOf(routes, '0')
const closed = routes.filter(isAsked)
const owned = closed.filter((row) => parameters(row).length > 0 && !ofNobody(row))
const mayByRole = (row: Route, role: Role): boolean => role === 'system' || row.right === 'signed_in' || (authority[row.right as Right] as readonly Role[]).includes(role)

/** Of the same look, and nobody's. */
const nobodys = (id: string): string =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? randomUUID() : id.replace(/\d/g, (digit) => String(9 - Number(digit))).replace('a-bank', 'n-bank')

type Told = { status: number; code: string | undefined; text: string }
async function ask(row: Route, asker: Asker, { dryRun = false, none = false } = {}): Promise<Told> {
  const path = row.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((none ? nobodys : String)(mine[`${row.path.split('/')[3]!} ${name}`]!)))
  const example = contract['paths'][row.path][row.method.toLowerCase()].requestBody?.content['application/json']?.example
  const init: RequestInit = { method: row.method, headers: { authorization: `Bearer ${asker.key}`, ...(example === undefined ? {} : { 'content-type': 'application/json' }) } }
  if (example !== undefined) init.body = JSON.stringify(example)
  if (row.upload) {
    const form = new FormData()
    form.set('file', new Blob(['x']), 'x')
    init.body = form
    init.headers = { authorization: `Bearer ${asker.key}` }
  }
  const answer = await fetch(program.url + path + (dryRun && row.isCommand ? '?dryRun=true' : ''), init)
  // A stream that is open says so with its first line.
  const text = isStream(row) && answer.ok ? (await answer.body!.cancel(), '') : await answer.text()
  return { status: answer.status, text, code: /\bjson\b/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text).code : undefined }
}
const isYes = (told: Told): boolean => told.status < 400
const isTheirs = (asker: Asker): boolean => asker.kind === 'platform' || asker.party === midA || asker.party === 'yunhui'

test('every thing a path names is known here, and A has one of each', () => {
  const named = [...new Set(closed.flatMap(parameters))]
  expect(named.filter((name) => !(name in things))).toEqual([])
  expect(named.filter((name) => !(name in mine))).toEqual([])
  expect(new Set(askers.map((a) => a.role))).toEqual(new Set(words(roles)))
})

// Before anybody asks for what is not theirs: their journal would show that they asked.
describe('lists with the application’s own checks off', () => {
  const unchecked = (): Asker[] => askers.filter((a) => a.role === 'system')
  test.each(closed.filter((row) => row.method === 'GET' && !owned.includes(row) && !ofNobody(row)).map((row) => [row.id, row] as const))('%s shows nothing of A', async (_, row) => {
    for (const asker of unchecked()) {
      const told = await ask(row, asker)
      expect([asker.name, marks.filter((mark) => told.text.includes(mark))]).toEqual([asker.name, []])
    }
  })
})

describe('every route × every role × whose it is', () => {
  test.each(closed.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    const unexpected: string[] = []
    for (const asker of askers.filter((a) => a.role !== 'system')) {
      const may = mayByRole(row, asker.role)
      const told = await ask(row, asker, { dryRun: true })
      // Without the right nobody hears yes: they are told so, or that there is no such thing.
      // An upload is read before its command is asked.
      const isNo = (told.status === 403 && told.code === 'role_missing') || told.status === 404 || (row.upload !== undefined && told.code === 'fields_invalid')
      if (!may && !isNo) unexpected.push(`${asker.name} without the right: ${told.status} ${told.code}`)
      if (may && told.code === 'role_missing' && row.checks === 'route') unexpected.push(`${asker.name} with the right: ${told.status} ${told.code}`)
      // With it, but on the other side, a thing of A's is not there.
      if (may && !isTheirs(asker) && owned.includes(row) && (isYes(told) || told.status >= 500)) unexpected.push(`${asker.name} on the other side: ${told.status}`)
      // What an asker named itself is said back to it; a list was asked for nothing.
      if (!isTheirs(asker) && row.method === 'GET' && !owned.includes(row) && !ofNobody(row) && marks.some((mark) => told.text.includes(mark))) unexpected.push(`${asker.name} is shown something of A`)
    }
    expect(unexpected).toEqual([])
  })

  test.each(owned.map((row) => [row.id, row] as const))('%s: what nobody has is answered like what is somebody else’s', async (_, row) => {
    for (const asker of askers.filter((a) => a.role !== 'system' && !isTheirs(a))) {
      const [theirs, none] = [await ask(row, asker, { dryRun: true }), await ask(row, asker, { dryRun: true, none: true })]
      expect([asker.name, theirs.status, theirs.code]).toEqual([asker.name, none.status, none.code])
    }
  })
})

describe('the application’s own checks off: row level security alone', () => {
  const unchecked = (): Asker[] => askers.filter((a) => a.role === 'system')
  test.each(owned.map((row) => [row.id, row] as const))('%s finds nothing of A', async (_, row) => {
    for (const asker of unchecked()) {
      // In earnest: nothing may come of it.
      const told = await ask(row, asker)
      expect([asker.name, told.status, isYes(told)]).toEqual([asker.name, told.status, false])
      expect([asker.name, told.status < 500]).toEqual([asker.name, true])
    }
  })
})
