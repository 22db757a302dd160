// A shop's card machine through a whole stop, in a browser: a sale with its MAC, the stop asked for on the machine itself, what
// the cashier reads once it takes effect, the device's confirmation, the test before the return, 77, sign-on, a sale again.
// And the lesson, which sends nothing at all.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

let site: Site
beforeAll(async () => { site = await openSite('2026-11-23T09:00:00+08:00') }, 120_000)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

const tid = '10000006'
const another = '10000007'
const press = async (page: Page, ...keys: string[]): Promise<void> => { for (const key of keys) await page.keyboard.press(key) }
const screen = (page: Page) => page.getByRole('region', { name: /^(屏幕|Screen)$/ })
const reads = (page: Page, words: RegExp) => screen(page).getByText(words).first().waitFor()
const slips = (page: Page) => page.getByRole('log').getByRole('article')
/** The menu, with the line open. */
const ready = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /签到|Sign on/ }).first().waitFor()
  await page.getByText(/正在连接|Connecting/).waitFor({ state: 'hidden' })
}
/** As somebody, over the API. */
async function call<T>(login: string, method: string, path: string, body?: object): Promise<T> {
  const reply = await fetch(`${site.url}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${site.actor(login).apiKey}`, ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!reply.ok) throw new Error(`${method} ${path} ${reply.status} ${await reply.text()}`)
  return (await reply.json()) as T
}

type Case = { state: string; channel: string; reason: string }
/** The case once somebody has approved it, where the policy did not at once. */
async function approved(no: string): Promise<Case> {
  const { state } = await call<Case>('yunhui.reviewer', 'GET', `/applications/${no}`)
  if (state === 'submitted' || state === 'in_review') await call('yunhui.reviewer', 'POST', `/applications/${no}/approve`, {})
  return call<Case>('yunhui.reviewer', 'GET', `/applications/${no}`)
}
const modeNow = async (): Promise<string> => (await call<{ mode: string }>('apo.owner', 'GET', `/terminals/${tid}`)).mode

