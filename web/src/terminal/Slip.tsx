/** @jsxImportSource preact */
// The slip of an approval, as it comes out of the machine. The card is the test estate's, and only its ends are shown.
import { test_card } from '../../../src/gate/front/terminal.ts'
import type { Words } from '../../../src/domain/vocabulary.ts'
import { money } from '../look/when.ts'
import type { Known } from './known.ts'
import type { Deal } from './memory.ts'
import { useSay } from './words.ts'

export const dealWords: Readonly<Record<Deal['ask'], Words>> = {
  sale: ['消费', 'Sale'], preauth: ['预授权', 'Pre-authorisation'], complete: ['预授权完成', 'Completion'], refund: ['退货', 'Refund'], void: ['消费撤销', 'Void'],
  'preauth-cancel': ['预授权撤销', 'Pre-authorisation cancelled'],
}
const card_digits_shown = [6, 4] as const
const maskedCard = test_card.slice(0, card_digits_shown[0]) + '*'.repeat(test_card.length - 10) + test_card.slice(-card_digits_shown[1])
export const six = (count: number): string => String(count).padStart(6, '0')

const at = ({ date, time }: Deal): string => `${date.slice(0, 2)}-${date.slice(2)} ${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}`

export function Slip({ deal, known, kind }: { deal: Deal; known: Known; kind: 'real' | 'test' | 'practice' }) {
  const say = useSay()
  const rows: readonly (readonly [string, string])[] = [
    [say('商户', 'Merchant'), known.merchant], ...(known.store === undefined ? [] : [[say('门店', 'Store'), known.store] as const]),
    [say('商户号', 'Merchant no.'), known.mid], [say('终端号', 'Terminal'), known.tid], [say('卡号', 'Card'), maskedCard],
    [say('批次 / 凭证', 'Batch / voucher'), `${six(deal.batch)} / ${six(deal.trace)}`], [say('授权码', 'Authorisation'), deal.authCode],
    [say('参考号', 'Reference'), deal.reference], [say('时间', 'Time'), at(deal)],
  ]
  return (
    <article class="slip" aria-label={say('小票', 'Slip')}>
      <h2>{say('签购单', 'Sales slip')}</h2>
      {kind === 'real' ? null : <p class="stamp">{kind === 'test' ? say('测试交易', 'TEST') : say('练习 · 没有发生交易', 'PRACTICE · nothing was paid')}</p>}
      <p class="amount"><span>{say(dealWords[deal.ask])}</span> <b class="num">{money({ fen: deal.amountFen })}</b></p>
      <dl class="pairs">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd class="num">{value}</dd></div>)}</dl>
    </article>
  )
}
