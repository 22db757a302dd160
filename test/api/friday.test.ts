// The Friday everybody must see, over HTTP and to the millisecond: two terminals asked on Monday to stop on Friday at three –
// one by a provider that decides at once, one by a bank that wants papers and two pairs of eyes – their letters, their way
// back through a failed test, and a third terminal that two parties hold.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drawPaper } from '../../src/demo/paper.ts'
import { stopLetter } from '../../src/documents/letter.fixtures.ts'
import { openLetterRenderer } from '../../src/documents/render.ts'
import { createSigningIdentity, makeSigner } from '../../src/documents/sign.ts'
import { formOf, startEstate, tested, transactionFile, type Estate, type Told } from './estate.ts'

let estate: Estate
beforeAll(async () => {
  estate = await startEstate('2026-11-23T10:00:00+08:00')
}, 120_000)
afterAll(() => estate?.close())

const friday = '2026-11-27T15:00:00+08:00'
const friday_utc = '2026-11-27T07:00:00.000Z'
type Way = {
  name: string
  owner: string
  provider: string
  reviewers: readonly string[]
  papers: readonly string[]
  field: string
  /** Whoever hands in transaction files, and whoever takes the fee for reopening. */
  books: string
  finance: string | undefined
}
const ways: readonly Way[] = [
  {
    name: '云汇支付, straight through',
    owner: 'apo.owner',
    provider: 'yunhui',
    reviewers: ['yunhui.reviewer'],
    papers: [],
    field: 'yunhui.field',
    books: 'yunhui.operations',
    finance: undefined,
  },
  {
    name: '海润银行, papers and two approvals',
    owner: 'tongxing.owner',
    provider: 'hairun',
    reviewers: ['hairun.reviewer', 'hairun.approver'],
    papers: ['application_letter', 'business_licence', 'id_card'],
    field: 'hairun.field',
    books: 'hairun.finance',
    finance: 'hairun.finance',
  },
]
type Going = { tid: string; mid: string; no: string; back: string; pdf: Buffer; letter: { no: string; code: string } }
const going = new Map<string, Going>(ways.map((w) => [w.name, {} as Going]))
const each = test.each(ways)

const filing = (tid: string, more: object = {}) => ({
  kind: 'suspend',
  terminals: [tid],
  reason: 'M02',
  effectiveFrom: friday,
  expectedUntil: '2026-12-24T09:00:00+08:00',
  words: '前厅装修。',
  submit: true,
  ...more,
})
const command = (no: string, name: string, who: string, body: object = {}): Promise<Told> =>
  estate.post(`/api/v1/applications/${no}/${name}`, who, body)
const application = async (no: string, who: string): Promise<Told['body']> =>
  (await estate.get(`/api/v1/applications/${no}`, who)).body
const terminal = async (tid: string, who: string): Promise<Told['body']> =>
  (await estate.get(`/api/v1/terminals/${tid}`, who)).body
const notices = async (
  who: string,
): Promise<{ kind: string; application: string | null; terminal: string | null; sentence: string }[]> =>
  (await estate.get('/api/v1/notices?limit=200', who)).body.items

async function handIn(no: string, { owner, papers }: Way): Promise<void> {
  for (const type of papers) {
    const raw = formOf({ type }, new Uint8Array(await drawPaper(type)), `${type}.png`)
    expect(await estate.ask('POST', `/api/v1/applications/${no}/materials`, owner, { raw })).toMatchObject({
      status: 201,
    })
  }
}

/** Through however many approvals; a reviewer's own second look is refused on the way. */
async function approve(no: string, { reviewers }: Way): Promise<Told> {
  const [reviewer, approver] = reviewers
  const first = await command(no, 'approve', reviewer!)
  if (approver === undefined) return first
  expect(first).toMatchObject({ status: 200, body: { state: 'second_review', decision: { rule: 'always' } } })
  expect(await command(no, 'approve', reviewer!)).toMatchObject({ status: 403, body: { code: 'maker_is_checker' } })
  return command(no, 'approve', approver)
}

