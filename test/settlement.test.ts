// Scenario 8 and everything around it, through the API of the whole program: files in, matched, worked, corrected.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csv, terminal } from '../src/app/imports/imports.fixtures.ts'
import { bankCsv, slipsCsv, zmFile, zmRecord, type SlipFields, type ZmFields } from '../src/settlement/settlement.fixtures.ts'
import type { Policy } from '../src/domain/policy.ts'
import { startBare, type Bare, type Told } from './bare-program.ts'
import { startServer } from './world.ts'

const gold = { mid: '898000000000001', tid: '50000001', name: '金银首饰' }
const noodles = { mid: '898000000000002', tid: '50000002', name: '面馆' }
const bakery = { mid: '898000000000003', tid: '50000003', name: '面包房' }
const day = '2026-09-01'

/** Suspensions wait for the three records before they are approved. */
const steps: Policy['steps'] = [
  { id: 'records', kinds: ['suspend'], step: 'three_record_match', requirement: 'required', before: 'approval', due: { from: 'submittedAt', offset: '+3d', at: '18:00' }, assignee: 'finance' },
]

let server: Awaited<ReturnType<typeof startServer>>
let bare: Bare
beforeAll(async () => {
  server = await startServer()
  bare = await startBare(server.url, {
    now: '2026-09-03T10:00:00+08:00',
    policy: { steps, straightThrough: [], secondApproval: [], materials: [], leadTimeHours: 0 },
    people: [
      { name: 'gold.owner', role: 'merchant_owner', party: { kind: 'merchant', id: gold.mid } },
      { name: 'noodles.owner', role: 'merchant_owner', party: { kind: 'merchant', id: noodles.mid } },
    ],
  })
  const fleet = csv([
    terminal(1, { ...registered(gold), provider: '云汇支付', mcc: '5944' }), terminal(4, { ...registered(noodles), provider: '云汇支付', mcc: '5812' }),
    terminal(7, { ...registered(bakery), provider: '诚付通', mcc: '5462' }),
    terminal(8, { ...registered(bakery), tid: '50000004', provider: '诚付通', mcc: '5462' }),
  ])
  expect(await bare.import('admin', 'fleet', fleet)).toMatchObject({ state: 'done', errors: [] })
}, 240_000)
afterAll(async () => {
  await bare?.close()
  await server?.stop()
})
const registered = ({ mid, tid, name }: typeof gold) => ({ mid, tid, merchantName: name })

type Shop = typeof gold
const slips = (shop: Shop, ...rows: readonly SlipFields[]): string =>
  slipsCsv(...rows.map((row) => ({ mid: shop.mid, tid: shop.tid, merchantName: shop.name, mcc: '5944', ...row })))
const unionpay = (shop: Shop, ...rows: readonly ZmFields[]): Buffer =>
  zmFile(...rows.map((row) => zmRecord({ merId: shop.mid, termId: shop.tid, subMerAbbr: shop.name, merCatCode: '5944', ...row })))
const zmNameOf = (shop: Shop, on = day): string => `INN${on.slice(2).replaceAll('-', '')}00ZM_${shop.mid}.txt`
const bank = (shop: Shop, creditYuan = '584.47'): string => bankCsv({ mid: shop.mid, creditYuan, settledOn: day, reference: `SETT${day.replaceAll('-', '')}${shop.mid}` })

const breaksOf = async (shop: Shop, query = ''): Promise<Told['body'][]> => bare.breaks('yunhui.finance', `&merchant=${shop.mid}${query}`)
const terminalOf = async (shop: Shop, who = 'yunhui.agent') => (await bare.get(`/api/v1/terminals/${shop.tid}`, who)).body
const kept = (): string[] => readdirSync(join(bare.home, 'settlement'))
const counts = async () => (await bare.sql<Record<string, number>>(
  'select (select count(*) from settlement_file)::int as files, (select count(*) from settlement_part)::int as parts, (select count(*) from settlement_break)::int as breaks',
))[0]!

