// Is this letter true? Where the QR code on a letter leads, and where its PDF may be handed in.
import {
  applicationKinds,
  applicationStates,
  letterKinds,
  letterStates,
  say,
  type Language,
  type Words,
} from '../../domain/vocabulary.ts'
import type { TrackView, VerifyView } from '../shapes.ts'
import { facts, html, momentWords, page, speak, type Html } from './html.ts'

const lamps: Readonly<Record<VerifyView['state'], { shape: string; tone: string; words: Words }>> = {
  valid: { shape: '●', tone: 'good', words: letterStates.valid },
  superseded: { shape: '▲', tone: 'warn', words: letterStates.superseded },
  disposed: { shape: '◆', tone: 'warn', words: letterStates.disposed },
  unknown: { shape: '■', tone: 'bad', words: ['未能确认', 'not confirmed'] },
}

const lamp = (tone: string, headline: string, sentence: string): Html =>
  html`<div class="told ${tone}" role="status"><p class="lamp">${headline}</p><p>${sentence}</p></div>`

function letterFacts(letter: NonNullable<VerifyView['letter']>, language: Language, zone: string): Html {
  const s = speak(language)
  const when = (at: string | null): string | undefined => (at === null ? undefined : momentWords(at, language, zone))
  return html`${facts([
    [s('函件编号', 'Letter'), letter.no],
    [s('种类', 'Kind'), say(letterKinds[letter.kind], language)],
    [s('签发时间', 'Issued'), when(letter.issuedAt)],
    [s('签发机构', 'Issued by'), letter.provider],
    [s('商户', 'Merchant'), letter.merchant],
    [s('办件', 'Case'), letter.caseNo ?? undefined],
    [s('原因', 'Reason'), `${letter.reason.code} ${letter.reason.words}`],
  ])}
${letter.terminals.map(
  (t) =>
    html`<h2>${s('终端', 'Terminal')} ${t.tid}</h2>${facts([
      [s('门店', 'Store'), t.storeName],
      [s('停机时间', 'Stopped from'), when(t.effectiveFrom)],
      [s('主机拒绝', 'Host refuses since'), when(t.hostBlockedAt)],
      [s('机具确认', 'Device confirmed'), when(t.deviceConfirmedAt)],
      [s('预计恢复', 'Expected back'), when(t.expectedUntil)],
      [s('恢复时间', 'Open again'), when(t.reopenedAt)],
      [s('注销时间', 'Closed'), when(t.closedAt)],
      [s('拒付追溯至', 'Chargebacks until'), when(t.chargebackUntil)],
    ])}`,
)}`
}

const forms = (language: Language): Html => {
  const s = speak(language)
  return html`<form action="/verify" method="get">
<input type="hidden" name="lang" value="${language}">
<label for="code">${s('验证码或函件编号', 'Verification code or letter number')}</label>
<input id="code" name="code" required maxlength="64" autocomplete="off" autocapitalize="characters" spellcheck="false">
<button>${s('验证', 'Verify')}</button>
</form>
<form class="drop" action="/verify?lang=${language}" method="post" enctype="multipart/form-data">
<label for="file">${s('或交来 PDF 文件', 'Or hand in the PDF')} <span class="hint">${s('选择或拖放到此处；文件不会被保存', 'choose it or drop it here; it is not kept')}</span></label>
<input id="file" type="file" name="file" accept="application/pdf" required>
<button>${s('验证文件', 'Verify the file')}</button>
</form>`
}

export function verifyPage(language: Language, zone: string, seen?: { view: VerifyView; code?: string }): string {
  const s = speak(language)
  const found = seen && lamps[seen.view.state]
  return page({
    language,
    path: seen?.code === undefined ? '/verify' : `/verify/${encodeURIComponent(seen.code)}`,
    title: s('验证函件', 'Verify a letter'),
    script: '/pages/drop.js',
    content: html`${found && lamp(found.tone, `${found.shape} ${say(found.words, language)}`, seen.view.sentence)}
${seen?.view.letter && letterFacts(seen.view.letter, language, zone)}
${forms(language)}`,
  })
}

/** `asked` is what was typed; without a view it led to nothing. */
export function trackPage(
  language: Language,
  zone: string,
  asked?: { no: string; view: TrackView | undefined },
): string {
  const s = speak(language)
  const view = asked?.view
  return page({
    language,
    path: '/track',
    title: s('查询进度', 'Track a case'),
    content: html`${view && lamp('good', `${say(applicationKinds[view.kind], language)} · ${say(applicationStates[view.state], language)}`, view.sentence)}
${
  view &&
  facts([
    [s('办件编号', 'Case'), view.no],
    [s('受理机构', 'Handled by'), view.provider.name],
    [s('联系电话', 'Telephone'), view.provider.hotline],
    [s('提交时间', 'Submitted'), view.submittedAt === null ? undefined : momentWords(view.submittedAt, language, zone)],
    [s('办理期限', 'Promised by'), view.deadline === null ? undefined : momentWords(view.deadline.at, language, zone)],
  ])
}
${asked && !view && lamp('bad', `■ ${s('没有找到', 'Not found')}`, s('办件编号与电话后四位不相符，请核对后再试。', 'The number and the telephone do not belong together; please check both.'))}
<form action="/track?lang=${language}" method="post">
<label for="no">${s('办件编号', 'Case number')} <span class="hint">TQ-261127-00042-7</span></label>
<input id="no" name="no" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" value="${asked?.no}">
<label for="phone">${s('联系电话后四位', 'Last four digits of the telephone')}</label>
<input id="phone" name="phone" required inputmode="numeric" pattern="[0-9]{4}" maxlength="4" autocomplete="off">
<button>${s('查询', 'Look up')}</button>
</form>`,
  })
}

/** A page that could not be shown, in the same words as the interface's refusals. */
export const refusedPage = (language: Language, title: string, detail: string, requestId: string): string =>
  page({
    language,
    path: '/',
    title,
    content: html`${lamp('bad', `■ ${title}`, detail)}<p class="hint">${requestId}</p>`,
  })
