// Requests that nobody should send, thrown with dice from a seed: any row of the table of routes with its example bent out of
// shape – in its body, its query, its path or its headers – asked by somebody of the cast in one of two languages.
import { Buffer } from 'node:buffer'
import { diceOf, type Dice } from '../../src/demo/dice.ts'
import type { openapiOf } from '../../src/http/openapi.ts'
import type { Route } from '../../src/http/route.ts'

export type Thrown = {
  row: Route
  who: string | undefined
  language: 'zh' | 'en'
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer | undefined
}
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const long = (count: number, what: string): string => what.repeat(count)
const texts = [
  '',
  ' ',
  '0',
  '-1',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff x',
  '\u202eevil',
  '💥'.repeat(50),
  long(5_000, '停'),
  "'; drop table terminal; --",
  '%',
  '_',
  '\\',
  '"',
  '<script>',
  '../../etc/passwd',
  '${7*7}',
  '=1+1',
  'null',
  'undefined',
  'true',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '2026-02-30T00:00:00Z',
  '2026-11-27T15:00:00',
  '2026-11-27T15:00:00+99:99',
  '٢٠٢٦',
  '１２３４５６７８',
  '10000001',
  'TQ-261123-00001-0',
  'tq_',
  '00000000-0000-0000-0000-000000000000',
  '{"a":1}',
  long(300, 'x'),
  '\r\nX-Evil: 1',
  '\ufeff',
  'ｍ０１',
] as const
const values: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -0,
  9_007_199_254_740_993,
  [],
  {},
  [[]],
  [null],
  { $ne: 1 },
  { toString: 1 },
  { length: 1e9 },
  [1, 'x', {}],
  { constructor: { prototype: {} } },
]
const nasty = (dice: Dice): Json => (dice.chance(0.6) ? dice.pick(texts) : dice.pick(values))

/** The value with one thing in it changed, at any depth. */
function bent(value: Json, dice: Dice): Json {
  if (dice.chance(0.15)) return nasty(dice)
  if (Array.isArray(value)) {
    if (value.length === 0 || dice.chance(0.3)) return [...value, nasty(dice)]
    const at = dice.int(0, value.length - 1)
    return dice.chance(0.2)
      ? Array.from({ length: dice.pick([2, 600, 3_000]) }, () => value[at]!)
      : value.map((one, i) => (i === at ? bent(one, dice) : one))
  }
  if (typeof value !== 'object' || value === null) return nasty(dice)
  const keys = Object.keys(value)
  if (keys.length === 0 || dice.chance(0.2))
    return {
      ...value,
      [dice.pick(['extra', 'id', 'no', 'toString', 'constructor', '~/', '\u0000', long(500, 'k'), ''])]: nasty(dice),
    }
  const key = dice.pick(keys)
  if (dice.chance(0.15)) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  return { ...value, [key]: bent(value[key]!, dice) }
}

/** Bytes that are no JSON, or JSON nobody reads willingly. */
const mangled = (text: string, dice: Dice): Buffer =>
  dice.pick<() => Buffer>([
    () => Buffer.from(text.slice(0, dice.int(0, text.length))),
    () => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xfe]), Buffer.from(text.slice(-1))]),
    () => Buffer.from(`\ufeff${text}`),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from('['.repeat(20_000)),
    () => Buffer.from('{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)),
    () => Buffer.from(`{"__proto__":{"role":"platform_admin"},${text.slice(1)}`),
    () => Buffer.from(`${text.slice(0, -1)},"kind":"close","kind":"x"}`),
    () => Buffer.from(text.replaceAll('"', "'")),
    () => Buffer.from('NaN'),
    () => Buffer.from(`${text}${text}`),
    () => Buffer.alloc(0),
  ])()

const mediaTypes = [
  'application/json; charset=gbk',
  'application/json;',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/pdf',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'image/png',
  'application/xml',
  '*/*',
  'application/problem+json',
  ';',
  'application/json, application/json',
  'APPLICATION/JSON',
]
const queries = [
  'limit=0',
  'limit=201',
  'limit=-1',
  'limit=1e2',
  'limit=NaN',
  'limit=1&limit=2',
  'limit[]=1',
  'limit=%00',
  'cursor=',
  'cursor=x',
  'cursor=eyJ9',
  'cursor=%00',
  'cursor=W10',
  'cursor=bnVsbA',
  'cursor=eyJhIjoxfQ',
  'cursor=' + long(490, 'A'),
  'q=%00',
  'q=%25',
  'q=_%5C%27',
  'q=' + long(300, 'a'),
  'q=%F0%9F%92%A5',
  'q=%EF%BC%91',
  'state=x',
  'queue=all',
  'kind=__proto__',
  'reason=M99',
  'service=',
  'lang=fr',
  'lang=en&lang=zh',
  'dryRun=1',
  'dryRun=TRUE',
  'dryRun=true&dryRun=false',
  '__proto__=1',
  'constructor=1',
  'after=-1',
  'after=1e99',
  'after=9007199254740993',
  'after=0x10',
  'terminal=%00',
  'application=%00',
  'phone=12',
  'phone=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94',
  'phone=0000',
  '=',
  '&&&',
  '%',
  '%E0%A4%A',
  '?',
  'a'.repeat(3_000),
]
const segments = [
  '%00',
  '%2F',
  '..%2F..',
  '%E0%A4%A',
  '%ED%A0%80',
  '%F0%9F%92%A5',
  long(150, 'x'),
  long(400, 'x'),
  '-',
  '0',
  'null',
  '__proto__',
  '10000001%20',
  "'",
  '%25',
  '%5C',
  '00000000-0000-0000-0000-000000000000',
  'yunhui-0',
  'yunhui-999999999',
  'yunhui-9999999999',
  'tq-2611230000%EF%BC%91',
  'TQ-261123-00001-0',
  '%0D%0Ax',
]
const oddHeaders: readonly (readonly [string, readonly string[]])[] = [
  ['idempotency-key', [' ', 'ü', long(201, 'k'), 'a\tb', '"', long(200, 'k'), '6'.repeat(200)]],
  [
    'if-match',
    ['"v0"', '"v1"', 'v1', '*', '"v99999999999"', 'W/"v1"', '"', ',', '"v1", "v2"', long(2_000, '"v1",'), '"x"'],
  ],
  ['accept-language', ['', '*', 'fr', 'zh;q=0, en;q=0', ';;;', 'en;q=abc', long(2_000, 'en,'), 'zh-Hant-TW']],
  [
    'authorization',
    [
      'Bearer',
      'Bearer  ',
      'Basic eDp5',
      'Bearer x y',
      `Bearer tq_${long(43, 'A')}`,
      `Bearer ${long(4_000, 'x')}`,
      'bearer null',
    ],
  ],
  [
    'cookie',
    [
      'tingqi.session_token=x',
      'tingqi.session_token=',
      '=;=;=',
      long(200, 'a=b; '),
      'tingqi.session_token=%00.%00',
      'tingqi.session_token=a.b; tingqi.session_token=c.d',
    ],
  ],
  ['content-type', mediaTypes],
  ['accept', ['text/html', 'application/xml', ';', '*/*;q=0']],
  ['origin', ['null', 'http://evil.example', 'x']],
  ['sec-fetch-site', ['cross-site', 'same-origin', 'x']],
  ['x-forwarded-for', ["' or 1=1", long(100, '1.1.1.1,')]],
  ['range', ['bytes=0-', 'bytes=-1']],
  ['content-encoding', ['gzip', 'br', 'x']],
  ['expect', ['100-continue']],
]

