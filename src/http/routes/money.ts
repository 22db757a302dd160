// Money: what was agreed, charged, paid and is owed; what a choice would cost; and what being paid another way would cost.
import { z } from 'zod'
import { compareWays } from '../../app/ledger/alternatives.ts'
import type { AccountTelling } from '../../app/ledger/account.ts'
import { removeChannelOf, saveChannel } from '../../app/ledger/channels.ts'
import { agreedWith, putContract } from '../../app/ledger/contracts.ts'
import { invoiceByNo, invoicesOf, issueInvoice } from '../../app/ledger/invoices.ts'
import { previewOfTerminal } from '../../app/ledger/options.ts'
import { payBack, recordPayment, returnPayment } from '../../app/ledger/payments.ts'
import { balancesOf, statementOf, wholeStatement } from '../../app/ledger/standing.ts'
import { confirmWaiver, waiveFee } from '../../app/ledger/waivers.ts'
import { channelSchema } from '../../domain/alternatives.ts'
import { isDate } from '../../domain/calendar.ts'
import { contractSchema } from '../../domain/contract.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { cardKinds, paymentMethods, say, words } from '../../domain/vocabulary.ts'
import { csvStatement } from '../money-file.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { optionsView, pageOf } from '../shapes.ts'
import {
  agreedView, alternativesView, balanceView, channelView, invoiceView, paymentView, statementRow, viewAgreed, viewBalance, viewChannel, viewComparison, viewInvoice,
  viewOptions, viewPayment, viewStatementRow, viewWaiver, waiverView,
} from '../view-money.ts'
import { readChannels } from '../../store/contracts.ts'
import { scopeOf } from '../../app/execute.ts'
import { caseNo, paging, said, tid } from './common.ts'

const mid = z.string().max(20).meta({ description: '商户号 merchant number', examples: ['104110045110012'] })
const provider = z.string().max(40).optional().meta({ description: '机构；商户只有一家时可省略 may be left out where there is one' })
const ofProvider = z.strictObject({ provider })
const day = z.string().refine(isDate, 'a date such as 2026-11-27').meta({ format: 'date', examples: ['2026-11-27'] })
const amount = z.strictObject({ fen: z.int().min(1).max(100_000_000_00), currency: z.literal('CNY').optional() })
const reference = z.string().trim().min(1).max(100).meta({ description: '回单号等 of the transfer', examples: ['20261130-0042'] })
const ofMerchant = { tag: 'money', params: z.strictObject({ mid }) } as const
const listed = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) })

/** The reply of a command: its outcome as a view, in the asker's language. */
const tell = <T>(ask: Ask, view: (value: T) => object, status = 200): AccountTelling<T> => ({ view: (value) => replyOf(status, view(value)), refusal: ask.refusal })

