// How long until a page shows what one came for, in a browser that has never been here: production build, nothing cached, the
// machine it runs on. Prints the median and the slowest of some runs beside what is promised; a measurement, not a test.
import { openSite, type Site } from '../test/e2e/site.ts'

const runs = 7
type Row = { name: string; login: string; path: string; shows: string; reach_ms: number }
/** `shows` is in sight once the page is of use: its own data, not its frame. */
const pages: readonly Row[] = [
  { name: 'portal', login: 'apo.owner', path: '/portal', shows: 'main .cards article', reach_ms: 1_500 },
  { name: 'desk', login: 'yunhui.reviewer', path: '/desk', shows: 'main .lead', reach_ms: 1_500 },
  { name: 'fleet', login: 'yunhui.operations', path: '/fleet', shows: 'main [role=row].line', reach_ms: 1_500 },
  { name: 'terminal page', login: 'apo.owner', path: '/terminals/10000004', shows: 'main .lead', reach_ms: 1_000 },
  { name: 'virtual terminal', login: 'apo.owner', path: '/terminal/10000006', shows: 'section.screen', reach_ms: 1_000 },
]

/** From asking for the page to the frame in which `shows` stands there. */
async function once(site: Site, { login, path, shows }: Row, cookies: Awaited<ReturnType<ReturnType<Awaited<ReturnType<Site['person']>>['context']>['cookies']>>): Promise<{ ms: number; bytes: number }> {
  const page = await site.visitor()
  await page.context().addCookies(cookies)
  await page.addInitScript((selector) => {
    const look = (): void => { document.querySelector(selector)?.checkVisibility() ? requestAnimationFrame(() => performance.mark('useful')) : requestAnimationFrame(look) }
    requestAnimationFrame(look)
  }, shows)
  await page.goto(path)
  await page.waitForFunction(() => performance.getEntriesByName('useful').length > 0, undefined, { timeout: 30_000 }).catch(() => { throw new Error(`${login} never saw ${shows} on ${path}`) })
  const [ms, bytes] = await page.evaluate(() => [
    performance.getEntriesByName('useful')[0]!.startTime,
    performance.getEntriesByType('resource').reduce((sum, r) => sum + (r as PerformanceResourceTiming).transferSize, 0),
  ] as const)
  await page.context().close()
  return { ms, bytes }
}

const site = await openSite('2026-11-23T09:00:00+08:00')
try {
  for (const row of pages) {
    const signedIn = await site.person(row.login)
    const cookies = await signedIn.context().cookies()
    await signedIn.context().close()
    const seen: { ms: number; bytes: number }[] = []
    for (let i = 0; i < runs; i++) seen.push(await once(site, row, cookies))
    const ms = seen.map((s) => Math.round(s.ms)).toSorted((a, b) => a - b)
    console.log(`${row.name.padEnd(18)} median ${String(ms[runs >> 1]).padStart(5)} ms   slowest ${String(ms.at(-1)).padStart(5)} ms   promised ${row.reach_ms} ms   ${Math.round(seen[0]!.bytes / 1_024)} KB sent`)
  }
} finally {
  await site.close()
}
