// What being paid another way would cost: on the merchant's own sales of the last ninety days, or on figures typed in; against
// the channels its providers keep and offers it was made. Nothing is stored.
import { capFrom, compare, feeTable, type Channel, type Compared, type Mix, type MixItem } from '../../domain/alternatives.ts'
import type { Actor } from '../../domain/authority.ts'
import { addDays, dateOf, instantOf } from '../../domain/calendar.ts'
import { formatYuan, type Fen, type Ppm } from '../../domain/money.ts'
import { refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { cardKinds, words, type CardKind, type Words } from '../../domain/vocabulary.ts'
import { readChannels, readProvidersOf } from '../../store/contracts.ts'
import { instantParam, type Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { scopeOf } from '../execute.ts'
import { schedulesOf } from './contracts.ts'
import { termsOn } from '../../domain/contract.ts'

export const own_mix_days = 90
const own_mix_months = 3
/** Merchant codes of public hospitals, schools, universities and charities: issuer and network fees are waived. */
const exempt_mccs = new Set(['8062', '8211', '8220', '8398'])

export type Question = {
  mid?: string | undefined
  provider?: string | undefined
  mix?: readonly { card: CardKind; amountFen: Fen; count?: number | undefined }[] | undefined
  offers: readonly Channel[]
  /** What is paid today, where no contract says it. */
  today?: Channel | undefined
  nonProfit?: boolean | undefined
}
export type Comparison = {
  basis: 'own' | 'typed'; mix: Mix; from: string | undefined; until: string | undefined
  ways: { name: string; source: 'today' | 'channel' | 'offer'; id: string | undefined; channel: Channel; compared: Compared }[]
  thresholds: { card: CardKind; costPpm: Ppm; costCapFen?: Fen; regulatedPpm: Ppm }[]
  sentence: Words
}

export const compareWays = (app: App, actor: Actor, asked: Question): Promise<Comparison | Refusal> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const now = app.clock.now()
    const today = dateOf(now, app.zone)
    const mid = asked.mid ?? (actor.party.kind === 'merchant' ? actor.party.id : undefined)
    const providers = mid === undefined ? [] : (await readProvidersOf(tx, mid)).filter((p) => asked.provider === undefined || p === asked.provider)
    if (mid !== undefined && providers.length === 0) return refuseField('/merchant', 'not_found')
    const channels = (await readChannels(tx)).filter((c) => asked.provider === undefined || c.provider === asked.provider)
    const now_ = asked.today ?? (mid === undefined ? undefined : await paidToday(app, tx, mid, providers, today))
    const all = [
      ...(now_ === undefined ? [] : [{ name: now_.name, source: 'today' as const, id: undefined, channel: now_ }]),
      ...channels.map(({ id, provider: _, updatedAt: __, version: ___, ...channel }) => ({ name: channel.name, source: 'channel' as const, id, channel })),
      ...asked.offers.map((channel) => ({ name: channel.name, source: 'offer' as const, id: undefined, channel })),
    ]
    const from = addDays(today, -own_mix_days)
    const typed = asked.mix !== undefined && asked.mix.length > 0
    const mix: Mix = typed ? { months: 1, items: asked.mix! } : { months: own_mix_months, items: mid === undefined ? [] : await ownMix(tx, mid, asked.provider, [from, today], all.map((w) => w.channel), app.zone) }
    if (mix.items.every((i) => i.amountFen === 0)) return refuse('mix_unknown', { days: own_mix_days })
    const nonProfit = asked.nonProfit ?? (mid !== undefined && exempt_mccs.has((await tx.one<{ mcc: string }>('select mcc from merchant where mid = $1', [mid]))?.mcc ?? ''))
    const ways = all.map((w) => ({ ...w, compared: compare(w.channel, mix, { today, nonProfit }) }))
      .toSorted((a, b) => Number(b.source === 'today') - Number(a.source === 'today') || a.compared.perMonthFen - b.compared.perMonthFen)
    return {
      basis: typed ? 'typed' : 'own', mix, from: typed ? undefined : from, until: typed ? undefined : today, ways,
      thresholds: words(cardKinds).flatMap((card) => (feeTable[card] === undefined ? [] : [{ card, ...feeTable[card] }])), sentence: sentenceOn(ways),
    }
  }, { readOnly: true })

