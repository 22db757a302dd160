// The people of money: finance works what three records disagree on and keeps an account, a second person confirms, the
// warehouse takes a device back, a shopkeeper reads the own account and compares other ways of being paid.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Page } from 'playwright-core'
import { bankCsv, slipsCsv, zmFile, zmRecord } from '../../src/settlement/settlement.fixtures.ts'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

const mid = '861290058120001'
const tid = '10000001'
const name = '上海阿婆小笼餐饮管理有限公司'
const zmName = `INN26111800ZM_${mid}.txt`

let site: Site
beforeAll(async () => {
  site = await openSite('2026-11-23T09:00:00+08:00')
  const slip = { mid, tid, merchantName: name, mcc: '5812', at: '2026-11-18T09:16:11+08:00' }
  await takeIn('slips', slipsCsv(slip, { ...slip, trace: '000002', reference: '508821208898', amountYuan: '66.00', at: '2026-11-18T10:16:11+08:00' }), 'slips.csv')
  await takeIn('unionpay', zmFile(zmRecord({ merId: mid, termId: tid, subMerAbbr: '便民超市', merCatCode: '5411', txnTime: '1118091611', queryId: '202611180916110001818' })), zmName)
  await takeIn('bank', bankCsv({ mid, creditYuan: '570.00', bookedOn: '2026-11-19', settledOn: '2026-11-18', reference: `SETT20261118${mid}` }), 'bank.csv')
  await vi.waitFor(async () => expect((await api('/api/v1/settlement/breaks')).items).toHaveLength(10), { timeout: 30_000, interval: 250 })
}, 180_000)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

const head = () => ({ authorization: `Bearer ${site.actor('yunhui.finance').apiKey}` })
const api = async (path: string) => (await fetch(site.url + path, { headers: head() })).json()
async function takeIn(kind: string, bytes: string | Uint8Array, fileName: string): Promise<void> {
  const form = new FormData()
  form.set('kind', kind)
  form.set('file', new Blob([typeof bytes === 'string' ? bytes : Uint8Array.from(bytes)]), fileName)
  const begun = await (await fetch(`${site.url}/api/v1/imports`, { method: 'POST', headers: { ...head(), 'idempotency-key': crypto.randomUUID() }, body: form })).json()
  await vi.waitFor(async () => expect((await api(`/api/v1/imports/${begun.id}`)).state).toBe('done'), { timeout: 30_000, interval: 200 })
}

const dialog = (page: Page) => page.getByRole('dialog')
async function isSound(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  expect(await overflow(page), page.url()).toBe(0)
  expect(await faultsOf(page), page.url()).toEqual([])
}

describe('three records', () => {
  test('finance finds the break by its kind, sees both sides of it, and proposes to accept it; another person confirms', async () => {
    const page = await site.person('yunhui.finance')
    await page.getByRole('link', { name: '三单核对' }).click()
    await page.getByRole('row', { name: /商户类别码不符/ }).first().waitFor()
    expect(await page.getByRole('table', { name: '三单不符' }).getByRole('row').count()).toBe(11)
    await isSound(page)
    await page.goto('/settlement?kind=mcc_differs&q=861290058120001')
    await page.getByText('1 条').waitFor()
    await page.getByRole('row', { name: /商户类别码不符/ }).click()
    await page.waitForURL(/\/settlement\/breaks\/[0-9a-f]{64}$/)
    const sides = page.getByRole('table', { name: '三单并列' })
    await sides.waitFor()
    expect(await sides.getByRole('row', { name: /商户类别码/ }).getByRole('cell').allTextContents()).toEqual(['不符5812', '不符5411', '—'])
    expect(await sides.getByRole('row', { name: /^金额/ }).getByRole('cell').allTextContents()).toEqual(['¥588.00', '¥588.00', '—'])
    await isSound(page)
    await page.getByRole('button', { name: '说明原因' }).click()
    await dialog(page).getByRole('textbox').fill('收单机构换了类别码，已去函。')
    await isSound(page)
    await dialog(page).getByRole('button', { name: '说明原因' }).click()
    await page.getByText('收单机构换了类别码，已去函。').waitFor()
    await page.getByRole('button', { name: '认可' }).click()
    await dialog(page).getByRole('textbox').fill('机构已更正，金额无误。')
    await dialog(page).getByRole('button', { name: '认可' }).click()
    await page.getByText('待复核', { exact: true }).waitFor()
    // Who proposed it does not confirm it: the button says so.
    expect(await page.getByRole('button', { name: '复核同意' }).isDisabled()).toBe(true)
    const at = new URL(page.url()).pathname
    await page.context().close()

    const second = await site.person('yunhui.approver')
    await second.goto(at)
    await second.getByRole('button', { name: '复核同意' }).click()
    await dialog(second).getByRole('button', { name: '复核同意' }).click()
    await second.getByText('已认可', { exact: true }).waitFor()
    await second.context().close()
  })

  test('a run is started from the page and comes to its end', async () => {
    const page = await site.person('yunhui.finance')
    await page.goto('/settlement')
    const before = new Set<string>((await api('/api/v1/settlement/runs')).items.map((run: { id: string }) => run.id))
    await page.getByRole('button', { name: '核对', exact: true }).click()
    await dialog(page).getByRole('button', { name: '开始核对' }).click()
    await dialog(page).waitFor({ state: 'detached' })
    await vi.waitFor(async () => {
      const { items } = await api('/api/v1/settlement/runs')
      expect(items.filter((run: { id: string }) => !before.has(run.id)).map((run: { state: string }) => run.state)).toEqual(['done'])
    }, { timeout: 30_000, interval: 250 })
    await page.getByText('全部日期').first().waitFor({ state: 'attached' })
    await page.context().close()
  })

  test('on a phone and in English, with no word cut and nothing to scroll sideways', async () => {
    const page = await site.person('yunhui.finance', { width: widths.phone, language: 'en' })
    await page.goto('/settlement?kind=bank_amount_differs&q=861290058120001')
    await page.getByText('1 found').waitFor()
    await isSound(page)
    await page.getByRole('row', { name: /bank amount differs/ }).click()
    await page.getByRole('table', { name: 'side by side' }).waitFor()
    expect(await page.getByRole('row', { name: /Net credit/ }).getByRole('cell').allTextContents()).toEqual(['—', 'differs¥584.47 to be credited', 'differs¥570.00'])
    await isSound(page)
    await page.context().close()
  })
})