describe('Monday: asked', () => {
  each('$name', async (way) => {
    const mine = going.get(way.name)!
    const [free] = await estate.freeTerminals(way.owner, way.provider, true)
    Object.assign(mine, { tid: free!.tid, mid: free!.mid })
    const submit = way.papers.length === 0
    const filed = await estate.post('/api/v1/applications', way.owner, filing(mine.tid, { submit }))
    mine.no = filed.body.no
    if (submit) {
      expect(filed).toMatchObject({
        status: 201,
        body: { state: 'approved', decision: { by: 'policy', rule: 'short-and-clear' } },
      })
    } else {
      expect(filed).toMatchObject({ status: 201, body: { state: 'draft', missing: way.papers } })
      expect(await command(mine.no, 'submit', way.owner)).toMatchObject({
        status: 409,
        body: { code: 'materials_incomplete', errors: way.papers.map((p) => ({ pointer: `/materials/${p}` })) },
      })
      await handIn(mine.no, way)
      // Promised in three to seven working days: counted from the day after, by seven at the close of business.
      expect(await command(mine.no, 'submit', way.owner)).toMatchObject({
        status: 200,
        body: {
          state: 'submitted',
          missing: [],
          deadline: { at: '2026-12-02T10:00:00.000Z', earliestAt: '2026-11-25T16:00:00.000Z' },
        },
      })
      // Nothing is stopped by asking alone.
      expect(await terminal(mine.tid, way.owner)).toMatchObject({ service: 'active', holds: [], upcoming: [] })
      expect((await approve(mine.no, way)).body.state).toBe('approved')
    }
    expect(await application(mine.no, way.owner)).toMatchObject({
      checkpointAt: '2026-11-25T01:00:00.000Z',
      effectiveFrom: friday_utc,
      letters: [],
    })
    expect((await terminal(mine.tid, way.owner)).upcoming[0]).toMatchObject({ at: friday_utc, mode: 'drain' })
  })
})

describe('Wednesday: the check two working days before', () => {
  /** The settlement desk hands in a file about the one sale of each terminal. */
  const books = async (settledOn?: string): Promise<void> => {
    for (const way of ways) {
      const { tid, mid } = going.get(way.name)!
      const sale = {
        tid,
        mid,
        trace: '000001',
        yuan: '588.00',
        at: '2026-11-24T20:15:00+08:00',
        ...(settledOn ? { settledOn } : {}),
      }
      expect(await estate.import(way.books, 'transactions', transactionFile([sale]))).toMatchObject({
        state: 'done',
        rows: { total: 1, accepted: 1, rejected: 0 },
      })
    }
  }
  beforeAll(async () => {
    await estate.moveTo('2026-11-24T20:15:00+08:00')
    await books()
    expect(await estate.moveTo('2026-11-25T09:00:00+08:00')).toMatchObject({
      status: 200,
      body: { now: '2026-11-25T01:00:00.000Z' },
    })
  })
  each('$name: at nine an unsettled batch is on the list, and everybody is told', async (way) => {
    const { tid, no } = going.get(way.name)!
    expect((await terminal(tid, way.owner)).clearance).toMatchObject({
      clear: false,
      items: [{ kind: 'unsettled', count: 1, amount: { fen: 58_800, currency: 'CNY' } }],
    })
    expect((await application(no, way.owner)).checkpointTakenAt).toBe('2026-11-25T01:00:00.000Z')
    for (const who of [way.owner, way.reviewers[0]!])
      expect((await notices(who)).find((n) => n.kind === 'checkpoint' && n.application === no)?.sentence).toContain(
        '1 笔未结清（¥588.00）',
      )
  })
  test('at ten, after the settlement file, the lists are empty', async () => {
    await estate.moveTo('2026-11-25T10:00:00+08:00')
    await books('2026-11-25')
    for (const way of ways)
      expect((await terminal(going.get(way.name)!.tid, way.owner)).clearance).toEqual({ clear: true, items: [] })
  })
})

