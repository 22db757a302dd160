// What being paid another way would cost, on the merchant's own mix: per kind of card, month by month, each line with its
// formula; and whether an offer can be true. A rate below what the issuer and the network take is abnormal, too: somebody
// pays for it – by changed merchant codes (跳码), by money that passes through other hands (二清), or by fees later. Issuer
// and network fees are regulated (发改价格〔2016〕557号); the acquirer's share on top is its own price.
import { z } from 'zod'
import { isDate } from './calendar.ts'
import { percent, ratesSchema, rateFor, type Rate } from './contract.ts'
import { formatYuan, interchangeCaps, rateOf, type Fen, type Ppm } from './money.ts'
import { cardKinds, channelKinds, words, type CardKind, type Severity, type Words } from './vocabulary.ts'

const fen = z.int().min(0).max(10_000_000_00)
export const channelSchema = z.strictObject({
  kind: z.enum(words(channelKinds)),
  name: z.string().min(1).max(100),
  rates: ratesSchema.min(1),
  monthlyFen: fen.optional(),
  deviceFen: fen.optional().describe('bought once, or a deposit that does not come back'),
  settlesAfterDays: z.int().min(0).max(30).optional().describe('working days until the money is there'),
  licenceNo: z.string().max(40).optional().describe('支付业务许可证'),
  licenceUntil: z.string().refine(isDate, 'a date such as 2028-06-30').meta({ format: 'date', examples: ['2028-06-30'] }).optional(),
  unionpayCertified: z.boolean().optional(),
  directSettlement: z.boolean().optional().describe('一清: the money goes straight to the merchant’s own account'),
})
export type Channel = z.infer<typeof channelSchema>

/** Sums of sales of one kind over `months`; `above` says how much of it lies in single sales of at least so much. */
export type MixItem = { card: CardKind; amountFen: Fen; count?: number | undefined; above?: readonly { fromFen: Fen; amountFen: Fen; count: number }[] | undefined }
export type Mix = { items: readonly MixItem[]; months: number }

export type CostLine = { words: Words; fen: Fen; formula: Words }
export type Flag = { code: FlagCode; severity: Severity; card?: CardKind | undefined; words: Words }
export type Compared = { lines: readonly CostLine[]; perMonthFen: Fen; onceFen: Fen; firstYearFen: Fen; flags: readonly Flag[]; notTaken: readonly CardKind[] }

const yuan = (amount: Fen): string => `¥${formatYuan(amount)}`
const divided = (total: Fen, by: number): Fen => Math.floor((total * 2 + by) / (by * 2))

/** The smallest single sale on which the cap is what counts. */
export const capFrom = ({ ppm, capFen }: Pick<Rate, 'ppm' | 'capFen'>): Fen | undefined =>
  capFen === undefined || ppm === 0 ? undefined : Math.ceil((capFen * 1_000_000) / ppm)

/** What of these sales was in single sales on which the cap counts; by their average where no more is known. */
function cappedPart(item: MixItem, rate: Rate): { amountFen: Fen; count: number } {
  const from = capFrom(rate)
  if (from === undefined) return { amountFen: 0, count: 0 }
  const known = item.above?.find((a) => a.fromFen === from)
  if (known) return known
  const { amountFen, count } = item
  return count !== undefined && count > 0 && amountFen >= from * count ? { amountFen, count } : { amountFen: 0, count: 0 }
}

function feeLine(item: MixItem, rate: Rate, months: number): CostLine {
  const capped = cappedPart(item, rate)
  const total = rateOf(item.amountFen - capped.amountFen, rate.ppm) + capped.count * (rate.capFen ?? 0)
  const fen = divided(total, months)
  const [zh, en] = cardKinds[item.card]
  const overMonths: Words = months === 1 ? ['', ''] : [` ÷ ${months} 个月`, ` ÷ ${months} months`]
  const plain = `${yuan(item.amountFen - capped.amountFen)} × ${percent(rate.ppm)}`
  const [sum, sumEn] = capped.count === 0 ? [plain, plain]
    : [`（${plain} + ${capped.count} 笔封顶 × ${yuan(rate.capFen!)}）`, `(${plain} + ${capped.count} capped × ${yuan(rate.capFen!)})`]
  return { words: [`${zh}手续费`, `fees on ${en} sales`], fen, formula: [`${sum}${overMonths[0]} = ${yuan(fen)}`, `${sumEn}${overMonths[1]} = ${yuan(fen)}`] }
}

/** What a way of being paid costs on that mix, and what is to be said of it. `today` is a date; `nonProfit` is exempt from issuer and network fees. */
export function compare(channel: Channel, mix: Mix, { today, nonProfit }: { today: string; nonProfit: boolean }): Compared {
  const items = mix.items.filter((i) => i.amountFen > 0)
  const lines = items.flatMap((item) => {
    const rate = rateFor(channel.rates, item.card)
    return rate === undefined ? [] : [feeLine(item, rate, mix.months)]
  })
  const monthly = channel.monthlyFen ?? 0
  if (monthly > 0) lines.push({ words: ['月费', 'monthly fee'], fen: monthly, formula: [`${yuan(monthly)} / 月`, `${yuan(monthly)} a month`] })
  const perMonthFen = lines.reduce((sum, l) => sum + l.fen, 0)
  const onceFen = channel.deviceFen ?? 0
  return {
    lines, perMonthFen, onceFen, firstYearFen: perMonthFen * 12 + onceFen,
    flags: [...channel.rates.flatMap((rate) => rateFlags(rate, nonProfit)), ...standingFlags(channel, today)],
    notTaken: items.filter((i) => rateFor(channel.rates, i.card) === undefined).map((i) => i.card),
  }
}

