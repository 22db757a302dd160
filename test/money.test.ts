// Money as the program keeps it: charged from stored histories, once and to the day; put right by reversals; paid the oldest
// first; a fee that is paid settles its step by itself. And whatever is done in whatever order, debits equal credits.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { confirmWaiver, waiveFee, type Waiver } from '../src/app/ledger/waivers.ts'
import { accrue } from '../src/app/ledger/accrue.ts'
import type { AccountTelling } from '../src/app/ledger/account.ts'
import { putContract, ratesOn, type ContractAsked } from '../src/app/ledger/contracts.ts'
import { invoicesOf, issueInvoice, type Invoice } from '../src/app/ledger/invoices.ts'
import { previewOfCase, previewOfTerminal, type Preview } from '../src/app/ledger/options.ts'
import { payBack, recordPayment, returnPayment, type Payment, type PaymentAsked } from '../src/app/ledger/payments.ts'
import { balancesOf, statementOf, type AccountStanding } from '../src/app/ledger/standing.ts'
import type { Reply } from '../src/app/execute.ts'
import type { Actor } from '../src/domain/authority.ts'
import { isRefusal, type Refusal } from '../src/domain/refusals.ts'
import { demoProviders } from '../src/demo/policies.ts'
import { buildHttp } from '../src/http/serve.ts'
import type { Services } from '../src/http/services.ts'
import { createAccount, createKey, createPerson } from '../src/store/people.ts'
import * as acts from './acts.ts'
import { at, makeWorld, mid, people, person, startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(async () => { await (world as World | undefined)?.close(); await server.stop() })

const provider = { kind: 'provider', id: 'yunhui' } as const
const finance2 = person('finance-2', 'finance', provider)
const admin = person('admin', 'provider_admin', provider)
const commonFees = demoProviders[0]!.policy.fees
const fees = { ...commonFees, monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 1_500, freeSuspendedDays: 10, reopeningFen: 5_000, waiverAloneMaxFen: 2_000 }

let world: World
/** One world at a time: the one before is closed. */
const open = async (now: string, part: Partial<typeof fees> = {}, terminals = ['10000001']): Promise<World> => {
  await (world as World | undefined)?.close()
  world = await makeWorld(server.url, { now, policy: { straightThrough: [], fees: { ...fees, ...part } }, terminals })
  return world
}

/** What a command answered: its value, or the refusal. */
async function told<T>(act: (telling: AccountTelling<T>) => Promise<Reply>): Promise<T | Refusal> {
  let heard: T | Refusal | undefined
  await act({ view: (value) => { heard = value; return { status: 200, body: '{}', headers: {} } }, refusal: (r) => { heard = r; return { status: 409, body: r.refused, headers: {} } } })
  return heard!
}
const good = <T>(value: T | Refusal): T => { expect(isRefusal(value) ? value.refused : 'done').toBe('done'); return value as T }
const code = (value: unknown): string => (isRefusal(value) ? value.refused : 'done')
let transfers = 0
const pay = (amountFen: number, part: Partial<PaymentAsked> = {}, actor = people.finance): Promise<Payment | Refusal> =>
  told((t) => recordPayment(world.app, { actor }, mid, { amountFen, method: 'transfer', reference: `T${transfers++}`, ...part }, t))
const balance = async (): Promise<AccountStanding> => (await balancesOf(world.app, people.finance, mid))![0]!
const owed = async (): Promise<number> => { const b = await balance(); return b.owedFen - b.creditFen }
const contract = (asked: ContractAsked, actor: Actor = people.finance): Promise<unknown> => told((t) => putContract(world.app, { actor }, mid, asked, t))
const statement = async (): Promise<string[]> => {
  const page = await statementOf(world.app, people.owner, mid, { limit: 200 })
  if (page === undefined || isRefusal(page)) throw new Error('no statement')
  return page.items.toReversed().map((e) => `${e.kind} ${e.words[0]} ${e.fen}`)
}
/** Whatever happened: every entry balances, and so do all of them together. */
async function proved(): Promise<void> {
  const crooked = await world.sql(`select entry from ledger_line group by entry having sum(debit_fen) <> sum(credit_fen)`)
  const lonely = await world.sql('select id from ledger_entry e where not exists (select from ledger_line l where l.entry = e.id)')
  const [all] = await world.sql<{ d: string; c: string }>('select coalesce(sum(debit_fen), 0) as d, coalesce(sum(credit_fen), 0) as c from ledger_line')
  expect([crooked, lonely, all!.d]).toEqual([[], [], all!.c])
}

describe('running fees', () => {
  test('are posted once per terminal and month, to the day, from the stored history', async () => {
    await open('2026-11-02T10:00', {}, ['10000001', '10000002'])
    const filed = await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: at('2026-11-12T15:00'), submit: true })
    await acts.command(world, people.reviewer, filed.after!.dossier.case!.case.no, { command: 'approve' })
    await world.moveTo('2026-11-30T23:00')
    expect(await statement()).toEqual([])
    await world.moveTo('2026-12-01T09:00')
    // 10000001: 12 days in service, 18 stopped of which 10 free; 10000002: the whole month.
    expect((await statement()).toSorted()).toEqual(['charge 停机月费 2026-11 400', 'charge 在用月费 2026-11 1200', 'charge 在用月费 2026-11 3000'])
    expect(await accrue(world.app)).toBe(0)
    await world.moveTo('2027-01-02T09:00')
    expect(await owed()).toBe(4_600 + 1_500 + 3_000)
    const [row] = await world.sql<{ body: string }>(`select body from journal where body like '%"accrue"%' order by seq limit 1`)
    expect(JSON.parse(row!.body).facts).toEqual([{ fact: 'accrued', at: at('2026-12-01T08:00'), terminals: 2, charges: 3, takenBack: 0, fen: 4_600 }])
    const items = (await statementOf(world.app, people.owner, mid, { limit: 200 }) as { items: { formula?: readonly string[] }[] }).items
    expect(items.map((i) => i.formula?.[0])).toContain('¥15.00 × 停机 8 天 ÷ 当月 30 天 = ¥4.00（另 10 天在免费期内）')
    await proved()
  })

  test('are put right when the past turns out to be another: taken back and posted anew, never edited', async () => {
    await open('2026-11-02T10:00')
    await world.moveTo('2026-12-01T09:00')
    expect(await owed()).toBe(3_000)
    // The register had the wrong date: it was installed in the middle of the month.
    await world.sql(`update terminal set installed_at = '2026-11-15T16:00:00Z', version = version + 1 where tid = '10000001'`)
    await world.moveTo('2026-12-02T09:00')
    expect((await statement()).toSorted()).toEqual(['charge 在用月费 2026-11 1500', 'charge 在用月费 2026-11 3000', 'reversal 冲回：在用月费 2026-11 -3000'])
    expect(await owed()).toBe(1_500)
    // And back again: another revision, not the old entry.
    await world.sql(`update terminal set installed_at = '2024-01-01', version = version + 1 where tid = '10000001'`)
    await world.moveTo('2026-12-03T09:00')
    expect(await owed()).toBe(3_000)
    expect(await world.sql(`select id from ledger_entry where kind = 'charge' order by id`)).toEqual([{ id: 'service/10000001/2026-11-01/1' }, { id: 'service/10000001/2026-11-01/2' }, { id: 'service/10000001/2026-11-16/1' }])
    expect(await accrue(world.app)).toBe(0)
    await proved()
  })

  test('a contract counts from its day, from the past too', async () => {
    await open('2026-11-02T10:00')
    expect(code(await contract({ effectiveFrom: '2026-11-16', contract: { from: '2026-01-01', monthlyInServiceFen: 1_000 } }, people.owner))).toBe('role_missing')
    good(await contract({ effectiveFrom: '2026-11-16', contract: { from: '2026-01-01', monthlyInServiceFen: 1_000 } }))
    await world.moveTo('2026-12-01T09:00')
    expect(await owed()).toBe(1_500 + 500)
    good(await contract({ effectiveFrom: '2026-11-01', contract: { from: '2026-01-01', monthlyInServiceFen: 600, rates: [{ card: 'credit', ppm: 5_500 }] } }, admin))
    await world.moveTo('2026-12-02T09:00')
    // The version that counts later still holds from the 16th.
    expect(await owed()).toBe(300 + 500)
    const rates = await world.app.db.transaction('*', (tx) => ratesOn(world.app, tx, 'yunhui', [mid], '2026-11-05'))
    expect(rates.get(mid)?.map((r) => [r.card, r.ppm])).toEqual([['credit', 5_500], ['debit', 5_000], ['qr', 3_800]])
    await proved()
  })
})

