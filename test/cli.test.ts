// The command line: what it draws, what it reads, and – started as people start it, against a small server – what it asks,
// prints and exits with.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { execFile } from 'node:child_process'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paintFor, isColoured } from '../src/cli/paint.ts'
import { run } from '../src/cli/run.ts'
import { strip } from '../src/cli/strip.ts'
import { instant, money, readInstant, readYuan } from '../src/cli/show.ts'
import { pairs, table } from '../src/cli/table.ts'
import { clean, cut, padEnd, widthOf } from '../src/cli/width.ts'
import { readConfig } from '../src/config.ts'
import { genesis, hashOf, headBytes, journalChecker, type JournalRow } from '../src/journal/chain.ts'
import { startProgram, type Program } from '../src/program.ts'

const plain = paintFor(false)

describe('width', () => {
  test.each([
    ['abc', 3], ['停机', 4], ['¥1,234.50', 9], ['（全角）', 8], ['é', 1], ['👍', 2], ['\u001b[32m正常\u001b[39m', 4], ['', 0], ['●', 1],
  ])('%j takes %i columns', (text, width) => expect(widthOf(text)).toBe(width))

  test('a cut never halves a character and never exceeds its columns', () => {
    expect(cut('老盛昌汤包', 10)).toBe('老盛昌汤包')
    expect(cut('老盛昌汤包', 9)).toBe('老盛昌汤…')
    expect(cut('老盛昌汤包', 8)).toBe('老盛昌…')
    expect(cut('老盛昌汤包', 1)).toBe('…')
    expect(cut('老盛昌汤包', 0)).toBe('')
    for (let width = 1; width < 12; width++) expect(widthOf(cut('a老b盛c昌d', width))).toBeLessThanOrEqual(width)
  })

  test('what comes from elsewhere cannot move the cursor or turn text around', () => {
    expect(clean('a\u001b[2Jb\r\nc\u202ed\te')).toBe('a [2Jb c d e')
  })
})

describe('table', () => {
  const rows = [{ tid: '10000001', name: '老盛昌汤包', fen: 58800 }, { tid: '10000002', name: 'Corner', fen: 123450 }]
  const columns = [
    { title: '终端号', cell: (r: (typeof rows)[number]) => r.tid },
    { title: '商户', cell: (r: (typeof rows)[number]) => r.name, width_min: 6 },
    { title: '金额', cell: (r: (typeof rows)[number]) => money(r), align: 'right' as const },
  ]

  test('columns stand under each other, counted in terminal columns', () => {
    expect(table(columns, rows)).toEqual([
      '终端号    商户             金额',
      '10000001  老盛昌汤包    ¥588.00',
      '10000002  Corner      ¥1,234.50',
    ])
  })

  test('on a narrow screen only what may give way is cut', () => {
    const lines = table(columns, rows, 29)
    expect(lines).toEqual([
      '终端号    商户           金额',
      '10000001  老盛昌…     ¥588.00',
      '10000002  Corner    ¥1,234.50',
    ])
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(29)
  })

  test('what may not be cut stays whole, however narrow the screen', () => {
    expect(table(columns, rows, 5)[1]).toBe('10000001  老盛…     ¥588.00')
  })

  test('pairs stand in two columns, empty ones are left out', () => {
    expect(pairs([['商户', 'a'], ['mid', 'b'], ['x', undefined], ['y', '']])).toEqual(['商户  a', 'mid   b'])
  })
})

describe('instants and money', () => {
  test.each([
    ['2026-11-27T07:00:00.000Z', '2026-11-27 15:00:00'], ['2026-12-31T16:00:00Z', '2027-01-01 00:00:00'], ['nonsense', 'nonsense'],
  ])('%s is shown as %s', (at, shown) => expect(instant(at)).toBe(shown))

  test.each([
    ['2026-11-27 15:00', '2026-11-27T15:00:00+08:00'], ['2026-11-27', '2026-11-27T00:00:00+08:00'],
    ['2026-11-27T15:00:30Z', '2026-11-27T15:00:30Z'], ['2026-11-27t15:00:00.5+09:00', '2026-11-27T15:00:00.5+09:00'],
    ['2026-02-30', undefined], ['2026-02-28 24:00', undefined], ['2026-11-27 15:60', undefined], ['tomorrow', undefined], ['2026-13-01', undefined],
  ])('%s is read as %s', (typed, at) => expect(readInstant(typed)).toBe(at))

  test.each([
    [0, '¥0.00'], [5, '¥0.05'], [123450, '¥1,234.50'], [-100000000, '-¥1,000,000.00'],
  ])('%i fen are %s', (fen, shown) => expect(money({ fen })).toBe(shown))

  test.each([['588', 58800], ['588.5', 58850], ['1,234.50', 123450], ['1,23', undefined], ['-1', undefined], ['1.234', undefined]])(
    '%s yuan are %s fen', (typed, fen) => expect(readYuan(typed)).toBe(fen),
  )
})