const reading: readonly Route[] = [
  route({
    ...ofMerchant, method: 'GET', path: '/api/v1/merchants/{mid}/contract', id: 'getContract', right: 'read-money',
    summary: ['合同与费率', 'What was agreed with each provider, and what holds today'],
    query: ofProvider, replies: { 200: listed(agreedView) }, refusals: [],
    async answer({ app, actor, params, query }) {
      const found = await agreedWith(app, actor, params.mid, query.provider)
      return found && replyOf(200, { items: found.map(viewAgreed) })
    },
  }),
  route({
    ...ofMerchant, method: 'GET', path: '/api/v1/merchants/{mid}/balance', id: 'getBalance', right: 'read-money',
    summary: ['往来余额', 'What is owed either way, by provider'],
    query: ofProvider, replies: { 200: listed(balanceView) }, refusals: [],
    async answer({ app, actor, params, query, language }) {
      const found = await balancesOf(app, actor, params.mid, query.provider)
      return found && replyOf(200, { items: found.map((s) => viewBalance(s, language)) })
    },
  }),
  route({
    ...ofMerchant, method: 'GET', path: '/api/v1/merchants/{mid}/statement', id: 'listStatement', right: 'read-money',
    summary: ['账务明细', 'Every entry of the account, newest first, with how it came about'],
    query: z.strictObject({ ...paging, provider }), replies: { 200: pageOf(statementRow) }, refusals: [],
    async answer({ app, actor, params, query, language }) {
      const page = await statementOf(app, actor, params.mid, query)
      return page === undefined || isRefusal(page) ? page : replyOf(200, { ...page, items: page.items.map((e) => viewStatementRow(e, language)) })
    },
  }),
  route({
    ...ofMerchant, method: 'GET', path: '/api/v1/merchants/{mid}/statement.csv', id: 'getStatementFile', right: 'read-money',
    summary: ['账务明细（CSV）', 'The whole account as a file'],
    query: ofProvider, replies: { 200: { mediaType: 'text/csv' } }, refusals: [],
    async answer({ app, actor, params, query, language }) {
      const pages = await wholeStatement(app, actor, params.mid, query.provider)
      return pages && { file: csvStatement(pages, language), mediaType: 'text/csv; charset=utf-8', fileName: `${say(['账务明细', 'statement'], language)}-${params.mid}.csv` }
    },
  }),
  route({
    ...ofMerchant, method: 'GET', path: '/api/v1/merchants/{mid}/invoices', id: 'listInvoices', right: 'read-money',
    summary: ['账单列表', 'Invoices, newest first'],
    query: ofProvider, replies: { 200: listed(invoiceView) }, refusals: [],
    async answer({ app, actor, params, query, language }) {
      const found = await invoicesOf(app, actor, params.mid, query.provider)
      return found && replyOf(200, { items: found.map((i) => viewInvoice(i, language)) })
    },
  }),
  route({
    tag: 'money', method: 'GET', path: '/api/v1/invoices/{invoice}', id: 'getInvoice', right: 'read-money',
    summary: ['账单', 'One invoice'], params: z.strictObject({ invoice: z.string().max(40) }), replies: { 200: invoiceView }, refusals: [],
    async answer({ app, actor, params, language }) {
      const found = await invoiceByNo(app, actor, params.invoice)
      return found && replyOf(200, viewInvoice(found, language))
    },
  }),
]

