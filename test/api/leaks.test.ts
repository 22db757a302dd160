// Card numbers where none belongs. Every place that takes text gets one of its own – words, names, numbers of other things,
// queries, paths, headers, files – in the ways people write them. Afterwards none may be left anywhere: not in a table, not in
// a file of the home folder (the database's own files, its log of writes and ours included), not in a figure, not in a reply.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import writeXlsxFile from 'write-excel-file/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { drawPaper } from '../../src/demo/paper.ts'
import { authority, type Right } from '../../src/domain/authority.ts'
import { fleetCells, transactionCells } from '../../src/files/samples.ts'
import { openapiOf } from '../../src/http/openapi.ts'
import type { Route } from '../../src/http/route.ts'
import { routes } from '../../src/http/routes/index.ts'
import { formOf, startEstate, tested, type Asked, type Estate, type Told } from './estate.ts'

// ── The numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────
/** A test card of UnionPay's range; the last six digits say where it was sent. */
const front = '6212349911'
const places: string[] = []
const ways: readonly ((pan: string) => string)[] = [
  (pan) => pan,
  (pan) => pan.replace(/(.{4})(?=.)/g, '$1 '),
  (pan) => pan.replace(/(.{4})(?=.)/g, '$1-'),
  (pan) => `${pan}=30122010000012345`,
  (pan) => `${pan}D30122010000012345`,
  (pan) => [...pan].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join(''),
  (pan) => `卡号${pan}。`,
  (pan) => `6212340000000001 ${pan}`,
]
/** A card number that is nowhere else, named after where it goes; `plain` where only digits would be taken. */
function panFor(place: string, plain = false): string {
  places.push(place)
  const pan = front + String(places.length).padStart(6, '0')
  return plain ? pan : ways[places.length % ways.length]!(pan)
}
const fromFull = (text: string): string =>
  text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
/** Any of them, digits in a run or with something between them. */
const any = new RegExp(`${[...front].join('[ -]?')}(?:[ -]?\\d){0,6}|${[...'6212340000000001'].join('[ -]?')}`, 'g')
/** Where the numbers come from that stand in a text. */
const found = (text: string): string[] => [
  ...new Set(
    [...fromFull(text).matchAll(any)].map(([pan]) => {
      const digits = pan.replace(/\D/g, '')
      return (digits.startsWith(front) ? places[Number(digits.slice(front.length)) - 1] : undefined) ?? digits
    }),
  ),
]

let estate: Estate
const replies: { asked: string; text: string }[] = []
beforeAll(async () => {
  estate = await startEstate('2026-11-23T10:00:00+08:00')
}, 120_000)
afterAll(() => estate?.close())

const ask = async (method: string, path: string, who?: string, asked: Asked = {}): Promise<Told> => {
  const told = await estate.ask(method, path, who, asked)
  replies.push({ asked: `${method} ${path}`, text: `${told.text} ${[...told.headers].join()}` })
  return told
}
const post = (path: string, who: string, body: object): Promise<Told> => ask('POST', path, who, { body })
const command = (no: string, name: string, who: string, body: object = {}): Promise<Told> =>
  post(`/api/v1/applications/${no}/${name}`, who, body)

test('the numbers are ones a person would type, and are found again however they are written', () => {
  for (const way of ways) expect(found(way(`${front}000000`))).toHaveLength(way === ways[7] ? 2 : 1)
  expect(found('621234******0001 6212 3400 0000 0002')).toEqual([])
})

