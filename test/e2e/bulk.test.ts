// Many terminals at once, as a person of the provider sees it: a stop over all that match with two that cannot, carried out and
// tried again; a plan with its tests; figures; and a merchant's best moment.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

let site: Site
beforeAll(async () => { site = await openSite('2026-11-23T09:00:00+08:00') }, e2e_ms)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

/** A page as it must be on a phone and on a desk. */
async function sound(page: Page): Promise<void> {
  for (const width of [widths.phone, widths.desktop]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await overflow(page), `${page.url()} at ${width}`).toBe(0)
    expect(await faultsOf(page), `${page.url()} at ${width}`).toEqual([])
  }
}
type Terminals = { items: { tid: string; merchant: { name: string } }[]; total: number }
const active = (q: string) => site.call<Terminals>('yunhui.operations', 'GET', `/api/v1/terminals?limit=100&service=active&q=${q}`)
const button = (page: Page, name: RegExp | string) => page.getByRole('main').getByRole('button', { name })

describe('many at once', () => {
  test('stops all that match but two, says who and why, and tries them again', async () => {
    const { items, total } = await active('100000')
    expect(total).toBeGreaterThan(3)
    const [first, second] = items.map((t) => t.tid) as [string, string]
    // Two carry the very hold already, one day ahead: they match, and cannot.
    for (const tid of [first, second]) await site.call('yunhui.operations', 'POST', `/api/v1/terminals/${tid}/holds`, { reason: 'P05', effect: 'stop', words: '换装', effectiveFrom: '2026-11-24T09:00:00+08:00' })

    const page = await site.person('yunhui.operations')
    await page.goto('/fleet?q=100000&service=active')
    await page.getByRole('link', { name: `对全部 ${total} 台批量办理` }).click()
    await page.getByRole('heading', { level: 1, name: '批量办理' }).waitFor()
    await page.getByText(`符合条件的 ${total} 台`).waitFor()
    await page.getByRole('combobox', { name: '原因', exact: true }).selectOption('P05')
    await page.getByLabel('写给商户的说明').fill('今夜系统升级，明早恢复。')
    await sound(page)
    await button(page, '预演').click()
    await page.waitForURL(/\/fleet\/bulks\/[0-9a-f-]{36}/)
    await page.getByText(`预演完成：可办 ${total - 2} 台，不可办 2 台`).waitFor()
    const why = page.getByRole('heading', { name: '2 台不可办，为什么' })
    await why.waitFor()
    const group = page.locator('.why-group')
    for (const t of items.slice(0, 2)) await group.getByText(new RegExp(`${t.tid}.*${t.merchant.name}`)).first().waitFor()
    await sound(page)
    expect((await active('100000')).total, 'a rehearsal changes nothing').toBe(total)

    await button(page, '执行').click()
    await page.getByText(`已完成：已办 ${total - 2} 台，未办 2 台`).waitFor({ timeout: 60_000 })
    await page.getByRole('heading', { name: '2 台未办成，为什么' }).waitFor()
    await page.getByRole('radio', { name: '未办', exact: true }).check()
    await page.getByRole('listitem').filter({ hasText: first }).last().getByText('未办').waitFor()
    await sound(page)
    const file = await page.evaluate(async (path) => (await fetch(path)).text(), await page.getByRole('link', { name: /CSV/ }).getAttribute('href') as string)
    expect(file.trim().split('\n').length).toBe(total + 1)
    expect(file).toContain(first)

    // The hold that stood in the way of one of them is gone: tried again, that one is done.
    const { holds } = await site.call<{ holds: { id: string; reason: string }[] }>('yunhui.operations', 'GET', `/api/v1/terminals/${first}`)
    await site.call('yunhui.operations', 'POST', `/api/v1/holds/${holds.find((h) => h.reason === 'P05')!.id}/lift`, { words: '改期' })
    await button(page, '重试未办成的').click()
    await page.getByText(`已完成：已办 ${total - 1} 台，未办 1 台`).waitFor({ timeout: 60_000 })
    await page.context().close()
  })

  test('makes a window, starts it, and records what failed by name', async () => {
    const page = await site.person('yunhui.operations')
    await page.goto('/fleet/plans/new?q=100000&service=suspended')
    await page.getByLabel('名称').fill('夜间升级')
    await page.getByLabel('写给商户的说明').fill('夜间升级，清晨恢复。')
    await page.getByLabel('停机（空 = 下达即停）').fill('2026-11-23T12:00')
    await page.getByLabel('开始测试（可空）').fill('2026-11-23T15:00')
    await page.getByLabel('全部恢复').fill('2026-11-23T18:00')
    await button(page, '加一件事项').click()
    await page.getByLabel('事项', { exact: true }).fill('电话通知重点商户')
    await page.getByLabel('停机前几天').fill('0')
    await page.getByLabel('几点前').fill('11:00')
    await sound(page)
    await button(page, '保存计划').click()
    await page.waitForURL(/\/fleet\/plans\/[0-9a-f-]{36}/)
    await button(page, '下达计划').click({ timeout: 30_000 })
    await page.getByText(/2026-11-23 12:00 停机，已通知 \d+ 台/).waitFor({ timeout: 30_000 })
    await button(page, '办好了').click()
    await page.getByRole('dialog').getByRole('button', { name: '办好了' }).click()
    await page.getByText(/已办 2026-11-23/).waitFor()
    await sound(page)

    await site.moveTo('2026-11-23T15:30:00+08:00')
    await page.reload()
    const tid = (await page.getByRole('row').nth(1).getByRole('cell').first().textContent())!.trim()
    await button(page, '登记测试结果').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/测试结果/).fill(`${tid} 打印 缺纸传感器失灵`)
    await dialog.getByText('1 台：通过 0 台，未通过 1 台。').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await dialog.getByRole('button', { name: '登记测试结果' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('heading', { name: '要有人处理的终端' }).waitFor({ timeout: 30_000 })
    await page.locator('.why-group').getByText(/未通过：打印（缺纸传感器失灵）/).first().waitFor()
    await sound(page)
    await page.context().close()
  })

  test('shows figures, in English', async () => {
    const page = await site.person('yunhui.operations', { language: 'en' })
    await page.goto('/fleet/statistics?from=2026-06-01&to=2026-11-23')
    await page.getByRole('heading', { name: 'Time per stage' }).waitFor()
    await page.getByText('The numbers').first().click()
    expect(await page.locator('figure table').first().locator('tbody tr').count()).toBeGreaterThan(0)
    await sound(page)
    await page.context().close()
  })
})

describe('a merchant', () => {
  test('is shown the best moment by its own trade, takes it with one press, and reads what the days usually bring', async () => {
    const page = await site.person('apo.owner', { width: widths.phone })
    await page.goto('/terminals/10000006/traffic')
    await page.getByRole('heading', { name: '通常的一周' }).waitFor()
    await sound(page)
    await page.goto('/apply?tid=10000006')
    await page.getByRole('radio', { name: /歇业放假/ }).check()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByRole('button', { name: '就选这个时间' }).click()
    const date = await page.getByLabel('停机日期').inputValue()
    expect(date).toMatch(/^2026-/)
    await page.getByLabel('恢复日期').fill('2027-01-10')
    await page.getByText(/这段时间通常/).waitFor()
    await sound(page)
    await page.context().close()
  })

  test('logs nothing', () => { expect(site.complaints).toEqual([]) })
})
