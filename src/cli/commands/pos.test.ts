// The terminal on the command line, against a front on a real socket.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alone, key } from '../../../test/http-alone.ts'
import { handDoor, mid } from '../../gate/front/door.fixtures.ts'
import { openLines } from '../../gate/front/lines.ts'
import { startFront, type Front } from '../../gate/front/start.ts'
import { test_card } from '../../gate/front/terminal.ts'
import { lineAt, nowhere } from '../run.fixtures.ts'

const secret = 's'.repeat(40)
const door = handDoor()
let front: Front
let http: Awaited<ReturnType<typeof alone>>
let pos: (...args: string[]) => ReturnType<ReturnType<typeof lineAt>>

beforeAll(async () => {
  front = await startFront(door, { port: 0, secret })
  http = await alone({ terminals: { one: async (_, tid) => ({ tid }) as never }, lines: openLines(door, { secret }) })
  const url = await http.listen({ port: 0, host: '127.0.0.1' })
  const tingqi = lineAt(url, '/nowhere')
  pos = (...args) => tingqi('pos', ...args, '--mid', mid, '--gate', `127.0.0.1:${front.port}`)
})
afterAll(async () => {
  await http.close()
  await front.close()
})

test('a sale is approved, with what the slip needs', async () => {
  const { code, out } = await pos('sale', '--tid', '10000001', '--amount', '588.00', '--trace', '123')
  expect(code).toBe(0)
  expect(out).toMatch(/✓ 00 交易成功 {2}消费 ¥588\.00\n/)
  expect(out).toMatch(/凭证号 +000123/)
  expect(out).toMatch(/参考号 +6331\d{8}/)
})

test('what the cashier reads on a stopped terminal, in both languages', async () => {
  const zh = await pos('sale', '--tid', '10000002', '--amount', '1')
  expect(zh.code).toBe(1)
  expect(zh.out).toContain('✗ 58 终端无效，请联系收单行或银联')
  expect(zh.out).toContain('已停机，不能收款（58）。店主申请停机：装修。')
  const en = await pos('sale', '--tid', '10000002', '--amount', '1', '--lang', 'en')
  expect(en.out).toContain('✗ 58 Invalid terminal, please ask the acquirer or UnionPay')
})

test('back from a stop: asked to sign on, signs on, sells with a MAC', async () => {
  const asked = await pos('sale', '--tid', '10000005', '--amount', '1')
  expect([asked.code, /重新签到/.test(asked.out)]).toEqual([1, true])
  expect((await pos('sign-on', '--tid', '10000005')).code).toBe(0)
  const sold = await pos('sale', '--tid', '10000005', '--amount', '1', '--mac', '--key', key)
  expect([sold.code, sold.err]).toEqual([0, ''])
  expect(sold.out).toMatch(/MAC +正确/)
})

test('a day at the till: sale, void, settlement, sign-off, confirmation', async () => {
  const tid = '10000007'
  expect((await pos('sale', '--tid', tid, '--amount', '30', '--trace', '1')).code).toBe(0)
  expect((await pos('void', '--tid', tid, '--amount', '30', '--trace', '2', '--original-trace', '1')).code).toBe(0)
  expect((await pos('reverse', '--tid', tid, '--amount', '30', '--original-trace', '2')).code).toBe(0)
  expect((await pos('settle', '--tid', tid, '--debit', '1:30.00', '--credit', '1:30.00')).out).toContain('不平')
  expect((await pos('settle', '--tid', tid, '--debit', '1:30.00')).out).toMatch(/对账 +平/)
  expect((await pos('echo', '--tid', tid)).code).toBe(0)
  expect((await pos('sign-off', '--tid', tid)).code).toBe(0)
  expect((await pos('confirm', '--tid', '10000002')).code).toBe(0)
  expect(door.seen.at(-1)).toMatchObject({ kind: 'device_said', tid: '10000002', said: 'stopped', by: 'status' })
})

test('for programs: the answer as data, and nothing of a card that may not be seen', async () => {
  const { code, out } = await pos('sale', '--tid', '10000001', '--amount', '2', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    mti: '0210',
    code: '00',
    fields: { 4: '000000000200', 39: '00', 41: '10000001' },
  })
  expect(out).not.toContain(test_card)
})

test('what is wrong with a line is said plainly', async () => {
  expect((await pos('sale', '--tid', '10000001', '--amount', 'much')).err).toContain('--amount 应为金额')
  expect((await pos('sale', '--tid', '123', '--amount', '1')).err).toContain('报文放不下')
  const away = await lineAt(await nowhere(), '/nowhere')(
    'pos',
    'echo',
    '--tid',
    '10000001',
    '--mid',
    mid,
    '--gate',
    new URL(await nowhere()).host,
  )
  expect([away.code, away.err]).toEqual([1, expect.stringContaining('连不上闸口')])
})