describe('Friday: the stop, to the millisecond', () => {
  test.each([
    ['2026-11-27T14:59:59.999+08:00', 'sale', 'approve', '00'],
    ['2026-11-27T15:00:00.000+08:00', 'sale', 'decline', '58'],
    ['2026-11-27T15:00:00.000+08:00', 'preauth', 'decline', '58'],
    ['2026-11-27T15:00:05.000+08:00', 'reversal', 'approve', '00'],
    ['2026-11-27T15:00:05.000+08:00', 'settlement', 'approve', '00'],
    ['2026-11-27T15:00:05.000+08:00', 'sale', 'decline', '58'],
  ])('%s: a %s is answered %s %s', async (now, kind, decision, code) => {
    expect((await estate.moveTo(now)).status).toBe(200)
    for (const way of ways)
      expect([way.name, await estate.gate(going.get(way.name)!, kind, way.owner)]).toMatchObject([
        way.name,
        { decision, code, asOf: new Date(now).toISOString() },
      ])
  })

  each('$name: stopped, refused by every gate since three, and proven', async (way) => {
    const mine = going.get(way.name)!
    const stopped = await terminal(mine.tid, way.owner)
    expect(stopped).toMatchObject({ service: 'suspended', mode: 'shut', term: 'temporary', hostBlockedAt: friday_utc })
    const hold = { reason: 'M02', effectiveFrom: friday_utc, startedAt: friday_utc, shutAt: friday_utc, liftedAt: null }
    expect(stopped.holds.find((h: { application: string }) => h.application === mine.no)).toMatchObject(hold)
    const done = await application(mine.no, way.owner)
    expect(done).toMatchObject({
      state: 'completed',
      terminals: [{ tid: mine.tid, result: 'stopped' }],
      letters: [{ kind: 'stop_confirmation' }],
    })
    mine.letter = { no: done.letters[0].no, code: new URL(done.letters[0].verifyHref).pathname.split('/').at(-1)! }
    const file = await estate.get(done.letters[0].href, way.owner)
    expect(file).toMatchObject({ status: 200 })
    expect(file.headers.get('content-type')).toBe('application/pdf')
    mine.pdf = file.bytes
  })
})

