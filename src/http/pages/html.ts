// Pages without a framework: text that escapes what is put into it, and one calm frame around every page.
import type { Language } from '../../domain/vocabulary.ts'

/** Markup that is already safe to put into markup. */
export type Html = { readonly html: string }
type Part = Html | string | number | false | undefined | readonly Html[]

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => marks[mark]!)
const told = (part: Part): string => {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'html' in part ? part.html : part.map((one) => one.html).join('')
}

export const html = (texts: TemplateStringsArray, ...parts: Part[]): Html => ({
  html: texts.reduce((all, text, i) => all + text + told(parts[i]), ''),
})

/** Both languages side by side in the source, one of them on the page. */
export const speak =
  (language: Language) =>
  (zh: string, en: string): string =>
    language === 'zh' ? zh : en

export type Page = { language: Language; title: string; path: string; content: Html; script?: string }

export function page({ language, title, path, content, script }: Page): string {
  const s = speak(language)
  const other: Language = language === 'zh' ? 'en' : 'zh'
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${s('停启', 'Tingqi')}</title>
<link rel="stylesheet" href="/pages/style.css">
<link rel="icon" href="/pages/icon.svg" type="image/svg+xml">
</head>
<body>
<header><a class="brand" href="/?lang=${language}">${s('停启', 'Tingqi')}</a>
<nav aria-label="${s('导航', 'Navigation')}"><a href="/verify?lang=${language}">${s('验证函件', 'Verify a letter')}</a><a href="/track?lang=${language}">${s('查询进度', 'Track a case')}</a><a href="${path}?lang=${other}" lang="${other === 'zh' ? 'zh-CN' : 'en'}" hreflang="${other}">${other === 'zh' ? '中文' : 'English'}</a></nav></header>
<main>
<h1>${title}</h1>
${content}
</main>
${script === undefined ? undefined : html`<script src="${script}" defer></script>`}
</body>
</html>
`.html
}

/** '2026年11月27日 15:00' and '27 November 2026, 15:00', as letters write it. */
export const momentWords = (text: string, language: Language, zone: string): string =>
  new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: zone,
    hourCycle: 'h23',
  }).format(new Date(text))

/** Name and value, one under the other on a phone. */
export const facts = (rows: readonly (readonly [string, string | undefined])[]): Html =>
  html`<dl>${rows.filter(([, value]) => value !== undefined).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
