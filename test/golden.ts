// Golden tables: plain text, compared to the letter. A change of the rules shows as a changed line that a person can read;
// UPDATE_GOLDEN=1 writes the files anew, for that person to look at before keeping them.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'

export function golden(name: string, text: string): void {
  const file = new URL(`./golden/${name}.txt`, import.meta.url)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
  expect(text).toBe(readFileSync(file, 'utf8'))
}

/** A table of words in columns as wide as their widest cell, with a line of explanation above it. */
export function grid(says: string, corner: string, columns: readonly string[], rows: readonly (readonly [string, readonly string[]])[]): string {
  const lines = [[corner, ...columns], ...rows.map(([name, cells]) => [name, ...cells])]
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)))
  const text = lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd())
  return [says, '', ...text, ''].join('\n')
}