describe('written into what is accepted', () => {
  test('a case: filed by telephone, returned, answered, reviewed, rejected', async () => {
    const [a, b] = await estate.freeTerminals('yunhui.agent', 'yunhui')
    const filed = await post('/api/v1/applications', 'yunhui.agent', {
      kind: 'suspend',
      terminals: [a!.tid],
      reason: 'X99',
      words: panFor('words of a case'),
      channel: 'phone',
      proof: panFor('proof of consent'),
      submit: true,
    })
    expect(filed.status).toBe(201)
    const { no } = filed.body
    expect(filed.body.words).toMatch(/621234\*+/)
    expect((await command(no, 'assign', 'yunhui.reviewer', { to: panFor('assigned to') })).status).toBeLessThan(500)
    const returned = await command(no, 'return', 'yunhui.reviewer', {
      words: panFor('words of a return'),
      materials: [{ type: 'other', words: panFor('words of a wanted material') }],
    })
    expect(returned.status).toBe(200)
    const paper = formOf({ type: 'other' }, new Uint8Array(await drawPaper('x')), `${panFor('name of a paper')}.png`)
    const handed = await ask('POST', `/api/v1/applications/${no}/materials`, 'yunhui.agent', { raw: paper })
    expect(handed.status).toBe(201)
    expect((await ask('GET', `/api/v1/applications/${no}`, 'yunhui.reviewer')).body.materials[0].name).toMatch(
      /621234x+\d{4}/,
    )
    await command(no, 'submit', 'yunhui.agent')
    expect(
      (
        await command(no, 'return-material', 'yunhui.reviewer', {
          material: handed.body.materials[0].id,
          words: panFor('words of a returned material'),
        })
      ).status,
    ).toBe(200)
    expect((await command(no, 'reject', 'yunhui.reviewer', { words: panFor('words of a rejection') })).status).toBe(200)
    const other = await post('/api/v1/applications', 'yunhui.agent', {
      kind: 'suspend',
      terminals: [b!.tid],
      reason: 'M04',
      words: '停。',
      channel: 'phone',
      proof: 'x',
      submit: true,
    })
    expect(
      (
        await command(other.body.no, 'waive-step', 'yunhui.reviewer', {
          step: 'fallback',
          words: panFor('words of a waiver'),
        })
      ).status,
    ).toBe(200)
    expect(
      (
        await command(other.body.no, 'complete-step', 'yunhui.finance', {
          step: 'bank-notice',
          evidence: panFor('evidence of a step'),
        })
      ).status,
    ).toBe(200)
    expect(
      (await command(other.body.no, 'withdraw', 'yunhui.agent', { words: panFor('words of a withdrawal') })).status,
    ).toBe(200)
  })

  test('a stop, its lift, and a test that fails', async () => {
    const [c] = (await estate.freeTerminals('yunhui.agent', 'yunhui')).slice(5)
    const held = await post(`/api/v1/terminals/${c!.tid}/holds`, 'yunhui.risk', {
      reason: 'R09',
      words: panFor('words of a hold'),
    })
    expect(held.status).toBe(201)
    const { id } = held.body.holds.find((h: { reason: string }) => h.reason === 'R09')
    expect(
      (
        await post(`/api/v1/holds/${id}/lift`, 'yunhui.risk', {
          words: panFor('words of a lift'),
          evidence: panFor('evidence of a lift'),
        })
      ).status,
    ).toBe(200)
    expect(
      (
        await post(`/api/v1/terminals/${c!.tid}/tests`, 'yunhui.field', {
          items: tested('print', panFor('note of a test')),
        })
      ).status,
    ).toBe(201)
  })

  test('a key, the rules, a sign-in', async () => {
    expect((await post('/api/v1/keys', 'apo.owner', { name: panFor('name of a key') })).status).toBe(201)
    const { document } = (await estate.get('/api/v1/policies/yunhui-1', 'yunhui.provider_admin')).body
    document.straightThrough[0].id = panFor('name of a rule')
    expect((await post('/api/v1/policies', 'yunhui.provider_admin', { document })).status).toBe(201)
    const { login, password } = estate.actor('apo.owner')
    const signIn = (username: string, secret: string, agent: string): Promise<Told> =>
      ask('POST', '/api/auth/sign-in/username', undefined, {
        body: { username, password: secret },
        headers: { 'user-agent': agent },
      })
    expect((await signIn(login!, password!, panFor('user agent of a session', true))).status).toBe(200)
    expect((await signIn(panFor('user name', true), panFor('password'), 'x')).status).toBe(401)
  })

  test('files', async () => {
    const line = (cells: object): string =>
      Object.values(cells)
        .map((cell) => `"${cell}"`)
        .join(',')
    const cellsOf: Record<string, Record<string, string>> = { fleet: fleetCells, transactions: transactionCells }
    for (const [kind, sound] of Object.entries(cellsOf))
      for (const name of Object.keys(sound)) {
        const bent = { ...sound, [name]: panFor(`${kind} file, ${name}`) }
        const text = [Object.keys(sound).join(','), line(sound), line(bent)].join('\n')
        const seen = await estate.import(
          'yunhui.operations',
          kind,
          text,
          `${panFor(`name of a ${kind} file`, true)}.csv`,
        )
        replies.push({ asked: `import ${kind} ${name}`, text: JSON.stringify(seen) })
        expect(seen.state, `${kind} ${name}`).toMatch(/refused|done/)
        await ask('GET', `/api/v1/imports/${seen.id}/rejected.csv`, 'yunhui.operations')
      }
    // A column nobody knows, headings that are none, a number where a spreadsheet keeps numbers, what is no table at all.
    const workbook = await writeXlsxFile(
      [
        Object.keys(transactionCells),
        Object.values({ ...transactionCells, cardMasked: '' }).map((cell, i) =>
          i === 11 ? Number(panFor('number in a workbook', true)) : cell,
        ),
      ].map((row) => row.map((value) => ({ value }))),
    ).toBuffer()
    for (const file of [
      `tid,${panFor('unknown column')}\n10000001,x\n`,
      panFor('a file that is only a number'),
      panFor('track in a file'),
      new Uint8Array(workbook),
    ])
      for (const kind of ['transactions', 'fleet']) {
        const seen = await estate.import('yunhui.operations', kind, file)
        replies.push({ asked: `import ${kind}`, text: JSON.stringify(seen) })
        if (seen.id) await ask('GET', `/api/v1/imports/${seen.id}/rejected.csv`, 'yunhui.operations')
      }
  }, 60_000)
})

