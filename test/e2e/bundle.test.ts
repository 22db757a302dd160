// What a page costs to open for the first time: every script and style that the entry and the page's own file pull in, as sent.
// Read from the build's own manifest, so that what a page loads later (a calendar, say) does not count and nothing is missed.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

const dist = fileURLToPath(new URL('../../web/dist/', import.meta.url))
const route_bytes_max = 250 * 1_024
const light_bytes_max = 90 * 1_024

type Chunk = { file: string; src?: string; isEntry?: boolean; imports?: string[]; dynamicImports?: string[]; css?: string[] }
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8')) as Record<string, Chunk>

function filesOf(names: readonly string[], seen = new Set<string>()): Set<string> {
  for (const name of names) {
    const { file, imports = [], css = [] } = manifest[name]!
    if (seen.has(file)) continue
    for (const each of [file, ...css]) seen.add(each)
    filesOf(imports, seen)
  }
  return seen
}
const bytesOf = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(dist + file), { level: 9 }).length, 0)

const app = manifest['index.html']!
const pages = app.dynamicImports!.filter((name) => name !== 'src/SignIn.tsx')

/** What every page shares: fetched once, kept by the browser for good. */
const shell = filesOf(['index.html'])

describe('what opening a page loads at first', () => {
  test('the manifest names the pages', () => { expect(pages).toContain('src/portal/Home.tsx') })
  test('what every page shares is at most 250 KiB compressed', () => { expect(bytesOf(shell)).toBeLessThanOrEqual(route_bytes_max) })
  test.each(['src/SignIn.tsx', ...pages])('%s adds at most 250 KiB', (name) => {
    const all = filesOf(['index.html', name])
    const own = bytesOf([...all].filter((file) => !shell.has(file)))
    console.log(`${name}: ${own} bytes of its own, ${bytesOf(all)} with what all pages share`)
    expect(own).toBeGreaterThan(0)
    expect(own).toBeLessThanOrEqual(route_bytes_max)
  })
  test('the virtual terminal is at most 90 KiB', () => { expect(bytesOf(filesOf(['terminal.html']))).toBeLessThanOrEqual(light_bytes_max) })
})