describe('the letter, verified by anybody', () => {
  const drop = (pdf: Buffer): Promise<Told> =>
    estate.ask('POST', '/api/v1/verify', undefined, {
      raw: new Uint8Array(pdf),
      headers: { 'content-type': 'application/pdf' },
    })

  each('$name: by its code, by its number, by the file itself', async (way) => {
    const { letter, pdf, tid, no } = going.get(way.name)!
    const byCode = await estate.get(`/api/v1/verify/${letter.code}`)
    expect(byCode).toMatchObject({
      status: 200,
      body: {
        state: 'valid',
        letter: {
          no: letter.no,
          caseNo: no,
          kind: 'stop_confirmation',
          terminals: [{ tid, effectiveFrom: friday_utc, expectedUntil: '2026-12-24T01:00:00.000Z', reopenedAt: null }],
        },
      },
    })
    // As it is read out: lower case, without its hyphens.
    expect((await estate.get(`/api/v1/verify/${letter.code.toLowerCase().replaceAll('-', '')}`)).body).toEqual(
      byCode.body,
    )
    // Numbers can be guessed: one tells that there is such a letter, not what it says.
    const byNumber = await estate.get(`/api/v1/verify/${letter.no}`)
    expect(byNumber.body).toEqual({ state: 'valid', sentence: expect.stringContaining(letter.no) })
    expect(await drop(pdf)).toMatchObject({
      status: 200,
      body: { state: 'valid', file: 'genuine', letter: { no: letter.no } },
    })
    const asForm = await estate.ask('POST', '/api/v1/verify', undefined, {
      raw: formOf({}, new Uint8Array(pdf), 'letter.pdf'),
    })
    expect(asForm.body).toMatchObject({ state: 'valid', file: 'genuine', letter: { no: letter.no } })
  })

  test('one byte altered, anywhere, and it proves nothing', async () => {
    const { pdf } = going.get(ways[0]!.name)!
    const places = [9, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97].map((p) => (p < 1 ? Math.floor(p * pdf.length) : p))
    for (const place of [...places, pdf.length - 1]) {
      const altered = Buffer.from(pdf)
      altered[place]! ^= 0x01
      const told = await drop(altered)
      expect([place, told.status, told.body.state, told.body.letter]).toEqual([place, 200, 'unknown', undefined])
      expect(told.body.file).not.toBe('genuine')
    }
    expect((await drop(Buffer.concat([pdf, Buffer.from('\n% more')]))).body).toMatchObject({
      state: 'unknown',
      file: expect.stringMatching(/appended|altered/),
    })
  })

  test("somebody else's letter, an unsigned one, and what is no PDF", async () => {
    const renderer = openLetterRenderer()
    const { letter } = going.get(ways[0]!.name)!
    const unsigned = await renderer.render({ ...stopLetter, ...letter }).finally(() => renderer.close())
    expect((await drop(Buffer.from(unsigned))).body).toMatchObject({ state: 'unknown', file: 'not_signed' })
    // Named like ours, numbered like ours, signed by another key.
    const { certificatePem, privateKeyPem } = await createSigningIdentity('Tingqi 函件签章', new Date('2026-01-01'))
    const foreign = makeSigner({ key: privateKeyPem, certificate: certificatePem }).sign(unsigned, {
      ...letter,
      kind: 'stop_confirmation',
      signedAt: Date.parse(friday),
    })
    expect((await drop(Buffer.from(foreign))).body).toEqual({
      state: 'unknown',
      file: 'foreign',
      sentence: '签章不是我们的，这不是我们出具的函件。',
    })
    expect((await drop(Buffer.from('not a letter'))).body).toMatchObject({ state: 'unknown', file: 'not_pdf' })
    expect((await estate.get('/api/v1/verify/0000-0000-0000-0000')).body).toMatchObject({ state: 'unknown' })
  })
})