const commands: readonly Route[] = [
  route({
    ...ofMerchant, method: 'PUT', path: '/api/v1/merchants/{mid}/contract', id: 'putContract', right: 'write-contract', isCommand: true,
    summary: ['登记合同', 'Write the next version of the contract'],
    query: ofProvider,
    body: z.strictObject({ effectiveFrom: day.meta({ description: '从哪天起按此计费 the day it counts from' }), contract: contractSchema }),
    example: {
      effectiveFrom: '2026-12-01',
      contract: {
        from: '2026-01-01', until: '2028-12-31', monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 1_000, freeSuspendedDays: 30, dataMonthlyFen: 500, reopeningFen: 5_000,
        earlyTermination: { flatFen: 10_000, perMonthLeftFen: 1_000, capFen: 30_000 },
        rates: [{ card: 'credit', ppm: 6_000 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }],
      },
    },
    replies: { 200: agreedView }, refusals: ['provider_needed', 'until_before_from'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : putContract(ask.app, asking, ask.params.mid, { ...ask.body, provider: ask.query.provider }, tell(ask, viewAgreed))
    },
  }),
  route({
    ...ofMerchant, method: 'POST', path: '/api/v1/merchants/{mid}/payments', id: 'recordPayment', right: 'record-payment', isCommand: true,
    summary: ['登记收款', 'Record a payment; it pays the oldest charge first, or the case it names'],
    body: z.strictObject({ provider, amount, method: z.enum(words(paymentMethods)), reference, receivedOn: day.optional(), application: caseNo.optional() }),
    example: { amount: { fen: 5_000, currency: 'CNY' }, method: 'transfer', reference: '20261130-0042', receivedOn: '2026-11-30' },
    replies: { 201: paymentView }, refusals: ['provider_needed', 'payment_known'],
    answer(ask) {
      const asking = ask.asking()
      const { amount: sum, application, ...rest } = ask.body
      return isRefusal(asking) ? asking : recordPayment(ask.app, asking, ask.params.mid, { ...rest, amountFen: sum.fen, caseNo: application }, tell(ask, viewPayment, 201))
    },
  }),
  route({
    tag: 'money', method: 'POST', path: '/api/v1/payments/{payment}/return', id: 'returnPayment', right: 'record-payment', isCommand: true,
    summary: ['收款退回', 'The bank took a payment back: what it paid is owed again'],
    params: z.strictObject({ payment: z.uuid() }), body: z.strictObject({ words: said }),
    replies: { 200: paymentView }, refusals: ['payment_returned', 'words_required'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : returnPayment(ask.app, asking, ask.params.payment, ask.body.words, tell(ask, viewPayment))
    },
  }),
  route({
    ...ofMerchant, method: 'POST', path: '/api/v1/merchants/{mid}/payouts', id: 'payBack', right: 'record-payment', isCommand: true,
    summary: ['退还余额', 'Pay credit back to the merchant'],
    body: z.strictObject({ provider, amount, method: z.enum(words(paymentMethods)), reference, receivedOn: day.optional() }),
    example: { amount: { fen: 1_200, currency: 'CNY' }, method: 'transfer', reference: '20261201-0007' },
    replies: { 201: paymentView }, refusals: ['provider_needed', 'more_than_credit', 'payment_known'],
    answer(ask) {
      const asking = ask.asking()
      const { amount: sum, ...rest } = ask.body
      return isRefusal(asking) ? asking : payBack(ask.app, asking, ask.params.mid, { ...rest, amountFen: sum.fen }, tell(ask, viewPayment, 201))
    },
  }),
  route({
    ...ofMerchant, method: 'POST', path: '/api/v1/merchants/{mid}/invoices', id: 'issueInvoice', right: 'issue-invoice', isCommand: true,
    summary: ['出账', 'Put what was charged and is on no invoice yet on a new one'],
    body: ofProvider, example: { provider: 'yunhui' },
    replies: { 201: invoiceView }, refusals: ['provider_needed', 'nothing_to_invoice'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : issueInvoice(ask.app, asking, ask.params.mid, ask.body, tell(ask, (i) => viewInvoice(i, ask.language), 201))
    },
  }),
  route({
    ...ofMerchant, method: 'POST', path: '/api/v1/merchants/{mid}/waivers', id: 'waiveFee', right: 'waive-fee', isCommand: true,
    summary: ['减免费用', 'Waive a fee; above the limit a second person confirms'],
    body: z.strictObject({ provider, amount, words: said, application: caseNo.optional() }),
    example: { amount: { fen: 5_000, currency: 'CNY' }, words: '机构维护延误，减免复机费。' },
    replies: { 201: waiverView }, refusals: ['provider_needed', 'words_required', 'more_than_owed'],
    answer(ask) {
      const asking = ask.asking()
      const { amount: sum, application, ...rest } = ask.body
      return isRefusal(asking) ? asking : waiveFee(ask.app, asking, ask.params.mid, { ...rest, amountFen: sum.fen, caseNo: application }, tell(ask, viewWaiver, 201))
    },
  }),
  route({
    tag: 'money', method: 'POST', path: '/api/v1/waivers/{waiver}/confirm', id: 'confirmWaiver', right: 'waive-fee', isCommand: true,
    summary: ['复核减免', 'Confirm a waiver, as a second person'],
    params: z.strictObject({ waiver: z.uuid() }), body: z.strictObject({}),
    replies: { 200: waiverView }, refusals: ['waiver_settled', 'second_person', 'more_than_owed'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : confirmWaiver(ask.app, asking, ask.params.waiver, tell(ask, viewWaiver))
    },
  }),
]