// ── Can it be true? ─────────────────────────────────────────────────────────────────────────────────────────────────
const { issuer_credit, issuer_debit, network_each_side } = interchangeCaps
/**
 * Per kind of card: `costPpm`, what issuer and network take from the acquirer at the regulated prices (a rate below it loses
 * money on every sale), `costCapFen` where that cost has a most; `regulatedPpm`, issuer and both sides of the network. QR has no
 * published cost.
 */
export const feeTable: Readonly<Record<CardKind, { costPpm: Ppm; costCapFen?: Fen; regulatedPpm: Ppm } | undefined>> = {
  credit: { costPpm: issuer_credit.ppm + network_each_side.ppm, regulatedPpm: issuer_credit.ppm + 2 * network_each_side.ppm },
  debit: {
    costPpm: issuer_debit.ppm + network_each_side.ppm, costCapFen: issuer_debit.capFen + network_each_side.capFen,
    regulatedPpm: issuer_debit.ppm + 2 * network_each_side.ppm,
  },
  qr: undefined,
}

export type FlagCode = 'rate_too_low' | 'cap_too_low' | 'rate_high' | 'debit_uncapped' | 'rate_exempt' | 'licence_missing' | 'licence_expired' | 'licence_known' | 'not_direct' | 'direct' | 'not_certified'

function rateFlags(rate: Rate, nonProfit: boolean): Flag[] {
  const { card, ppm, capFen } = rate
  const [zh, en] = cardKinds[card]
  const flag = (code: FlagCode, severity: Severity, sayZh: string, sayEn: string): Flag => ({ code, severity, card, words: [sayZh, sayEn] })
  const table = feeTable[card]
  if (table === undefined) return ppm > 0 ? [] : [flag('rate_too_low', 'warning', `${zh}费率为 0，不正常：请问清由谁承担成本。`, `A rate of 0 on ${en} is abnormal: ask who pays for it.`)]
  if (nonProfit && ppm < table.costPpm)
    return [flag('rate_exempt', 'fine', `${zh} ${percent(ppm)}：非营利机构免收发卡行和网络服务费，可以这样低。`, `${percent(ppm)} on ${en}: issuer and network fees are waived for non-profit institutions, so it may be this low.`)]
  const flags: Flag[] = []
  if (ppm < table.costPpm)
    flags.push(flag('rate_too_low', 'warning',
      `${zh} ${percent(ppm)} 低于成本 ${percent(table.costPpm)}（发卡行 ${percent(table.costPpm - network_each_side.ppm)} + 网络 ${percent(network_each_side.ppm)}），不正常：可能跳码、二清或另收费用。`,
      `${percent(ppm)} on ${en} is below the cost of ${percent(table.costPpm)} (issuer ${percent(table.costPpm - network_each_side.ppm)} + network ${percent(network_each_side.ppm)}): abnormal. It may mean changed merchant codes, money through other hands, or fees later.`))
  if (table.costCapFen !== undefined && capFen !== undefined && capFen < table.costCapFen)
    flags.push(flag('cap_too_low', 'warning', `${zh}每笔封顶 ${yuan(capFen)} 低于成本封顶 ${yuan(table.costCapFen)}，不正常。`, `A cap of ${yuan(capFen)} on ${en} is below that of the cost, ${yuan(table.costCapFen)}: abnormal.`))
  if (table.costCapFen !== undefined && capFen === undefined)
    flags.push(flag('debit_uncapped', 'warning', `${zh}没有封顶：发卡行服务费每笔最高 ${yuan(issuer_debit.capFen)}，大额交易应有封顶。`, `No cap on ${en}: the issuer's fee is at most ${yuan(issuer_debit.capFen)} a sale, so large sales should be capped.`))
  if (ppm > 2 * table.regulatedPpm)
    flags.push(flag('rate_high', 'warning', `${zh} ${percent(ppm)} 偏高：发卡行和网络最高 ${percent(table.regulatedPpm)}，一半以上是收单机构所得。`, `${percent(ppm)} on ${en} is high: issuer and network take at most ${percent(table.regulatedPpm)}, more than half goes to the acquirer.`))
  return flags
}

function standingFlags({ kind, licenceNo, licenceUntil, directSettlement, unionpayCertified }: Channel, today: string): Flag[] {
  const flags: Flag[] = []
  const add = (code: FlagCode, severity: Severity, zh: string, en: string): void => { flags.push({ code, severity, words: [zh, en] }) }
  if (licenceUntil !== undefined && licenceUntil < today) add('licence_expired', 'warning', `支付业务许可证已于 ${licenceUntil} 到期。`, `Its payment licence expired on ${licenceUntil}.`)
  else if (licenceNo !== undefined) add('licence_known', 'fine', `支付业务许可证 ${licenceNo}${licenceUntil === undefined ? '' : `，有效期至 ${licenceUntil}`}。`, `Payment licence ${licenceNo}${licenceUntil === undefined ? '' : `, valid until ${licenceUntil}`}.`)
  else if (kind !== 'bank_acquirer') add('licence_missing', 'warning', '没有提供支付业务许可证号，请向对方索要并在人民银行网站核对。', 'No payment licence number is given: ask for it and look it up at the People’s Bank.')
  if (directSettlement === false) add('not_direct', 'warning', '不是一清：款项先到他人账户，再转给您。', 'Not settled directly: the money goes to somebody else’s account first.')
  if (directSettlement === true) add('direct', 'fine', '一清：款项直接到您的账户。', 'Settled directly into your own account.')
  if (unionpayCertified === false) add('not_certified', 'warning', '没有银联认证。', 'Not certified by UnionPay.')
  return flags
}

