import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { authority } from '../domain/authority.ts'
import { applicationMachine } from '../domain/lifecycle.ts'
import { refusals } from '../domain/refusals.ts'
import type { JsonSchema } from './examples.ts'
import { openapiOf } from './openapi.ts'
import { refusalsOf } from './route.ts'
import { routes } from './routes/index.ts'

const contract = openapiOf(routes, '1.2.3')
const operation = (row: (typeof routes)[number]): JsonSchema => contract['paths'][row.path][row.method.toLowerCase()]

test('no two rows share a name or an address', () => {
  expect(new Set(routes.map((r) => r.id)).size).toBe(routes.length)
  expect(new Set(routes.map((r) => `${r.method} ${r.path}`)).size).toBe(routes.length)
})

test('the contract is the same every time it is made', () => {
  expect(JSON.stringify(openapiOf(routes, '1.2.3'))).toBe(JSON.stringify(contract))
  expect(contract['openapi']).toBe('3.1.0')
})

test('every reference leads somewhere', () => {
  const found = JSON.stringify(contract).match(/"#\/components\/[^"]+"/g) ?? []
  expect(found.length).toBeGreaterThan(100)
  for (const reference of new Set(found)) {
    const [, , kind, name] = (JSON.parse(reference) as string).split('/')
    expect(contract['components'][kind!][name!], reference).toBeDefined()
  }
})

test('every command of the lifecycle that people give has its call', () => {
  const paths = routes.map((r) => r.path)
  for (const command of Object.keys(applicationMachine).filter((c) => !['tick', 'add-material'].includes(c)))
    expect(paths).toContain(`/api/v1/applications/{no}/${command}`)
})

describe.each(routes.map((row) => [row.id, row] as const))('%s', (_, row) => {
  test('has words in both languages and a right that exists', () => {
    expect(row.summary[0]).toMatch(/[一-鿿]|^PDF/)
    expect(row.summary[1]).toMatch(/^[A-Z]/)
    if (row.right !== 'public' && row.right !== 'signed_in') expect(authority).toHaveProperty(row.right)
  })

  test('takes its own example', () => {
    if (!row.body) return
    const { example } = operation(row)['requestBody'].content['application/json']
    const parsed = row.body.safeParse(example)
    expect(parsed.error?.issues, JSON.stringify(example)).toBeUndefined()
  })

  test('gives its own example', () => {
    for (const [status, reply] of Object.entries(row.replies)) {
      if (!(reply instanceof z.ZodType)) continue
      const { example } = operation(row)['responses'][status].content['application/json']
      expect(reply.safeParse(example).error?.issues, JSON.stringify(example)).toBeUndefined()
    }
  })

  test('names its parameters and refusals', () => {
    const names = [...row.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1])
    expect(Object.keys(row.params?.shape ?? {})).toEqual(names)
    const named = operation(row)
      ['parameters'].filter((p: JsonSchema) => p['in'] === 'path')
      .map((p: JsonSchema) => p['name'])
    expect(named).toEqual(names)
    for (const code of refusalsOf(row))
      expect(
        operation(row)['responses'][refusals[code].status].content['application/problem+json'].examples,
      ).toHaveProperty(code)
  })
})