describe('the way back', () => {
  beforeAll(() => estate.moveTo('2026-12-21T09:30:00+08:00'))
  each('$name: asked for, approved, the fee paid – and still shut until the test', async (way) => {
    const mine = going.get(way.name)!
    const filed = await estate.post('/api/v1/applications', way.owner, {
      kind: 'reactivate',
      terminals: [mine.tid],
      words: '装修完了。',
    })
    mine.back = filed.body.no
    await handIn(mine.back, way)
    expect((await command(mine.back, 'submit', way.owner)).body.state).toBe('submitted')
    const approved = await approve(mine.back, way)
    expect(approved.body.state).toBe('in_progress')
    if (way.finance !== undefined) {
      expect(approved.body.terminals).toMatchObject([{ result: 'pending' }])
      expect(await command(mine.back, 'record-test', way.field, { items: tested() })).toMatchObject({
        status: 409,
        body: { code: 'steps_open' },
      })
      await command(mine.back, 'complete-step', way.finance, {
        step: 'reopening-fee',
        evidence: '收款回单 20881，¥100.00',
      })
    }
    expect(await terminal(mine.tid, way.owner)).toMatchObject({ service: 'testing', mode: 'test' })
    expect(await estate.gate(mine, 'sale')).toMatchObject({ decision: 'decline', code: '58' })
  })

  each('$name: a failed test keeps it shut and says what failed', async (way) => {
    const { tid, mid, back } = going.get(way.name)!
    const failed = await command(back, 'record-test', way.field, { items: tested('test_sale', '超时无应答') })
    expect(failed).toMatchObject({ status: 200, body: { state: 'in_progress', terminals: [{ result: 'testing' }] } })
    expect(failed.body.steps.find((s: { kind: string }) => s.kind === 'device_test')).toMatchObject({
      state: 'failed',
      evidence: 'test_sale: 超时无应答',
    })
    expect((await notices(way.owner)).find((n) => n.kind === 'test_failed' && n.terminal === tid)?.sentence).toContain(
      '测试消费（超时无应答）',
    )
    expect(await estate.gate({ tid, mid }, 'sale')).toMatchObject({ decision: 'decline', code: '58' })
    expect(await terminal(tid, way.owner)).toMatchObject({ service: 'testing', signOnRequired: false })
  })

  test('a day passes', async () => {
    expect((await estate.moveTo('2026-12-22T09:30:00+08:00')).status).toBe(200)
  })
  each('$name: passed, it opens – but sells only after a sign-on', async (way) => {
    const { tid, mid, back } = going.get(way.name)!
    // Missing items are no test.
    expect(await command(back, 'record-test', way.field, { items: tested().slice(1) })).toMatchObject({
      status: 422,
      body: { code: 'test_items_missing' },
    })
    const passed = await command(back, 'record-test', way.field, { items: tested() })
    expect(passed.body).toMatchObject({
      state: 'completed',
      terminals: [{ result: 'reopened' }],
      letters: [{ kind: 'reopening_confirmation' }],
    })
    expect(await terminal(tid, way.owner)).toMatchObject({
      service: 'active',
      signOnRequired: true,
      hostBlockedAt: null,
    })
    expect(await estate.gate({ tid, mid }, 'sale')).toMatchObject({ decision: 'decline', code: '77' })
    expect(await estate.gate({ tid, mid }, 'sign_on')).toMatchObject({ decision: 'approve', code: '00' })
    expect(await estate.gate({ tid, mid }, 'sale')).toMatchObject({ decision: 'approve', code: '00' })
    const letter = passed.body.letters[0]
    expect(
      (await estate.get(`/api/v1/verify/${new URL(letter.verifyHref).pathname.split('/').at(-1)}`)).body,
    ).toMatchObject({
      state: 'valid',
      letter: { kind: 'reopening_confirmation', terminals: [{ tid, reopenedAt: '2026-12-22T01:30:00.000Z' }] },
    })
  })
})

