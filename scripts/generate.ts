// Writes what is generated and committed: the contract, the client that speaks it, and the state machines as people read
// them, and the schema the migrations amount to. `--check` writes nothing and fails where the committed files differ.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { createClient } from '@hey-api/openapi-ts'
import { openapiOf } from '../src/http/openapi.ts'
import { routes } from '../src/http/routes/index.ts'
import { machinesText } from './machines.ts'
import { schemaText } from './schema.ts'

const root = join(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

const contractFile = 'docs/api/openapi.json'
const machinesFile = 'docs/machines.md'
const schemaFile = 'docs/schema.sql'
const clientFolder = 'src/client/generated'

/** Every generated file by its path, from a folder that is thrown away: the generator of the client writes files only. */
async function generated(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'tingqi-generate-'))
  try {
    const contract = `${JSON.stringify(openapiOf(routes, version), null, 2)}\n`
    const input = join(folder, 'openapi.json')
    const output = join(folder, 'client')
    writeFileSync(input, contract)
    await createClient({
      input,
      // Node runs the sources as they are: imports carry their extension, and nothing needs translating.
      output: { path: output, module: { extension: '.ts' }, postProcess: [] },
      plugins: ['@hey-api/client-fetch', '@hey-api/sdk', { name: '@hey-api/typescript', enums: false }],
      logs: { level: 'silent', file: false },
    })
    return new Map([
      [contractFile, contract],
      [machinesFile, machinesText()],
      [schemaFile, await schemaText()],
      ...filesIn(output).map((path): [string, string] => [
        join(clientFolder, relative(output, path)),
        settled(path, readFileSync(path, 'utf8')),
      ]),
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The generator's own run time does not keep to exactOptionalPropertyTypes; what is made from the contract does. */
const settled = (path: string, text: string): string =>
  (/[/\\](client|core)[/\\][^/\\]+$/.test(path) ? `// @ts-nocheck\n${text}` : text)
    // Its notes link to where other clients are published; ours names no such place.
    .replace(/\{@link https:\/\/\S+ (`[^`]+`)\}/g, '$1')

const filesIn = (folder: string): string[] =>
  readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name)
      return statSync(path).isDirectory() ? filesIn(path) : [path]
    })

const read = (path: string): string | undefined =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined
const files = await generated()
const client = existsSync(join(root, clientFolder))
  ? filesIn(join(root, clientFolder)).map((path) => relative(root, path))
  : []
const left = client.filter((path) => !files.has(path))
const stale = [...[...files].filter(([path, text]) => read(path) !== text).map(([path]) => path), ...left]

if (process.argv.includes('--check')) {
  for (const path of stale) console.error(`${path} is out of date`)
  if (stale.length > 0) console.error('Run `npm run generate` and commit what it writes.')
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const path of left) rmSync(join(root, path))
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  console.log(
    stale.length === 0 ? 'Everything was up to date.' : `Wrote:\n${stale.map((path) => `  ${path}`).join('\n')}`,
  )
}