const choosing: readonly Route[] = [
  route({
    tag: 'terminals', method: 'GET', path: '/api/v1/terminals/{tid}/options', id: 'getTerminalOptions', right: 'read',
    summary: ['停之前算一算', 'Keep, suspend, swap or close: each with its cost to the day, before asking for anything'],
    params: z.strictObject({ tid }),
    query: z.strictObject({ from: day.optional().meta({ description: '首日，默认明天 first day, else tomorrow' }), until: day.optional().meta({ description: '恢复日（不计），默认九十天后 day of the return, not counted; else in ninety days' }) }),
    replies: { 200: optionsView }, refusals: ['effect_in_past', 'until_before_from', 'stop_too_long'],
    async answer({ app, actor, params, query, language }) {
      const found = await previewOfTerminal(app, actor, params.tid, query)
      return found === undefined || isRefusal(found) ? found : replyOf(200, viewOptions(found, language))
    },
  }),
  route({
    tag: 'money', method: 'POST', path: '/api/v1/alternatives', id: 'compareAlternatives', right: 'read',
    summary: ['换一种收款方式', 'What being paid another way would cost, on the own sales or on figures typed in'],
    body: z.strictObject({
      merchant: mid.optional().meta({ description: '商户号；商户自己查询时可省略 may be left out by the merchant itself' }),
      provider,
      mix: z.array(z.strictObject({ card: z.enum(words(cardKinds)), amountFen: z.int().min(0).max(1_000_000_000_00), count: z.int().min(0).max(100_000_000).optional() }))
        .max(words(cardKinds).length).optional().meta({ description: '每月金额；省略则按最近九十天 per month; left out: the last ninety days' }),
      offers: z.array(channelSchema).max(20).optional().meta({ description: '别人报的价 offers made to the merchant' }),
      today: channelSchema.optional(),
      nonProfit: z.boolean().optional(),
    }),
    example: {
      mix: [{ card: 'credit', amountFen: 3_000_000 }, { card: 'debit', amountFen: 2_000_000 }, { card: 'qr', amountFen: 5_000_000 }],
      offers: [{ kind: 'qr_aggregator', name: '某聚合', rates: [{ card: 'credit', ppm: 2_500 }, { card: 'qr', ppm: 3_000 }], directSettlement: false }],
    },
    replies: { 200: alternativesView }, refusals: ['mix_unknown', 'not_found'],
    async answer({ app, actor, body, language }) {
      const found = await compareWays(app, actor, { mid: body.merchant, provider: body.provider, mix: body.mix, offers: body.offers ?? [], today: body.today, nonProfit: body.nonProfit })
      return isRefusal(found) ? found : replyOf(200, viewComparison(found, language))
    },
  }),
  route({
    tag: 'money', method: 'GET', path: '/api/v1/channels', id: 'listChannels', right: 'read',
    summary: ['收款渠道', 'Channels kept for comparison'], replies: { 200: listed(channelView) }, refusals: [],
    async answer({ app, actor }) {
      const found = await app.db.transaction(scopeOf(actor), (tx) => readChannels(tx), { readOnly: true })
      return replyOf(200, { items: found.map(viewChannel) })
    },
  }),
  route({
    tag: 'money', method: 'POST', path: '/api/v1/channels', id: 'saveChannel', right: 'write-channel', isCommand: true,
    summary: ['登记渠道', 'Keep a channel, or change the one of that name'],
    body: z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/), channel: channelSchema }),
    example: { id: 'east-bank', channel: { kind: 'bank_acquirer', name: '东方银行收单', rates: [{ card: 'credit', ppm: 5_800 }, { card: 'debit', ppm: 4_800, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }], monthlyFen: 1_000, deviceFen: 29_900, directSettlement: true } },
    replies: { 200: channelView }, refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : saveChannel(ask.app, asking, ask.body.id, ask.body.channel, tell(ask, viewChannel))
    },
  }),
  route({
    tag: 'money', method: 'DELETE', path: '/api/v1/channels/{channel}', id: 'removeChannel', right: 'write-channel', isCommand: true,
    summary: ['删除渠道', 'No longer keep a channel'],
    params: z.strictObject({ channel: z.string().max(40) }), replies: { 200: channelView }, refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : removeChannelOf(ask.app, asking, ask.params.channel, tell(ask, viewChannel))
    },
  }),
]

export const moneyRoutes: readonly Route[] = [...reading, ...commands, ...choosing]