/** The merchant's own rates and monthly fees, with the first provider that has any. */
async function paidToday(app: App, tx: Tx, mid: string, providers: readonly string[], today: string): Promise<Channel | undefined> {
  for (const id of providers) {
    const terms = termsOn((await schedulesOf(app, tx, id, [mid], today, addDays(today, 1)))(mid), today)
    if (terms.rates.length === 0) continue
    const row = await tx.one<{ terminals: number; licence_no: string | null; licence_until: string | null; unionpay_certified: boolean; direct_settlement: boolean }>(
      `select p.licence_no, p.licence_until, p.unionpay_certified, p.direct_settlement,
        (select count(*)::int from terminal t where t.mid = $2 and t.provider = p.id and t.installed_at is not null and t.closed_at is null) as terminals
       from provider p where p.id = $1`, [id, mid],
    )
    return {
      kind: 'payment_institution', name: app.provider(id).name, rates: [...terms.rates], monthlyFen: (terms.monthlyInServiceFen + terms.dataMonthlyFen) * row!.terminals,
      unionpayCertified: row!.unionpay_certified, directSettlement: row!.direct_settlement,
      ...(row!.licence_no === null ? {} : { licenceNo: row!.licence_no }), ...(row!.licence_until === null ? {} : { licenceUntil: row!.licence_until }),
    }
  }
  return undefined
}

/** Sales less refunds by kind of card, from a day until before another; and what of it lies in sales on which a cap counts. */
async function ownMix(tx: Tx, mid: string, provider: string | undefined, [from, until]: [string, string], channels: readonly Channel[], zone: string): Promise<MixItem[]> {
  const where = `mid = $1 and ($2::text is null or provider = $2) and at >= $3 and at < $4 and status = 'approved' and card_kind is not null`
  const params = [mid, provider ?? null, instantParam(instantOf(from, '00:00', zone)), instantParam(instantOf(until, '00:00', zone))]
  const sums = await tx.many<{ card: CardKind; fen: number; n: number }>(
    `select card_kind as card, greatest(0, sum(case when class in ('sale', 'preauth_completion', 'offline_upload') then amount_fen when class in ('refund', 'void') then -amount_fen else 0 end))::bigint as fen,
      count(*) filter (where class in ('sale', 'preauth_completion', 'offline_upload'))::int as n from transaction where ${where} group by 1`, params,
  )
  const caps = new Map<string, { card: CardKind; fromFen: Fen }>()
  for (const { rates } of channels) for (const rate of rates) {
    const fromFen = capFrom(rate)
    if (fromFen !== undefined) caps.set(`${rate.card} ${fromFen}`, { card: rate.card, fromFen })
  }
  const above: { card: CardKind; fromFen: Fen; amountFen: Fen; count: number }[] = []
  for (const { card, fromFen } of caps.values()) {
    const row = await tx.one<{ fen: number; n: number }>(
      `select coalesce(sum(amount_fen), 0)::bigint as fen, count(*)::int as n from transaction where ${where} and card_kind = $5 and amount_fen >= $6 and class in ('sale', 'preauth_completion', 'offline_upload')`,
      [...params, card, fromFen],
    )
    above.push({ card, fromFen, amountFen: row!.fen, count: row!.n })
  }
  return sums.map((s) => {
    const own = above.filter((a) => a.card === s.card)
    // Refunds may have eaten up what was sold in large sums.
    return { card: s.card, amountFen: s.fen, count: s.n, above: own.map((a) => (a.amountFen > s.fen ? { ...a, amountFen: s.fen } : a)) }
  })
}

function sentenceOn(ways: Comparison['ways']): Words {
  const today = ways.find((w) => w.source === 'today')
  const isSound = (w: Comparison['ways'][number]): boolean => w.compared.notTaken.length === 0 && w.compared.flags.every((f) => f.severity !== 'warning')
  const best = ways.filter((w) => w.source !== 'today' && isSound(w)).toSorted((a, b) => a.compared.perMonthFen - b.compared.perMonthFen)[0]
  const odd = ways.filter((w) => w.compared.flags.some((f) => f.code === 'rate_too_low')).map((w) => w.name)
  const yuan = (fen: Fen): string => `¥${formatYuan(fen)}`
  const parts: Words[] = []
  if (today) parts.push([`现在每月约 ${yuan(today.compared.perMonthFen)}。`, `Today it is about ${yuan(today.compared.perMonthFen)} a month.`])
  if (best) {
    const saved = today ? today.compared.perMonthFen - best.compared.perMonthFen : undefined
    const [zh, en] = saved === undefined ? ['', ''] : saved > 0 ? [`，少 ${yuan(saved)}`, `, ${yuan(saved)} less`] : saved < 0 ? [`，多 ${yuan(-saved)}`, `, ${yuan(-saved)} more`] : ['，一样', ', the same']
    parts.push([`没有疑点的选择中，${best.name}每月最省：${yuan(best.compared.perMonthFen)}${zh}。`, `Of those without a doubt, ${best.name} is the cheapest at ${yuan(best.compared.perMonthFen)} a month${en}.`])
  }
  if (odd.length > 0) parts.push([`费率低得不正常：${odd.join('、')}。`, `Abnormally low: ${odd.join(', ')}.`])
  return [parts.map((p) => p[0]).join(''), parts.map((p) => p[1]).join(' ')]
}