describe('a card machine on a page', () => {
  test('through a stop and back', async () => {
    const owner = await site.person('apo.owner', { width: widths.phone })
    await owner.goto(`/terminal/${tid}`)
    await ready(owner)
    expect(await overflow(owner)).toBe(0)
    expect(await faultsOf(owner)).toEqual([])

    await press(owner, '1')
    await reads(owner, /签到成功/)
    await press(owner, 'Enter')
    await reads(owner, /已签到 · MAC/)
    await press(owner, '2', '5', '8', '8', '0', '0', 'Enter')
    await reads(owner, /消费成功/)
    expect(await slips(owner).first().textContent()).toMatch(/¥588\.00.*621234\*{6}0001/)
    expect(await overflow(owner)).toBe(0)
    expect(await faultsOf(owner)).toEqual([])
    // Everything is settled before it stops: nothing is left to wait for.
    await press(owner, 'Enter', '6')
    await reads(owner, /对账平/)
    await press(owner, 'Enter')

    await press(owner, '9')
    await reads(owner, /为什么停/)
    await press(owner, '2', '1', '4')
    await reads(owner, /2026-12-07 测试后恢复/)
    await press(owner, 'Enter')
    await reads(owner, /核对/)
    expect(await faultsOf(owner)).toEqual([])
    await press(owner, 'Enter')
    await reads(owner, /办件编号/)
    const no = (await screen(owner).getByRole('link').textContent())!
    expect(await approved(no)).toMatchObject({ channel: 'device', reason: 'M02' })
    await press(owner, 'Enter')

    await expect.poll(modeNow, { timeout: 20_000 }).toMatch(/shut|drain/)
    const { holds } = await call<{ holds: { drainUntil: string }[] }>('apo.owner', 'GET', `/terminals/${tid}`)
    await site.moveTo(new Date(Math.max(...holds.map((h) => Date.parse(h.drainUntil))) + 60_000).toISOString())
    await expect.poll(modeNow, { timeout: 20_000 }).toBe('shut')
    // The machine turns by itself; whoever tries a payment all the same reads why not.
    await owner.getByRole('button', { name: '确认停机' }).waitFor()
    await press(owner, 'Escape', '2', '1', '0', '0', 'Enter')
    await reads(owner, /不能收款（58）/)
    expect(await screen(owner).textContent()).toMatch(/已停机.*店主申请停机：装修.*12月7日.*测试后恢复.*400-800-0000/)
    expect(await slips(owner).count()).toBe(1)
    expect(await overflow(owner)).toBe(0)
    expect(await faultsOf(owner)).toEqual([])
    await press(owner, 'Enter')
    await reads(owner, /已确认停机/)
    await expect.poll(async () => (await call<{ deviceConfirmedAt: string | null }>('apo.owner', 'GET', `/terminals/${tid}`)).deviceConfirmedAt, { timeout: 20_000 }).not.toBeNull()
    const page = await owner.context().newPage()
    await page.goto(`/terminals/${tid}`)
    await page.getByText('机具已确认', { exact: true }).waitFor()
    expect(await page.locator('.pair', { hasText: '机具已确认' }).textContent()).toMatch(/2026-/)
    await page.close()

    const back = await call<{ no: string }>('apo.owner', 'POST', '/applications', { kind: 'reactivate', terminals: [tid], submit: true })
    await approved(back.no)
    await expect.poll(modeNow, { timeout: 20_000 }).toBe('test')
    const field = await site.person('yunhui.field')
    await field.goto(`/terminal/${tid}`)
    await field.getByRole('button', { name: /开机测试/ }).waitFor()
    await press(field, '9')
    for (const item of [/软件版本/, /电池/, /网络/, /屏幕/, /扫码/, /打印/, /读卡器/]) {
      await reads(field, item)
      await press(field, '1')
    }
    await reads(field, /测试消费/)
    await press(field, 'Enter')
    await reads(field, /测试结果/)
    expect(await slips(field).first().textContent()).toMatch(/测试交易.*¥0\.01/)
    expect(await faultsOf(field)).toEqual([])
    await press(field, 'Enter')
    await reads(field, /已登记/)
    await field.context().close()

    await owner.reload()
    await ready(owner)
    await press(owner, '2', '1', '2', '0', '0', 'Enter')
    await reads(owner, /77/)
    await owner.getByRole('button', { name: '签到' }).click()
    await reads(owner, /签到成功/)
    await press(owner, 'Enter', '2', '1', '2', '0', '0', 'Enter')
    await reads(owner, /消费成功/)
    await owner.context().close()
  })

  test('a line that breaks is said and dialled again; in English', async () => {
    const page = await site.person('apo.owner', { language: 'en' })
    let drop = (): void => {}
    await page.routeWebSocket(/\/line$/, (socket) => {
      socket.connectToServer()
      drop = () => void socket.close({ code: 1013 })
    })
    await page.goto('/terminal')
    await page.getByRole('searchbox').fill(another)
    await page.getByRole('link', { name: new RegExp(another) }).click()
    await ready(page)
    drop()
    await reads(page, /line is lost/)
    await screen(page).getByText(/line is lost/).waitFor({ state: 'hidden' })
    await press(page, '8')
    await reads(page, /up, \d+ ms/)
    expect(await faultsOf(page)).toEqual([])
    await page.context().close()
  })

  test('practice teaches the same without an account and without a line', async () => {
    const page = await site.visitor({ width: widths.phone })
    const asked: string[] = []
    page.on('websocket', (socket) => asked.push(socket.url()))
    page.on('request', (request) => { if (request.url().includes('/api/')) asked.push(request.url()) })
    await page.goto('/terminal/practice')
    const pay = (): Promise<void> => press(page, '2', '1', '0', '0', 'Enter')
    await ready(page)
    await press(page, '1')
    await reads(page, /签到成功/)
    await press(page, 'Enter')
    await pay()
    await reads(page, /消费成功/)
    expect(await slips(page).first().textContent()).toMatch(/练习/)
    await press(page, 'Enter')
    await reads(page, /不能收款（58）/)
    await press(page, 'Escape')
    await pay()
    await reads(page, /装修/)
    expect(await faultsOf(page)).toEqual([])
    await press(page, 'Enter')
    await reads(page, /已确认停机/)
    await press(page, 'Enter')
    await pay()
    await reads(page, /77/)
    await press(page, 'Enter')
    await reads(page, /签到成功/)
    await press(page, 'Enter')
    await pay()
    await page.getByText(/练习完成/).waitFor()
    expect(await overflow(page)).toBe(0)
    expect(await faultsOf(page)).toEqual([])
    expect(asked).toEqual([])
    await page.context().close()
  })

  test('who is not signed in is led to where one signs in', async () => {
    const page = await site.visitor()
    await page.goto(`/terminal/${tid}`)
    expect(await page.getByRole('link', { name: '去登录' }).getAttribute('href')).toBe('/home')
    expect(await faultsOf(page)).toEqual([])
    await page.context().close()
  })

  test('meets no error on the way', () => { expect(site.complaints).toEqual([]) })
})
