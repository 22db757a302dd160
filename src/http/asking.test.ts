import type { FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { idempotencyOf, ifVersionOf } from './asking.ts'

test.each([
  [undefined, undefined],
  ['*', undefined],
  ['"v3"', 3],
  ['"v3", "v7" ,"v5"', 7],
  ['W/"v9", "v2"', 2],
])('If-Match %s insists on %s', (header, version) => {
  expect(ifVersionOf(header)).toBe(version)
})

test.each(['W/"v3"', 'v3', '"3"', '""', '"v0"', '"v99999999999"', ',', 'null'])(
  'If-Match %s matches nothing',
  (header) => {
    expect(ifVersionOf(header)).toMatchObject({ refused: 'version_stale' })
  },
)

const request = (key: string | undefined, url = '/api/v1/applications?submit=1'): FastifyRequest =>
  ({ method: 'POST', url, headers: { 'idempotency-key': key }, raw: {} }) as unknown as FastifyRequest

test('an idempotency key is bound to method, path and query, whatever the language', () => {
  expect(idempotencyOf(request(undefined))).toBeUndefined()
  const plain = idempotencyOf(request('a b c'))
  expect(plain).toMatchObject({ key: 'a b c', route: 'POST /api/v1/applications?submit=1' })
  expect(idempotencyOf(request('a b c', '/api/v1/applications?submit=1&lang=en&dryRun=false'))).toEqual(plain)
  expect(idempotencyOf(request('a b c', '/api/v1/applications?submit=2'))).not.toEqual(plain)
})

test.each(['', ' ', ' a', 'a ', 'ключ', '停机', 'a\tb', 'x'.repeat(201)])('%j is no idempotency key', (key) => {
  expect(idempotencyOf(request(key))).toMatchObject({ refused: 'fields_invalid' })
})
test.each(['x', 'x'.repeat(200), '{"a":1}'])('%j is one', (key) => {
  expect(idempotencyOf(request(key))).toMatchObject({ key })
})