describe('accounts and devices', () => {
  test('finance finds a merchant by its number and records a payment', async () => {
    const page = await site.person('yunhui.finance')
    await page.goto('/money')
    await page.getByRole('searchbox', { name: '查找商户' }).fill(mid)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name }).waitFor()
    const { items: [{ owed }] } = await api(`/api/v1/merchants/${mid}/balance`)
    expect(owed.fen).toBeGreaterThan(0)
    await isSound(page)
    await page.getByRole('button', { name: '登记收款' }).click()
    await dialog(page).getByLabel('回单号').fill('E2E-20261123-1')
    await isSound(page)
    await dialog(page).getByRole('button', { name: '登记收款' }).click()
    await page.getByText('费用已付清，互不相欠。').waitFor()
    expect((await api(`/api/v1/merchants/${mid}/balance`)).items[0].owed.fen).toBe(0)
    await page.context().close()
  })

  test('a device that came back, its condition and its deposit as a ledger', async () => {
    const [line] = (await api('/api/v1/returns')).items
    const page = await site.person('yunhui.field')
    await page.goto('/returns')
    await isSound(page)
    await page.getByRole('row', { name: new RegExp(line.serial) }).click()
    await page.getByRole('heading', { name: '押金' }).waitFor()
    expect(await page.getByRole('row', { name: /收取押金/ }).textContent()).toContain('¥300.00')
    expect(await page.getByRole('row', { name: /打印机盖损坏/ }).textContent()).toContain('−¥80.00')
    await isSound(page)
    await page.getByRole('button', { name: '入库' }).click()
    await page.getByText('已入库', { exact: true }).waitFor()
    await page.context().close()
    const phone = await site.person('yunhui.finance', { width: widths.phone, language: 'en' })
    await phone.goto(`/returns/${line.rma}`)
    await phone.getByRole('heading', { name: 'Deposit' }).waitFor()
    await isSound(phone)
    await phone.goto('/returns')
    await phone.getByText(line.serial, { exact: true }).waitFor()
    await isSound(phone)
    await phone.context().close()
  })

  test('a shopkeeper reads the own account on a phone and compares ways of being paid', async () => {
    const page = await site.person('apo.owner', { width: widths.phone })
    await page.getByRole('link', { name: '账务' }).click()
    await page.getByRole('heading', { level: 1, name: '我的账' }).waitFor()
    await page.getByText('TQ-B2026').first().click()
    expect(await page.getByRole('button', { name: '登记收款' }).count()).toBe(0)
    await isSound(page)
    await page.getByRole('link', { name: '换个方式收款要多少钱' }).click()
    await page.getByText(/没有疑点的选择中，东方银行收单每月最省/).waitFor()
    expect(await page.getByRole('row', { name: /低价先锋/ }).textContent()).toContain('× 0.25 %')
    await page.getByText(/低于成本 0.4825 %/).first().waitFor()
    await isSound(page)
    await page.getByRole('radio', { name: '我自己填' }).check()
    await page.getByLabel('扫码').first().fill('10000')
    await page.getByRole('button', { name: '比一比' }).click()
    await page.getByText(/¥10,000.00 × 0.38 % = ¥38.00/).first().waitFor()
    await page.context().close()
    const wide = await site.person('apo.owner', { language: 'en' })
    for (const [path, heading] of [['/money', 'My account'], ['/instead', 'Being paid another way'], ['/returns', 'Returns and deposits']] as const) {
      await wide.goto(path)
      await wide.getByRole('heading', { level: 1, name: heading }).waitFor()
      await isSound(wide)
    }
    await wide.context().close()
  })

  test('nothing failed on the way', () => { expect(site.complaints).toEqual([]) })
})
