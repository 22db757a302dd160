// What a page costs to open for the first time: every script and style that the entry and the page's own file pull in, as sent.
// Read from the build's own manifest, so that what a page loads later does not count and nothing is missed.
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

const pages = manifest['index.html']!.dynamicImports!

describe('what opening a page loads at first', () => {
  test('the manifest names the pages', () => { expect(pages).toEqual(expect.arrayContaining(['src/portal/Home.tsx', 'src/SignIn.tsx'])) })
  test.each(pages)('%s loads at most 250 KiB with all it shares', (name) => {
    const bytes = bytesOf(filesOf(['index.html', name]))
    console.log(`${name}: ${Math.round(bytes / 1_024)} KiB`)
    expect(bytes).toBeGreaterThan(bytesOf(filesOf(['index.html'])))
    expect(bytes).toBeLessThanOrEqual(route_bytes_max)
  })
  test('the virtual terminal loads at most 90 KiB', () => { expect(bytesOf(filesOf(['terminal.html']))).toBeLessThanOrEqual(light_bytes_max) })
})
