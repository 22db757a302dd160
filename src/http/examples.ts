// Examples for the contract, made from its own schemas: what a field is called says what it looks like, so the same terminal,
// case and moment stand in every example, and an example cannot go out of date. A route may bring its own where the bare
// schema would not tell the story.
import { caseNumber, letterNumber } from '../domain/number.ts'

// biome-ignore lint/suspicious/noExplicitAny: a JSON schema as zod wrote it.
export type JsonSchema = Record<string, any>

const no = caseNumber('TQ', '2026-11-23', 42)
const byName: Readonly<Record<string, unknown>> = {
  tid: '10000001',
  mid: '104110045110012',
  no,
  caseNo: no,
  application: no,
  merchant: '104110045110012',
  provider: 'yunhui',
  serial: '00004901000000000001',
  name: '云上咖啡（南京西路店）',
  storeName: '南京西路店',
  phone: '8000',
  hotline: '400-800-9000',
  code: '58',
  currency: 'CNY',
  fen: 58800,
  words: '店面装修，三月恢复营业。',
  sentence: '周五 15:00 停机，2月24日 恢复。',
  detail: '商户号应为 15 位数字或大写字母',
  version: 3,
  seq: 1042,
  epoch: 1,
  ageMs: 12,
  next: null,
  total: 1,
  limit: 50,
  zh: '装修',
  en: 'renovation',
  person: 'person-liu',
  account: 'account-liu',
  login: 'liu.yan',
  hint: 'tq_x7Kd2p',
  cursor: 'eyJ0aWQiOiIxMDAwMDAwMSJ9',
  fileName: 'fleet.csv',
  column: 'mid',
  line: 17,
  key: `tq_${'x'.repeat(43)}`,
  id: '0199ad3c-7a51-7c3e-9b1e-2f6f0a4c1d22',
  hold: '0199ad3c-7a51-7c3e-9b1e-2f6f0a4c1d22',
  holds: ['0199ad3c-7a51-7c3e-9b1e-2f6f0a4c1d22'],
  secret: `whsec_${'c2VjcmV0'.repeat(5)}`,
  username: 'liu.yan',
  password: 'correct horse battery',
  newPassword: 'a longer one than before',
  currentPassword: 'correct horse battery',
  step: 'customer-notice',
  fact: 'hold_placed',
  decision: 'decline',
  reason: 'M02',
  mode: 'shut',
  effectiveFrom: '2026-11-27T15:00:00+08:00',
  expectedUntil: '2027-03-01T09:00:00+08:00',
  evidence: '银行回单 20261120-17',
  longitude: 121.4737,
  latitude: 31.2304,
  onBehalfOf: '104110045110012',
  proof: '来电录音 20261123-0917',
  to: 'person-wang',
  rule: 'low-risk',
  state: undefined,
  letter: undefined,
  href: `/api/v1/letters/${letterNumber('TQ', 'T', 2026, 42)}.pdf`,
}
/** Texts for fields whose name says nothing and whose pattern says all; the first that fits is taken. */
const fitting = ['09:00', '-2wd', '58', '8000', '123456', '3f'.repeat(32)]

const isAccepted = (schema: JsonSchema, value: unknown): boolean => {
  if (schema['enum']) return schema['enum'].includes(value)
  if (schema['const'] !== undefined) return schema['const'] === value
  if (typeof value === 'string' && schema['pattern'] && !new RegExp(schema['pattern'], 'u').test(value)) return false
  if (typeof value === 'string' && schema['format'] === 'date-time') return !Number.isNaN(Date.parse(value))
  if (typeof value === 'string' && schema['format'] === 'uuid') return /^[0-9a-f]{8}-/.test(value)
  const types = [schema['type']].flat()
  if (types[0] === undefined) return schema['anyOf'] === undefined && schema['$ref'] === undefined
  if (value === null) return types.includes('null')
  if (Array.isArray(value)) return types.includes('array') && isAccepted(schema['items'] ?? {}, value[0])
  return (
    types.includes(typeof value) ||
    (typeof value === 'number' && types.includes('integer') && value >= (schema['minimum'] ?? value))
  )
}

/** A value the schema accepts, the way `name` usually looks. */
export function sample(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>, name = ''): unknown {
  if (schema['$ref']) return sample(components[String(schema['$ref']).split('/').at(-1)!]!, components, name)
  if (schema['examples']?.length > 0) return schema['examples'][0]
  const any = schema['anyOf'] ?? schema['oneOf']
  if (any) {
    if (name in byName && any.some((one: JsonSchema) => isAccepted(one, byName[name]))) return byName[name]
    return sample(any.find((one: JsonSchema) => one['type'] !== 'null') ?? any[0], components, name)
  }
  if (schema['allOf'])
    return Object.assign({}, ...schema['allOf'].map((one: JsonSchema) => sample(one, components, name)))
  if (byName[name] !== undefined && isAccepted(schema, byName[name])) return byName[name]
  if (schema['default'] !== undefined) return schema['default']
  if (schema['const'] !== undefined) return schema['const']
  if (schema['enum']) return schema['enum'][0]
  switch ([schema['type']].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        [
          ...Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>),
          // Records whose every key is demanded.
          ...(schema['properties'] ? [] : ((schema['required'] ?? []) as string[])).map((key): [string, JsonSchema] => [
            key,
            schema['additionalProperties'],
          ]),
        ].map(([key, one]) => [key, sample(one, components, key)]),
      )
    case 'array':
      return (schema['prefixItems'] ?? [schema['items'] ?? {}]).map((one: JsonSchema) => sample(one, components, name))
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return schema['minimum'] ?? (schema['exclusiveMinimum'] !== undefined ? schema['exclusiveMinimum'] + 1 : 1)
    case 'null':
      return null
    case 'string':
      return sampleText(schema)
    default:
      return {}
  }
}

function sampleText(schema: JsonSchema): string {
  if (schema['format'] === 'date-time') return '2026-11-27T15:00:00+08:00'
  if (schema['format'] === 'date') return '2026-11-27'
  if (schema['format'] === 'uuid') return String(byName['id'])
  const pattern = schema['pattern'] && new RegExp(schema['pattern'], 'u')
  const fits = pattern && fitting.find((text) => pattern.test(text))
  return fits ?? '…'.padEnd(Math.min(schema['minLength'] ?? 1, 100), '…')
}
