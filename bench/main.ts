// npm run bench -- <name> [--json FILE] [--rows N] [--seconds N]: one bench, its figure and its ratio to a reference measured
// in the same run on the same machine. Figures are never tests: machines differ, ratios tell.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Bench, Result } from './result.ts'

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  bulk: async () => (await import('./bulk.ts')).run,
  'gate-decide': async () => (await import('./gate-decide.ts')).run as Bench,
  'gate-8583': async () => (await import('./gate-8583.ts')).run,
  'gate-http': async () => (await import('./gate-http.ts')).run,
  'gate-load': async () => (await import('./gate-load.ts')).run,
  'gate-flip': async () => (await import('./gate-flip.ts')).run,
  lifecycle: async () => (await import('./lifecycle.ts')).run,
  letter: async () => (await import('./letter.ts')).run,
  list: async () => (await import('./list.ts')).run as Bench,
  reconcile: async () => (await import('./reconcile.ts')).run,
  'straight-through': async () => (await import('./straight-through.ts')).run,
}

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text.replaceAll('_', '')))
const figure = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3))

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true, options: { json: { type: 'string' }, rows: { type: 'string' }, seconds: { type: 'string' } },
  })
  const chosen = benches[positionals[0] ?? '']
  if (!chosen) {
    console.log(`npm run bench -- <name> [--json FILE] [--rows N] [--seconds N]\nNames: ${Object.keys(benches).join(', ')}`)
    process.exitCode = positionals.length === 0 ? 0 : 1
    return
  }
  const run = await chosen()
  const results: Result[] = [await run({ rows: number(values.rows), seconds: number(values.seconds) })].flat()
  for (const r of results) {
    const ratio = r.ratio === undefined ? '' : `   reference ${figure(r.reference!)}   ratio ${figure(r.ratio)}`
    console.log(`${r.name.padEnd(28)} ${figure(r.value).padStart(12)} ${r.unit}${ratio}${r.reach ? `   (reach: ${r.reach})` : ''}`)
    if (r.detail) console.log(`  ${JSON.stringify(r.detail)}`)
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`)
}

await main()
process.exit(process.exitCode ?? 0)
