// Takes the pictures of docs/screens.md: starts a program of its own on a manual clock with the demo's estate, signs in as the
// people whose pages they are, and writes each page as a compressed picture, in Chinese and in English. Same clock, same
// estate: pictures change only where the screens did.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { openSite, type Site } from '../test/e2e/site.ts'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const now = '2026-11-23T09:00:00+08:00'
const picture_bytes_max = 60 * 1_024
/** Tried from the finest down until a picture is small enough. */
const qualities = [80, 65, 50, 35, 20] as const
const settle_ms = 500

type Shot = { name: string; zh: string; en: string; login?: string; path: string; width: number; height: number }
const phone = { width: 360, height: 760 } as const
const desk = { width: 1280, height: 800 } as const
const shots: readonly Shot[] = [
  { name: 'sign-in', zh: '登录', en: 'The way in', path: '/home', ...phone },
  { name: 'portal', zh: '我的终端：每台一句话、一条时间轴', en: 'My terminals: a sentence and a time strip each', login: 'apo.owner', path: '/portal', ...phone },
  { name: 'apply', zh: '申请停机', en: 'Asking for a stop', login: 'apo.owner', path: '/apply', ...phone },
  { name: 'cases', zh: '办件', en: 'Cases', login: 'apo.owner', path: '/cases', ...phone },
  { name: 'case', zh: '办件：到了哪一步、还缺什么', en: 'A case: where it stands, what is missing', login: 'apo.owner', path: '/cases/{case}', ...desk },
  { name: 'poster', zh: '店门告示', en: 'The notice for the door', login: 'apo.owner', path: '/cases/{case}/poster', ...desk },
  { name: 'desk', zh: '审核台', en: 'The review desk', login: 'yunhui.reviewer', path: '/desk', ...desk },
  { name: 'fleet', zh: '终端', en: 'Terminals', login: 'yunhui.operations', path: '/fleet', ...desk },
  { name: 'terminal', zh: '一台终端', en: 'One terminal', login: 'yunhui.operations', path: '/terminals/10000004', ...desk },
  { name: 'settlement', zh: '三单核对', en: 'Settlement', login: 'yunhui.finance', path: '/settlement', ...desk },
  { name: 'virtual-terminal', zh: '虚拟终端', en: 'The virtual terminal', login: 'apo.owner', path: '/terminal/10000006', ...phone },
]
type Language = 'zh' | 'en'

async function compressed(png: Buffer): Promise<Buffer> {
  for (const quality of qualities) {
    const webp = await sharp(png).webp({ quality, effort: 6 }).toBuffer()
    if (webp.length <= picture_bytes_max) return webp
  }
  throw new Error(`a picture stays larger than ${picture_bytes_max} bytes`)
}

/** A case of the shop that is approved and not over. */
async function caseOf(site: Site): Promise<string> {
  const { items } = await site.call<{ items: { no: string }[] }>('apo.owner', 'GET', '/api/v1/applications?kind=suspend&state=approved')
  return items[0]!.no
}

/** Everything one person is seen at, in one session. */
async function take(site: Site, login: string | undefined, language: Language, no: string): Promise<void> {
  const page = login === undefined ? await site.visitor({ language }) : await site.person(login, { language })
  for (const { name, path, width, height } of shots.filter((s) => s.login === login)) {
    await page.setViewportSize({ width, height })
    await page.goto(path.replace('{case}', no))
    await page.locator('h1').first().waitFor()
    await page.waitForTimeout(settle_ms)
    await page.locator('main [role=status][aria-label]').waitFor({ state: 'hidden' })
    writeFileSync(join(docs, 'screens', `${name}-${language}.webp`), await compressed(await page.screenshot()))
    console.log(`${name}-${language}`)
  }
  await page.context().close()
}

const page = (): string => `# Screens

Taken by \`npm run screenshots\` from a program with the demo's estate on ${now.slice(0, 10)}, each in Chinese and in English.

${shots.map(({ name, zh, en, width }) => `## ${zh} · ${en}

<img src="screens/${name}-zh.webp" width="${Math.min(width, 640)}" alt="${zh}"> <img src="screens/${name}-en.webp" width="${Math.min(width, 640)}" alt="${en}">
`).join('\n')}`

mkdirSync(join(docs, 'screens'), { recursive: true })
const site = await openSite(now)
try {
  const no = await caseOf(site)
  for (const language of ['zh', 'en'] as const) for (const login of new Set(shots.map((s) => s.login))) await take(site, login, language, no)
  if (site.complaints.length > 0) throw new Error(`a page went wrong: ${site.complaints.join('; ')}`)
  writeFileSync(join(docs, 'screens.md'), page())
} finally {
  await site.close()
}
