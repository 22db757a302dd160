// Every page of the table, by somebody it belongs to, in both languages and at the widths people have: nothing axe objects to,
// nothing to scroll sideways for, nothing logged, nothing that moves for who asked for stillness. The table itself is read, so
// that a page nobody visits fails.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bankCsv, slipsCsv, zmFile, zmRecord } from '../../src/settlement/settlement.fixtures.ts'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

const people = ['apo.owner', 'yunhui.reviewer', 'yunhui.operations', 'yunhui.finance', 'yunhui.provider_admin', 'platform.admin'] as const
type Person = (typeof people)[number]
type Sample = (person: Person) => Promise<string | undefined>

let site: Site
const first = async (person: Person, path: string, key: string): Promise<string | undefined> =>
  (await site.call<{ items: Record<string, string>[] }>(person, 'GET', path)).items[0]?.[key]
const approvedCase: Sample = (person) => first(person, '/api/v1/applications?kind=suspend&state=approved', 'no')
const anyCase: Sample = (person) => first(person, '/api/v1/applications', 'no')

/** Who visits each page, and what its parameter is then. */
const visits: Readonly<Record<string, readonly [Person, Sample?][]>> = {
  '/portal': [['apo.owner']],
  '/apply': [['apo.owner']],
  '/desk': [['yunhui.reviewer']],
  '/cases': [['apo.owner'], ['yunhui.reviewer'], ['platform.admin']],
  '/fleet': [['yunhui.operations'], ['platform.admin']],
  '/fleet/bulks': [['yunhui.operations']],
  '/fleet/bulks/new': [['yunhui.operations']],
  '/fleet/bulks/$id': [['yunhui.operations', (p) => first(p, '/api/v1/bulks', 'id')]],
  '/fleet/plans': [['yunhui.operations'], ['platform.admin']],
  '/fleet/plans/new': [['yunhui.operations']],
  '/fleet/plans/$id': [['yunhui.operations', (p) => first(p, '/api/v1/plans', 'id')]],
  '/fleet/statistics': [['yunhui.operations'], ['platform.admin']],
  '/settlement': [['yunhui.finance']],
  '/settlement/breaks/$id': [['yunhui.finance', (p) => first(p, '/api/v1/settlement/breaks', 'id')]],
  '/money': [['apo.owner'], ['yunhui.finance']],
  '/returns': [['yunhui.finance'], ['apo.owner']],
  '/returns/$rma': [['yunhui.finance', (p) => first(p, '/api/v1/returns', 'rma')]],
  '/instead': [['apo.owner']],
  '/notices': [['apo.owner'], ['yunhui.reviewer']],
  '/gates': [['yunhui.operations']],
  '/attempts': [['yunhui.operations']],
  '/imports': [['yunhui.finance']],
  '/imports/$id': [['yunhui.finance', (p) => first(p, '/api/v1/imports', 'id')]],
  '/admin': [['yunhui.provider_admin']],
  '/admin/people': [['yunhui.provider_admin']],
  '/admin/policies': [['yunhui.provider_admin']],
  '/admin/policies/$id': [['yunhui.provider_admin', async () => 'yunhui-1']],
  '/admin/journal': [['yunhui.provider_admin']],
  '/admin/keys': [['apo.owner']],
  '/admin/security': [['apo.owner']],
  '/terminals/$tid/traffic': [['apo.owner', async () => '10000001']],
  '/terminals/$tid': [['apo.owner', async () => '10000003'], ['yunhui.operations', async () => '10000004'], ['yunhui.operations', async () => '10000001']],
  '/cases/$no/poster': [['apo.owner', approvedCase]],
  '/cases/$no': [['apo.owner', approvedCase], ['yunhui.reviewer', anyCase]],
}
/** Without signing in: entries and pages of their own. */
const open = ['/', '/home', '/track', '/verify', '/terminal/practice', '/terminal'] as const

const languages = ['zh', 'en'] as const
/** Looked at by axe; at the other widths only what sticks out is measured. */
const looked_at: readonly number[] = [widths.phone, widths.desktop]

beforeAll(async () => {
  site = await openSite('2026-11-23T09:00:00+08:00')
  const slip = { mid: '861290058120001', tid: '10000001', merchantName: '上海阿婆小笼餐饮管理有限公司', mcc: '5812', at: '2026-11-18T09:16:11+08:00' }
  await takeIn('slips', slipsCsv(slip, { ...slip, trace: '000002', reference: '508821208898', amountYuan: '66.00', at: '2026-11-18T10:16:11+08:00' }), 'slips.csv')
  await takeIn('unionpay', zmFile(zmRecord({ merId: slip.mid, termId: slip.tid, subMerAbbr: '便民超市', merCatCode: '5411', txnTime: '1118091611', queryId: '202611180916110001818' })), `INN26111800ZM_${slip.mid}.txt`)
  await takeIn('bank', bankCsv({ mid: slip.mid, creditYuan: '570.00', bookedOn: '2026-11-19', settledOn: '2026-11-18', reference: `SETT20261118${slip.mid}` }), 'bank.csv')
  await site.call('yunhui.operations', 'POST', '/api/v1/bulks', { name: '今夜升级', act: { act: 'place_hold', reason: 'P02' }, words: '今夜一点起升级，五点前恢复。', select: { q: '100000' } })
  await site.call('yunhui.operations', 'POST', '/api/v1/plans', {
    kind: 'maintenance', name: '核心系统升级', reason: 'P01', words: '今夜一点至五点升级。', select: { q: '100000' }, effectiveFrom: '2026-11-25T01:00:00+08:00', testFrom: '2026-11-25T04:00:00+08:00', expectedUntil: '2026-11-25T05:00:00+08:00',
    tasks: [{ id: 'tell-merchants', title: '电话通知重点商户', assignee: 'agent', due: { from: 'effectiveFrom', offset: '-1d', at: '18:00' } }],
  })
  await vi.waitFor(async () => expect(await first('yunhui.finance', '/api/v1/settlement/breaks', 'id')).toBeDefined(), { timeout: 30_000, interval: 250 })
}, e2e_ms)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: 2 * e2e_ms })