describe('a reactivation with a fee', () => {
  let no: string
  beforeEach(async () => {
    await open('2026-11-02T10:00', { monthlyInServiceFen: 0, monthlyWhileSuspendedFen: 0 })
    const down = await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', submit: true })
    await acts.command(world, people.reviewer, down.after!.dossier.case!.case.no, { command: 'approve' })
    await world.moveTo('2026-11-04T10:00')
    const up = await acts.file(world, people.owner, { kind: 'reactivate', terminals: ['10000001'], submit: true })
    no = up.after!.dossier.case!.case.no
  })
  const approve = () => acts.command(world, people.reviewer, no, { command: 'approve' })
  const step = async (): Promise<string> => (await world.sql<{ s: string }>(`select state || coalesce(' by ' || settled_by, '') as s from step where no = $1 and kind = 'pay_fee'`, [no]))[0]!.s

  test('is charged with the approval, and its step is done by itself when it is paid', async () => {
    expect(await owed()).toBe(0)
    await approve()
    expect([await owed(), await step()]).toEqual([5_000, 'open'])
    good(await pay(3_000))
    await world.moveTo('2026-11-04T10:01')
    expect(await step()).toBe('open')
    good(await pay(2_000))
    await world.moveTo('2026-11-04T10:02')
    expect([await owed(), await step()]).toEqual([0, 'done by system'])
    expect((await acts.command(world, people.field, no, { command: 'record-test', items: acts.items() })).after!.dossier.case!.case.state).toBe('completed')
    await proved()
  })
  test('a payment that bounces opens the step again', async () => {
    await approve()
    const payment = good(await pay(5_000, { caseNo: no }))
    await world.moveTo('2026-11-04T10:01')
    expect(await step()).toBe('done by system')
    const back = (actor: Actor): Promise<Payment | Refusal> => told((t) => returnPayment(world.app, { actor }, payment.id, '账号有误', t))
    expect(good(await back(people.finance)).isReturned).toBe(true)
    expect(code(await back(people.finance))).toBe('payment_returned')
    await world.moveTo('2026-11-04T10:02')
    expect([await owed(), await step()]).toEqual([5_000, 'open'])
    await proved()
  })
  test('an older debt is paid first, unless the payment names the case', async () => {
    await world.sql(`with e as (insert into ledger_entry (id, kind, provider, mid, at, total_fen, words_zh, words_en) values ('old/1', 'charge', 'yunhui', $1, '2026-10-01', 1000, 'x', 'x') returning id)
      insert into ledger_line select e.id, v.o, 'yunhui', $1, v.a, v.d, v.c from e, (values (1::smallint, 'receivable', 1000, 0), (2::smallint, 'revenue_other', 0, 1000)) v(o, a, d, c)`, [mid])
    await approve()
    good(await pay(5_000))
    await world.moveTo('2026-11-04T10:01')
    expect([await owed(), await step()]).toEqual([1_000, 'open'])
    good(await pay(1_000, { caseNo: no }))
    await world.moveTo('2026-11-04T10:02')
    expect(await step()).toBe('done by system')
  })
  test('finance ticking it by hand has received it; credit meets it at once', async () => {
    await approve()
    await acts.command(world, people.finance, no, { command: 'complete-step', step: 'reopening-fee', evidence: 'slip 1' })
    expect([await owed(), await step()]).toEqual([0, 'done by finance'])
    expect((await statement()).toSorted()).toEqual(['charge 复机费 5000', 'payment 财务确认收到费用 -5000'])
    await proved()
  })
  test('ticked before the decision, the payment waits as credit for the charge', async () => {
    await acts.command(world, people.finance, no, { command: 'complete-step', step: 'reopening-fee' })
    expect(await owed()).toBe(-5_000)
    await approve()
    expect([await owed(), await step()]).toEqual([0, 'done by finance'])
  })
  test('credit that is there meets the fee with the approval', async () => {
    good(await pay(6_000))
    await approve()
    expect([await owed(), await step()]).toEqual([-1_000, 'done by system'])
  })
  test('waived by two, it is written off; waived before the decision, it is never charged', async () => {
    await approve()
    await acts.command(world, people.finance, no, { command: 'waive-step', step: 'reopening-fee', words: '机构延误' })
    expect(await owed()).toBe(5_000)
    await acts.command(world, people.reviewer, no, { command: 'waive-step', step: 'reopening-fee', words: '同意' })
    expect([await owed(), await step()]).toEqual([0, 'waived by reviewer'])
    expect((await world.sql<{ fen: string }>(`select sum(debit_fen) as fen from ledger_line where account = 'written_off'`))[0]!.fen).toBe('5000')
  })
  test('is in the sentence of the findings, and of the balance', async () => {
    await approve()
    const second = await acts.file(world, people.owner, { kind: 'extend', terminals: ['10000001'], expectedUntil: at('2026-12-24T09:00') })
    expect(second.after?.dossier.case?.case.findings.find((f) => f.code === 'fees_owed')?.detail[0]).toBe('商户还欠费用 ¥50.00')
    expect(await balance()).toMatchObject({ owedFen: 5_000, openCharges: 1, overdueFen: 0, creditFen: 0 })
  })
})