describe('malformed files are refused with line and reason, and nothing of them stays', () => {
  const short = Buffer.from(unionpay(gold, {}).toString('latin1').replace(' 0201 ', ' 201 '), 'latin1')
  test.each<[string, string, string, string | Buffer, string, string]>([
    ['a truncated record', 'admin', 'unionpay', Buffer.concat([unionpay(gold, {}), unionpay(gold, {}).subarray(0, 300)]), zmNameOf(gold), '2 record_length'],
    ['a record with a byte less', 'admin', 'unionpay', short, zmNameOf(gold), '1 record_length'],
    ['another kind than said', 'admin', 'slips', unionpay(gold, {}), zmNameOf(gold), '0 layout_differs'],
    ['another merchant than its name says', 'admin', 'unionpay', unionpay(noodles, {}), zmNameOf(gold), '1 merchant_not_yours'],
    ['another provider’s merchant', 'yunhui.finance', 'slips', slips(gold, {}) + slips(bakery, {}).split('\n')[1], 'slips.csv', '3 merchant_not_yours'],
    ['a terminal nobody registered', 'admin', 'slips', slips({ ...gold, tid: '59999999' }, {}), 'slips.csv', '2 tid_unknown'],
    ['an amount that is none', 'admin', 'slips', slips(gold, {}, { amountYuan: '5.888' }), 'slips.csv', '3 amount_format'],
    ['a card number in the open', 'admin', 'slips', slips(gold, { cardMasked: '6228480402564890018' }), 'slips.csv', '2 card_number_exposed'],
    ['nothing we know', 'admin', 'settlement', Buffer.from([1, 2, 3, 0, 255]), 'x.bin', '0 encoding_invalid'],
  ])('%s', async (_, who, kind, bytes, name, fault) => {
    const view = await bare.import(who, kind, bytes, name)
    expect(view.state).toBe('refused')
    expect(view.errors.map((e: { line: number; code: string }) => `${e.line} ${e.code}`)).toContain(fault)
    expect(view.errors[0].detail).not.toBe('')
    expect(view.rows.changed).toBe(0)
    expect(await counts()).toEqual({ files: 0, parts: 0, breaks: 0 })
    expect(kept()).toEqual([])
    await expect.poll(() => readdirSync(join(bare.home, 'imports'))).toEqual([])
    expect(await bare.sql('select id from settlement_run')).toEqual([])
  })

  test('a dry run judges and leaves nothing', async () => {
    expect(await bare.import('admin', 'slips', slips(gold, {}), 'slips.csv', { dryRun: 'true' })).toMatchObject({ state: 'done', rows: { total: 1, changed: 1 } })
    expect([await counts(), kept()]).toEqual([{ files: 0, parts: 0, breaks: 0 }, []])
  })
})

