// What the machine says of its own, zh first; as in the other screens, a pair for each, so that none is missing.
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { say, type Language, type Words } from '../../../src/domain/vocabulary.ts'

export type { Language, Words }
export type Say = (zh: string | Words, en?: string) => string
type Speaking = { language: Language; say: Say; setLanguage(language: Language): void }

export const sayIn = (language: Language): Say => (zh, en) => say(typeof zh === 'string' ? [zh, en!] : zh, language)
export const LanguageContext = createContext<Speaking>({ language: 'zh', say: sayIn('zh'), setLanguage() {} })
export const useLanguage = (): Speaking => useContext(LanguageContext)
export const useSay = (): Say => useLanguage().say