// ── Everywhere else: every text of every request that its schema takes ──────────────────────────────────────────────
const contract = openapiOf(routes, '0')
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** The value once for every text in it, with that text replaced; and once more with a field nobody knows. */
function* replaced(value: Json, place: string, pan: (place: string) => string): Generator<[string, Json]> {
  if (typeof value === 'string') yield [place, pan(place)]
  else if (Array.isArray(value))
    for (const [i, one] of value.entries())
      for (const [where, changed] of replaced(one, `${place}/${i}`, pan)) yield [where, value.with(i, changed)]
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value))
      for (const [where, changed] of replaced(one, `${place}/${key}`, pan)) yield [where, { ...value, [key]: changed }]
    yield [`${place}/…`, { ...value, [pan(`${place}/…`)]: 'x' }]
  }
}
const askerOf = (row: Route): string | undefined =>
  row.right === 'public'
    ? undefined
    : row.right === 'signed_in'
      ? 'apo.owner'
      : [
          'yunhui.agent',
          'yunhui.reviewer',
          'yunhui.field',
          'yunhui.risk',
          'yunhui.provider_admin',
          'platform.admin',
        ].find((who) => (authority[row.right as Right] as readonly string[]).includes(estate.actor(who).role))

describe('written where it is not asked for', () => {
  test.each(routes.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    const operation = contract['paths'][row.path][row.method.toLowerCase()]
    const who = askerOf(row)
    const path = (value: (name: string) => string): string =>
      row.path.replace(/\{(\w+)\}/g, (__, name: string) => encodeURIComponent(value(name)))
    const example = (name: string): string =>
      String(
        operation.parameters.find((p: { name: string; in: string }) => p.name === name && p.in === 'path')?.example ??
          'x',
      )
    const body = operation.requestBody?.content['application/json']?.example as Json | undefined
    const given: Asked = row.upload
      ? {
          raw: formOf(
            { type: panFor(`${row.id}: type`), kind: panFor(`${row.id}: kind`), [panFor(`${row.id}: field`)]: 'x' },
            new Uint8Array([1]),
            panFor(`${row.id}: file name`),
          ),
        }
      : body === undefined
        ? {}
        : { body }
    if (row.params)
      await ask(
        row.method,
        path((name) => panFor(`${row.id}: {${name}}`)),
        who,
        given,
      )
    const queries = [...Object.keys(row.query?.shape ?? {}), 'dryRun', 'lang', 'nobody']
    for (const name of queries)
      await ask(row.method, `${path(example)}?${name}=${encodeURIComponent(panFor(`${row.id}: ?${name}`))}`, who, given)
    await ask(row.method, `${path(example)}?${encodeURIComponent(panFor(`${row.id}: ?`))}=x`, who, given)
    if (body === undefined) return
    for (const [place, changed] of [
      ...replaced(body, row.id, (place) => panFor(`body of ${place}`)),
      ...replaced(body, row.id, (place) => panFor(`body of ${place}, plain`, true)),
    ]) {
      const isTaken = (row.body as z.ZodType).safeParse(changed).success
      const told = await ask(row.method, path(example), who, {
        body: changed,
        headers: { 'idempotency-key': place.replace(/[^ -~]/g, '.') + isTaken },
      })
      expect(told.status).toBeLessThan(500)
    }
    await ask(row.method, path(example), who, {
      raw: `{"words":"${panFor(`${row.id}: torn body`)}`,
      headers: { 'content-type': 'application/json' },
    })
    await ask(row.method, path(example), who, {
      raw: panFor(`${row.id}: body of another type`),
      headers: { 'content-type': 'text/plain' },
    })
  })

  test('headers', async () => {
    const asked = { kind: 'suspend', terminals: ['10000001'], reason: 'M04', words: '停。' }
    for (const name of [
      'idempotency-key',
      'if-match',
      'accept-language',
      'user-agent',
      'x-request-id',
      'referer',
      'origin',
      'cookie',
      'x-forwarded-for',
      'accept',
      'content-type',
      'x-anything',
      'traceparent',
    ])
      for (const plain of [
        `${panFor(`header ${name}`, true)}`,
        `"${panFor(`header ${name}`, true)}"`,
        `tingqi.session_token=${panFor(`header ${name}`, true)}`,
      ])
        for (const [method, path] of [
          ['POST', '/api/v1/applications'],
          ['POST', '/api/v1/applications/TQ-261123-00042-1/submit'],
          ['GET', '/api/v1/me'],
          ['POST', '/api/auth/sign-out'],
          ['GET', '/nothing'],
        ] as const)
          expect(
            (
              await ask(method, path, 'apo.owner', {
                headers: { [name]: plain },
                ...(method === 'POST' ? { body: path.endsWith('applications') ? asked : {} } : {}),
              })
            ).status,
          ).toBeLessThan(500)
    for (const key of [`Bearer ${panFor('authorization', true)}`, panFor('authorization', true)])
      await ask('GET', '/api/v1/me', undefined, { headers: { authorization: key } })
    // A key of one's own making is refused rather than masked: masked, two could become one.
    expect(
      await ask('POST', '/api/v1/applications', 'apo.owner', {
        body: asked,
        headers: { 'idempotency-key': panFor('idempotency key', true) },
      }),
    ).toMatchObject({ status: 422, body: { errors: [{ pointer: '/header/Idempotency-Key', code: 'card_number' }] } })
  })

  test('addresses and pages', async () => {
    for (const path of [
      '/',
      '/api/v1/',
      '/verify/',
      '/track/',
      '/problems/',
      '/docs/',
      '/verify?code=',
      '/track?no=',
    ]) {
      await ask('GET', path + encodeURIComponent(panFor(`address ${path}`)), undefined, {
        headers: { accept: 'text/html' },
      })
      await ask('GET', path + panFor(`address ${path}`, true))
    }
    await ask('POST', '/track', undefined, {
      raw: `no=${panFor('tracked number', true)}&phone=1234`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await ask('POST', '/api/v1/verify', undefined, {
      raw: `%PDF-1.7\n${panFor('verified file')}`,
      headers: { 'content-type': 'application/pdf' },
    })
  })
})

describe('afterwards', () => {
  beforeAll(async () => {
    // Letters are printed, notices sent, the month's backups made.
    await estate.moveTo('2026-11-30T21:00:00+08:00')
    for (const who of ['platform.admin', 'yunhui.provider_admin', 'yunhui.agent', 'apo.owner'])
      for (const row of routes.filter((r) => r.method === 'GET' && !r.params && r.right !== 'public'))
        await ask('GET', `${row.path}${row.query && 'limit' in row.query.shape ? '?limit=200' : ''}`, who)
    for (let after = 0; ; ) {
      const { body } = await ask('GET', `/api/v1/journal?limit=1000&after=${after}`, 'platform.admin')
      if (body.rows.length < 1_000) break
      after = body.rows.at(-1).seq
    }
    for (const { tid } of (await estate.get('/api/v1/terminals?limit=200', 'yunhui.agent')).body.items)
      await ask('GET', `/api/v1/terminals/${tid}/timeline?limit=200`, 'yunhui.agent')
    for (const { no } of (await estate.get('/api/v1/applications?limit=200', 'yunhui.agent')).body.items)
      await ask('GET', `/api/v1/applications/${no}`, 'yunhui.agent')
  }, 60_000)

  test('they were sent from everywhere', () => {
    expect(places.length).toBeGreaterThan(400)
  })

  test('no table holds one', async () => {
    const client = new pg.Client({ connectionString: estate.app.db.pool.options.connectionString! })
    await client.connect()
    try {
      const { rows } = await client.query<{ name: string; column: string; type: string }>(
        `select format('%I.%I', table_schema, table_name) as name, format('%I', column_name) as column, data_type as type
         from information_schema.columns join information_schema.tables using (table_schema, table_name)
         where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
           and data_type in ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY', 'name', 'numeric', 'bigint', 'double precision')`,
      )
      expect(rows.length).toBeGreaterThan(150)
      const leaks: string[] = []
      for (const { name, column, type } of rows) {
        const text = `translate(${type === 'bytea' ? `encode(${column}, 'escape')` : `${column}::text`}, '０１２３４５６７８９ -', '0123456789')`
        const held = await client.query<{ text: string }>(
          `select distinct ${text} as text from ${name} where ${text} ~ $1 limit 50`,
          [`${front}|6212340000000001`],
        )
        leaks.push(...held.rows.flatMap((row) => found(row.text).map((place) => `${name}.${column} ← ${place}`)))
      }
      expect([...new Set(leaks)]).toEqual([])
    } finally {
      await client.end()
    }
  }, 60_000)

  test('no file of the home folder holds one, the log and the database’s own included', async () => {
    await sleep(300)
    const files = readdirSync(estate.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    const names = files.map((file) => file.slice(estate.home.length + 1))
    for (const kind of ['tingqi.log', 'postgres/cluster/pg_wal', 'materials/', 'backups/'])
      expect(
        names.some((name) => name.startsWith(kind)),
        kind,
      ).toBe(true)
    const leaks = files.flatMap((file) => {
      const bytes = readFileSync(file)
      // As bytes, and as the two ways texts are written in bytes.
      return found(bytes.toString('latin1'))
        .concat(bytes.includes('６２１２３４') ? found(bytes.toString()) : [], found(bytes.toString('utf16le')))
        .map((place) => `${file.slice(estate.home.length)} ← ${place}`)
    })
    expect([...new Set(leaks)]).toEqual([])
  }, 60_000)

  test('no reply repeats one, and no figure', async () => {
    await ask('GET', '/metrics')
    expect(replies.length).toBeGreaterThan(1_000)
    expect([
      ...new Set(replies.flatMap(({ asked, text }) => found(text).map((place) => `${asked.slice(0, 80)} ← ${place}`))),
    ]).toEqual([])
  })

  test('nothing went wrong on the way', async () => {
    expect(await estate.faults()).toEqual([])
  })
})
