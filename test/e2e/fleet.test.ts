// Fleet and administration in a real browser: a hold placed after its preview and lifted again, a pasted list and a kept view,
// gates, attempts, a bad fleet file, and one's own keys and sign-in – on a phone and on a desk.
import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

let site: Site
beforeAll(async () => { site = await openSite('2026-11-23T09:00:00+08:00') }, 120_000)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

/** A page as it must be on a phone and on a desk, in the language it is in. */
async function sound(page: Page): Promise<void> {
  for (const width of [widths.phone, widths.desktop]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await overflow(page), `${page.url()} at ${width}`).toBe(0)
  }
  expect(await faultsOf(page), page.url()).toEqual([])
}
async function opened(page: Page, path: string, heading: RegExp): Promise<void> {
  await page.goto(path)
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await page.waitForLoadState('networkidle')
  await sound(page)
}

describe('operations', () => {
  test('sees what a hold would do before placing it, and lifts it again', async () => {
    const page = await site.person('yunhui.risk')
    await opened(page, '/terminals/10000005', /10000005/)
    await page.getByRole('button', { name: /机构停用/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('原因').selectOption('R01')
    await dialog.getByLabel('写给商户的说明').fill('请提交最近三笔大额交易的凭证。')
    await dialog.getByRole('button', { name: '预览影响' }).click()
    await dialog.getByText('确认后').waitFor()
    expect(await page.locator('main tbody tr').count(), 'a preview changes nothing').toBe(0)
    expect(await faultsOf(page)).toEqual([])
    await dialog.getByRole('button', { name: '确认停用' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('cell', { name: /R01/ }).waitFor()
    await sound(page)
    await page.getByRole('button', { name: /^解除/ }).click()
    await dialog.getByLabel(/为何可以解除/).fill('凭证已核对无误。')
    await dialog.getByRole('button', { name: '解除停用' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: /^解除/ }).waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('pastes a list, is told what is missing, and keeps the view', async () => {
    const page = await site.person('yunhui.operations')
    await opened(page, '/fleet?q=10000001 10000002 99999999', /终端/)
    expect(await page.getByRole('status').filter({ hasText: '没找到' }).textContent()).toMatch(/3 个中有 1 个没找到：.*99999999/)
    await page.getByRole('button', { name: '保存当前筛选' }).click()
    await page.getByLabel('视图名称').fill('两台与一台')
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.goto('/fleet')
    await page.getByRole('button', { name: '两台与一台', exact: true }).click()
    await page.waitForURL(/q=10000001/)
    await page.goto('/fleet')
    await page.getByRole('navigation', { name: '按状态' }).getByRole('link', { name: /^停机 / }).click()
    await page.waitForURL(/service=suspended/)
    await page.context().close()
  })

  test('sees gates and attempts, and gets a bad file explained line by line', async () => {
    const page = await site.person('yunhui.operations')
    await opened(page, '/gates', /闸口/)
    await opened(page, '/attempts', /停机终端上的尝试/)
    await opened(page, '/imports', /文件导入/)
    const columns = 'mid,merchantName,uscc,mcc,contactName,contactPhone,storeName,storeAddress,longitude,latitude,provider,tid,serial,model,deviceType,ownership,depositYuan,installedOn,firmware'
    const row = (part: Record<string, string>): string => columns.split(',').map((c) => part[c] ?? '').join(',')
    const bad = { mid: '12', merchantName: '坏行', provider: 'yunhui', tid: 'no', serial: 'x', model: 'A', installedOn: '2026-13-45' }
    await page.locator('input[type=file]').setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from(`\uFEFF${columns}\r\n${row(bad)}\r\n`) })
    await page.waitForURL(/\/imports\/.+/)
    await page.getByRole('link', { name: '下载有误的行' }).waitFor()
    expect(await page.getByRole('main').textContent()).toMatch(/第 2 行/)
    await sound(page)
    await page.context().close()
  })
})

describe('administration', () => {
  test('reads the rules in words and checks the journal by itself', async () => {
    const page = await site.person('yunhui.provider_admin', { language: 'en' })
    await opened(page, '/admin/people', /People/)
    await opened(page, '/admin/policies', /Rules/)
    await page.getByRole('link', { name: 'Version 1' }).click()
    await page.getByRole('heading', { name: 'Straight through' }).waitFor()
    await sound(page)
    await opened(page, '/admin/journal', /Journal/)
    await page.getByRole('button', { name: 'Check the rows shown' }).click()
    await page.getByText(/rows are intact/).waitFor()
    await page.context().close()
  })

  test('makes a key that is shown once, and revokes it', async () => {
    const page = await site.person('apo.owner')
    await opened(page, '/admin/keys', /密钥/)
    await page.getByLabel('用途').fill('收银系统')
    await page.getByRole('button', { name: '新建密钥' }).click()
    await page.locator('.secret').waitFor()
    await sound(page)
    const key = (await page.locator('.secret').textContent())!.trim()
    const asked = (): Promise<number> => fetch(`${site.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } }).then((r) => r.status)
    expect(await asked()).toBe(200)
    await page.reload()
    expect(await page.getByRole('main').textContent()).not.toContain(key)
    await page.getByRole('listitem').filter({ hasText: '收银系统' }).getByRole('button', { name: '吊销' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '吊销' }).click()
    await page.getByText(/\d 吊销/).waitFor()
    // Who a key belongs to is believed for a moment.
    await expect.poll(asked, { timeout: 10_000 }).toBe(401)
    await page.context().close()
  })

  test('sets up a one-time password, and signs in with a backup code', async () => {
    const page = await site.person('apo.staff')
    await opened(page, '/admin/security', /登录与安全/)
    await page.getByLabel('您的密码', { exact: true }).fill(site.actor('apo.staff').password!)
    await page.getByRole('button', { name: '开始设置' }).click()
    await page.getByRole('img', { name: '动态口令二维码' }).waitFor()
    await sound(page)
    await page.getByText('不能扫描？手工输入').click()
    await page.getByLabel(/六位数字/).fill(oneTime((await page.locator('.secret').textContent())!.trim()))
    await page.getByRole('button', { name: '启用' }).click()
    await page.getByText('备用码只显示这一次').waitFor()
    const code = (await page.locator('ul.codes li').first().textContent())!
    await page.getByRole('button', { name: '我已保存' }).click()
    await page.getByText('已启用').waitFor()
    await page.context().close()

    const again = await site.visitor()
    await again.goto('/home')
    await again.getByLabel('登录名').fill('apo.staff')
    await again.getByLabel('密码', { exact: true }).fill(site.actor('apo.staff').password!)
    await again.keyboard.press('Enter')
    await again.getByLabel(/动态口令/).fill(code)
    expect(await faultsOf(again)).toEqual([])
    await again.keyboard.press('Enter')
    await again.waitForURL('**/portal')
    await again.context().close()
  })

  test('meets no error on the way', () => { expect(site.complaints).toEqual([]) })
})

/** RFC 6238, as an authenticator app works it out. */
function oneTime(secret: string): string {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const hash = createHmac('sha1', Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => Number.parseInt(b, 2)))).update(counter).digest()
  return String((hash.readUInt32BE(hash.at(-1)! & 15) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0')
}