describe('two holds', () => {
  let tid: string
  let mid: string
  let risk: string
  test('the merchant stops it, risk stops it, too', async () => {
    const free = (await estate.freeTerminals('apo.owner', 'yunhui', true)).at(-1)!
    tid = free.tid
    mid = free.mid
    expect(
      await estate.post(
        '/api/v1/applications',
        'apo.owner',
        filing(tid, { effectiveFrom: undefined, expectedUntil: '2027-01-10T09:00:00+08:00' }),
      ),
    ).toMatchObject({ status: 201, body: { decision: { by: 'policy' } } })
    const held = await estate.post(`/api/v1/terminals/${tid}/holds`, 'yunhui.risk', {
      reason: 'R09',
      words: '停机期间用其他机具冒用该终端号。',
    })
    expect(held.status).toBe(201)
    risk = held.body.holds.find((h: { reason: string }) => h.reason === 'R09').id
  })
  test('lifting the one leaves the other, and everybody is told by whose it is and how it ends', async () => {
    const back = await estate.post('/api/v1/applications', 'apo.owner', {
      kind: 'reactivate',
      terminals: [tid],
      submit: true,
    })
    expect(await command(back.body.no, 'approve', 'yunhui.reviewer')).toMatchObject({
      status: 200,
      body: { state: 'completed', terminals: [{ result: 'still_held' }], letters: [] },
    })
    const seen = await terminal(tid, 'apo.owner')
    expect(seen.service).toBe('suspended')
    expect(seen.holds.filter((h: { liftedAt: string | null }) => h.liftedAt === null)).toMatchObject([
      { id: risk, reason: 'R09', owner: 'risk' },
    ])
    expect(await estate.gate({ tid, mid }, 'sale')).toMatchObject({ decision: 'decline', code: '58', holds: [risk] })
    const told = (await notices('apo.owner')).find((n) => n.kind === 'still_held' && n.terminal === tid)!.sentence
    for (const word of ['R09', '风控', '可申诉', '400-800-0000']) expect(told).toContain(word)
  })
  test.each([
    [
      'again to open it',
      'apo.owner',
      () => ['/api/v1/applications', { kind: 'reactivate', terminals: [tid], submit: true }],
    ],
    ['to test it open', 'yunhui.field', () => [`/api/v1/terminals/${tid}/tests`, { items: tested() }]],
  ] as const)('asking %s is refused, naming the other hold, its owner and the way out', async (_, who, asked) => {
    const [path, body] = asked() as [string, object]
    const refused = await estate.post(path, who, body)
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'held_by_another', title: '现在不能办理', retry: false },
    })
    for (const word of [tid, 'R09', '风控', '整改']) expect(refused.body.detail).toContain(word)
    const english = await estate.post(`${path}?lang=en`, who, body)
    for (const word of [tid, 'R09', 'risk', 'appeal']) expect(english.body.detail).toContain(word)
  })
  test.each([
    ['yunhui.agent', 'hold_not_yours'],
    ['yunhui.finance', 'hold_not_yours'],
    ['yunhui.provider_admin', 'hold_not_yours'],
    ['apo.owner', 'role_missing'],
  ])('%s cannot lift it: %s', async (who, code) => {
    const refused = await estate.post(`/api/v1/holds/${risk}/lift`, who, { words: '商户着急' })
    expect(refused).toMatchObject({ status: 403, body: { code } })
    expect(refused.body.detail).toContain('风控')
  })
  test('its owner can; the test opens it', async () => {
    expect(
      (await estate.post(`/api/v1/holds/${risk}/lift`, 'yunhui.risk', { words: '整改完成，已核验。' })).body.service,
    ).toBe('testing')
    expect(await estate.gate({ tid, mid }, 'sale')).toMatchObject({ code: '58' })
    expect(
      (await estate.post(`/api/v1/terminals/${tid}/tests`, 'yunhui.field', { items: tested() })).body.service,
    ).toBe('active')
    expect(await estate.gate({ tid, mid }, 'sale')).toMatchObject({ code: '77' })
    expect(await estate.gate({ tid, mid }, 'sign_on')).toMatchObject({ code: '00' })
    expect(await estate.gate({ tid, mid }, 'sale')).toMatchObject({ code: '00' })
  })
})

describe('the clock', () => {
  test('never goes back', async () => {
    const before = (await estate.get('/api/v1/me', 'platform.admin')).body.now
    expect(await estate.moveTo('2026-11-27T14:59:59.999+08:00')).toMatchObject({
      status: 409,
      body: { code: 'clock_backwards', retry: false },
    })
    expect((await estate.get('/api/v1/me', 'platform.admin')).body.now).toBe(before)
  })
  test('is moved by the platform administrator and by nobody else', async () => {
    const move = (who: string | undefined): Promise<Told> =>
      estate.ask('PUT', '/api/v1/demo/clock', who, { body: { now: '2027-01-01T00:00:00+08:00' } })
    for (const [part, { role }] of estate.cast)
      if (role !== 'platform_admin') expect([part, (await move(part)).body.code]).toEqual([part, 'role_missing'])
    expect(await move(undefined)).toMatchObject({ status: 401 })
    expect((await estate.get('/api/v1/me', 'platform.admin')).body.now).toBe('2026-12-22T01:30:00.000Z')
  })
})

test('nothing went wrong on the way', async () => {
  expect(await estate.faults()).toEqual([])
})
