// What screens say of their own, zh first: a pair for each, so that a sentence missing in one language does not compile.
// Words of the domain come from its vocabulary; sentences about facts are the server's. The language is the reader's choice,
// kept in the browser and sent with every call.
import { createContext, useContext } from 'react'
import { say, type Language, type Words } from '../../src/domain/vocabulary.ts'

export type { Language, Words }
export { firstLanguage, keepLanguage } from './language.ts'

export type Speaking = { language: Language; setLanguage(language: Language): void }
export const LanguageContext = createContext<Speaking>({ language: 'zh', setLanguage() {} })

/** `const s = useSay()`, then `s('停机', 'stop')` or `s(services.active)`. */
export function useSay(): (zh: string | Words, en?: string) => string {
  const { language } = useContext(LanguageContext)
  return (zh, en) => say(typeof zh === 'string' ? [zh, en!] : zh, language)
}
export const useLanguage = (): Speaking => useContext(LanguageContext)