describe('time strip', () => {
  const schedule = [
    { from: '2026-10-28T00:00:00Z', to: '2026-11-27T07:00:00Z', mode: 'open' },
    { from: '2026-11-27T07:00:00Z', to: '2026-11-28T07:00:00Z', mode: 'drain' },
    { from: '2026-11-28T07:00:00Z', to: '2026-12-20T01:00:00Z', mode: 'shut' },
    { from: '2026-12-20T01:00:00Z', to: '2027-05-26T00:00:00Z', mode: 'shut' },
  ] as const
  const look = { language: 'zh', paint: plain, columns: 40 } as const

  test('stretches in order, the short one visible, needle and marks in their places', () => {
    const lines = strip(schedule, '2026-11-27T00:00:00Z', look)!
    expect(lines).toEqual([
      '     ▼ 现在',
      '██████▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░',
      '      ╵11-27 15:00 清算中',
      '        ╵11-28 15:00 停机',
      '█ 可交易  ▒ 清算中  ░ 停机',
    ])
    expect(widthOf(lines[1]!)).toBe(40)
  })

  test('every width is filled exactly, and every stretch is seen', () => {
    for (let columns = 3; columns < 130; columns++) {
      const bar = strip(schedule, '2020-01-01T00:00:00Z', { ...look, columns })![0]!
      expect([columns, bar.length]).toEqual([columns, columns])
      expect(bar).toMatch(/^█+▒+░+$/)
    }
  })

  test('a change at the right edge is said to its left', () => {
    const lines = strip([
      { from: '2026-11-01T00:00:00Z', to: '2026-11-29T00:00:00Z', mode: 'open' }, { from: '2026-11-29T00:00:00Z', to: '2026-11-30T00:00:00Z', mode: 'shut' },
    ], '2026-11-28T00:00:00Z', look)!
    expect(lines.slice(0, 3)).toEqual([
      `${' '.repeat(31)}现在 ▼`,
      `${'█'.repeat(38)}░░`,
      `${' '.repeat(22)}11-29 08:00 停机╵`,
    ])
  })

  test('what comes is said before what is past, where there is not room for both', () => {
    const day = (n: number): string => new Date(Date.UTC(2026, 10, 1) + n * 86_400_000).toISOString()
    const many = Array.from({ length: 12 }, (_, i) => ({ from: day(i), to: day(i + 1), mode: i % 2 === 0 ? 'open' as const : 'shut' as const }))
    const lines = strip(many, day(9), { ...look, columns: 36 })!.slice(2, -1)
    expect(lines).toHaveLength(4)
    expect(lines.join('\n')).toContain('11-11 08:00 可交易')
    expect(lines.join('\n')).toContain('11-12 08:00 停机')
    expect(lines.join('\n')).not.toContain('11-02 08:00')
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(36)
  })

  test('nothing planned and nothing past is nothing drawn', () => expect(strip([], '2026-11-27T00:00:00Z', look)).toBeUndefined())

  test('colour only on a terminal, and not where nobody wants it', () => {
    expect(isColoured({ isTTY: true }, {})).toBe(true)
    expect(isColoured({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(isColoured({}, {})).toBe(false)
    expect(strip(schedule, '2026-11-27T00:00:00Z', { ...look, paint: paintFor(true) })![1]).toContain('\u001b[32m')
  })
})

// ── The journal ─────────────────────────────────────────────────────────────────────────────────────────────────────
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const headAt = (rows: readonly JournalRow[], seq: number) => {
  const head = { seq, hash: rows[seq - 1]!.hash, at: `2026-11-27T07:00:0${seq % 10}.000Z` }
  return { ...head, signature: sign(null, headBytes(head), privateKey).toString('base64') }
}
/** A whole journal of `count` rows. */
function journalOf(count: number): JournalRow[] {
  const rows: JournalRow[] = []
  for (let seq = 1; seq <= count; seq++) {
    const body = JSON.stringify({ at: '2026-11-27T07:00:00.000Z', command: 'approve', n: seq, 说明: '装修' })
    const previous = rows.at(-1)?.hash ?? genesis
    rows.push({ seq, body, previous, hash: hashOf(previous, seq, body) })
  }
  return rows
}
/** The rest of the chain made again over what was tampered with, as somebody would who has the database. */
const rehashed = (rows: readonly Pick<JournalRow, 'body'>[]): JournalRow[] => {
  const chain: JournalRow[] = []
  for (const [i, { body }] of rows.entries()) {
    const previous = chain.at(-1)?.hash ?? genesis
    chain.push({ seq: i + 1, body, previous, hash: hashOf(previous, i + 1, body) })
  }
  return chain
}
const whole = journalOf(12)
const heads = [3, 7, 12].map((seq) => headAt(whole, seq))
const check = (rows: readonly JournalRow[], claimed = { seq: 12, hash: whole[11]!.hash }) => {
  const checker = journalChecker(pem)
  checker.take(rows)
  return checker.close(heads, claimed)
}

describe('journal', () => {
  test('the chain is the one the database makes: sha256(previous ‖ seq ‖ newline ‖ body)', () => {
    expect(genesis).toBe(createHash('sha256').update('tingqi').digest('hex'))
    expect(hashOf(genesis, 1, '{}')).toBe(createHash('sha256').update(Buffer.from(genesis, 'hex')).update('1\n{}').digest('hex'))
  })

  test('a whole journal has no fault', () => expect(check(whole)).toEqual({ rows: 12, faults: [] }))

  const seqs = whole.map((r) => r.seq)
  test.each(seqs)('row %i: edited, deleted, inserted, moved, cut – with and without the chain made again', (seq) => {
    const i = seq - 1
    const edited = whole.with(i, { ...whole[i]!, body: whole[i]!.body.replace('approve', 'reject') })
    const inserted = whole.toSpliced(i, 0, { body: '{"command":"approve"}', seq, previous: whole[i]!.previous, hash: hashOf(whole[i]!.previous, seq, '{"command":"approve"}') })
    const moved = i === 0 ? whole.with(0, whole[1]!).with(1, whole[0]!) : whole.with(i, whole[i - 1]!).with(i - 1, whole[i]!)
    const tampered = { edited, deleted: whole.toSpliced(i, 1), inserted, moved, cut: whole.slice(0, i), 'cut in front': whole.slice(seq) }
    for (const [how, rows] of Object.entries(tampered)) {
      expect([how, check(rows).faults.length > 0]).toEqual([how, true])
      expect([how, 'made again', check(rehashed(rows)).faults.length > 0]).toEqual([how, 'made again', true])
      // Even where the head that came with it was made to agree.
      const chain = rehashed(rows)
      expect([how, 'with its head', check(chain, chain.at(-1) ?? { seq: 0, hash: genesis }).faults.length > 0]).toEqual([how, 'with its head', true])
    }
  })

  test('a fault is named by its place', () => {
    expect(check(whole.toSpliced(4, 1)).faults).toEqual([{ fault: 'missing', seq: 5 }])
    expect(check(whole.slice(0, 9)).faults).toContainEqual({ fault: 'cut', seq: 9, expected: 12 })
    expect(check(whole.with(4, { ...whole[4]!, body: '{}' })).faults).toEqual([{ fault: 'edited', seq: 5 }])
  })

  test('a head somebody else signed, or moved to another time, is forged', () => {
    const checker = journalChecker(pem)
    checker.take(whole)
    const other = generateKeyPairSync('ed25519').privateKey
    const own = { seq: 7, hash: whole[6]!.hash, at: '2026-11-27T07:00:07.000Z' }
    expect(checker.close([{ ...own, signature: sign(null, headBytes(own), other).toString('base64') }, { ...heads[1]!, at: '2026-01-01T00:00:00.000Z' }]).faults)
      .toEqual([{ fault: 'head_forged', seq: 7 }, { fault: 'head_forged', seq: 7 }])
  })

  test('of a part, the rows that are there are checked', () => {
    const seen = [whole[1]!, whole[4]!, whole[5]!]
    const part = (rows: readonly JournalRow[]) => {
      const checker = journalChecker(pem, { partial: true })
      checker.take(rows)
      return checker.close(heads, { seq: 12, hash: whole[11]!.hash }).faults
    }
    expect(part(seen)).toEqual([])
    expect(part(seen.with(2, { ...seen[2]!, body: '{}' }))).toEqual([{ fault: 'edited', seq: 6 }])
    expect(part([seen[0]!, seen[2]!, seen[1]!])).toEqual([{ fault: 'reordered', seq: 5 }])
  })
})

// ── The command line ────────────────────────────────────────────────────────────────────────────────────────────────
type Ran = { code: number; out: string; err: string }
const home = mkdtempSync(join(tmpdir(), 'tingqi-cli-'))
const at = (name: string): string => join(home, name)
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Runs a line in this process: all of the command line but its launcher. `url` is where it asks. */
const tingqiAt = (url: string, folder = home) => async (...args: string[]): Promise<Ran> => {
  const ran: Ran = { code: 0, out: '', err: '' }
  ran.code = await run(args, { TINGQI_HOME: folder, TINGQI_URL: url }, {
    write: (text) => { ran.out += text }, note: (text) => { ran.err += text }, columns: undefined, isLive: false, paint: plain,
  })
  return ran
}
/** Starts the command line as people do. */
const launchAt = (url: string) => (...args: string[]): Promise<Ran> => new Promise((done) => {
  const env = { ...process.env, TINGQI_HOME: home, TINGQI_URL: url, TINGQI_KEY: undefined }
  const launcher = join(import.meta.dirname, '../bin/tingqi.js')
  const child = execFile(process.execPath, [launcher, ...args], { env, cwd: home }, (_, out, err) => done({ code: child.exitCode ?? -1, out, err }))
})
/** Where nobody listens: a port that was free a moment ago. */
async function nowhere(): Promise<string> {
  const server = createServer()
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done) })
  const { port } = server.address() as AddressInfo
  await new Promise((done) => { server.close(done) })
  return `http://127.0.0.1:${port}`
}

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string }
type Reply = { status?: number; type?: string; body: string }

