import { expect, test } from 'vitest'
import { languageOf, preferred } from './language.ts'

test.each([
  [undefined, 'zh'],
  ['', 'zh'],
  ['en', 'en'],
  ['en-GB,en;q=0.9', 'en'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['en;q=0.2, zh;q=0.7', 'zh'],
  ['fr, en;q=0.5', 'en'],
  ['fr', 'zh'],
  ['en;q=0, zh;q=0.1', 'zh'],
  ['*', 'zh'],
  ['english', 'zh'],
  ['EN', 'en'],
  [';;,,q=', 'zh'],
])('Accept-Language %s is answered in %s', (header, language) => {
  expect(preferred(header)).toBe(language)
})

test('?lang= goes before the header', () => {
  expect(languageOf({ query: { lang: 'en' }, headers: { 'accept-language': 'zh' } })).toBe('en')
  expect(languageOf({ query: { lang: 'fr' }, headers: { 'accept-language': 'en' } })).toBe('en')
})
