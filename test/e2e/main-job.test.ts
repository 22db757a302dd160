// The main job, from the wish to the till that takes cards again, by people who each have a browser of their own: an owner on a
// phone, a reviewer and an approver at the desk who never touch a mouse, finance and field for what the return asks for. What a
// cashier meets is seen on the card machine itself.
import { PDFDocument } from '@cantoo/pdf-lib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

let site: Site
beforeAll(async () => { site = await openSite('2026-11-23T09:00:00+08:00') }, e2e_ms)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

/** Three of one shop: its provider approves nothing by rule and has a second person look at three terminals or more. */
const tids = ['20000003', '20000004', '20000005']
const [tid] = tids as [string]
const words = '厨房改造，工人周六进场'
const minute_ms = 60_000
const soon = { timeout: 30_000 }

type Case = { state: string; assignee: { name: string } | null; checkpointAt: string; effectiveFrom: string; expectedUntil: string }
const caseNow = (no: string, login = 'chengfutong.reviewer'): Promise<Case> => site.call(login, 'GET', `/api/v1/applications/${no}`)
const stateNow = async (no: string): Promise<string> => (await caseNow(no)).state
const terminalNow = (): Promise<{ mode: string; service: string; clearance: { clear: boolean } }> => site.call('jinguan.owner', 'GET', `/api/v1/terminals/${tid}`)
const numberOf = (page: Page): string => new URL(page.url()).pathname.split('/').at(-1)!
const press = async (page: Page, ...keys: string[]): Promise<void> => { for (const key of keys) await page.keyboard.press(key) }

/** By J alone to a case that stands somewhere in the queue. */
async function walkTo(desk: Page, no: string): Promise<void> {
  await desk.getByRole('button', { name: new RegExp(no) }).waitFor()
  for (let i = 0; i < 20; i++) {
    if (await isOn(desk, no)) return
    await press(desk, 'j')
    await desk.locator('.read').getByText(no).waitFor({ timeout: 1_000 }).catch(() => {})
  }
  throw new Error(`J never came to ${no}`)
}
const isOn = (desk: Page, no: string): Promise<boolean> => desk.locator('.read').getByText(no).isVisible()
/** One decides about what one sees, no sooner. */
const offers = (desk: Page, name: RegExp) => desk.locator('.read').getByRole('button', { name }).and(desk.locator(':not([aria-disabled])')).waitFor()

/** A card machine with its line open, and what its screen says. */
async function machine(page: Page, of = tid): Promise<void> {
  await page.goto(`/terminal/${of}`)
  await page.getByRole('button', { name: /签到/ }).first().waitFor()
  await page.getByText(/正在连接/).waitFor({ state: 'hidden' })
}
const screen = (page: Page) => page.getByRole('region', { name: '屏幕' })
const reads = (page: Page, said: RegExp) => screen(page).getByText(said).first().waitFor()
/** ¥588.00, as a cashier keys it in. */
const sell = (page: Page): Promise<void> => press(page, '2', '5', '8', '8', '0', '0', 'Enter')

async function onePage(): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  pdf.addPage()
  return Buffer.from(await pdf.save())
}

async function isSound(page: Page): Promise<void> {
  expect(await overflow(page), page.url()).toBe(0)
  expect(await faultsOf(page), page.url()).toEqual([])
}