describe('a closure', () => {
  const close = async (part: Partial<typeof fees>): Promise<string> => {
    await open('2026-11-02T10:00', part)
    await world.sql(`update policy set document = document || $1 where provider = 'yunhui'`, [JSON.stringify({
      kindsOffered: ['suspend', 'reactivate', 'extend', 'close'], materials: [], secondApproval: [],
      steps: [{ id: 'fees', kinds: ['close'], step: 'fees_settled', requirement: 'required', before: 'completion', due: { from: 'submittedAt', offset: '+7d' }, assignee: 'merchant_owner' }],
    })])
    await world.app.reload()
    const filed = await acts.file(world, people.owner, { kind: 'close', terminals: ['10000001'], reason: 'M21', submit: true })
    const { no } = filed.after!.dossier.case!.case
    await acts.command(world, people.reviewer, no, { command: 'approve' })
    return no
  }
  const fees_ = async (no: string): Promise<string> => (await world.sql<{ state: string }>(`select state from step where no = $1 and kind = 'fees_settled'`, [no]))[0]!.state

  test('brings the month so far and the early termination fee, and waits for both; later nothing more is counted', async () => {
    const no = await close({ earlyTerminationFen: 10_000 })
    expect((await statement()).toSorted()).toEqual(['charge 在用月费 2026-11 200', 'charge 提前终止费 10000'])
    expect(await fees_(no)).toBe('open')
    // Nothing may be owed either way: a fen too much is as open as a fen too little.
    good(await pay(10_300))
    await world.moveTo('2026-11-02T10:05')
    expect(await fees_(no)).toBe('open')
    good(await told<Payment>((t) => payBack(world.app, { actor: people.finance }, mid, { amountFen: 100, method: 'transfer', reference: 'B-1' }, t)))
    await world.moveTo('2026-11-02T10:10')
    expect(await fees_(no)).toBe('done')
    await world.moveTo('2026-12-02T09:00')
    expect(await owed()).toBe(0)
    await proved()
  })
  test('undone, takes its charge back, and the month goes on as if nothing had been', async () => {
    const no = await close({ earlyTerminationFen: 10_000 })
    await world.moveTo('2026-11-03T10:00')
    const up = await acts.file(world, people.owner, { kind: 'reactivate', terminals: ['10000001'], submit: true })
    const approved = await acts.command(world, people.reviewer, up.after!.dossier.case!.case.no, { command: 'approve' })
    expect(approved.refusal).toBeUndefined()
    await world.moveTo('2026-11-04T10:00')
    expect((await world.sql<{ state: string }>('select state from application where no = $1', [no]))[0]!.state).toBe('withdrawn')
    expect((await statement()).toSorted()).toEqual(['charge 在用月费 2026-11 200', 'charge 复机费 5000', 'charge 提前终止费 10000', 'reversal 冲回：在用月费 2026-11 -200', 'reversal 冲回：提前终止费 -10000'])
    await proved()
  })
})

