// Money in the demo's past: contracts that say something of their own, channels to compare with, invoices, and payments that
// were made in full, in part, too much, and not at all. The charges themselves come about by running fees and cases.
import type { AccountTelling } from '../app/ledger/account.ts'
import { saveChannel } from '../app/ledger/channels.ts'
import { putContract } from '../app/ledger/contracts.ts'
import { issueInvoice } from '../app/ledger/invoices.ts'
import { recordPayment } from '../app/ledger/payments.ts'
import { waiveFee } from '../app/ledger/waivers.ts'
import type { App } from '../app/app.ts'
import type { Reply } from '../app/execute.ts'
import type { Channel } from '../domain/alternatives.ts'
import { addDays, dateOf } from '../domain/calendar.ts'
import type { Contract } from '../domain/contract.ts'
import type { Refusal } from '../domain/refusals.ts'
import type { PaymentMethod } from '../domain/vocabulary.ts'
import type { Act, Story, When } from './stage.ts'

async function heard<T>(ask: (telling: AccountTelling<T>) => Promise<Reply>): Promise<{ refusal?: Refusal }> {
  let refusal: Refusal | undefined
  await ask({ view: () => ({ status: 200, body: '', headers: {} }), refusal: (r) => { refusal = r; return { status: 409, body: r.refused, headers: {} } } })
  return refusal ? { refusal } : {}
}

/** The merchant of a terminal named '<merchant>.<provider>.<number>', with that provider. */
const merchantOf = async (app: App, tid: string): Promise<{ mid: string; provider: string }> =>
  (await app.db.transaction('*', (tx) => tx.one<{ mid: string; provider: string }>('select mid, provider from terminal where tid = $1', [tid]), { readOnly: true }))!

type Doing = (app: App, actor: Parameters<Act>[1], account: { mid: string; provider: string }) => Promise<{ refusal?: Refusal }>
const on = (name: string, act: Doing): Act => async ({ app, terminal }, actor) => act(app, actor, await merchantOf(app, terminal(name)))

const agree = (name: string, contract: Omit<Contract, 'from'>, sinceDays: number): Act => on(name, (app, actor, { mid, provider }) => {
  const from = addDays(dateOf(app.clock.now(), app.zone), -sinceDays)
  return heard((t) => putContract(app, { actor }, mid, { provider, effectiveFrom: from, contract: { from, ...contract } }, t))
})
const keep = (id: string, channel: Channel): Act => ({ app }, actor) => heard((t) => saveChannel(app, { actor }, id, channel, t))
const invoice = (name: string): Act => on(name, (app, actor, { mid, provider }) => heard((t) => issueInvoice(app, { actor }, mid, { provider }, t)))
const pay = (name: string, amountFen: number, method: PaymentMethod, reference: string): Act =>
  on(name, (app, actor, { mid, provider }) => heard((t) => recordPayment(app, { actor }, mid, { provider, amountFen, method, reference }, t)))
const waive = (name: string, amountFen: number, given: string): Act =>
  on(name, (app, actor, { mid, provider }) => heard((t) => waiveFee(app, { actor }, mid, { provider, amountFen, words: given }, t)))

const rates: Contract['rates'] = [{ card: 'credit', ppm: 6_000 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }]

export const accounts = (w: When): Story[] => [
  { name: ['合同', 'contracts'], steps: [
    [w.day(-33, '10:10'), 'yunhui.finance', agree('apo.yunhui.1', {
      until: addDays(w.today, 700), monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 1_000, freeSuspendedDays: 5, dataMonthlyFen: 500, reopeningFen: 0, rates,
      earlyTermination: { flatFen: 10_000, perMonthLeftFen: 1_000, capFen: 30_000 }, crossBank: true, accessories: ['充电底座', '热敏纸 10 卷'],
      exitTerms: '提前三十天书面通知；机具及配件退还验收后退押金。',
    }, 330)],
    [w.day(-33, '10:25'), 'yunhui.finance', agree('wanghu.yunhui.1', { until: addDays(w.today, 160), monthlyInServiceFen: 4_500, annualFen: 20_000, rates: [{ card: 'credit', ppm: 5_500 }, ...rates.slice(1)] }, 205)],
    [w.day(-33, '11:00'), 'chengfutong.finance', agree('jinguan.chengfutong.1', { until: addDays(w.today, 400), freeSuspendedDays: 30, rates }, 330)],
  ] },
  { name: ['收款渠道', 'channels'], steps: [
    [w.day(-32, '09:30'), 'yunhui.provider_admin', keep('east-bank', {
      kind: 'bank_acquirer', name: '东方银行收单', rates: [{ card: 'credit', ppm: 5_800 }, { card: 'debit', ppm: 4_800, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }], monthlyFen: 1_000, deviceFen: 29_900,
      directSettlement: true, unionpayCertified: true, settlesAfterDays: 1,
    })],
    [w.day(-32, '09:34'), 'yunhui.provider_admin', keep('code-pay', {
      kind: 'qr_aggregator', name: '一码聚合', rates: [{ card: 'qr', ppm: 3_000 }], deviceFen: 9_900, directSettlement: true, licenceNo: 'Z2000231000031', licenceUntil: addDays(w.today, 900), settlesAfterDays: 1,
    })],
    [w.day(-32, '09:38'), 'yunhui.provider_admin', keep('bargain', {
      kind: 'payment_institution', name: '低价先锋', rates: [{ card: 'credit', ppm: 2_500 }, { card: 'debit', ppm: 2_500 }, { card: 'qr', ppm: 2_500 }], directSettlement: false, unionpayCertified: false, settlesAfterDays: 0,
    })],
    [w.day(-31, '10:00'), 'chengfutong.provider_admin', keep('east-bank', {
      kind: 'bank_acquirer', name: '东方银行收单', rates: [{ card: 'credit', ppm: 5_800 }, { card: 'debit', ppm: 4_800, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }], monthlyFen: 1_000, deviceFen: 29_900, directSettlement: true,
    })],
  ] },
  { name: ['出账与收款', 'invoices and payments'], steps: [
    [w.day(-1, '16:00'), 'yunhui.finance', invoice('apo.yunhui.1')],
    [w.day(-1, '16:30'), 'yunhui.finance', pay('apo.yunhui.1', 15_000, 'transfer', 'HD-20881')],
    [w.day(-1, '16:05'), 'yunhui.finance', invoice('yuexiu.yunhui.1')],
    [w.day(-1, '16:40'), 'yunhui.finance', pay('yuexiu.yunhui.1', 30_000, 'debit', 'DK-00017')],
    [w.day(-1, '16:10'), 'yunhui.finance', invoice('wanghu.yunhui.1')],
    [w.day(-1, '17:00'), 'yunhui.finance', waive('wanghu.yunhui.1', 12_000, '大堂改造期间机构维护延误，减免部分月费。')],
    [w.day(-1, '16:20'), 'chengfutong.finance', invoice('jinguan.chengfutong.1')],
    [w.day(-1, '16:50'), 'chengfutong.finance', pay('jinguan.chengfutong.1', 10_000, 'transfer', 'CFT-3310')],
  ] },
]
