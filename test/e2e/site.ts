// The whole program and a real browser on it: Debian's Chromium, one context a person, as people meet the screens. A page that
// logs an error, or asks something the server fails at, fails the test that opened it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { chromium, type Browser, type Page } from 'playwright-core'
import { programRoles } from '../../src/config.ts'
import { credentialsFile, type DemoActor } from '../../src/demo/credentials.ts'
import { startProgram, type Program } from '../../src/program.ts'

/** For a test that opens pages, on a machine that is busy with others. */
export const e2e_ms = 180_000
export const widths = { phone: 360, tablet: 768, desktop: 1280, wide: 1920 } as const

const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resolve(port))
  })
})

export type Site = Awaited<ReturnType<typeof openSite>>

export async function openSite(now: string) {
  const home = mkdtempSync(join(tmpdir(), 'tingqi-e2e-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let program: Program
  let browser: Browser
  try {
    program = await startProgram({
      home, databaseUrl: undefined, host: '127.0.0.1', port, publicUrl: url, roles: programRoles, isDemo: true,
      manualClockFrom: Date.parse(now), secret: 's'.repeat(40), connections_max: 12, logLevel: 'warn',
    })
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
  const { actors } = JSON.parse(readFileSync(join(home, credentialsFile), 'utf8')) as { actors: DemoActor[] }
  const actor = (login: string): DemoActor => {
    const found = actors.find((a) => a.login === login)
    if (!found) throw new Error(`nobody signs in as ${login}`)
    return found
  }
  /** As somebody, without a browser. */
  async function call<T>(login: string, method: string, path: string, body?: object): Promise<T> {
    const reply = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${actor(login).apiKey}`, ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!reply.ok) throw new Error(`${method} ${path} ${reply.status} ${await reply.text()}`)
    return (await reply.json()) as T
  }
  /** What went wrong in the pages, as the browser said it. */
  const complaints: string[] = []

  return {
    url, program, actor, complaints,
    /** A person in a browser of their own, not signed in yet. */
    async visitor({ width = widths.desktop, language = 'zh' }: { width?: number; language?: 'zh' | 'en' } = {}): Promise<Page> {
      const context = await browser.newContext({
        viewport: { width, height: 800 }, locale: language === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce', baseURL: url,
      })
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (said) => { if (['error', 'warning'].includes(said.type()) && !/401 \(Unauthorized\)/.test(said.text())) complaints.push(said.text()) })
      page.on('response', (r) => { if (r.status() >= 500) complaints.push(`${r.status()} ${r.url()}`) })
      return page
    },
    async person(login: string, how: { width?: number; language?: 'zh' | 'en' } = {}): Promise<Page> {
      const page = await this.visitor(how)
      await page.goto('/home')
      await page.getByLabel(/^(登录名|Login)$/).fill(login)
      await page.getByLabel(/^(密码|Password)$/).fill(actor(login).password!)
      await page.keyboard.press('Enter')
      await page.waitForURL((at) => at.pathname !== '/home')
      return page
    },
    call,
    /** Moves the demo's clock, as its administrator. */
    async moveTo(to: string): Promise<void> {
      await call('platform.admin', 'PUT', '/api/v1/demo/clock', { now: to })
    },
    async close(): Promise<void> {
      await browser.close()
      await program.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** What axe holds against a page by WCAG 2.2 AA, a line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`))
}

/** By how many pixels a page is wider than its window; people would have to scroll sideways. */
export const overflow = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
