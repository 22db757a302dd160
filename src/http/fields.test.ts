import { expect, test } from 'vitest'
import { z } from 'zod'
import { checked } from './fields.ts'
import { problemOf } from './problem.ts'

const schema = z.strictObject({
  kind: z.enum(['suspend', 'close']),
  terminals: z.array(z.string().max(8)).min(1).max(2),
  at: z.iso.datetime({ offset: true }).optional(),
  days: z.int().min(1).max(90).optional(),
  submit: z.boolean().optional(),
  'a/b~c': z.string().optional(),
})
const right = { kind: 'suspend', terminals: ['10000001'] }

test.each([
  [{ terminals: ['10000001'] }, '/kind', 'required', '必填。'],
  [{ kind: 'stop', terminals: ['10000001'] }, '/kind', 'not_offered', '可选：suspend, close。'],
  [{ ...right, terminals: [] }, '/terminals', 'too_few', '至少 1 项。'],
  [{ ...right, terminals: ['1', '2', '3'] }, '/terminals', 'too_many', '最多 2 项。'],
  [{ ...right, terminals: ['1', '123456789'] }, '/terminals/1', 'too_long', '最多 8 个字符。'],
  [{ ...right, terminals: [7] }, '/terminals/0', 'type', '应为文字。'],
  [{ ...right, terminals: '10000001' }, '/terminals', 'type', '应为列表。'],
  [{ ...right, at: 'Friday' }, '/at', 'format', '应为带时区的时间，如 2026-11-27T15:00:00+08:00。'],
  [{ ...right, at: '2026-11-27T15:00:00' }, '/at', 'format', '应为带时区的时间，如 2026-11-27T15:00:00+08:00。'],
  [{ ...right, days: 91 }, '/days', 'too_large', '不大于 90。'],
  [{ ...right, days: 1.5 }, '/days', 'type', '应为整数。'],
  [{ ...right, submit: 'yes' }, '/submit', 'type', '应为true 或 false。'],
  [{ ...right, other: 1 }, '/other', 'unknown_field', '没有这个字段。'],
  [{ ...right, 'a/b~c': 1 }, '/a~1b~0c', 'type', '应为文字。'],
  [[], '', 'type', '应为对象。'],
  [undefined, '', 'required', '必填。'],
])('%j: %s is %s', (sent, pointer, code, zh) => {
  const refusal = checked(schema, sent)
  if (!('refused' in refusal)) throw new Error('was taken')
  const problem = problemOf(refusal, 'zh', 'r')
  expect(problem).toMatchObject({ status: 422, code: 'fields_invalid', errors: [{ pointer, code, detail: zh }] })
  expect(problemOf(refusal, 'en', 'r').errors[0]!.detail).toMatch(/^[A-Z][^一-鿿]+\.$/)
})

test('every wrong field is named, and nothing of what was sent is quoted', () => {
  const refusal = checked(schema, { kind: '6222021234567890123', terminals: ['6222021234567890123'], days: 'x' })
  if (!('refused' in refusal)) throw new Error('was taken')
  expect(refusal.fields!.map((f) => f.pointer)).toEqual(['/kind', '/terminals/0', '/days'])
  expect(JSON.stringify(refusal)).not.toContain('6222021234567890123')
})

test('of several shapes the nearest explains itself', () => {
  const one = z.strictObject({ tid: z.string(), mid: z.string() })
  const refusal = checked(z.union([one, z.array(one)]), { tid: '1' })
  expect(refusal).toMatchObject({ fields: [{ pointer: '/mid', code: 'required' }] })
  expect(
    checked(z.union([one, z.array(one)]), [
      { tid: '1', mid: '2' },
      { tid: 1, mid: '2' },
    ]),
  ).toMatchObject({ fields: [{ pointer: '/1/tid', code: 'type' }] })
})