async function takeIn(kind: string, bytes: string | Uint8Array, fileName: string): Promise<void> {
  const form = new FormData()
  form.set('kind', kind)
  form.set('file', new Blob([typeof bytes === 'string' ? bytes : Uint8Array.from(bytes)]), fileName)
  const reply = await fetch(`${site.url}/api/v1/imports`, { method: 'POST', headers: { authorization: `Bearer ${site.actor('yunhui.finance').apiKey}`, 'idempotency-key': crypto.randomUUID() }, body: form })
  const { id } = (await reply.json()) as { id: string }
  await vi.waitFor(async () => expect((await site.call<{ state: string }>('yunhui.finance', 'GET', `/api/v1/imports/${id}`)).state).toBe('done'), { timeout: 30_000, interval: 200 })
}

async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor({ timeout: 30_000 })
  await page.waitForLoadState('networkidle')
  await page.locator('[role=status][aria-label]').waitFor({ state: 'hidden', timeout: 30_000 })
}

/** What is wrong with the page as it stands, at each width. */
async function wrongWith(page: Page): Promise<string[]> {
  const wrong: string[] = []
  const at = `${await page.evaluate(() => document.documentElement.lang)} ${new URL(page.url()).pathname}`
  for (const width of Object.values(widths)) {
    await page.setViewportSize({ width, height: 800 })
    const wider_px = await overflow(page)
    if (wider_px > 0) wrong.push(`${at} is ${wider_px} px wider than ${width}`)
    wrong.push(...(await cutOff(page)).map((text) => `${at} at ${width} cuts off: ${text}`))
    if (looked_at.includes(width)) wrong.push(...(await faultsOf(page)).map((fault) => `${at} at ${width}: ${fault}`))
  }
  const moving = await page.evaluate(() => document.getAnimations().filter((a) => a.playState === 'running').length)
  if (moving > 0) wrong.push(`${at} moves for who asked for stillness`)
  return wrong
}

/** Words in buttons, headings and lamps that have less room than they need. */
const cutOff = (page: Page): Promise<string[]> => page.evaluate(() =>
  [...document.querySelectorAll<HTMLElement>('button, .button, h1, h2, .lamp, .tag, nav a, [role=cell], dd, th')]
    .filter((e) => e.checkVisibility() && !e.matches('.unseen') && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')
    .map((e) => e.textContent))

describe('every page', () => {
  test('has somebody who visits it', () => {
    const table = readFileSync(new URL('../../web/src/routes.tsx', import.meta.url), 'utf8')
    expect(Object.keys(visits).toSorted()).toEqual([...table.matchAll(/\{ path: '([^']+)', page:/g)].map(([, path]) => path!).toSorted())
  })

  test.each(people)('of %s', async (person) => {
    const wrong: string[] = []
    for (const language of languages) {
      const page = await site.person(person, { language })
      for (const [path, visitors] of Object.entries(visits)) for (const [visitor, sample] of visitors) {
        if (visitor !== person) continue
        const value = await sample?.(person)
        expect(path.includes('$') ? value : '', `nothing to show ${path} with`).toBeDefined()
        await page.setViewportSize({ width: widths.desktop, height: 800 })
        await page.goto(path.replace(/\$\w+/, value ?? ''))
        await settled(page)
        wrong.push(...(await wrongWith(page)))
      }
      await page.context().close()
    }
    expect(wrong).toEqual([])
  })

  test('of nobody', async () => {
    const wrong: string[] = []
    for (const language of languages) for (const path of open) {
      const page = await site.visitor({ language })
      await page.goto(path)
      await settled(page)
      wrong.push(...(await wrongWith(page)))
      await page.context().close()
    }
    expect(wrong).toEqual([])
  })

  test('on paper: a case and the notice for the door, without bar and buttons', async () => {
    const page = await site.person('apo.owner')
    const no = (await approvedCase('apo.owner'))!
    for (const path of [`/cases/${no}`, `/cases/${no}/poster`]) {
      await page.goto(path)
      await settled(page)
      await page.emulateMedia({ media: 'print' })
      expect(await page.locator('header.bar').isVisible()).toBe(false)
      expect(await page.getByRole('main').getByRole('button').filter({ visible: true }).count()).toBe(0)
      expect((await page.getByRole('main').innerText()).length).toBeGreaterThan(40)
      // A case on paper says which it is; a notice for the door is nobody's page.
      expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(!path.endsWith('poster'))
      await page.emulateMedia({ media: 'screen' })
    }
    await page.context().close()
  })

  test('keeps where one is when the language is switched', async () => {
    const page = await site.person('apo.owner')
    await page.goto('/cases?queue=open')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { level: 1, name: 'Cases' }).waitFor()
    expect(page.url()).toContain('/cases?queue=open')
    await page.context().close()
  })

  test('logs nothing', () => { expect(site.complaints).toEqual([]) })
})
