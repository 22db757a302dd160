// What anyone may ask without signing in, by interface and by page.
import type { InjectOptions } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LetterShown } from '../shapes.ts'
import { alone, type Some } from '../../../test/http-alone.ts'

const letter: LetterShown = {
  no: 'TQ-T2026-00042-1',
  kind: 'stop_confirmation',
  issuedAt: '2026-11-27T07:00:01.000Z',
  provider: '云汇支付',
  merchant: '老盛昌 <汤包>',
  caseNo: 'TQ-261123-00042-1',
  reason: { code: 'M02', words: '装修' },
  terminals: [
    {
      tid: '10000001',
      storeName: '静安店',
      effectiveFrom: '2026-11-27T07:00:00.000Z',
      hostBlockedAt: '2026-11-27T07:00:00.000Z',
      deviceConfirmedAt: null,
      expectedUntil: '2027-03-01T01:00:00.000Z',
      reopenedAt: null,
      closedAt: null,
      chargebackUntil: null,
    },
  ],
}
const services: Some = {
  missing: async () => ['gate'],
  letters: {
    verifyCode: async (typed, language) =>
      typed === 'GOOD'
        ? { state: 'valid', letter, sentence: `${language}: 有效` }
        : { state: 'unknown', sentence: `${language} ${typed}` },
    verifyPdf: async (bytes, language) => ({
      state: 'unknown',
      file: 'not_pdf',
      sentence: `${language} ${bytes.length} <b>`,
    }),
  },
  track: async (no, phone) =>
    phone !== '8000'
      ? undefined
      : {
          no,
          kind: 'suspend',
          state: 'in_review',
          provider: { name: '云汇支付', hotline: '400-800-0000' },
          submittedAt: '2026-11-23T02:00:00.000Z',
          deadline: { at: '2026-12-02T10:00:00.000Z', workingDays: 7, overdue: false },
          sentence: '审核中，12月2日前答复。',
        },
}
let http: Awaited<ReturnType<typeof alone>>
beforeEach(async () => {
  http = await alone(services)
})
afterEach(() => http.close())

const ask = (method: InjectOptions['method'], url: string, payload?: string, headers: Record<string, string> = {}) =>
  http.inject({ method: method!, url, headers, ...(payload === undefined ? {} : { payload }) })
const html = { accept: 'text/html,application/xhtml+xml' }
const urlencoded = { ...html, 'content-type': 'application/x-www-form-urlencoded' }
const multipart = { 'content-type': 'multipart/form-data; boundary=x' }
const form =
  '--x\r\ncontent-disposition: form-data; name="file"; filename="letter.pdf"\r\ncontent-type: application/pdf\r\n\r\n%PDF-1.7\r\n--x--\r\n'

test('the contract, the words, the figures', async () => {
  expect((await ask('GET', '/openapi.json')).json().openapi).toBe('3.1.0')
  const { reasons, waysOut, ...others } = (await ask('GET', '/api/v1/vocabulary')).json()
  expect(reasons.M02).toEqual({ zh: '装修', en: 'renovation' })
  expect(waysOut.finance.en).toContain('lifted by finance')
  expect(Object.keys(others)).toContain('applicationStates')
  expect((await ask('GET', '/healthz')).json()).toEqual({ alive: true })
  const ready = await ask('GET', '/readyz')
  expect([ready.statusCode, ready.json()]).toEqual([503, { ready: false, missing: ['gate'] }])
  const figures = await ask('GET', '/metrics')
  expect(figures.body).toContain('tingqi_http_requests_total{route="/readyz",method="GET",status="503"} 1')
  expect(figures.headers['content-type']).toContain('text/plain')
  expect((await ask('GET', '/docs/')).statusCode).toBe(200)
})

test('a letter is verified by code, by PDF and by form', async () => {
  expect((await ask('GET', '/api/v1/verify/GOOD')).json()).toEqual({ state: 'valid', letter, sentence: 'zh: 有效' })
  expect((await ask('GET', '/api/v1/verify/ABCD?lang=en')).json()).toEqual({ state: 'unknown', sentence: 'en ABCD' })
  expect((await ask('POST', '/api/v1/verify', '%PDF-1.7', { 'content-type': 'application/pdf' })).json()).toMatchObject(
    { file: 'not_pdf', sentence: 'zh 8 <b>' },
  )
  expect((await ask('POST', '/api/v1/verify', form, multipart)).json()).toMatchObject({ sentence: 'zh 8 <b>' })
  expect((await ask('POST', '/api/v1/verify', '--x--\r\n', multipart)).json()).toMatchObject({
    status: 422,
    errors: [{ pointer: '/file', code: 'required' }],
  })
  expect((await ask('POST', '/api/v1/verify', '{}', { 'content-type': 'application/json' })).json()).toMatchObject({
    code: 'media_unsupported',
  })
})

