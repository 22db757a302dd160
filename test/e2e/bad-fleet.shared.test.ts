// The bad fleet of the reference estate through the import wizard: a dry run that changes nothing, every fault under what is
// wrong with it, the wrong rows to take away, and the good ones taken in.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { importErrors } from '../../src/domain/vocabulary.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

const estate = join(process.env.TINGQI_SHARED ?? resolve(import.meta.dirname, '../../../shared/data'), 'estate')
const bytes = readFileSync(join(estate, 'fleet-bad.csv'))
const expected = JSON.parse(readFileSync(join(estate, 'fleet-bad.expected.json'), 'utf8')) as { line: number; column: string; code: keyof typeof importErrors }[]
const rows = bytes.toString().trim().split('\n').length - 1
const wrongRows = new Set(expected.map((e) => e.line)).size

let site: Site
beforeAll(async () => { site = await openSite('2026-11-23T09:00:00+08:00') }, e2e_ms)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

test('the bad fleet is explained before anything is changed, and its good rows are taken', async () => {
  const total = async () => (await site.call<{ total: number }>('platform.admin', 'GET', '/api/v1/terminals?limit=1')).total
  const before = await total()
  const page = await site.person('platform.admin', { width: widths.phone })
  await page.goto('/imports')
  await page.locator('input[type=file]').setInputFiles({ name: 'fleet-bad.csv', mimeType: 'text/csv', buffer: bytes })
  await page.waitForURL(/\/imports\/.+/)
  await page.getByRole('link', { name: '下载有误的行' }).waitFor()
  const fact = async (name: string): Promise<number> => Number((await page.locator('.pair', { hasText: name }).locator('dd').textContent())!.replaceAll(',', ''))
  expect(await fact('数据行')).toBe(rows)
  expect(await fact('有误')).toBe(wrongRows)
  expect(await fact('可导入')).toBe(rows - wrongRows)
  expect(await fact('将改动'), 'with a fault in it nothing is taken').toBe(0)
  const told = (await page.getByRole('main').textContent())!
  expect(told).toContain(`有 ${expected.length} 处错误，分 ${new Set(expected.map((e) => e.code)).size} 类`)
  for (const [code, faults] of Map.groupBy(expected, (e) => e.code)) {
    expect(told).toContain(`${importErrors[code][0]} · ${faults.length}`)
    expect(told).toMatch(new RegExp(`第 ${faults[0]!.line} 行 · ${faults[0]!.column}`))
  }
  for (const width of [widths.phone, widths.desktop]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await overflow(page)).toBe(0)
  }
  expect(await faultsOf(page)).toEqual([])
  expect(await total(), 'a dry run changes nothing').toBe(before)

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '下载有误的行' }).click()])
  expect(readFileSync(await download.path(), 'utf8').trim().split('\n').length - 1).toBe(wrongRows)
  await page.getByRole('button', { name: `只导入无误的 ${rows - wrongRows} 行` }).click()
  await page.getByText('已改动').waitFor()
  await vi.waitFor(async () => expect(await total()).toBe(before + rows - wrongRows), { timeout: 30_000, interval: 250 })
  await page.context().close()
  expect(site.complaints).toEqual([])
})