describe('payments, invoices, waivers', () => {
  beforeAll(async () => {
    await open('2026-11-02T10:00', {}, ['10000001', '10000002'])
    await world.moveTo('2026-12-01T09:00')
  })

  test('only finance records, one transfer once, and never by somebody else’s provider', async () => {
    expect(code(await pay(100, {}, people.owner))).toBe('role_missing')
    expect(code(await pay(100, {}, person('other', 'finance', { kind: 'provider', id: 'hairun' })))).toBe('not_found')
    good(await pay(2_500, { reference: 'SLIP-1' }))
    expect(code(await pay(2_500, { reference: 'SLIP-1' }))).toBe('payment_known')
    expect(code(await pay(100, { caseNo: 'TQ-261120-04242-9' }))).toBe('not_found')
    expect(await owed()).toBe(3_500)
  })
  test('the same request sent twice is one payment', async () => {
    const asking = { actor: people.finance, idempotency: { key: 'k', route: 'r', bodyHash: Buffer.from('b') } }
    const again = (): Promise<unknown> => told((t) => recordPayment(world.app, asking, mid, { amountFen: 500, method: 'cash', reference: 'C-1' }, t))
    await again()
    await again()
    expect(await owed()).toBe(3_000)
  })
  test('a rehearsal changes nothing', async () => {
    good(await told<Payment>((t) => recordPayment(world.app, { actor: people.finance, dryRun: true }, mid, { amountFen: 500, method: 'cash', reference: 'C-2' }, t)))
    expect(await owed()).toBe(3_000)
  })
  test('an invoice is a numbered set of what is on none yet', async () => {
    const issue = (): Promise<Invoice | Refusal> => told((t) => issueInvoice(world.app, { actor: people.finance }, mid, {}, t))
    const invoice = good(await issue())
    expect(invoice).toMatchObject({ totalFen: 6_000, openFen: 3_000, state: 'part_paid', dueOn: '2026-12-31' })
    expect(invoice.no).toMatch(/^TQ-B2026-00001-\d$/)
    expect(code(await issue())).toBe('nothing_to_invoice')
    await world.moveTo('2027-01-01T09:00')
    expect((await invoicesOf(world.app, people.owner, mid))![0]).toMatchObject({ state: 'overdue', openFen: 3_000 })
    expect(await balance()).toMatchObject({ owedFen: 9_000, overdueFen: 3_000 })
    expect(good(await issue()).no).toMatch(/^TQ-B2027-00001-/)
    expect(await invoicesOf(world.app, person('other', 'finance', { kind: 'provider', id: 'hairun' }), mid)).toBeUndefined()
  })
  test('a waiver above the limit waits for a second person', async () => {
    const waive = (amountFen: number, actor: Actor = people.finance): Promise<Waiver | Refusal> => told((t) => waiveFee(world.app, { actor }, mid, { amountFen, words: '机构延误' }, t))
    const confirm = (id: string, actor: Actor): Promise<Waiver | Refusal> => told((t) => confirmWaiver(world.app, { actor }, id, t))
    expect(code(await waive(99_999))).toBe('more_than_owed')
    expect(good(await waive(2_000)).isPosted).toBe(true)
    expect(await owed()).toBe(7_000)
    const large = good(await waive(2_001))
    expect([large.isPosted, await owed()]).toEqual([false, 7_000])
    expect((await balance()).waiversWaiting.map((w) => w.amountFen)).toEqual([2_001])
    expect(code(await confirm(large.id, people.finance))).toBe('second_person')
    expect(code(await confirm(large.id, person('other', 'finance', { kind: 'provider', id: 'hairun' })))).toBe('not_found')
    expect(good(await confirm(large.id, finance2))).toMatchObject({ isPosted: true, confirmedBy: 'finance-2' })
    expect(code(await confirm(large.id, admin))).toBe('waiver_settled')
    expect(await owed()).toBe(4_999)
  })
  test('what is paid too much stays as credit, and no more than that is paid back', async () => {
    good(await pay(6_000))
    expect(await balance()).toMatchObject({ owedFen: 0, creditFen: 1_001 })
    const back = (amountFen: number): Promise<unknown> => told((t) => payBack(world.app, { actor: people.finance }, mid, { amountFen, method: 'transfer', reference: `B${amountFen}` }, t))
    expect(code(await back(1_002))).toBe('more_than_credit')
    expect(code(await back(1_001))).toBe('done')
    expect(await balance()).toMatchObject({ owedFen: 0, creditFen: 0 })
    await proved()
  })
  test('a statement is told page by page, every entry once', async () => {
    const seen: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await statementOf(world.app, people.owner, mid, { limit: 3, cursor })
      if (page === undefined || isRefusal(page)) throw new Error('no page')
      seen.push(...page.items.map((i) => i.id))
      if (page.next === null) break
      cursor = page.next
    }
    const [all] = await world.sql<{ n: number }>('select count(*)::int as n from ledger_entry')
    expect([seen.length, new Set(seen).size]).toEqual([all!.n, all!.n])
  })
})

