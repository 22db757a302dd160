// Builds the screens into web/dist where what they are made of has changed since they were last built, and lays a compressed
// copy beside each file, so that the program only has to hand them out. Asked before every start; usually there is nothing
// to do. Built beside and put in place whole, with the files of the last days' builds: a program that runs, and a page that is open,
// go on with what they have.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'web/dist')
const stamp = 'built-from'
/** A page opened on Friday still finds its parts on Monday. */
const kept_days = 4
const day_ms = 86_400_000
/** Smaller files gain nothing. */
const compressed_bytes_min = 1_024

const sources = (): string[] =>
  ['web/*.{html,ts,json}', 'web/src/**/*', 'src/domain/**/*.ts', 'src/client/generated/**/*.ts', 'src/gate/{iso8583,front}/*.ts', 'package-lock.json', 'scripts/screens.ts']
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((path) => statSync(join(root, path)).isFile()).toSorted()

/** Entries that people open on small devices: all that they load, compressed. */
const light_bytes_max: Readonly<Record<string, number>> = { 'terminal.html': 90 * 1_024 }

/** Of everything a page asks for by itself. */
function weight(folder: string, page: string): number {
  const asked = readFileSync(join(folder, page), 'utf8').matchAll(/"(\/assets\/[^"]+)"/g)
  return [...asked].reduce((bytes, [, path]) => bytes + gzipSync(readFileSync(join(folder, path!)), { level: 9 }).length, 0)
}

function fingerprint(): string {
  const hash = createHash('sha256')
  for (const path of sources()) hash.update(`${path}\0`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

const wanted = fingerprint()
if (!existsSync(join(dist, stamp)) || readFileSync(join(dist, stamp), 'utf8') !== wanted) {
  const fresh = `${dist}-${process.pid}`
  await build({ configFile: join(root, 'web/vite.config.ts'), logLevel: 'warn', build: { outDir: fresh } })
  for (const path of globSync('**/*.{js,css,svg}', { cwd: fresh }).map((name) => join(fresh, name))) {
    const bytes = readFileSync(path)
    if (bytes.length < compressed_bytes_min) continue
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }))
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  }
  for (const [page, bytes_max] of Object.entries(light_bytes_max)) {
    const bytes = weight(fresh, page)
    if (bytes > bytes_max) throw new Error(`${page} loads ${bytes} bytes, more than the ${bytes_max} it may`)
  }
  writeFileSync(join(fresh, stamp), wanted)
  for (const old of globSync(join(dist, 'assets/*'))) {
    const copy = join(fresh, 'assets', basename(old))
    if (!existsSync(copy) && statSync(old).mtimeMs > Date.now() - kept_days * day_ms) cpSync(old, copy, { preserveTimestamps: true })
  }
  const before = `${fresh}-before`
  if (existsSync(dist)) renameSync(dist, before)
  renameSync(fresh, dist)
  rmSync(before, { recursive: true, force: true })
}
