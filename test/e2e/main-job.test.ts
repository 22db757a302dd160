// The main job, from the wish to the till that takes cards again, by three people in three browsers: an owner on a phone, a
// reviewer and an approver at the desk who never touch a mouse. The gate is asked on the way what a cashier would meet.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, pickDay, widths, type Site } from './site.ts'

let site: Site
beforeAll(async () => { site = await openSite('2026-11-23T09:00:00+08:00') }, e2e_ms)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: e2e_ms })

/** Three of one shop, whose provider approves nothing by rule and looks twice at three terminals or more. */
const tids = ['20000003', '20000004', '20000005']
const [tid] = tids as [string]
const soon = { timeout: 30_000 }
const terminalItems = ['software', 'battery', 'network', 'screen', 'scan', 'print', 'card_reader', 'test_sale']
/** The smallest file that is a PDF. */
const letterOfApplication = { name: '申请书.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n') }

type Case = { state: string; steps: { id: string; kind: string; state: string }[] }
const caseNow = (no: string): Promise<Case> => site.call('jinguan.owner', 'GET', `/api/v1/applications/${no}`)
const stateNow = async (no: string): Promise<string> => (await caseNow(no)).state
const terminalNow = (): Promise<{ mode: string; service: string; merchant: { mid: string } }> => site.call('jinguan.owner', 'GET', `/api/v1/terminals/${tid}`)
type Answer = { decision: string; code: string; sentence?: string }
/** What the gate answers to a sale of ¥588.00, asked as the acquirer's host would. */
const sale = async (): Promise<Answer> => {
  const { merchant } = await terminalNow()
  return site.call<Answer>('platform.admin', 'POST', '/gate/decisions', { tid, mid: merchant.mid, class: 'sale', amount: { fen: 58_800, currency: 'CNY' } })
}

/** By J alone to a case that stands somewhere in the queue. */
async function walkTo(desk: Page, no: string): Promise<void> {
  const open = desk.getByRole('main').getByText(no)
  await desk.getByRole('button', { name: new RegExp(no) }).waitFor()
  for (let i = 0; i < 20; i++) {
    if (await open.isVisible()) return
    await desk.keyboard.press('j')
    await open.waitFor({ timeout: 2_000 }).catch(() => {})
  }
  await open.waitFor()
}