describe('the command line, against a small server', () => {
  const seen: Seen[] = []
  const json = (value: unknown): Reply => ({ body: JSON.stringify(value) })
  const refused = (status: number, code: string, detail: string, errors: object[] = []): Reply => ({
    status, type: 'application/problem+json; charset=utf-8',
    body: `{ "type": "/problems/${code}", "title": "t", "status": ${status}, "code": "${code}",  "detail": "${detail}", "errors": ${JSON.stringify(errors)}, "retry": false, "requestId": "r-1" }`,
  })
  /** Bytes no serialiser would write, so that only what was sent can come out. */
  const meText = '{"person": {"id":"p", "name":"顾远"},\n "account":"a","role":"auditor","via":"key","party":{"kind":"platform","id":"platform","name":"平台"},"rights":[],"now":"2026-11-27T07:00:00.000Z","clock":"manual","zone":"Asia/Shanghai", "new":1.0}'
  const key = (n: number) => ({ id: `0000000${n}-0000-4000-8000-000000000000`, hint: `tq_${n}`, name: `键${n}`, createdAt: '2026-11-27T07:00:00.000Z', revokedAt: null })
  const fact = (n: number) => ({ seq: n, at: '2026-11-27T07:00:00.000Z', fact: 'opened', sentence: `事实 ${n}`, by: null, application: null, hold: null })
  let looks = 0
  const importView = (state: string, errors: object[] = []) => ({
    id: key(1).id, kind: 'fleet', state, fileName: 'fleet.csv', sizeBytes: 9, dryRun: false, partial: false, rows: { total: 2, accepted: 1, rejected: errors.length, changed: 0 },
    progress: 0.5, stopRequested: false, createdAt: '2026-11-27T07:00:00.000Z', endedAt: null, errors,
  })
  const routes: Record<string, (url: URL) => Reply> = {
    'GET /api/v1/me': () => ({ body: meText }),
    'GET /api/v1/keys': () => json({ items: [key(1)] }),
    'POST /api/v1/keys': () => refused(422, 'fields_invalid', '有 1 处填写有误，请看各项说明。', [{ pointer: '/name', code: 'too_long', detail: '最多 100 个字符。' }]),
    'DELETE /api/v1/keys/tq_1': () => refused(401, 'unauthenticated', '请先登录，或提供有效的密钥。'),
    'GET /api/v1/keys/none': () => ({ status: 502, type: 'text/html', body: '<html>Bad gateway</html>' }),
    'GET /api/v1/terminals/10000001/timeline': ({ searchParams: q }) => {
      const from = Number(q.get('cursor') ?? 0)
      const items = Array.from({ length: Math.min(Number(q.get('limit')), 450 - from) }, (_, i) => fact(from + i))
      return json({ items, next: from + items.length < 450 ? String(from + items.length) : null, total: 450 })
    },
    'GET /api/v1/terminals': () => ({ status: 502, type: 'text/html', body: '<html>Bad gateway</html>' }),
    'GET /api/v1/journal': ({ searchParams: q }) => json({
      rows: whole.filter((r) => r.seq > Number(q.get('after'))).slice(0, 5).map(({ body, ...r }) => ({ ...r, text: body, body: JSON.parse(body) })),
      head: { seq: 12, hash: whole[11]!.hash },
    }),
    'POST /api/v1/imports': () => { looks = 0; return { ...json(importView('queued')), status: 202 } },
    [`GET /api/v1/imports/${key(1).id}`]: () => json(importView(looks++ === 0 ? 'reading' : 'refused', [{ line: 3, column: 'tid', code: 'tid_format', detail: '终端号应为 8 位：9000' }])),
    [`GET /api/v1/imports/${key(1).id}/rejected.csv`]: () => ({ type: 'text/csv; charset=utf-8', body: '\ufefftid,代码\r\n9000,tid_format\r\n' }),
    'POST /api/v1/applications/TQ-261127-00042-7/return': () => refused(409, 'not_in_this_state', '办件现在是「草稿」，不能退回补件。'),
    'GET /api/v1/letters/TQ-T2026-00004-9.pdf': () => ({ type: 'application/pdf', body: '%PDF-1.7 a letter' }),
    'POST /api/v1/verify': () => json({ state: 'unknown', file: 'not_signed', sentence: '这份文件没有签章。' }),
  }
  let server: Server
  let tingqi: ReturnType<typeof tingqiAt>
  let launch: ReturnType<typeof launchAt>
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => { body += part }).on('end', () => {
        const url = new URL(request.url ?? '/', 'http://localhost')
        seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
        const reply = routes[`${request.method} ${decodeURIComponent(url.pathname)}`]?.(url) ?? refused(404, 'not_found', '没有找到，或不属于您。')
        response.writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'application/json; charset=utf-8' }).end(reply.body)
      })
    })
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done) })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    tingqi = tingqiAt(url)
    launch = launchAt(url)
    writeFileSync(at('demo-credentials.json'), JSON.stringify({ actors: [
      { name: '甲', role: 'reviewer', login: 'yunhui.reviewer', password: 'x', apiKey: 'tq_first' },
      { name: '乙', role: 'reviewer', login: 'hairun.reviewer', password: 'x', apiKey: 'tq_second' },
    ] }))
  })
  afterAll(() => { server.closeAllConnections(); server.close() })

  test('started as people start it: answers on one stream, refusals on the other, and its exit code', async () => {
    expect(await launch('me', '--json')).toEqual({ code: 0, out: `${meText}\n`, err: '' })
    expect(await launch('keys', 'create', '--json')).toEqual({ code: 1, out: '', err: `${routes['POST /api/v1/keys']!(new URL('http://x')).body}\n` })
    expect(await launch('letter', 'get', 'TQ-T2026-00004-9', '-o', '-')).toEqual({ code: 0, out: '%PDF-1.7 a letter', err: '' })
    expect(await launch('show')).toEqual({ code: 1, out: '', err: '缺少 <no>。 --help 有说明。\n' })
  })

  test('programs get the very bytes, and nothing else', async () => {
    expect(await tingqi('me', '--json')).toEqual({ code: 0, out: `${meText}\n`, err: '' })
  })

  test('people get a table of words, in their language, without colour in a pipe', async () => {
    const zh = await tingqi('me')
    expect(zh.out).toContain('我是  顾远  审计\n')
    expect(zh.out).toContain('2026-11-27 15:00:00  手动时钟')
    expect(zh.out).not.toContain('\u001b')
    expect((await tingqi('me', '--lang', 'en')).out).toContain('I am  顾远  auditor\n')
    expect(seen.slice(-2).map((s) => s.headers['accept-language'])).toEqual(['zh-CN', 'en'])
  })

  test('who asks: --key, --as a login or the first of a role', async () => {
    for (const args of [['--key', 'tq_given'], ['--as', 'reviewer'], ['--as', 'hairun.reviewer']]) await tingqi('me', ...args)
    expect(seen.slice(-3).map((s) => s.headers.authorization)).toEqual(['Bearer tq_given', 'Bearer tq_first', 'Bearer tq_second'])
    const nobody = await tingqi('me', '--as', 'risk')
    expect(nobody).toMatchObject({ code: 1, out: '' })
    expect(nobody.err).toMatch(/没有 risk。可用：reviewer, yunhui\.reviewer, hairun\.reviewer。\n$/)
  })

  test('a refusal is its sentence and each field for people, problem+json to the byte for programs', async () => {
    const people = await tingqi('keys', 'create', 'x'.repeat(101))
    expect(people).toEqual({ code: 1, out: '', err: '有 1 处填写有误，请看各项说明。\n  /name  最多 100 个字符。\n' })
    expect(await tingqi('keys', 'create', '--json')).toEqual({ code: 1, out: '', err: `${routes['POST /api/v1/keys']!(new URL('http://x')).body}\n` })
    expect((await tingqi('keys', 'revoke', 'tq_1')).err).toBe('请先登录，或提供有效的密钥。（用 --key 或 --as 说明您是谁。）\n')
  })

  test('no program, or another one, is one plain sentence', async () => {
    const url = await nowhere()
    expect(await tingqiAt(url)('me')).toEqual({ code: 1, out: '', err: `连不上 ${url}：没有程序在那里应答。\n` })
    expect(JSON.parse((await tingqiAt(url)('me', '--json', '--lang', 'en')).err)).toMatchObject({ code: 'unreachable', detail: `Cannot reach ${url}: nothing answers there.` })
    const other = await tingqi('terminals')
    expect(other.code).toBe(1)
    expect(other.err).toMatch(/的回答看不懂（HTTP 502）。那里运行的是停启吗？\n$/)
  })

  test('a wrong line is told what is missing, and asks nothing', async () => {
    const before = seen.length
    for (const [args, said] of [
      [['show'], '缺少 <no>。 --help 有说明。'], [['nope'], '没有命令 nope。 --help 有说明。'], [['hold', 'place', '10000001'], '缺少选项 --reason <code>。 --help 有说明。'],
      [['cases', '--limit', 'many'], '--limit 应为整数，不是「many」。'], [['clock', 'set', '2026-02-30'], '时间应如 2026-11-27 15:00（上海时间）。'],
      [['clock', 'set', '2026-02-28', '--dry-run'], '这件事不能预演。'], [['me', '--lang', 'fr'], '--lang 应为 zh、en。'],
      [['test', '10000001'], '请写 --all-pass，或用 --fail 项目=说明 逐项写明未通过的。'],
    ] as const) expect(await tingqi(...args)).toEqual({ code: 1, out: '', err: `${said}\n` })
    expect(seen.length).toBe(before)
  })

  test('help in both languages names every command', async () => {
    const zh = await tingqi('--help')
    expect(zh).toMatchObject({ code: 0, err: '' })
    for (const word of ['apply', 'terminals', 'timeline', 'import ', 'imports', 'hold', 'letters', 'verify', 'track', 'gate', 'clock', 'journal', 'keys', 'words'])
      expect(zh.out).toContain(`\n  ${word}`)
    expect((await tingqi('hold', '--help', '--lang', 'en')).out).toContain('lift a hold')
  })

  test('--dry-run is asked of the program; instants go out with their offset', async () => {
    await tingqi('return', 'TQ-261127-00042-7', '--words', '请补章', '--material', 'business_licence=缺公章', '--material', 'other=不清楚', '--dry-run')
    const sent = seen.at(-1)!
    expect(sent.url).toBe('/api/v1/applications/TQ-261127-00042-7/return?dryRun=true')
    expect(JSON.parse(sent.body)).toEqual({ words: '请补章', materials: [{ type: 'business_licence', words: '缺公章' }, { type: 'other', words: '不清楚' }] })
    await tingqi('apply', 'suspend', '10000001', '10000002', '--reason', 'm02', '--from', '2026-11-27 15:00', '--until', '2026-12-20', '--on-behalf-of', '102290058120001', '--submit')
    expect(JSON.parse(seen.at(-1)!.body)).toEqual({
      kind: 'suspend', terminals: ['10000001', '10000002'], reason: 'M02', effectiveFrom: '2026-11-27T15:00:00+08:00', expectedUntil: '2026-12-20T00:00:00+08:00',
      onBehalfOf: '102290058120001', submit: true,
    })
    await tingqi('test', '10000001', '--fail', 'print=卡纸')
    const { items } = JSON.parse(seen.at(-1)!.body) as { items: { item: string; passed: boolean; note?: string }[] }
    expect(seen.at(-1)!.url).toBe('/api/v1/terminals/10000001/tests')
    expect(items).toHaveLength(8)
    expect(items.filter((i) => !i.passed)).toEqual([{ item: 'print', passed: false, note: '卡纸' }])
  })

  test('lists: one page, or all of them page after page', async () => {
    const some = await tingqi('timeline', '10000001', '--limit', '3')
    expect(some.out.split('\n')).toHaveLength(1 + 3 + 1)
    expect(some.err).toBe('显示 3 项，共 450 项；--all 显示全部。\n')
    const all = await tingqi('timeline', '10000001', '--all')
    expect(all.out.trimEnd().split('\n')).toHaveLength(1 + 450)
    const pages = (await tingqi('timeline', '10000001', '--all', '--json')).out.trimEnd().split('\n')
    expect(pages.flatMap((page) => (JSON.parse(page) as { items: { seq: number }[] }).items.map((i) => i.seq))).toEqual(Array.from({ length: 450 }, (_, i) => i))
  })

  test('import: sent as a form, waited for, summed up, rejected rows saved, refused is 1', async () => {
    writeFileSync(at('fleet.csv'), 'tid\n9000\n')
    const ran = await tingqi('import', 'fleet', at('fleet.csv'), '--rejected', at('rejected.csv'))
    expect(ran).toMatchObject({ code: 1, err: `已存为 ${at('rejected.csv')}。\n` })
    expect(ran.out).toContain('未导入')
    expect(ran.out).toMatch(/行\s+列\s+代码\s+说明\n\s*3\s+tid\s+tid_format\s+终端号应为 8 位：9000/)
    expect(readFileSync(at('rejected.csv'), 'utf8')).toBe('\ufefftid,代码\r\n9000,tid_format\r\n')
    const sent = seen.findLast((s) => s.method === 'POST')!
    expect(sent.headers['content-type']).toMatch(/^multipart\/form-data/)
    for (const part of ['name="kind"\r\n\r\nfleet', 'name="dryRun"\r\n\r\nfalse', 'filename="fleet.csv"', 'tid\n9000\n']) expect(sent.body).toContain(part)
    expect(await tingqi('import', 'fleet', at('fleet.csv'), '--no-wait')).toMatchObject({ code: 0 })
    expect((await tingqi('import', 'fleet', 'nowhere.csv')).err).toBe('打不开文件 nowhere.csv。\n')
  })

  test('a letter is saved whole; one that is not proven is 1', async () => {
    expect(await tingqi('letter', 'get', 'TQ-T2026-00004-9', '-o', at('letter.pdf'))).toMatchObject({ code: 0, out: '' })
    expect(readFileSync(at('letter.pdf'), 'utf8')).toBe('%PDF-1.7 a letter')
    expect(await tingqi('verify', at('letter.pdf'))).toMatchObject({ code: 1, out: '无法证实  这份文件没有签章。\n' })
    expect(seen.at(-1)!.headers['content-type']).toBe('application/pdf')
    expect(await tingqi('letter', 'get', 'TQ-T2026-00004-9', '-o', 'no/such/folder.pdf')).toMatchObject({ code: 1, err: '写不了文件 no/such/folder.pdf（ENOENT）。\n' })
  })

  describe('journal export and verify', () => {
    const file = at('journal.jsonl')
    let lines: string[]
    beforeAll(async () => {
      mkdirSync(at('journal'))
      writeFileSync(at('journal/public-key.pem'), pem)
      // The last line was torn by a crash.
      writeFileSync(at('journal/heads.jsonl'), `${heads.map((head) => JSON.stringify(head)).join('\n')}\n{"seq":13,"ha`)
      expect(await tingqi('journal', 'export', file)).toMatchObject({ code: 0 })
      lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    })

    test('the file has every row and its head, and is whole', async () => {
      expect(lines).toHaveLength(13)
      const ran = await tingqi('journal', 'verify', '--file', file)
      expect(ran).toMatchObject({ code: 0, err: '' })
      expect(ran.out).toContain('✓ 12 行日志完整，与 3 个签名链头一致。')
      expect(await tingqi('journal', 'verify', '--json')).toMatchObject({ code: 0, out: expect.stringContaining('"faults":[]') as string })
    })

    test('every way to tamper with it is found, and none needs the program', async () => {
      const row = (i: number) => JSON.parse(lines[i]!) as { seq: number; text: string; body: Record<string, unknown>; hash: string; previous: string }
      const withBody = (i: number, body: object) => ({ ...row(i), body, text: JSON.stringify(body) })
      const again = (rows: readonly { text: string }[]) => rehashed(rows.map((r) => ({ body: r.text }))).map(({ body, ...r }) => JSON.stringify({ ...r, text: body, body: JSON.parse(body) as object }))
      const rows = lines.slice(0, 12).map((_, i) => row(i))
      const headOf = (chain: readonly string[]) => JSON.stringify({ head: { seq: chain.length, hash: (JSON.parse(chain.at(-1)!) as { hash: string }).hash } })
      const remade = again(rows.map((r, i) => (i === 4 ? withBody(4, { command: 'reject' }) : r)))
      const shortened = lines.slice(0, 9)
      const tampered: Record<string, [string[], string]> = {
        'text edited': [lines.with(4, JSON.stringify(withBody(4, { command: 'reject' }))), 'edited'],
        'only what people read edited': [lines.with(4, JSON.stringify({ ...row(4), body: { command: 'reject' } })), 'edited'],
        'text the same but for a space': [lines.with(4, JSON.stringify({ ...row(4), text: `${row(4).text} ` })), 'edited'],
        'a row deleted': [lines.toSpliced(4, 1), 'missing'],
        'a row inserted': [lines.toSpliced(4, 0, lines[3]!), 'reordered'],
        'two rows moved': [lines.with(4, lines[5]!).with(5, lines[4]!), 'reordered'],
        'the end cut': [shortened, 'unfinished'],
        'the end cut, with a head that agrees': [[...shortened, headOf(shortened)], 'cut'],
        'everything made again': [[...remade, headOf(remade)], 'edited'],
        'rows after the head': [[...lines, lines[0]!], 'unreadable'],
        'a line spoilt': [lines.with(4, lines[4]!.slice(0, 40)), 'unreadable'],
        'nothing left': [[], 'unfinished'],
      }
      const dead = await nowhere()
      for (const [how, [altered, fault]] of Object.entries(tampered)) {
        writeFileSync(at('tampered.jsonl'), altered.length > 0 ? `${altered.join('\n')}\n` : '')
        const { code, out } = await tingqiAt(dead)('journal', 'verify', '--file', at('tampered.jsonl'), '--json')
        const { faults } = JSON.parse(out) as { faults: { fault: string }[] }
        expect([how, code, faults.map((f) => f.fault)]).toEqual([how, 1, expect.arrayContaining([fault])])
      }
    })

    test('heads of somebody else prove nothing; without heads it says so', async () => {
      const forged = heads.map((head) => JSON.stringify({ ...head, hash: '0'.repeat(64) })).join('\n')
      writeFileSync(at('forged.jsonl'), forged)
      expect((await tingqi('journal', 'verify', '--file', file, '--heads', at('forged.jsonl'))).out).toContain('链头签名不符')
      writeFileSync(at('none.jsonl'), '')
      const without = await tingqi('journal', 'verify', '--file', file, '--heads', at('none.jsonl'))
      expect(without.code).toBe(0)
      expect(without.out).toContain('没有核对签名链头')
      expect((await tingqi('journal', 'verify', '--file', file, '--public-key', file)).err).toMatch(/不是公钥。\n$/)
    })
  })
})

