import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { headAt, journalOf, pem, rehashed } from '../../journal/chain.fixtures.ts'
import { lineAt, nowhere } from '../run.fixtures.ts'

const whole = journalOf(12)
const heads = [3, 7, 12].map((seq) => headAt(whole, seq))
const home = mkdtempSync(join(tmpdir(), 'tingqi-journal-'))
const at = (name: string): string => join(home, name)

describe('journal export and verify', () => {
  const file = at('journal.jsonl')
  let lines: string[]
  let server: Server
  let tingqi: ReturnType<typeof lineAt>
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(home, { recursive: true, force: true })
  })
  beforeAll(async () => {
    server = createServer((request, response) => {
      const after = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('after'))
      // Fewer rows than were asked for, so that there is more than one page.
      const rows = whole.filter((r) => r.seq > after).slice(0, 5)
      const page = {
        rows: rows.map(({ body, ...row }) => ({ ...row, text: body, body: JSON.parse(body) as object })),
        head: { seq: 12, hash: whole[11]!.hash },
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page))
    })
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done)
    })
    tingqi = lineAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, home)
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
    expect(await tingqi('journal', 'verify', '--json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('"faults":[]') as string,
    })
  })

  test('every way to tamper with it is found, and none needs the program', async () => {
    const row = (i: number) =>
      JSON.parse(lines[i]!) as {
        seq: number
        text: string
        body: Record<string, unknown>
        hash: string
        previous: string
      }
    const withBody = (i: number, body: object) => ({ ...row(i), body, text: JSON.stringify(body) })
    const again = (rows: readonly { text: string }[]) =>
      rehashed(rows.map((r) => ({ body: r.text }))).map(({ body, ...r }) =>
        JSON.stringify({ ...r, text: body, body: JSON.parse(body) as object }),
      )
    const rows = lines.slice(0, 12).map((_, i) => row(i))
    const headOf = (chain: readonly string[]) =>
      JSON.stringify({ head: { seq: chain.length, hash: (JSON.parse(chain.at(-1)!) as { hash: string }).hash } })
    const remade = again(rows.map((r, i) => (i === 4 ? withBody(4, { command: 'reject' }) : r)))
    const shortened = lines.slice(0, 9)
    const tampered: Record<string, [string[], string]> = {
      'text edited': [lines.with(4, JSON.stringify(withBody(4, { command: 'reject' }))), 'edited'],
      'only what people read edited': [
        lines.with(4, JSON.stringify({ ...row(4), body: { command: 'reject' } })),
        'edited',
      ],
      'text the same but for a space': [
        lines.with(4, JSON.stringify({ ...row(4), text: `${row(4).text} ` })),
        'edited',
      ],
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
      const { code, out } = await lineAt(dead, home)('journal', 'verify', '--file', at('tampered.jsonl'), '--json')
      const { faults } = JSON.parse(out) as { faults: { fault: string }[] }
      expect([how, code, faults.map((f) => f.fault)]).toEqual([how, 1, expect.arrayContaining([fault])])
    }
  })

  test('heads of somebody else prove nothing; without heads it says so', async () => {
    const forged = heads.map((head) => JSON.stringify({ ...head, hash: '0'.repeat(64) })).join('\n')
    writeFileSync(at('forged.jsonl'), forged)
    expect((await tingqi('journal', 'verify', '--file', file, '--heads', at('forged.jsonl'))).out).toContain(
      '链头签名不符',
    )
    writeFileSync(at('none.jsonl'), '')
    const without = await tingqi('journal', 'verify', '--file', file, '--heads', at('none.jsonl'))
    expect(without.code).toBe(0)
    expect(without.out).toContain('没有核对签名链头')
    expect((await tingqi('journal', 'verify', '--file', file, '--public-key', file)).err).toMatch(/不是公钥。\n$/)
  })
})
