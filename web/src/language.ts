// The reader's language, kept in the browser: for every entry, whatever it is made with.
import type { Language } from '../../src/domain/vocabulary.ts'

const kept = 'tingqi.language'

export function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(kept)
  if (asked === 'zh' || asked === 'en') return asked
  return navigator.languages.some((l) => l.toLowerCase().startsWith('zh')) || !navigator.language.startsWith('en') ? 'zh' : 'en'
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(kept, language)
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}
