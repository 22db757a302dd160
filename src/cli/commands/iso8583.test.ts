// The line `iso8583 describe`, for people and for programs; it needs no program to ask.
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { lineAt, nowhere } from '../run.fixtures.ts'

const sale =
  '006B600003000060310031000002003024048020C088110000000000000001000000033012021000346212340000000001D30122011234567890313030303031363138393831313032343839393030303131353606000000000000000014220000010005000000000000000000'
const reversal =
  '0069600006110060010000000004007024048004C08019166212340000000001200000000000000008000126180201200632383838383630303037333731323131313131313131313131313131313135360011111000291430001610002900012606263945383238394341'
const bare = '0036600032000008000020000000C00012000012313233343536373131323334353637383930313233343500110000000100100003303120'

describe('iso8583 describe', () => {
  let tingqi: ReturnType<typeof lineAt>
  beforeAll(async () => {
    tingqi = lineAt(await nowhere(), tmpdir())
  })

  test('for programs: type, bitmap, and the fields as they may be shown', async () => {
    const ran = await tingqi('iso8583', 'describe', reversal, '--json')
    expect([ran.code, ran.err]).toEqual([0, ''])
    expect(JSON.parse(ran.out)).toEqual({
      mti: '0400',
      bitmap: '7024048004C08019',
      fields: {
        2: '621234******0001',
        3: '200000',
        4: '000000000008',
        11: '000126',
        14: '1802',
        22: '012',
        25: '06',
        38: '288886',
        41: '00073712',
        42: '111111111111111',
        49: '156',
        60: '11100029143',
        61: '1000290001260626',
        64: '3945383238394341',
      },
    })
  })

  test('for people: a table, in either language', async () => {
    const zh = await tingqi('iso8583', 'describe', sale)
    expect(zh.code).toBe(0)
    expect(zh.out).toMatch(/交易 +消费/)
    expect(zh.out).toMatch(/ 4 +交易金额 +000000000100 +¥1\.00/)
    expect(zh.out).toMatch(/35 +2 磁道数据 +\*\*\* \(34\) +不显示/)
    expect(zh.out).not.toContain('6212340000000001')
    const en = await tingqi('iso8583', 'describe', sale, '--lang', 'en')
    expect(en.out).toMatch(/60 +kind of message, batch +22000001000500 +kind 22, batch 000001, network 000/)
  })

  test('as people paste it', async () => {
    const spaced = `0x${sale.toLowerCase().replace(/(..)/g, '$1 ')}\n`
    expect((await tingqi('iso8583', 'describe', spaced, '--json')).out).toBe((await tingqi('iso8583', 'describe', sale, '--json')).out)
  })

  test('with or without a header, told or recognised', async () => {
    const told = async (...more: string[]) => (await tingqi('iso8583', 'describe', bare, '--json', ...more)).code
    expect([await told(), await told('--no-header'), await told('--header')]).toEqual([0, 0, 1])
  })

  test('between hosts', async () => {
    const hex = Buffer.from('02004000000000000000164242424242424242').toString('hex')
    expect(JSON.parse((await tingqi('iso8583', 'describe', hex, '--json', '--spec', 'international')).out)).toMatchObject({
      mti: '0200',
      fields: { 2: '424242******4242' },
    })
  })

  test('what is broken is shown as far as it goes, with its place', async () => {
    const cut = sale.slice(0, -20)
    const ran = await tingqi('iso8583', 'describe', cut, '--json')
    expect(ran.code).toBe(1)
    expect(JSON.parse(ran.out)).toMatchObject({
      mti: '0200',
      fields: { 4: '000000000100', 41: '10000161' },
      fault: { kind: 'cut', offset: cut.length / 2, field: 60, detail: '报文不完整，在此中断' },
    })
    expect((await tingqi('iso8583', 'describe', cut)).out).toContain(`✗ 第 60 域，第 ${cut.length / 2} 字节：报文不完整，在此中断。`)
  })

  test.each(['', 'xyz', '123', '0x'])('what is no hexadecimal is refused: %s', async (hex) => {
    const ran = await tingqi('iso8583', 'describe', hex)
    expect([ran.code, ran.out]).toEqual([1, ''])
    expect(ran.err).toContain('十六进制')
  })

  test('from the standard input', async () => {
    const launcher = join(import.meta.dirname, '../../../bin/tingqi.js')
    const out = await new Promise<string>((done) => {
      const child = execFile(process.execPath, [launcher, 'iso8583', 'describe', '-', '--json'], (_, text) => done(text))
      child.stdin!.end(`${reversal}\n`)
    })
    expect(JSON.parse(out)).toMatchObject({ mti: '0400', fields: { 2: '621234******0001' } })
  })
})