describe('scenario 8: a slip for 588.00 at 金银首饰, a UnionPay line at another name and MCC', () => {
  let no = ''
  const step = async () => (await bare.get(`/api/v1/applications/${no}`, 'yunhui.reviewer')).body.steps[0]

  test('while only the slip is there, its other record is waited for, and nothing is called a break', async () => {
    expect(await bare.import('yunhui.finance', 'slips', slips(gold, {}), 'slips.csv')).toMatchObject({ state: 'done', rows: { total: 1, changed: 1 } })
    await bare.settled()
    expect(await breaksOf(gold)).toEqual([])
    const filed = await bare.post('/api/v1/applications', 'gold.owner', { kind: 'suspend', terminals: [gold.tid], reason: 'M02', words: '装修', submit: true })
    no = filed.body.no
    expect(filed.status).toBe(201)
    expect(await step()).toMatchObject({ kind: 'three_record_match', state: 'open' })
    expect((await bare.post(`/api/v1/applications/${no}/approve`, 'yunhui.reviewer')).body.code).toBe('steps_open')
  })

  test('the UnionPay line refuses the match, by name and by category', async () => {
    const line = unionpay(gold, { subMerAbbr: '便民超市', merCatCode: '5411' })
    expect(await bare.import('yunhui.finance', 'unionpay', line, zmNameOf(gold))).toMatchObject({ state: 'done' })
    await bare.import('yunhui.finance', 'bank', bank(gold))
    await bare.settled()
    const found = await breaksOf(gold)
    expect(found.map((b) => b.kind).toSorted()).toEqual(['mcc_differs', 'merchant_name_differs'])
    expect(found.every((b) => b.state === 'open' && b.amount.fen === 58_800 && b.tid === gold.tid && b.settledOn === day)).toBe(true)
    const view = (await bare.get(`/api/v1/settlement/breaks/${found.find((b) => b.kind === 'merchant_name_differs')!.id}`, 'gold.owner')).body
    expect(view.sides).toMatchObject({
      slip: { name: '金银首饰', mcc: '5944', amount: { fen: 58_800 }, file: { fileName: 'slips.csv' }, line: 2 },
      unionpay: { name: '便民超市', mcc: '5411', file: { fileName: zmNameOf(gold) }, line: 1 }, bank: null,
    })
    expect(view.differs).toEqual(['name', 'mcc'])
    expect(view.sentence).toContain('金银首饰')
    expect(view.sentence).toContain('便民超市')
  })

  test('the terminal is not clear: what is open has amount, count, owner, due date and what to do', async () => {
    const { clearance } = await terminalOf(gold)
    expect(clearance).toEqual({
      clear: false,
      items: [{ kind: 'unmatched', amount: { fen: 117_600, currency: 'CNY' }, count: 2, owner: 'provider', dueBy: '2026-09-08T10:00:00.000Z', toDo: expect.stringContaining('三单不符') }],
    })
    expect(await step()).toMatchObject({ state: 'open' })
  })

  test('nobody ticks the step by hand', async () => {
    expect((await bare.post(`/api/v1/applications/${no}/complete-step`, 'yunhui.finance', { step: 'records' })).body.code).toBe('step_machine_checked')
  })

  test('the corrected file takes the earlier one’s place, and everything follows by itself', async () => {
    const view = await bare.import('yunhui.finance', 'unionpay', unionpay(gold, {}), zmNameOf(gold))
    expect(view).toMatchObject({ state: 'done', settlement: { supersedes: [{ fileName: zmNameOf(gold) }] } })
    await bare.settled()
    const gone = await breaksOf(gold)
    expect(gone.map((b) => [b.state, b.resolvedBy.id])).toEqual([['resolved', view.settlement.file], ['resolved', view.settlement.file]])
    expect((await terminalOf(gold)).clearance).toEqual({ clear: true, items: [] })
    const { state, evidence } = await step()
    expect(state).toBe('done')
    expect(evidence).toMatch(/^run [0-9a-f-]{36}: .*slips\.csv/)
    expect((await bare.get('/api/v1/settlement/files?kind=unionpay', 'gold.owner')).body.items.map((f: { state: string }) => f.state)).toEqual(['current', 'superseded'])
    expect((await bare.post(`/api/v1/applications/${no}/approve`, 'yunhui.reviewer')).status).toBe(200)
  })

  test('the same again changes nothing, and says so', async () => {
    const before = await bare.sql('select * from settlement_break order by id')
    expect(await bare.import('yunhui.finance', 'unionpay', unionpay(gold, {}), zmNameOf(gold))).toMatchObject({ state: 'done', rows: { changed: 0 } })
    expect(await bare.settle('yunhui.finance')).toMatchObject({ state: 'done', changed: 0, result: { matched: 1, breaks: 0, found: 0, resolved: 0 } })
    expect(await bare.sql('select * from settlement_break order by id')).toEqual(before)
  })
})