describe('the main job, by three people', () => {
  let no = ''
  let back = ''
  test('the owner asks on a phone', async () => {
    const owner = await site.person('jinguan.owner', { width: widths.phone })
    await owner.getByRole('link', { name: '申请停机' }).click()
    for (const each of tids) await owner.getByRole('checkbox', { name: new RegExp(each) }).check()
    await owner.getByRole('button', { name: '下一步' }).click()
    await owner.getByText('装修', { exact: true }).click()
    await owner.getByRole('button', { name: '下一步' }).click()
    await pickDay(owner, '停机日期', '2026-11-27')
    await pickDay(owner, '恢复日期', '2026-12-10')
    await owner.getByRole('button', { name: '下一步' }).click()
    await owner.getByText('将会发生什么').waitFor()
    await owner.getByRole('button', { name: '下一步' }).click()
    await owner.getByRole('button', { name: '提交申请' }).click()
    await owner.waitForURL(/\/cases\/CF-/)
    no = new URL(owner.url()).pathname.split('/').at(-1)!
    await owner.getByText('已提交', { exact: true }).waitFor()
    expect(await stateNow(no)).toBe('submitted')
    expect(await overflow(owner)).toBe(0)
    expect(await faultsOf(owner)).toEqual([])
    expect((await sale()).code).toBe('00')
    await owner.context().close()
  })

  test('the reviewer and then the approver decide it by keyboard alone', async () => {
    const reviewer = await site.person('chengfutong.reviewer')
    await reviewer.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
    await reviewer.keyboard.press('?')
    await reviewer.getByRole('dialog').getByText('换队列').waitFor()
    await reviewer.keyboard.press('Escape')
    await reviewer.getByRole('dialog').waitFor({ state: 'hidden' })
    await walkTo(reviewer, no)
    await reviewer.getByRole('main').getByText('2026-11-27 22:00').first().waitFor()
    await reviewer.keyboard.press('k')
    await walkTo(reviewer, no)
    expect(await faultsOf(reviewer)).toEqual([])
    await reviewer.keyboard.press('c')
    await expect.poll(() => stateNow(no), soon).toBe('in_review')
    await reviewer.getByText('审核中', { exact: true }).waitFor()
    await reviewer.keyboard.press('a')
    await expect.poll(() => stateNow(no), soon).toBe('second_review')
    // Who looked first does not give the second look.
    await reviewer.keyboard.press('2')
    await walkTo(reviewer, no)
    await reviewer.keyboard.press('a')
    expect(await stateNow(no)).toBe('second_review')
    await reviewer.context().close()

    const approver = await site.person('chengfutong.approver')
    await walkTo(approver, no)
    await approver.keyboard.press('a')
    await expect.poll(() => stateNow(no), soon).toBe('approved')
    await approver.context().close()
  })

  test('the stop comes, the gate declines, the letter opens', async () => {
    const owner = await site.person('jinguan.owner', { width: widths.phone })
    await site.moveTo('2026-11-25T09:05:00+08:00')
    expect((await sale()).code).toBe('00')
    await site.moveTo('2026-11-28T22:01:00+08:00')
    await expect.poll(async () => (await terminalNow()).mode, soon).toBe('shut')
    expect(await sale()).toMatchObject({ code: '58' })

    await owner.goto(`/cases/${no}`)
    const letter = owner.getByRole('link', { name: /PDF/ }).first()
    await expect.poll(async () => { await owner.reload(); await owner.getByRole('main').waitFor(); return letter.isVisible() }, soon).toBe(true)
    const pdf = await owner.request.get((await letter.getAttribute('href'))!)
    expect(pdf.headers()['content-type']).toMatch(/^application\/pdf/)
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-')
    expect(await overflow(owner)).toBe(0)
    expect(await faultsOf(owner)).toEqual([])
    await owner.getByRole('link', { name: '核验' }).first().click()
    expect(await owner.getByRole('main').textContent()).toMatch(/有效|真实/)
    await owner.context().close()
  })

  test('the owner asks for it back, it is tested, and takes cards again', async () => {
    const owner = await site.person('jinguan.owner', { width: widths.phone })
    await owner.goto(`/terminals/${tid}`)
    await owner.goto(`/apply?kind=reactivate&tid=${tid}`)
    const [chooser] = await Promise.all([owner.waitForEvent('filechooser'), owner.getByRole('button', { name: /申请书|申请函/ }).click()])
    await chooser.setFiles(letterOfApplication)
    await owner.getByRole('button', { name: '提交申请' }).click()
    await owner.waitForURL(/\/cases\/CF-/)
    back = new URL(owner.url()).pathname.split('/').at(-1)!

    const reviewer = await site.person('chengfutong.reviewer')
    await walkTo(reviewer, back)
    await reviewer.keyboard.press('a')
    await expect.poll(() => stateNow(back), soon).toMatch(/approved|in_progress/)
    await reviewer.context().close()

    const fee = (await caseNow(back)).steps.find((s) => s.kind === 'pay_fee' && s.state === 'open')
    if (fee) await site.call('chengfutong.finance', 'POST', `/api/v1/applications/${back}/complete-step`, { step: fee.id, evidence: '收款回单 1' })
    await site.call('chengfutong.field', 'POST', `/api/v1/applications/${back}/record-test`, { items: terminalItems.map((item) => ({ item, passed: true })) })
    await expect.poll(() => stateNow(back), soon).toBe('completed')
    await expect.poll(async () => (await terminalNow()).service, soon).toBe('active')
    // The machine signs on before its first sale, then the sale goes through; the gate no longer speaks of a stop.
    expect((await sale()).code).not.toBe('58')
    await owner.goto(`/terminals/${tid}`)
    await owner.getByText(/^正常/).first().waitFor()
    await owner.context().close()
  })

  test('nobody meets an error on the way', () => { expect(site.complaints).toEqual([]) })
})
