// The first page: where things are.
import { refusals, type RefusalCode } from '../../domain/refusals.ts'
import { say, type Language } from '../../domain/vocabulary.ts'
import { facts, html, page, speak } from './html.ts'

export function landingPage(language: Language, { publicUrl, isDemo }: { publicUrl: string; isDemo: boolean }): string {
  const s = speak(language)
  return page({
    language,
    path: '/',
    title: s('停启：终端停机与复机', 'Tingqi: terminals out of service and back'),
    content: html`
<p>${s('让商户的 POS 终端安全地停、安全地启：申请、核对、审核、到点即停、保管、测试、恢复。', "Takes a merchant's POS terminals out of service and back into it, safely: apply, check, review, stop at the exact minute, look after, test, start again.")}</p>
${isDemo ? html`<p class="told warn">${s('这是演示环境：商户、终端和交易都是虚构的。', 'This is a demonstration: its merchants, terminals and transactions are made up.')}</p>` : undefined}
<p><a href="/home"><b>${s('登录办理', 'Sign in')}</b></a> – ${s('商户申请停机、复机，机构审核', 'merchants ask, providers decide')}</p>
<h2>${s('公众', 'For everybody')}</h2>
<ul>
<li><a href="/verify?lang=${language}">${s('验证函件', 'Verify a letter')}</a> – ${s('扫码、输入验证码，或上传 PDF', 'scan it, type its code, or hand in the PDF')}</li>
<li><a href="/track?lang=${language}">${s('查询进度', 'Track a case')}</a> – ${s('办件编号加联系电话后四位', 'its number and the last four digits of the telephone')}</li>
</ul>
<h2>${s('开发者', 'For developers')}</h2>
<ul>
<li><a href="/docs">${s('接口文档', 'API documentation')}</a></li>
<li><a href="/openapi.json">openapi.json</a> (OpenAPI 3.1)</li>
<li><a href="/api/v1/vocabulary">${s('词汇表', 'Vocabulary')}</a></li>
</ul>
<h2>${s('地址', 'Addresses')}</h2>
${facts([
  [s('接口', 'API'), `${publicUrl}/api/v1`],
  [s('闸口', 'Gate'), `${publicUrl}/gate/decisions`],
  [s('存活 / 就绪', 'Alive / ready'), `${publicUrl}/healthz, ${publicUrl}/readyz`],
])}`,
  })
}

/** What a refusal means: where the `type` of a problem leads. */
export function problemPage(language: Language, code: RefusalCode): string {
  const s = speak(language)
  const { status, retry, words } = refusals[code]
  return page({
    language,
    path: `/problems/${code}`,
    title: code,
    content: html`<p>${say(words, language).replace(/\{\w+\}/g, '…')}</p>
${facts([
  [s('状态码', 'Status'), String(status)],
  [s('稍后重试', 'Worth trying again'), retry ? s('是', 'yes') : s('否', 'no')],
])}`,
  })
}