describe('breaks are worked', () => {
  const wrong = { amountFen: 58_800 }
  let small: Told['body']
  let large: Told['body']
  const act = (id: string, command: string, who: string, body: object = {}, headers: Record<string, string> = {}) =>
    bare.post(`/api/v1/settlement/breaks/${id}/${command}`, who, body, headers)

  beforeAll(async () => {
    // One differs by a yuan, one in its name for 588.00; the other merchant's name would run as a formula in a spreadsheet.
    await bare.import('yunhui.finance', 'slips', slips(noodles, { reference: '100000000001', merchantName: '=1+1' }, { reference: '100000000002', amountYuan: '589.00' }), 'noodles.csv')
    await bare.import('yunhui.finance', 'unionpay', unionpay(noodles, { orderId: '100000000001' }, { orderId: '100000000002' }), zmNameOf(noodles))
    await bare.settled()
    const found = await breaksOf(noodles)
    expect(found.map((b) => b.kind).toSorted()).toEqual(['amount_differs', 'merchant_name_differs'])
    small = found.find((b) => b.kind === 'amount_differs')!
    large = found.find((b) => b.kind === 'merchant_name_differs')!
    expect([small.amount.fen, large.amount.fen]).toEqual([100, wrong.amountFen])
  }, 60_000)

  test('handed on, and explained by the merchant itself', async () => {
    expect((await act(small.id, 'assign', 'yunhui.finance', { to: 'yunhui.finance2' })).body).toMatchObject({ assignee: 'yunhui.finance2', state: 'open' })
    const told = await act(small.id, 'explain', 'noodles.owner', { words: '收银员多打了一元' })
    expect(told.body).toMatchObject({ explained: true, state: 'open', allowed: { explain: true, accept: 'role_missing' } })
    expect(told.body.events.map((e: { event: string; words: string | null }) => [e.event, e.words])).toEqual([['found', null], ['assigned', null], ['explained', '收银员多打了一元']])
    expect((await bare.breaks('yunhui.finance', '&assignee=yunhui.finance2')).map((b) => b.id)).toEqual([small.id])
    const [journal] = await bare.sql<{ body: string }>(`select body from journal where body like '%break_explained%' order by seq desc limit 1`)
    expect(journal!.body).not.toContain('收银员')
  })

  test('what people did stays over the next run', async () => {
    await bare.settle('yunhui.finance')
    expect((await bare.get(`/api/v1/settlement/breaks/${small.id}`, 'yunhui.finance')).body).toMatchObject({ assignee: 'yunhui.finance2', explained: true })
  })

  test('a small one is accepted by one person with a reason, once however often it is asked', async () => {
    expect((await act(small.id, 'accept', 'noodles.owner', { words: 'x' })).body.code).toBe('role_missing')
    expect((await act(small.id, 'accept', 'yunhui.finance', { words: '' })).status).toBe(422)
    const twice = await Promise.all([1, 2].map(() => act(small.id, 'accept', 'yunhui.finance', { words: '金额小，已说明' }, { 'idempotency-key': 'accept-1' })))
    expect(twice.map((t) => t.status)).toEqual([200, 200])
    expect(twice[0]!.text).toBe(twice[1]!.text)
    expect(twice[0]!.body).toMatchObject({ state: 'accepted', allowed: { accept: 'break_not_in_this_state', reopen: true } })
    expect((await terminalOf(noodles)).clearance.items[0]).toMatchObject({ kind: 'unmatched', count: 1, amount: { fen: 58_800 } })
  })

  test('a large one takes two persons, and counts until the second', async () => {
    expect((await act(large.id, 'accept', 'yunhui.finance', { words: '商户改名，已备案' })).body).toMatchObject({ state: 'proposed', allowed: { confirm: 'acceptance_second_person' } })
    expect((await act(large.id, 'confirm', 'yunhui.finance')).body.code).toBe('acceptance_second_person')
    expect((await terminalOf(noodles)).clearance.clear).toBe(false)
    expect((await act(large.id, 'confirm', 'yunhui.approver')).body).toMatchObject({ state: 'accepted' })
    expect((await terminalOf(noodles)).clearance).toEqual({ clear: true, items: [] })
  })

  test('opened again it counts again', async () => {
    expect((await act(large.id, 'reopen', 'yunhui.finance', { words: '备案有误' }, { 'if-match': '"v1"' })).body.code).toBe('version_stale')
    expect((await act(large.id, 'reopen', 'yunhui.finance', { words: '备案有误' })).body).toMatchObject({ state: 'open' })
    expect((await terminalOf(noodles)).clearance.clear).toBe(false)
  })

  test('others neither see nor touch them', async () => {
    expect((await bare.get(`/api/v1/settlement/breaks/${large.id}`, 'chengfutong.finance')).status).toBe(404)
    expect((await act(large.id, 'explain', 'gold.owner', { words: 'x' })).status).toBe(404)
    expect(await bare.breaks('chengfutong.finance')).toEqual([])
    expect((await bare.breaks('gold.owner')).every((b) => b.mid === gold.mid)).toBe(true)
    expect((await bare.get('/api/v1/settlement/files', 'noodles.owner')).body.items.every((f: { mids: string[] }) => f.mids.join() === noodles.mid)).toBe(true)
    expect((await bare.post('/api/v1/settlement/runs', 'gold.owner')).body.code).toBe('role_missing')
  })

  test('saved as a spreadsheet no cell of it runs', async () => {
    const { text } = await bare.get(`/api/v1/settlement/breaks.csv?merchant=${noodles.mid}`, 'yunhui.finance')
    expect(text).toContain(`'=1+1`)
    for (const cell of text.split(/\r\n/).slice(1).flatMap((line) => line.split(','))) expect(cell).not.toMatch(/^"?[=+\-@]/)
  })

  test('an acceptance is about what was accepted: told otherwise later, the break is open again', async () => {
    await bare.import('yunhui.finance', 'slips', slips(noodles, { reference: '100000000001', merchantName: '=1+1' }, { reference: '100000000002', amountYuan: '599.00' }), 'noodles.csv')
    await bare.settled()
    expect((await bare.get(`/api/v1/settlement/breaks/${small.id}`, 'yunhui.finance')).body).toMatchObject({ state: 'open', amount: { fen: 1_100 }, assignee: 'yunhui.finance2' })
  })
})

describe('files that are not like ours', () => {
  test('columns of an unknown till, saved once, are read ever after', async () => {
    const theirs = slips(gold, { reference: '200000000001', at: '2026-09-02T09:00:00+08:00' }).replace('tid,mid', '设备号,商家').replace('amountYuan', '实收').replace('reference', '流水')
    expect((await bare.import('yunhui.finance', 'slips', theirs, 'till.csv')).state).toBe('refused')
    const columns = { tid: '设备号', mid: '商家', amountYuan: '实收', reference: '流水' }
    expect((await bare.ask('PUT', '/api/v1/settlement/mappings', 'yunhui.finance', { body: { kind: 'slips', name: '收银系统', columns } })).body.items).toMatchObject([{ provider: 'yunhui', columns }])
    expect((await bare.import('yunhui.finance', 'slips', theirs, 'till.csv')).state).toBe('done')
    expect((await bare.get('/api/v1/settlement/mappings', 'chengfutong.finance')).body.items).toEqual([])
    expect((await bare.ask('PUT', '/api/v1/settlement/mappings', 'yunhui.finance', { body: { kind: 'slips', name: '收银系统', columns: null } })).body.items).toEqual([])
  })

  test('a file about one day takes one day’s place', async () => {
    const two = slips(gold, { reference: '300000000001', at: '2026-08-01T09:00:00+08:00' }, { reference: '300000000002', at: '2026-08-02T09:00:00+08:00' })
    const first = await bare.import('yunhui.finance', 'slips', two, 'august.csv')
    const second = await bare.import('yunhui.finance', 'slips', slips(gold, { reference: '300000000003', at: '2026-08-02T09:00:00+08:00' }), 'second.csv')
    expect(second.settlement.supersedes).toEqual([{ id: first.settlement.file, fileName: 'august.csv' }])
    const { body } = await bare.get(`/api/v1/settlement/files/${first.settlement.file}`, 'yunhui.finance')
    expect(body).toMatchObject({ state: 'current', supersededBy: [{ id: second.settlement.file }] })
    expect(await bare.settle('yunhui.finance', { from: '2026-08-01', to: '2026-08-02' })).toMatchObject({ state: 'done', result: { rows: { slips: 2 }, pending: 2 } })
  })
})

describe('money is booked per merchant', () => {
  const recordsOf = async (tid: string) => (await bare.sql<{ records: object }>('select records from terminal where tid = $1', [tid]))[0]!.records
  test('while a day’s credit is in question, no terminal of the merchant is proven settled', async () => {
    await bare.import('chengfutong.finance', 'slips', slips(bakery, { mcc: '5462' }), 'bakery.csv')
    await bare.import('chengfutong.finance', 'unionpay', unionpay(bakery, { merCatCode: '5462' }), zmNameOf(bakery))
    await bare.import('chengfutong.finance', 'bank', bank(bakery, '580.00'))
    await bare.settled()
    const [found, ...others] = await bare.breaks('chengfutong.finance')
    expect([found.kind, found.tid, found.settledOn, found.amount.fen, others]).toEqual(['bank_amount_differs', null, day, 447, []])
    for (const tid of [bakery.tid, '50000004'])
      expect((await terminalOf({ ...bakery, tid }, 'chengfutong.agent')).clearance.items).toMatchObject([{ kind: 'unmatched', count: 1, amount: { fen: 447 } }])
    expect(await recordsOf(bakery.tid)).toMatchObject({ days: 1, uncovered: 0, openBreaks: 1, files: ['bank.csv', zmNameOf(bakery), 'bakery.csv'] })
    await bare.import('chengfutong.finance', 'bank', bank(bakery))
    await bare.settled()
    expect((await terminalOf(bakery, 'chengfutong.agent')).clearance.clear).toBe(true)
    expect((await bare.breaks('chengfutong.finance'))[0]).toMatchObject({ state: 'resolved', resolvedBy: { fileName: 'bank.csv' } })
  }, 60_000)

  test('a transaction no file tells of is not covered', async () => {
    const header = 'tid,mid,batch,trace,reference,class,amountYuan,at,settledOn,cardKind,cardMasked,authCode,status'
    const row = `${bakery.tid},${bakery.mid},900001,000001,900000000101,sale,12.00,2026-09-02T09:00:00+08:00,2026-09-02,credit,621234******0001,306499,approved`
    await bare.import('admin', 'transactions', `${header}\n${row}\n`)
    expect(await recordsOf(bakery.tid)).toMatchObject({ days: 2, uncovered: 1, missing: { on: '2026-09-02', what: 'slips' }, openBreaks: 0 })
  })
})

describe('a run', () => {
  test('stopped, the result before it stands', async () => {
    const before = await bare.sql('select id, version from settlement_break order by id')
    const { body } = await bare.post('/api/v1/settlement/runs', 'yunhui.finance')
    const stopped = await bare.post(`/api/v1/settlement/runs/${body.id}/stop`, 'yunhui.finance')
    expect(stopped.status).toBe(200)
    await bare.settled()
    expect((await bare.get(`/api/v1/settlement/runs/${body.id}`, 'yunhui.finance')).body.state).toBe('stopped')
    expect((await bare.post(`/api/v1/settlement/runs/${body.id}/stop`, 'yunhui.finance')).body.code).toBe('run_not_stoppable')
    expect(await bare.sql('select id, version from settlement_break order by id')).toEqual(before)
    expect(kept().filter((name) => name.startsWith('work-'))).toEqual([])
  })

  test('is its provider’s, and days come in order', async () => {
    expect((await bare.post('/api/v1/settlement/runs', 'yunhui.finance', { provider: 'hairun' })).status).toBe(404)
    expect((await bare.post('/api/v1/settlement/runs', 'yunhui.finance', { from: '2026-09-02', to: '2026-09-01' })).body.code).toBe('days_reversed')
    const { body } = await bare.post('/api/v1/settlement/runs', 'yunhui.finance')
    expect((await bare.get(`/api/v1/settlement/runs/${body.id}`, 'chengfutong.finance')).status).toBe(404)
    await bare.settled()
  })

  test('left in the middle by a program that ended, it is taken up by the next', async () => {
    const { body } = await bare.post('/api/v1/settlement/runs', 'yunhui.finance')
    await bare.close({ keep: true })
    bare = await startBare(server.url, { now: '2026-09-03T10:00:00+08:00', url: bare.url, home: bare.home })
    await bare.settled()
    expect((await bare.get(`/api/v1/settlement/runs/${body.id}`, 'yunhui.finance')).body).toMatchObject({ state: 'done', changed: 0 })
  }, 60_000)

  test('killed in the middle, the result before it stands whole, and the next program finishes it', async () => {
    const before = await bare.sql('select * from settlement_break order by id')
    const { url, home, hangUp, program } = bare
    await program.close()
    const id = randomUUID()
    await bare.sql(
      `insert into settlement_run (id, provider, cause, state, actor, requested_by, created_at)
       select $1, 'yunhui', 'asked', 'queued', actor, requested_by, now() from settlement_run where cause = 'asked' limit 1`, [id],
    )
    const child = spawn(process.execPath, ['src/main.ts', '--no-demo', '--clock=manual', '--now=2026-09-03T10:00:00+08:00', '--port=0'], {
      env: { ...process.env, DATABASE_URL: url, TINGQI_HOME: home, TINGQI_SECRET: 's'.repeat(40) }, stdio: 'ignore',
    })
    const gone = once(child, 'exit')
    for (let state = 'queued'; state === 'queued'; await sleep(5))
      state = (await bare.sql<{ state: string }>('select state from settlement_run where id = $1', [id]))[0]!.state
    child.kill('SIGKILL')
    await gone
    expect((await bare.sql<{ state: string; ended_at: null }>('select state, ended_at from settlement_run where id = $1', [id]))[0]).toMatchObject({ ended_at: null })
    expect(await bare.sql('select * from settlement_break order by id')).toEqual(before)
    await hangUp()
    bare = await startBare(server.url, { now: '2026-09-03T10:00:00+08:00', url, home })
    await bare.settled()
    expect((await bare.get(`/api/v1/settlement/runs/${id}`, 'yunhui.finance')).body).toMatchObject({ state: 'done', changed: 0 })
    expect(await bare.sql('select * from settlement_break order by id')).toEqual(before)
    expect(kept().filter((name) => name.startsWith('work-'))).toEqual([])
  }, 60_000)
})

// Last, because time does not come back.
describe('a break that nobody settles in time', () => {
  test('its desk is told once, the morning after its day; nobody else is', async () => {
    const told = (who: string) => bare.get('/api/v1/notices?limit=200', who)
    const reminders = async (who: string): Promise<Told['body'][]> => (await told(who)).body.items.filter((n: { sentence: string }) => n.sentence.includes('对账不符'))
    expect(await reminders('yunhui.finance')).toEqual([])
    const open = (await bare.breaks('yunhui.finance')).filter((b) => b.state === 'open')
    expect(open.length).toBeGreaterThanOrEqual(2)
    const clock = async (now: string) => expect((await bare.ask('PUT', '/api/v1/demo/clock', 'admin', { body: { now } })).status).toBe(200)
    await clock('2026-09-09T12:00:00+08:00')
    const first = await reminders('yunhui.finance')
    expect(first.map((n) => n.kind)).toEqual(first.map(() => 'deadline_near'))
    expect(first.map((n) => n.merchant).toSorted()).toEqual([...new Set(open.map((b) => b.mid))].toSorted())
    expect(first[0]!.sentence).toMatch(/有 \d+ 条对账不符（涉及 ¥[\d,.]+）应在 2026-09-0\d 前处理/)
    await clock('2026-09-11T12:00:00+08:00')
    expect((await reminders('yunhui.finance')).length).toBe(first.length)
    expect(await reminders('noodles.owner')).toEqual([])
    expect((await reminders('chengfutong.finance')).every((n) => n.merchant === bakery.mid)).toBe(true)
  }, 60_000)
})