test('the page behind the QR code says what the letter says, in both languages', async () => {
  const page = await ask('GET', '/verify/GOOD', undefined, html)
  expect(page.statusCode).toBe(200)
  for (const told of [
    '● 有效',
    '云汇支付',
    '老盛昌 &lt;汤包&gt;',
    '10000001',
    '2026年11月27日 15:00',
    '2027年3月1日 09:00',
    'lang="zh-CN"',
  ])
    expect(page.body).toContain(told)
  const english = await ask('GET', '/verify/GOOD?lang=en', undefined, html)
  for (const told of ['● valid', '27 November 2026 at 15:00', 'lang="en"']) expect(english.body).toContain(told)
  expect(page.headers['content-security-policy']).toBe(
    "default-src 'none';style-src 'self';script-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
  )
  expect(page.body).not.toMatch(/ on\w+=|<style|style=|javascript:/)
  const typed = await ask('GET', '/verify?code=%20GOOD%20&lang=en', undefined, html)
  expect([typed.statusCode, typed.headers['location']]).toEqual([303, '/verify/GOOD?lang=en'])
  expect((await ask('POST', '/verify?lang=en', form, { ...multipart, ...html })).body).toContain('en 8 &lt;b&gt;')
  for (const path of ['/pages/style.css', '/pages/drop.js', '/pages/icon.svg'])
    expect((await ask('GET', path)).statusCode).toBe(200)
})

test('nothing that came from outside becomes markup', async () => {
  const page = await ask('GET', `/verify/${encodeURIComponent('"><script>1')}`, undefined, html)
  expect(page.body).toContain('&quot;&gt;&lt;script&gt;1')
  expect(page.body).not.toContain('<script>1')
  expect(
    (await ask('POST', '/track', `no=${encodeURIComponent('"><img src=x>')}&phone=8000`, urlencoded)).body,
  ).not.toContain('<img')
})

test('a page that is not there is a page; a call that is not there is a problem', async () => {
  const lost = await ask('GET', '/nowhere', undefined, html)
  expect([lost.statusCode, lost.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
  expect(lost.body).toContain('没有找到')
  expect((await ask('GET', '/api/v1/nowhere', undefined, html)).json()).toMatchObject({
    status: 404,
    code: 'not_found',
  })
  expect((await ask('GET', '/?lang=en')).body).toContain('API documentation')
  expect((await ask('GET', '/problems/maker_is_checker', undefined, html)).body).toContain('403')
  for (const code of ['nothing', 'toString', '__proto__'])
    expect((await ask('GET', `/problems/${code}`)).statusCode).toBe(404)
})

test('a case is tracked by number and telephone, from a page without the digits in its address', async () => {
  expect((await ask('GET', '/api/v1/track/tq261123000421?phone=8000')).json()).toMatchObject({
    no: 'TQ-261123-00042-1',
  })
  const no = 'TQ-261123-00042-1'
  expect((await ask('GET', `/api/v1/track/${no}?phone=8000`)).json()).toMatchObject({ no, state: 'in_review' })
  expect((await ask('GET', `/api/v1/track/${no}?phone=8001`)).json()).toMatchObject({ status: 404, code: 'not_found' })
  expect((await ask('GET', `/api/v1/track/${no}?phone=80`)).json()).toMatchObject({
    status: 422,
    errors: [{ pointer: '/query/phone' }],
  })
  const page = await ask('POST', '/track', `no=${no}&phone=8000`, urlencoded)
  expect(page.statusCode).toBe(200)
  for (const told of ['停机申请 · 审核中', '审核中，12月2日前答复。', '2026年12月2日 18:00'])
    expect(page.body).toContain(told)
  const wrong = await ask('POST', '/track', `no=${no}&phone=8001`, urlencoded)
  expect(wrong.statusCode).toBe(404)
  expect(wrong.body).toContain('不相符')
  expect(JSON.stringify(http.logged)).not.toMatch(/800[01]|TQ-26/)
})

test('guessing the digits ends after a few tries a minute, from one address or from many', async () => {
  const tries = async (url: (i: number) => string, address: (i: number) => string) => {
    const told = []
    for (let i = 0; i < 25; i++) told.push(await http.inject({ url: url(i), remoteAddress: address(i) }))
    return told
  }
  const spread = await tries(
    (i) => `/api/v1/track/TQ-261123-00042-1?phone=${1000 + i}`,
    (i) => `10.0.0.${i}`,
  )
  expect(spread.map((t) => t.statusCode)).toEqual([...Array(20).fill(404), ...Array(5).fill(429)])
  const alike = await tries(
    (i) => `/api/v1/track/TQ-261123-000${50 + i}-1?phone=1000`,
    () => '10.0.1.1',
  )
  expect(alike.filter((t) => t.statusCode === 429).length).toBe(5)
  expect(alike.at(-1)!.json()).toMatchObject({ code: 'rate_limited', retry: true })
  expect(Number(alike.at(-1)!.headers['retry-after'])).toBeGreaterThan(0)
})
