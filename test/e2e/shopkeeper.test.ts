// A shopkeeper on a phone: signs in, asks for the stop over a holiday, sees what it means and where it stands.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, pickDay, widths, type Site } from './site.ts'

let site: Site
beforeAll(async () => { site = await openSite('2026-11-23T09:00:00+08:00') }, 120_000)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

describe('a shopkeeper on a phone', () => {
  test('signs in with a wrong password, is told so, and gets in with the right one', async () => {
    const page = await site.visitor({ width: widths.phone })
    await page.goto('/home')
    await page.getByLabel('登录名').fill('apo.owner')
    await page.getByLabel('密码', { exact: true }).fill('not-the-password')
    await page.getByRole('button', { name: '登录' }).click()
    expect(await page.getByRole('alert').textContent()).toMatch(/用户名或密码不正确/)
    expect(await faultsOf(page)).toEqual([])
    await page.getByLabel('密码', { exact: true }).fill(site.actor('apo.owner').password!)
    await page.getByRole('button', { name: '登录' }).click()
    await page.waitForURL('**/portal')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/8 台终端/)
    await page.context().close()
  })

  test('asks for a stop with a return date and finds it on the terminal', async () => {
    const page = await site.person('apo.owner', { width: widths.phone })
    await page.getByRole('link', { name: '申请停机' }).click()
    await page.getByRole('checkbox', { name: /10000006/ }).check()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByText('装修', { exact: true }).click()
    await page.getByRole('button', { name: '下一步' }).click()
    await pickDay(page, '停机日期', '2026-11-27')
    await pickDay(page, '恢复日期', '2026-12-10')
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByText('将会发生什么').waitFor()
    expect(await overflow(page)).toBe(0)
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByRole('button', { name: '提交申请' }).click()
    await page.waitForURL(/\/cases\/TQ-/)
    await page.getByRole('main').getByText(/2026-11-27 22:00/).first().waitFor()
    expect(await overflow(page)).toBe(0)
    await page.context().close()
  })

  test('meets no error on the way', () => { expect(site.complaints).toEqual([]) })
})
