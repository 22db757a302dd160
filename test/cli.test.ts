// The command line against the program itself, with its demo and a manual clock.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineAt } from '../src/cli/run.fixtures.ts'
import { readConfig } from '../src/config.ts'
import { startProgram, type Program } from '../src/program.ts'

describe('the command line, against the program itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tingqi-cli-program-'))
  let program: Program
  let tingqi: ReturnType<typeof lineAt>
  const told = async <T>(...args: string[]): Promise<T> => {
    const { code, out, err } = await tingqi(...args, '--json')
    expect([args.join(' '), code, err]).toEqual([args.join(' '), 0, ''])
    return JSON.parse(out) as T
  }
  beforeAll(async () => {
    const config = readConfig(['--port=0', '--clock=manual', '--now=2026-11-23T09:00:00+08:00'], {
      TINGQI_HOME: folder,
    })
    program = await startProgram(config as Exclude<typeof config, 'help'>)
    tingqi = lineAt(program.url, folder)
  }, 240_000)
  afterAll(async () => {
    await program?.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test('a stop from its application to the gate, and the journal that proves it', async () => {
    expect((await tingqi('clock', 'show', '--as', 'auditor')).out).toBe(
      '2026-11-23 09:00:00  手动时钟  Asia/Shanghai\n',
    )
    const list = await told<{ items: { tid: string; allowed: { suspend: unknown } }[] }>(
      'terminals',
      '--as',
      'merchant_owner',
      '--service',
      'active',
    )
    const tid = list.items.find((t) => t.allowed.suspend === true)!.tid
    const ask = [
      'apply',
      'suspend',
      tid,
      '--reason',
      'M02',
      '--from',
      '2026-11-26 15:00',
      '--until',
      '2026-12-20',
      '--words',
      '装修',
      '--submit',
      '--as',
      'merchant_owner',
    ]
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
    expect(await tingqi('clock', 'set', '2026-11-26 15:00', '--as', 'platform_admin')).toEqual({
      code: 0,
      out: '2026-11-26 15:00:00\n',
      err: '',
    })
    expect((await tingqi('gate', 'ask', tid, 'sale', '--as', 'merchant_owner')).out).toMatch(/^✗ 拒绝 58/)
    expect((await tingqi('gate', 'ask', tid, 'reversal', '--as', 'merchant_owner')).out).toMatch(/^✓ 通过 00/)
    expect((await tingqi('gate', 'show', tid, '--as', 'merchant_owner')).out).toContain(`${tid}  ░ 停机`)
    expect((await tingqi('clock', 'set', '2026-11-26 14:00', '--as', 'platform_admin')).err).toMatch(/^时间只能向前/)
    expect((await tingqi('timeline', tid, '--as', 'merchant_owner', '--limit', '5')).out).toContain(no)

    expect(await tingqi('journal', 'verify', '--as', 'auditor')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^✓ \d+ 行日志完整，与 \d+ 个签名链头一致。/) as string,
    })
    const file = join(folder, 'journal.jsonl')
    expect(await tingqi('journal', 'export', file, '--as', 'auditor')).toMatchObject({ code: 0 })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    writeFileSync(file, `${lines.toSpliced(-3, 1).join('\n')}\n`)
    expect(await tingqi('journal', 'verify', '--file', file)).toMatchObject({ code: 1 })
    // A party sees its own rows, and can check those.
    expect(await tingqi('journal', 'verify', '--partial', '--as', 'provider_admin')).toMatchObject({ code: 0 })
  }, 60_000)

  test("the provider's own stop, lifted by its owner, opens only after a test", async () => {
    const list = await told<{ items: { tid: string; allowed: { hold: unknown } }[] }>(
      'terminals',
      '--service',
      'active',
      '--as',
      'risk',
    )
    const tid = list.items.find((t) => t.allowed.hold === true)!.tid
    const stopped = await tingqi('hold', 'place', tid, '--reason', 'r01', '--words', '疑似套现', '--as', 'risk')
    expect(stopped).toMatchObject({ code: 0 })
    expect(stopped.out).toContain('◆ 停机')
    const { holds } = await told<{ holds: { id: string; liftedAt: string | null; reason: string }[] }>(
      'terminal',
      tid,
      '--as',
      'risk',
    )
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
