// What a line asks, prints and exits with, against a small server; a few lines are started as people start them.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineAt, nowhere, type Ran } from './run.fixtures.ts'

const home = mkdtempSync(join(tmpdir(), 'tingqi-cli-'))
const at = (name: string): string => join(home, name)
afterAll(() => rmSync(home, { recursive: true, force: true }))
const tingqiAt = (url: string): ReturnType<typeof lineAt> => lineAt(url, home)

/** Starts the command line as people do. */
const launchAt =
  (url: string) =>
  (...args: string[]): Promise<Ran> =>
    new Promise((done) => {
      const env = { ...process.env, TINGQI_HOME: home, TINGQI_URL: url, TINGQI_KEY: undefined }
      const launcher = join(import.meta.dirname, '../../bin/tingqi.js')
      const child = execFile(process.execPath, [launcher, ...args], { env, cwd: home }, (_, out, err) =>
        done({ code: child.exitCode ?? -1, out, err }),
      )
    })
type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string }
type Reply = { status?: number; type?: string; body: string }

describe('the command line, against a small server', () => {
  const seen: Seen[] = []
  const json = (value: unknown): Reply => ({ body: JSON.stringify(value) })
  const refused = (status: number, code: string, detail: string, errors: object[] = []): Reply => ({
    status,
    type: 'application/problem+json; charset=utf-8',
    body: `{ "type": "/problems/${code}", "title": "t", "status": ${status}, "code": "${code}",  "detail": "${detail}", "errors": ${JSON.stringify(errors)}, "retry": false, "requestId": "r-1" }`,
  })
  /** Bytes no serialiser would write, so that only what was sent can come out. */
  const meText =
    '{"person": {"id":"p", "name":"顾远"},\n "account":"a","role":"auditor","via":"key","party":{"kind":"platform","id":"platform","name":"平台"},"rights":[],"now":"2026-11-27T07:00:00.000Z","clock":"manual","zone":"Asia/Shanghai", "new":1.0}'
  const key = (n: number) => ({
    id: `0000000${n}-0000-4000-8000-000000000000`,
    hint: `tq_${n}`,
    name: `键${n}`,
    createdAt: '2026-11-27T07:00:00.000Z',
    revokedAt: null,
  })
  const fact = (n: number) => ({
    seq: n,
    at: '2026-11-27T07:00:00.000Z',
    fact: 'opened',
    sentence: `事实 ${n}`,
    by: null,
    application: null,
    hold: null,
  })
  let looks = 0
  const importView = (state: string, errors: object[] = []) => ({
    id: key(1).id,
    kind: 'fleet',
    state,
    fileName: 'fleet.csv',
    sizeBytes: 9,
    dryRun: false,
    partial: false,
    rows: { total: 2, accepted: 1, rejected: errors.length, changed: 0 },
    progress: 0.5,
    stopRequested: false,
    createdAt: '2026-11-27T07:00:00.000Z',
    endedAt: null,
    errors,
  })
  const routes: Record<string, (url: URL) => Reply> = {
    'GET /api/v1/me': () => ({ body: meText }),
    'GET /api/v1/keys': () => json({ items: [key(1)] }),
    'POST /api/v1/keys': () =>
      refused(422, 'fields_invalid', '有 1 处填写有误，请看各项说明。', [
        { pointer: '/name', code: 'too_long', detail: '最多 100 个字符。' },
      ]),
    'DELETE /api/v1/keys/tq_1': () => refused(401, 'unauthenticated', '请先登录，或提供有效的密钥。'),
    'GET /api/v1/keys/none': () => ({ status: 502, type: 'text/html', body: '<html>Bad gateway</html>' }),
    'GET /api/v1/terminals/10000001/timeline': ({ searchParams: q }) => {
      const from = Number(q.get('cursor') ?? 0)
      const items = Array.from({ length: Math.min(Number(q.get('limit')), 450 - from) }, (_, i) => fact(from + i))
      return json({ items, next: from + items.length < 450 ? String(from + items.length) : null, total: 450 })
    },
    'GET /api/v1/terminals': () => ({ status: 502, type: 'text/html', body: '<html>Bad gateway</html>' }),
    'POST /api/v1/imports': () => {
      looks = 0
      return { ...json(importView('queued')), status: 202 }
    },
    [`GET /api/v1/imports/${key(1).id}`]: () =>
      json(
        importView(looks++ === 0 ? 'reading' : 'refused', [
          { line: 3, column: 'tid', code: 'tid_format', detail: '终端号应为 8 位：9000' },
        ]),
      ),
    [`GET /api/v1/imports/${key(1).id}/rejected.csv`]: () => ({
      type: 'text/csv; charset=utf-8',
      body: '\ufefftid,代码\r\n9000,tid_format\r\n',
    }),
    'POST /api/v1/applications/TQ-261127-00042-7/return': () =>
      refused(409, 'not_in_this_state', '办件现在是「草稿」，不能退回补件。'),
    'GET /api/v1/letters/TQ-T2026-00004-9.pdf': () => ({ type: 'application/pdf', body: '%PDF-1.7 a letter' }),
    'POST /api/v1/verify': () => json({ state: 'unknown', file: 'not_signed', sentence: '这份文件没有签章。' }),
  }
  let server: Server
  let tingqi: ReturnType<typeof tingqiAt>
  let launch: ReturnType<typeof launchAt>
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = ''
      request
        .setEncoding('utf8')
        .on('data', (part: string) => {
          body += part
        })
        .on('end', () => {
          const url = new URL(request.url ?? '/', 'http://localhost')
          seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
          const reply =
            routes[`${request.method} ${decodeURIComponent(url.pathname)}`]?.(url) ??
            refused(404, 'not_found', '没有找到，或不属于您。')
          response
            .writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'application/json; charset=utf-8' })
            .end(reply.body)
        })
    })
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done)
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    tingqi = tingqiAt(url)
    launch = launchAt(url)
    writeFileSync(
      at('demo-credentials.json'),
      JSON.stringify({
        actors: [
          { name: '甲', role: 'reviewer', login: 'yunhui.reviewer', password: 'x', apiKey: 'tq_first' },
          { name: '乙', role: 'reviewer', login: 'hairun.reviewer', password: 'x', apiKey: 'tq_second' },
        ],
      }),
    )
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test('started as people start it: answers on one stream, refusals on the other, and its exit code', async () => {
    expect(await launch('me', '--json')).toEqual({ code: 0, out: `${meText}\n`, err: '' })
    expect(await launch('keys', 'create', '--json')).toEqual({
      code: 1,
      out: '',
      err: `${routes['POST /api/v1/keys']!(new URL('http://x')).body}\n`,
    })
    expect(await launch('letter', 'get', 'TQ-T2026-00004-9', '-o', '-')).toEqual({
      code: 0,
      out: '%PDF-1.7 a letter',
      err: '',
    })
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
    for (const args of [
      ['--key', 'tq_given'],
      ['--as', 'reviewer'],
      ['--as', 'hairun.reviewer'],
    ])
      await tingqi('me', ...args)
    expect(seen.slice(-3).map((s) => s.headers.authorization)).toEqual([
      'Bearer tq_given',
      'Bearer tq_first',
      'Bearer tq_second',
    ])
    const nobody = await tingqi('me', '--as', 'risk')
    expect(nobody).toMatchObject({ code: 1, out: '' })
    expect(nobody.err).toMatch(/没有 risk。可用：reviewer, yunhui\.reviewer, hairun\.reviewer。\n$/)
  })

  test('a refusal is its sentence and each field for people, problem+json to the byte for programs', async () => {
    const people = await tingqi('keys', 'create', 'x'.repeat(101))
    expect(people).toEqual({ code: 1, out: '', err: '有 1 处填写有误，请看各项说明。\n  /name  最多 100 个字符。\n' })
    expect(await tingqi('keys', 'create', '--json')).toEqual({
      code: 1,
      out: '',
      err: `${routes['POST /api/v1/keys']!(new URL('http://x')).body}\n`,
    })
    expect((await tingqi('keys', 'revoke', 'tq_1')).err).toBe(
      '请先登录，或提供有效的密钥。（用 --key 或 --as 说明您是谁。）\n',
    )
  })

  test('no program, or another one, is one plain sentence', async () => {
    const url = await nowhere()
    expect(await tingqiAt(url)('me')).toEqual({ code: 1, out: '', err: `连不上 ${url}：没有程序在那里应答。\n` })
    expect(JSON.parse((await tingqiAt(url)('me', '--json', '--lang', 'en')).err)).toMatchObject({
      code: 'unreachable',
      detail: `Cannot reach ${url}: nothing answers there.`,
    })
    const other = await tingqi('terminals')
    expect(other.code).toBe(1)
    expect(other.err).toMatch(/的回答看不懂（HTTP 502）。那里运行的是停启吗？\n$/)
  })

  test('a wrong line is told what is missing, and asks nothing', async () => {
    const before = seen.length
    for (const [args, said] of [
      [['show'], '缺少 <no>。 --help 有说明。'],
      [['nope'], '没有命令 nope。 --help 有说明。'],
      [['hold', 'place', '10000001'], '缺少选项 --reason <code>。 --help 有说明。'],
      [['cases', '--limit', 'many'], '--limit 应为整数，不是「many」。'],
      [['clock', 'set', '2026-02-30'], '时间应如 2026-11-27 15:00（上海时间）。'],
      [['clock', 'set', '2026-02-28', '--dry-run'], '这件事不能预演。'],
      [['me', '--lang', 'fr'], '--lang 应为 zh、en。'],
      [['test', '10000001'], '请写 --all-pass，或用 --fail 项目=说明 逐项写明未通过的。'],
    ] as const)
      expect(await tingqi(...args)).toEqual({ code: 1, out: '', err: `${said}\n` })
    expect(seen.length).toBe(before)
  })

  test('help in both languages names every command', async () => {
    const zh = await tingqi('--help')
    expect(zh).toMatchObject({ code: 0, err: '' })
    for (const word of [
      'apply',
      'terminals',
      'timeline',
      'import ',
      'imports',
      'hold',
      'letters',
      'verify',
      'track',
      'gate',
      'clock',
      'journal',
      'keys',
      'words',
    ])
      expect(zh.out).toContain(`\n  ${word}`)
    expect((await tingqi('hold', '--help', '--lang', 'en')).out).toContain('lift a hold')
  })

  test('--dry-run is asked of the program; instants go out with their offset', async () => {
    await tingqi(
      'return',
      'TQ-261127-00042-7',
      '--words',
      '请补章',
      '--material',
      'business_licence=缺公章',
      '--material',
      'other=不清楚',
      '--dry-run',
    )
    const sent = seen.at(-1)!
    expect(sent.url).toBe('/api/v1/applications/TQ-261127-00042-7/return?dryRun=true')
    expect(JSON.parse(sent.body)).toEqual({
      words: '请补章',
      materials: [
        { type: 'business_licence', words: '缺公章' },
        { type: 'other', words: '不清楚' },
      ],
    })
    await tingqi(
      'apply',
      'suspend',
      '10000001',
      '10000002',
      '--reason',
      'm02',
      '--from',
      '2026-11-27 15:00',
      '--until',
      '2026-12-20',
      '--on-behalf-of',
      '102290058120001',
      '--submit',
    )
    expect(JSON.parse(seen.at(-1)!.body)).toEqual({
      kind: 'suspend',
      terminals: ['10000001', '10000002'],
      reason: 'M02',
      effectiveFrom: '2026-11-27T15:00:00+08:00',
      expectedUntil: '2026-12-20T00:00:00+08:00',
      onBehalfOf: '102290058120001',
      submit: true,
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
    expect(pages.flatMap((page) => (JSON.parse(page) as { items: { seq: number }[] }).items.map((i) => i.seq))).toEqual(
      Array.from({ length: 450 }, (_, i) => i),
    )
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
    for (const part of [
      'name="kind"\r\n\r\nfleet',
      'name="dryRun"\r\n\r\nfalse',
      'filename="fleet.csv"',
      'tid\n9000\n',
    ])
      expect(sent.body).toContain(part)
    expect(await tingqi('import', 'fleet', at('fleet.csv'), '--no-wait')).toMatchObject({ code: 0 })
    expect((await tingqi('import', 'fleet', 'nowhere.csv')).err).toBe('打不开文件 nowhere.csv。\n')
  })

  test('a letter is saved whole; one that is not proven is 1', async () => {
    expect(await tingqi('letter', 'get', 'TQ-T2026-00004-9', '-o', at('letter.pdf'))).toMatchObject({
      code: 0,
      out: '',
    })
    expect(readFileSync(at('letter.pdf'), 'utf8')).toBe('%PDF-1.7 a letter')
    expect(await tingqi('verify', at('letter.pdf'))).toMatchObject({ code: 1, out: '无法证实  这份文件没有签章。\n' })
    expect(seen.at(-1)!.headers['content-type']).toBe('application/pdf')
    expect(await tingqi('letter', 'get', 'TQ-T2026-00004-9', '-o', 'no/such/folder.pdf')).toMatchObject({
      code: 1,
      err: '写不了文件 no/such/folder.pdf（ENOENT）。\n',
    })
  })
})