describe('the command line, against the program itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tingqi-cli-program-'))
  let program: Program
  let tingqi: ReturnType<typeof tingqiAt>
  const told = async <T>(...args: string[]): Promise<T> => {
    const { code, out, err } = await tingqi(...args, '--json')
    expect([args.join(' '), code, err]).toEqual([args.join(' '), 0, ''])
    return JSON.parse(out) as T
  }
  beforeAll(async () => {
    const config = readConfig(['--port=0', '--clock=manual', '--now=2026-11-23T09:00:00+08:00'], { TINGQI_HOME: folder })
    program = await startProgram(config as Exclude<typeof config, 'help'>)
    tingqi = tingqiAt(program.url, folder)
  }, 240_000)
  afterAll(async () => {
    await program?.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test('a stop from its application to the gate, and the journal that proves it', async () => {
    expect((await tingqi('clock', 'show', '--as', 'auditor')).out).toBe('2026-11-23 09:00:00  手动时钟  Asia/Shanghai\n')
    const list = await told<{ items: { tid: string; allowed: { suspend: unknown } }[] }>('terminals', '--as', 'merchant_owner', '--service', 'active')
    const tid = list.items.find((t) => t.allowed.suspend === true)!.tid
    const ask = ['apply', 'suspend', tid, '--reason', 'M02', '--from', '2026-11-26 15:00', '--until', '2026-12-20', '--words', '装修', '--submit', '--as', 'merchant_owner']
    expect(await tingqi(...ask, '--dry-run')).toMatchObject({ code: 0, err: '以上只是预演，没有改变任何事。\n' })
    const { no, state } = await told<{ no: string; state: string }>(...ask)
    const again = await tingqi(...ask)
    expect(again.code).toBe(1)
    expect(again.err).toContain(no)
    if (state !== 'approved') await told('approve', no, '--as', 'reviewer')
    const shown = await tingqi('show', no.replaceAll('-', '').toLowerCase(), '--as', 'merchant_owner')
    expect(shown.out).toContain(`${no}  停机申请  已批准`)
    expect(shown.out).toMatch(/停机\s+2026-11-26 15:00:00\n/)
    const terminal = await tingqi('terminal', tid, '--as', 'merchant_owner')
    for (const part of ['● 正常', '▼ 现在', '╵11-26 15:00 清算中', 'M02 装修', no]) expect(terminal.out).toContain(part)

    expect((await tingqi('gate', 'ask', tid, 'sale', '--as', 'merchant_owner')).out).toMatch(/^✓ 通过 00/)
    expect(await tingqi('clock', 'set', '2026-11-26 15:00', '--as', 'platform_admin')).toEqual({ code: 0, out: '2026-11-26 15:00:00\n', err: '' })
    expect((await tingqi('gate', 'ask', tid, 'sale', '--as', 'merchant_owner')).out).toMatch(/^✗ 拒绝 58/)
    expect((await tingqi('gate', 'ask', tid, 'reversal', '--as', 'merchant_owner')).out).toMatch(/^✓ 通过 00/)
    expect((await tingqi('gate', 'show', tid, '--as', 'merchant_owner')).out).toContain(`${tid}  ░ 停机`)
    expect((await tingqi('clock', 'set', '2026-11-26 14:00', '--as', 'platform_admin')).err).toMatch(/^时间只能向前/)
    expect((await tingqi('timeline', tid, '--as', 'merchant_owner', '--limit', '5')).out).toContain(no)

    expect(await tingqi('journal', 'verify', '--as', 'auditor')).toMatchObject({ code: 0, out: expect.stringMatching(/^✓ \d+ 行日志完整，与 \d+ 个签名链头一致。/) as string })
    const file = join(folder, 'journal.jsonl')
    expect(await tingqi('journal', 'export', file, '--as', 'auditor')).toMatchObject({ code: 0 })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    writeFileSync(file, `${lines.toSpliced(-3, 1).join('\n')}\n`)
    expect(await tingqi('journal', 'verify', '--file', file)).toMatchObject({ code: 1 })
    // A party sees its own rows, and can check those.
    expect(await tingqi('journal', 'verify', '--partial', '--as', 'provider_admin')).toMatchObject({ code: 0 })
  }, 60_000)

  test("the provider's own stop, lifted by its owner, opens only after a test", async () => {
    const list = await told<{ items: { tid: string; allowed: { hold: unknown } }[] }>('terminals', '--service', 'active', '--as', 'risk')
    const tid = list.items.find((t) => t.allowed.hold === true)!.tid
    const stopped = await tingqi('hold', 'place', tid, '--reason', 'r01', '--words', '疑似套现', '--as', 'risk')
    expect(stopped).toMatchObject({ code: 0 })
    expect(stopped.out).toContain('◆ 停机')
    const { holds } = await told<{ holds: { id: string; liftedAt: string | null; reason: string }[] }>('terminal', tid, '--as', 'risk')
    const { id } = holds.find((h) => h.reason === 'R01' && h.liftedAt === null)!
    expect((await tingqi('hold', 'lift', id, '--words', '误报', '--as', 'finance')).err).toContain('由风控负责')
    expect((await tingqi('hold', 'lift', id, '--words', '误报', '--as', 'risk')).out).toContain('○ 复机测试')
    expect((await tingqi('test', tid, '--fail', 'print=卡纸', '--as', 'field')).out).toContain('○ 复机测试')
    expect((await tingqi('test', tid, '--all-pass', '--as', 'field')).out).toContain('● 正常')
    expect((await tingqi('gate', 'ask', tid, 'sale', '--as', 'field')).out).toMatch(/^✗ 拒绝 77/)
    expect((await tingqi('gate', 'ask', tid, 'sign_on', '--as', 'field')).out).toMatch(/^✓ 通过 00/)
    expect((await tingqi('gate', 'ask', tid, 'sale', '--as', 'field')).out).toMatch(/^✓ 通过 00/)
  }, 60_000)
})