describe('the main job', () => {
  let no = ''
  let back = ''

  test('the owner asks on a phone, and settles the day on the machines', async () => {
    const owner = await site.person('jinguan.owner', { width: widths.phone })
    await owner.getByRole('link', { name: '申请停机' }).click()
    for (const each of tids) await owner.getByRole('checkbox', { name: new RegExp(each) }).check()
    await owner.getByRole('button', { name: '下一步' }).click()
    await owner.getByText('装修', { exact: true }).click()
    await owner.getByLabel(/要补充说明吗/).fill(words)
    await owner.getByRole('button', { name: '下一步' }).click()
    await owner.getByLabel('停机日期').fill('2026-11-27')
    await owner.getByLabel('恢复日期').fill('2026-12-10')
    await isSound(owner)
    await owner.getByRole('button', { name: '下一步' }).click()
    await owner.getByText('将会发生什么').waitFor()
    await owner.getByText('（最省）').waitFor()
    await isSound(owner)
    await owner.getByRole('button', { name: '下一步' }).click()
    await owner.getByRole('button', { name: '提交申请' }).click()
    await owner.waitForURL(/\/cases\/CF-/)
    no = numberOf(owner)
    await owner.getByText('已提交', { exact: true }).waitFor()
    await isSound(owner)

    for (const each of tids) {
      await machine(owner, each)
      await press(owner, '1')
      await reads(owner, /签到成功/)
      await press(owner, 'Enter')
      if (each === tid) {
        await sell(owner)
        await reads(owner, /消费成功/)
        await press(owner, 'Enter')
      }
      await press(owner, '6')
      await reads(owner, /对账平/)
    }
    await owner.context().close()
  })

  test('the reviewer and then the approver decide it by keyboard alone', async () => {
    const reviewer = await site.person('chengfutong.reviewer')
    await reviewer.locator('.read').getByRole('heading', { level: 1 }).waitFor()
    await press(reviewer, '?')
    await reviewer.getByRole('dialog').getByText('换队列').waitFor()
    expect(await faultsOf(reviewer)).toEqual([])
    // Over the list of keys a letter decides nothing.
    await press(reviewer, 'a', 'Escape')
    await reviewer.getByRole('dialog').waitFor({ state: 'hidden' })
    await walkTo(reviewer, no)
    await reviewer.locator('.read').getByText(words).waitFor()
    await press(reviewer, 'k')
    await reviewer.locator('.read').getByText(no).waitFor({ state: 'hidden' })
    await walkTo(reviewer, no)
    await isSound(reviewer)
    await offers(reviewer, /^领取/)
    await press(reviewer, 'c')
    await expect.poll(() => stateNow(no), soon).toBe('in_review')
    // To a colleague, and on from there: whoever looks at it decides it.
    await offers(reviewer, /^转办/)
    await press(reviewer, 'e')
    await reviewer.getByRole('dialog').getByRole('radio').first().waitFor()
    await press(reviewer, 'Space')
    const to = (await reviewer.getByRole('dialog').locator('label:has(:checked)').textContent())!.split(' · ')[0]!
    expect(await faultsOf(reviewer)).toEqual([])
    await press(reviewer, 'Enter')
    await reviewer.getByRole('dialog').waitFor({ state: 'hidden' })
    expect((await caseNow(no)).assignee?.name).toBe(to)
    for (const [key, title] of [['r', '退回补件'], ['x', '驳回']] as const) {
      await press(reviewer, key)
      await reviewer.getByRole('dialog', { name: title }).getByRole('textbox').waitFor()
      expect(await reviewer.getByRole('dialog').getByRole('button', { name: title }).isDisabled(), 'a word is owed').toBe(true)
      await press(reviewer, 'Escape')
      await reviewer.getByRole('dialog').waitFor({ state: 'hidden' })
    }
    await offers(reviewer, /^批准/)
    await press(reviewer, 'a')
    await expect.poll(() => stateNow(no), soon).toBe('second_review')
    // Who looked first does not give the second look: the button is grey, and its letter does nothing.
    await press(reviewer, '2')
    await walkTo(reviewer, no)
    const approve = reviewer.locator('.read').getByRole('button', { name: /^批准/ })
    await approve.and(reviewer.locator('[aria-disabled=true]')).waitFor()
    await isSound(reviewer)
    await press(reviewer, 'a')
    expect(await stateNow(no)).toBe('second_review')
    await reviewer.context().close()

    const approver = await site.person('chengfutong.approver')
    await walkTo(approver, no)
    await offers(approver, /^批准/)
    await press(approver, 'a')
    await expect.poll(() => stateNow(no), soon).toBe('approved')
    await approver.context().close()
  })

  test('at the minute the machine stops taking cards, and the letter opens', async () => {
    const owner = await site.person('jinguan.owner', { width: widths.phone })
    await site.moveTo(new Date(Date.parse((await caseNow(no)).checkpointAt) + minute_ms).toISOString())
    const at = Date.parse((await caseNow(no)).effectiveFrom)
    await site.moveTo(new Date(at - minute_ms).toISOString())
    await machine(owner)
    await sell(owner)
    await reads(owner, /消费成功/)
    await press(owner, 'Enter', '6')
    await reads(owner, /对账平/)
    await press(owner, 'Enter')
    await site.moveTo(new Date(at).toISOString())
    // The machine turns by itself; whoever tries a payment all the same reads why not, and confirms.
    await owner.getByRole('button', { name: '确认停机' }).waitFor()
    expect((await terminalNow()).mode).toBe('shut')
    await press(owner, 'Escape')
    await sell(owner)
    await reads(owner, /不能收款（58）/)
    expect(await screen(owner).textContent()).toMatch(/装修.*400-812-3456/)
    await isSound(owner)
    await press(owner, 'Enter')
    await reads(owner, /已确认停机/)

    // The other two may have something open still; a day later it is over for them, too.
    await site.moveTo(new Date(at + 25 * 60 * minute_ms).toISOString())
    await expect.poll(() => stateNow(no), soon).toBe('completed')
    await owner.goto(`/cases/${no}`)
    const letter = owner.getByRole('link', { name: /PDF/ }).first()
    await letter.waitFor()
    const pdf = await owner.request.get((await letter.getAttribute('href'))!)
    expect(pdf.headers()['content-type']).toMatch(/^application\/pdf/)
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-')
    await isSound(owner)
    await owner.getByRole('link', { name: '核验' }).first().click()
    expect(await owner.getByRole('main').textContent()).toMatch(/有效|真实/)
    await owner.context().close()
  })

  test('the owner asks for it back; fee and test; the machine signs on and sells again', async () => {
    const owner = await site.person('jinguan.owner', { width: widths.phone })
    await owner.goto(`/terminals/${tid}`)
    await owner.getByRole('link', { name: '申请复机' }).click()
    await owner.getByRole('heading', { name: '申请复机' }).waitFor()
    await owner.getByLabel(/申请书/).setInputFiles({ name: '申请书.pdf', mimeType: 'application/pdf', buffer: await onePage() })
    await isSound(owner)
    await owner.getByRole('button', { name: '提交申请' }).click()
    await owner.waitForURL(/\/cases\/CF-/)
    back = numberOf(owner)

    const reviewer = await site.person('chengfutong.reviewer')
    await walkTo(reviewer, back)
    await offers(reviewer, /^批准/)
    await press(reviewer, 'a')
    await expect.poll(() => stateNow(back), soon).toMatch(/approved|in_progress/)
    await reviewer.context().close()

    const finance = await site.person('chengfutong.finance')
    await finance.goto(`/cases/${back}`)
    await finance.getByRole('listitem').filter({ hasText: '缴纳费用' }).getByRole('button', { name: /办好了/ }).click()
    await finance.getByRole('dialog').getByRole('textbox').fill('收款回单 1')
    await isSound(finance)
    await finance.getByRole('dialog').getByRole('button', { name: '办好了' }).click()
    await finance.getByText('收款回单 1').waitFor()
    await finance.context().close()

    const field = await site.person('chengfutong.field', { width: widths.phone })
    await expect.poll(async () => (await site.call<{ allowed: { test: unknown } }>('chengfutong.field', 'GET', `/api/v1/terminals/${tid}`)).allowed.test, soon).toBe('test_in_case')
    await field.goto(`/terminals/${tid}`)
    await field.getByRole('button', { name: /登记开机测试/ }).click()
    await isSound(field)
    await field.getByRole('button', { name: '全部通过', exact: true }).click()
    await field.getByRole('button', { name: '登记：全部通过' }).click()
    await field.getByRole('dialog').waitFor({ state: 'hidden' })
    await field.context().close()

    await expect.poll(() => stateNow(back), soon).toBe('completed')
    await owner.goto(`/terminals/${tid}`)
    await owner.getByText(/^正常/).first().waitFor()
    await owner.getByRole('link', { name: '虚拟终端' }).click()
    await machine(owner)
    await sell(owner)
    await reads(owner, /77/)
    await owner.getByRole('button', { name: '签到' }).click()
    await reads(owner, /签到成功/)
    await press(owner, 'Enter')
    await sell(owner)
    await reads(owner, /消费成功/)
    await owner.context().close()
  })

  test('nobody meets an error on the way', () => { expect(site.complaints).toEqual([]) })
})