describe('the preview before deciding', () => {
  test('reckons with the contract, the free days used up, deposits and what is owed; for a terminal and for a case', async () => {
    await open('2026-11-02T10:00')
    await world.sql(`update device set deposit_fen = 30000`)
    good(await contract({ effectiveFrom: '2026-11-01', contract: { from: '2026-01-01', until: '2027-01-31', earlyTermination: { flatFen: 10_000, perMonthLeftFen: 1_000 } } }))
    const preview = async (from?: string, until?: string): Promise<Preview> => good((await previewOfTerminal(world.app, people.owner, '10000001', { from, until }))!)
    const fen = (p: Preview): Record<string, number> => Object.fromEntries(p.options.map((o) => [o.option, o.fen]))
    const before = await preview('2026-12-01', '2027-01-01')
    // A month in service ¥30; stopped 31 days of which 10 free: ¥15 × 21 ÷ 31 = ¥10.16, and ¥50 to reopen; two months of the term left.
    expect(before).toMatchObject({ days: 31, owedFen: 0, depositFen: 30_000, contract: 1 })
    expect(fen(before)).toEqual({ keep: 3_000, suspend: 1_016 + 5_000, swap: 3_000, close: 12_000 - 30_000 })
    expect(code(await previewOfTerminal(world.app, people.owner, '10000001', { from: '2026-10-01' }))).toBe('effect_in_past')
    expect(code(await previewOfTerminal(world.app, people.owner, '10000001', { from: '2026-12-01', until: '2026-12-01' }))).toBe('until_before_from')
    expect(await previewOfTerminal(world.app, person('x', 'merchant_owner', { kind: 'merchant', id: '102290058120009' }), '10000001', {})).toBeUndefined()
    const filed = await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: at('2026-11-27T15:00'), expectedUntil: at('2026-12-24T09:00'), submit: true })
    const { no } = filed.after!.dossier.case!.case
    const ofCase = (await previewOfCase(world.app, people.owner, no))!
    expect(ofCase).toMatchObject({ from: '2026-11-28', until: '2026-12-25', days: 27 })
    // Three days of November, all free; twenty-four of December of which seven are: ¥15 × 17 ÷ 31 = ¥8.23.
    expect(fen(ofCase)).toMatchObject({ keep: 300 + 2_323, suspend: 823 + 5_000 })
    // What it really costs then is what the preview said.
    await acts.command(world, people.reviewer, no, { command: 'approve' })
    await world.moveTo('2026-12-23T10:00')
    const up = await acts.file(world, people.owner, { kind: 'reactivate', terminals: ['10000001'], submit: true })
    await acts.command(world, people.reviewer, up.after!.dossier.case!.case.no, { command: 'approve' })
    await acts.command(world, people.finance, up.after!.dossier.case!.case.no, { command: 'complete-step', step: 'reopening-fee' })
    await world.moveTo('2026-12-24T09:00')
    await acts.command(world, people.field, up.after!.dossier.case!.case.no, { command: 'record-test', items: acts.items() })
    await world.moveTo('2027-01-01T09:00')
    const [stopped] = await world.sql<{ fen: string }>(`select sum(credit_fen) as fen from ledger_line where account in ('revenue_suspended', 'revenue_reopening')`)
    expect(Number(stopped!.fen)).toBe(823 + 5_000)
  })
})

