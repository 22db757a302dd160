// Every page of the table, by somebody it belongs to, in both languages and at the widths people have: nothing axe objects to,
// nothing to scroll sideways for, nothing logged. What stands in the table is what is walked, so a new page cannot be missed.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { e2e_ms, faultsOf, openSite, overflow, widths, type Site } from './site.ts'

type Entry = { path: string; bar?: { of: readonly string[]; right?: string } }
type Me = { party: { kind: string }; rights: readonly string[] }
// Of the screens, which are compiled for browsers: fetched here as they are, for the table alone.
const table: string = '../../web/src/routes.tsx'
const { pages } = (await import(/* @vite-ignore */ table)) as { pages: readonly Entry[] }

/** Who walks the pages; each page by the first whose it is. */
const people = ['apo.owner', 'yunhui.reviewer', 'yunhui.operations', 'yunhui.finance', 'yunhui.provider_admin', 'platform.admin'] as const
type Person = (typeof people)[number]
/** Pages that are in nobody's bar and not the shopkeeper's. */
const whose: Readonly<Record<string, Person>> = { '/attempts': 'yunhui.operations' }
const languages = ['zh', 'en'] as const
/** Looked at by axe; the other widths are only measured. */
const narrow_and_usual: readonly number[] = [widths.phone, widths.desktop]

let site: Site
const walks = new Map<Person, string[]>()
beforeAll(async () => {
  site = await openSite('2026-11-23T09:00:00+08:00')
  const mes = new Map<Person, Me>()
  for (const person of people) mes.set(person, await site.call<Me>(person, 'GET', '/api/v1/me'))
  const isOf = (person: Person, { bar }: Entry): boolean => {
    const me = mes.get(person)!
    return bar !== undefined && bar.of.includes(me.party.kind) && (bar.right === undefined || me.rights.includes(bar.right))
  }
  const segment = (path: string): string => path.split('/')[1]!
  const first = async (person: Person, path: string, key: string): Promise<string | undefined> =>
    (await site.call<{ items: Record<string, string>[] }>(person, 'GET', path)).items[0]?.[key]
  /** What a parameter of an address may be, for a reader. */
  const samples: Readonly<Record<string, (person: Person) => Promise<string | undefined>>> = {
    '/terminals/$tid': (p) => first(p, '/api/v1/terminals?limit=1', 'tid'),
    '/cases/$no': (p) => (p === 'apo.owner' ? first(p, '/api/v1/applications?kind=suspend&state=approved', 'no') : first(p, '/api/v1/applications', 'no')),
    '/cases/$no/poster': (p) => first(p, '/api/v1/applications?kind=suspend&state=approved', 'no'),
    '/settlement/breaks/$id': (p) => first(p, '/api/v1/settlement/breaks', 'id'),
    '/returns/$rma': (p) => first(p, '/api/v1/returns', 'rma'),
    '/imports/$id': (p) => first(p, '/api/v1/imports', 'id'),
  }
  for (const page of pages) {
    const listed = page.bar ? page : (pages.find((other) => other.bar && segment(other.path) === segment(page.path)) ?? page)
    const person = whose[page.path] ?? people.find((one) => isOf(one, listed)) ?? 'apo.owner'
    let { path } = page
    if (path.includes('$')) {
      const sample = await samples[path]?.(person)
      if (sample === undefined) continue
      path = path.replace(/\$\w+/, sample)
    }
    walks.set(person, [...(walks.get(person) ?? []), path])
  }
}, e2e_ms)
afterAll(() => site?.close())
vi.setConfig({ testTimeout: 2 * e2e_ms })

const settled = async (page: Page): Promise<void> => {
  await page.locator('main h1').first().waitFor({ timeout: 30_000 })
  await page.locator('main [role=status]').waitFor({ state: 'hidden', timeout: 30_000 })
}

describe('every page', () => {
  test.each(people)('of %s', async (person) => {
    const faults: string[] = []
    for (const language of languages) {
      const page = await site.person(person, { language })
      for (const path of walks.get(person) ?? []) {
        await page.setViewportSize({ width: widths.desktop, height: 800 })
        await page.goto(path)
        await settled(page)
        for (const width of Object.values(widths)) {
          await page.setViewportSize({ width, height: 800 })
          const wider_px = await overflow(page)
          if (wider_px > 0) faults.push(`${language} ${path} is ${wider_px} px wider than ${width}`)
          if (narrow_and_usual.includes(width)) faults.push(...(await faultsOf(page)).map((fault) => `${language} ${path} at ${width}: ${fault}`))
        }
        expect(await page.evaluate(() => document.documentElement.lang)).toBe(language === 'zh' ? 'zh-CN' : 'en')
        expect(await page.evaluate(() => document.getAnimations().filter((a) => a.playState === 'running').length), `${path} moves for who asked for stillness`).toBe(0)
      }
      await page.context().close()
    }
    expect(faults).toEqual([])
  })

  test('of nobody: the way in', async () => {
    for (const language of languages) {
      const page = await site.visitor({ width: widths.phone, language })
      await page.goto('/home')
      await page.locator('main h1').waitFor()
      expect(await overflow(page)).toBe(0)
      expect(await faultsOf(page)).toEqual([])
      await page.context().close()
    }
  })

  test('on paper: a case and the notice for the door, without bar and buttons', async () => {
    const page = await site.person('apo.owner')
    const [no] = (walks.get('apo.owner') ?? []).filter((path) => /^\/cases\/[^/]+$/.test(path))
    for (const path of [no!, `${no!}/poster`]) {
      await page.goto(path)
      await settled(page)
      await page.emulateMedia({ media: 'print' })
      expect(await page.locator('header.bar').isVisible()).toBe(false)
      expect(await page.getByRole('main').getByRole('button').filter({ visible: true }).count()).toBe(0)
      expect((await page.getByRole('main').innerText()).length).toBeGreaterThan(40)
      await page.emulateMedia({ media: 'screen' })
    }
    await page.context().close()
  })

  test('the first useful paint, cold, is printed', async () => {
    for (const [person, path] of [['apo.owner', '/portal'], ['yunhui.reviewer', '/desk'], ['apo.owner', '/terminals/10000004']] as const) {
      const page = await site.person(person)
      const session = await page.context().newCDPSession(page)
      await session.send('Network.clearBrowserCache')
      await page.addInitScript(() => {
        const looking = setInterval(() => {
          if (!document.querySelector('main h1')) return
          clearInterval(looking)
          performance.mark('useful')
        }, 5)
      })
      await page.goto(path)
      await settled(page)
      const useful_ms = await page.waitForFunction(() => performance.getEntriesByName('useful')[0]?.startTime)
      const sent_bytes = await page.evaluate(() => performance.getEntriesByType('resource').reduce((sum, r) => sum + (r as PerformanceResourceTiming).transferSize, 0))
      console.log(`${path}: first useful paint after ${Math.round((await useful_ms.jsonValue()) as number)} ms, ${sent_bytes} bytes sent`)
      expect(sent_bytes).toBeGreaterThan(0)
      await page.context().close()
    }
  })

  test('nothing was logged', () => { expect(site.complaints).toEqual([]) })
})