const boundary = 'xxBOUNDARYxx'
const partsOf = (
  fields: readonly (readonly [string, string])[],
  file: readonly [string, string, string] | undefined,
): string =>
  [
    ...fields.map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    ),
    ...(file
      ? [
          `--${boundary}\r\nContent-Disposition: form-data; name="${file[0]}"; filename="${file[1]}"\r\nContent-Type: text/csv\r\n\r\n${file[2]}\r\n`,
        ]
      : []),
    `--${boundary}--\r\n`,
  ].join('')

const uploaded = (dice: Dice): string => {
  const content = dice.pick([
    '',
    'mid,tid\n',
    'x',
    '\u0000\u0000',
    'tid,mid\n"',
    '%PDF-1.7\n',
    '\u0089PNG\r\n\u001a\n',
    'PK\u0003\u0004',
    long(3_000, 'a,b\n'),
  ])
  const whole = partsOf(
    dice.some(
      [
        ['kind', dice.pick(['fleet', 'transactions', 'slips', 'x', ''])],
        ['type', dice.pick(['other', 'x', '\u0000'])],
        ['dryRun', dice.pick(['true', 'yes'])],
        ['extra', 'x'],
        ['kind', 'calendar'],
        ['__proto__', 'x'],
      ] as const,
      dice.int(0, 4),
    ),
    dice.chance(0.85)
      ? [
          dice.pick(['file', 'File', 'file[]', '']),
          dice.pick(['a.csv', '', '../../x', 'a\u0000.csv', long(400, 'n'), '💥.pdf']),
          content,
        ]
      : undefined,
  )
  return dice.chance(0.25) ? whole.slice(0, dice.int(0, whole.length)) : whole
}

/** One request of the given number: the same for the same seed and number, whatever was thrown before it. */
export function throwRequest(
  seed: string,
  number: number,
  routes: readonly Route[],
  contract: ReturnType<typeof openapiOf>,
  cast: readonly string[],
): Thrown {
  const dice = diceOf(`${seed} ${number}`)
  const row = dice.pick(routes)
  const operation = contract['paths'][row.path][row.method.toLowerCase()]
  const parameters = operation.parameters as { name: string; in: string; example?: unknown }[]
  const language = dice.pick(['zh', 'en'] as const)
  const example = operation.requestBody?.content['application/json']?.example as Json | undefined
  const isSound = {
    body: dice.chance(0.35),
    query: dice.chance(0.6),
    path: dice.chance(0.7),
    headers: dice.chance(0.6),
  }
  const path = row.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    isSound.path
      ? encodeURIComponent(String(parameters.find((p) => p.name === name && p.in === 'path')?.example ?? 'x'))
      : dice.pick(segments),
  )
  const query = isSound.query ? '' : Array.from({ length: dice.int(1, 2) }, () => dice.pick(queries)).join('&')
  const headers: Record<string, string> = { 'accept-language': language === 'zh' ? 'zh-CN' : 'en' }
  let body: Buffer | undefined
  if (row.upload && dice.chance(0.8)) {
    headers['content-type'] = `multipart/form-data; boundary=${dice.chance(0.9) ? boundary : 'other'}`
    body = Buffer.from(uploaded(dice), 'latin1')
  } else if (row.method !== 'GET') {
    headers['content-type'] = 'application/json'
    const sound = example ?? {}
    const text = JSON.stringify(isSound.body ? sound : bent(sound, dice))
    body = dice.chance(0.2) ? mangled(text, dice) : Buffer.from(text)
  }
  if (!isSound.headers) for (const [name, odd] of dice.some(oddHeaders, dice.int(1, 2))) headers[name] = dice.pick(odd)
  return {
    row,
    who: dice.chance(0.1) ? undefined : dice.pick(cast),
    language,
    method: row.method,
    path: query ? `${path}?${query}` : path,
    headers,
    body,
  }
}