describe('over HTTP', () => {
  let http: Awaited<ReturnType<typeof buildHttp>>
  const keys: Record<string, string> = {}
  beforeAll(async () => {
    await open('2026-11-02T10:00')
    http = await buildHttp({
      app: world.app, services: {} as unknown as Services,
      config: { port: 0, host: '127.0.0.1', publicUrl: 'http://tingqi.test', isDemo: false, checkReplies: true },
    })
    await world.app.db.transaction('*', async (tx) => {
      for (const [name, role, kind, id] of [
        ['owner', 'merchant_owner', 'merchant', mid], ['staff', 'merchant_staff', 'merchant', mid], ['stranger', 'merchant_owner', 'merchant', '102290058120009'],
        ['finance', 'finance', 'provider', 'yunhui'], ['admin', 'provider_admin', 'provider', 'yunhui'],
      ] as const) {
        const account = await createAccount(tx, { person: await createPerson(tx, { name }), name, role, party: { kind, id } })
        keys[name] = (await createKey(tx, account, 'test', world.clock.now())).key
      }
    })
    for (const [i, [kind, fen, day]] of ([['credit', 9_000_000, '2026-10-01'], ['debit', 6_000_000, '2026-10-02'], ['qr', 15_000_000, '2026-10-03'], ['qr', 100, '2026-07-01']] as const).entries())
      await world.sql(
        `insert into transaction (tid, mid, provider, batch, trace, reference, class, amount_fen, at, settled_on, card_kind, status)
         values ('10000001', $1, 'yunhui', '1', $2, $2, 'sale', $3, $4, '2026-10-05', $5, 'approved')`, [mid, `T${i}`, fen, `${day}T04:00:00Z`, kind],
      )
  })
  afterAll(() => http.close())
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered; the expectations say what it should be.
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, who: string, payload?: object): Promise<{ status: number; body: any; text: string }> => {
    const reply = await http.inject({ method, url: `/api/v1${url}`, headers: { authorization: `Bearer ${keys[who]}`, 'accept-language': 'zh-CN' }, ...(payload ? { payload } : {}) })
    return { status: reply.statusCode, text: reply.body, body: String(reply.headers['content-type']).includes('json') ? JSON.parse(reply.body) : undefined }
  }
  const rates = [{ card: 'credit', ppm: 6_000 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }]

  test('a contract is written by finance, read by the merchant, and by nobody else', async () => {
    const body = { effectiveFrom: '2026-11-01', contract: { from: '2026-01-01', until: '2026-12-31', monthlyInServiceFen: 3_000, rates } }
    expect(await ask('PUT', `/merchants/${mid}/contract`, 'finance', body)).toMatchObject({ status: 200, body: { contract: { version: 1 }, terms: { monthlyInServiceFen: 3_000, reopeningFen: 5_000 } } })
    expect((await ask('PUT', `/merchants/${mid}/contract`, 'finance', { ...body, contract: { ...body.contract, until: '2025-01-01' } })).body.errors[0].pointer).toBe('/contract/until')
    expect((await ask('GET', `/merchants/${mid}/contract`, 'owner')).body.items).toMatchObject([{ provider: 'yunhui', contract: { version: 1 }, versions: [{ version: 1 }] }])
    expect((await ask('GET', `/merchants/${mid}/contract`, 'staff')).status).toBe(403)
    expect((await ask('GET', `/merchants/${mid}/contract`, 'stranger')).status).toBe(404)
  })
  test('charges, invoice, payment, waiver: each in its view', async () => {
    await world.moveTo('2026-12-01T09:00')
    expect((await ask('GET', `/merchants/${mid}/balance`, 'owner')).body.items).toMatchObject([{ owed: { fen: 3_000 }, sentence: '还欠 1 笔费用共 ¥30.00。' }])
    const invoice = await ask('POST', `/merchants/${mid}/invoices`, 'finance', {})
    expect(invoice).toMatchObject({ status: 201, body: { state: 'open', total: { fen: 3_000 }, lines: [{ formula: '¥30.00 × 在用 30 天 ÷ 当月 30 天 = ¥30.00', terminal: '10000001', month: '2026-11' }] } })
    expect(await ask('POST', `/merchants/${mid}/payments?dryRun=true`, 'finance', { amount: { fen: 500 }, method: 'qr', reference: 'Q' })).toMatchObject({ status: 201 })
    const payment = await ask('POST', `/merchants/${mid}/payments`, 'finance', { amount: { fen: 500 }, method: 'qr', reference: 'Q-1' })
    expect(payment).toMatchObject({ status: 201, body: { amount: { fen: 500 }, returned: false, receivedOn: '2026-12-01' } })
    expect(await ask('POST', `/merchants/${mid}/payments`, 'owner', { amount: { fen: 500 }, method: 'qr', reference: 'Q-2' })).toMatchObject({ status: 403, body: { code: 'role_missing' } })
    expect((await ask('POST', `/payments/${payment.body.id}/return`, 'finance', { words: '账号错误' })).body.returned).toBe(true)
    expect((await ask('POST', `/merchants/${mid}/payouts`, 'finance', { amount: { fen: 1 }, method: 'qr', reference: 'P' })).body.code).toBe('more_than_credit')
    const waiver = await ask('POST', `/merchants/${mid}/waivers`, 'finance', { amount: { fen: 2_500 }, words: '机构延误' })
    expect(waiver).toMatchObject({ status: 201, body: { posted: false } })
    expect((await ask('GET', `/merchants/${mid}/balance`, 'owner')).body.items[0].waiversWaiting).toHaveLength(1)
    expect(await ask('POST', `/waivers/${waiver.body.id}/confirm`, 'admin', {})).toMatchObject({ status: 200, body: { posted: true } })
    expect((await ask('GET', `/invoices/${invoice.body.no}`, 'owner')).body).toMatchObject({ state: 'part_paid', open: { fen: 500 } })
    expect((await ask('GET', `/merchants/${mid}/invoices`, 'owner')).body.items).toHaveLength(1)
    expect((await ask('GET', `/invoices/${invoice.body.no}`, 'stranger')).status).toBe(404)
    const { body } = await ask('GET', `/merchants/${mid}/statement?limit=2`, 'owner')
    expect([body.items.length, body.total, body.next === null]).toEqual([2, 4, false])
  })
  test('the account as a file: one row per entry, no cell that begins with a sign', async () => {
    const { status, text } = await ask('GET', `/merchants/${mid}/statement.csv`, 'owner')
    const [head, ...rows] = text.replace(/^\uFEFF/, '').trimEnd().split('\r\n')
    expect([status, head!.split(',').slice(0, 3), rows.length]).toEqual([200, ['时间', '类别', '摘要'], 4])
    expect(rows.join('\n')).not.toMatch(/(^|,)["']?[=+@-]/m)
    expect((await ask('GET', `/merchants/${mid}/statement.csv`, 'stranger')).status).toBe(404)
  })
  test('what a stop would cost is told before anybody asks for one', async () => {
    const { body } = await ask('GET', '/terminals/10000001/options?from=2026-12-10&until=2026-12-20', 'owner')
    expect(body).toMatchObject({ days: 10, contract: 1, owed: { fen: 500 }, options: [{ option: 'keep', cost: { fen: 968 } }, { option: 'suspend' }, { option: 'swap' }, { option: 'close' }] })
    expect((await ask('GET', '/terminals/10000001/options?from=2026-12-10&until=2026-12-01', 'owner')).body.errors[0].pointer).toBe('/query/until')
    expect((await ask('GET', '/terminals/10000001/options', 'stranger')).status).toBe(404)
  })
  test('scenario 10: the own mix of ninety days, today’s rates, a kept channel and an offer that is too good', async () => {
    const east = { kind: 'bank_acquirer', name: '东方银行', rates: [{ card: 'credit', ppm: 5_500 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }], monthlyFen: 1_000, directSettlement: true }
    expect((await ask('POST', '/channels', 'finance', { id: 'east', channel: east })).body.code).toBe('role_missing')
    expect(await ask('POST', '/channels', 'admin', { id: 'east', channel: east })).toMatchObject({ status: 200, body: { version: 1 } })
    expect((await ask('GET', '/channels', 'owner')).body.items).toHaveLength(1)
    expect((await ask('GET', '/channels', 'stranger')).body.items).toHaveLength(0)
    const mix = [{ card: 'credit', amountFen: 3_000_000 }, { card: 'debit', amountFen: 2_000_000 }, { card: 'qr', amountFen: 5_000_000 }]
    const offers = [{ kind: 'other', name: '上门推销', rates: [{ card: 'credit', ppm: 2_500 }] }]
    const typed = (await ask('POST', '/alternatives', 'owner', { mix, offers })).body
    expect(typed.ways.map((w: { name: string; perMonth: { fen: number } }) => [w.name, w.perMonth.fen])).toEqual([['云汇支付', 47_000 + 3_000], ['上门推销', 7_500], ['东方银行', 45_500 + 1_000]])
    expect(typed.ways[0].lines.map((l: { amount: { fen: number } }) => l.amount.fen)).toEqual([18_000, 10_000, 19_000, 3_000])
    expect(typed.ways[1]).toMatchObject({ notTaken: ['debit', 'qr'], flags: [{ code: 'rate_too_low', severity: 'warning', card: 'credit' }, { code: 'licence_missing' }] })
    expect(typed.sentence).toContain('费率低得不正常：上门推销')
    // Ninety days from 2 September: 90,000 by credit, 60,000 by debit in one capped sale, 150,000 by QR, over three months.
    const own = (await ask('POST', '/alternatives', 'owner', {})).body
    expect(own.mix).toMatchObject({ basis: 'own', months: 3, from: '2026-09-02', until: '2026-12-01' })
    expect(own.ways[0].lines.map((l: { amount: { fen: number } }) => l.amount.fen).toSorted()).toEqual([18_000, 19_000, 3_000, 667].toSorted())
    expect((await ask('POST', '/alternatives', 'finance', {})).body.code).toBe('mix_unknown')
    expect((await ask('POST', '/alternatives', 'finance', { merchant: '102290058120009' })).body.errors[0].pointer).toBe('/merchant')
    expect((await ask('DELETE', '/channels/east', 'admin')).status).toBe(200)
    expect((await ask('DELETE', '/channels/east', 'admin')).status).toBe(404)
  })
})

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
test(`debits equal credits after any sequence of commands (seed ${seed})`, async () => {
  await open('2026-11-02T10:00', {}, ['10000001', '10000002'])
  type Act = () => Promise<unknown>
  const payments: string[] = []
  const waivers: string[] = []
  let day = Date.parse('2026-11-02T10:00:00+08:00')
  const acts_: Record<string, (n: number) => Act> = {
    pay: (n) => async () => { const p = await pay(n); if (!isRefusal(p)) payments.push(p.id) },
    back: (n) => () => told((t) => payBack(world.app, { actor: people.finance }, mid, { amountFen: n, method: 'transfer', reference: `X${transfers++}` }, t)),
    bounce: (n) => async () => { const id = payments[n % Math.max(1, payments.length)]; if (id) await told((t) => returnPayment(world.app, { actor: people.finance }, id, 'x', t)) },
    invoice: () => () => told((t) => issueInvoice(world.app, { actor: people.finance }, mid, {}, t)),
    waive: (n) => async () => { const w = await told<Waiver>((t) => waiveFee(world.app, { actor: people.finance }, mid, { amountFen: n, words: 'x' }, t)); if (!isRefusal(w)) waivers.push(w.id) },
    confirm: (n) => async () => { const id = waivers[n % Math.max(1, waivers.length)]; if (id) await told((t) => confirmWaiver(world.app, { actor: finance2 }, id, t)) },
    contract: (n) => () => contract({ effectiveFrom: new Date(day - (n % 40) * 86_400_000).toISOString().slice(0, 10), contract: { from: '2026-01-01', monthlyInServiceFen: n, freeSuspendedDays: n % 30 } }),
    days: (n) => async () => { day += (1 + (n % 20)) * 86_400_000; await world.moveTo(new Date(day + 8 * 3_600_000).toISOString().slice(0, 16)) },
    stop: () => async () => {
      const filed = await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', submit: true })
      if (filed.after?.dossier.case) await acts.command(world, people.reviewer, filed.after.dossier.case.case.no, { command: 'approve' })
    },
    reopen: () => async () => {
      const filed = await acts.file(world, people.owner, { kind: 'reactivate', terminals: ['10000001'], submit: true })
      if (filed.after?.dossier.case) await acts.command(world, people.reviewer, filed.after.dossier.case.case.no, { command: 'approve' })
    },
  }
  const sequence = fc.sample(fc.tuple(fc.constantFrom(...Object.keys(acts_)), fc.integer({ min: 1, max: 6_000 })), { seed, numRuns: 80 })
  for (const [name, n] of sequence) await acts_[name]!(n)()
  await proved()
  const [told_] = await world.sql<{ n: number }>('select count(*)::int as n from ledger_entry')
  expect(told_!.n).toBeGreaterThan(10)
  const [books] = await world.sql<{ balance: number }>(`select ledger_balance($1, 'yunhui')::int as balance`, [mid])
  expect(await owed()).toBe(books!.balance)
  // Counting again changes nothing.
  await accrue(world.app)
  expect(await accrue(world.app)).toBe(0)
}, 60_000)
