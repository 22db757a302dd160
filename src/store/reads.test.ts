// A reviewer's words are read back out of the notice that carried them. This holds the two ends together: what effects.ts
// writes, saidIn reads, whatever the reviewer's punctuation.
import { expect, it } from 'vitest'
import type { Fact } from '../domain/application/case.ts'
import { effectsOf } from '../domain/effects.ts'
import { caseOf, now, provider } from '../domain/view.fixtures.ts'
import { saidIn } from './reads.ts'

const around = { case: caseOf(), terminals: new Map(), now, zone: 'Asia/Shanghai', hotline: provider.hotline, providerName: provider.name }
const toldOf = (fact: Fact): readonly [string, string] => {
  const [effect] = effectsOf([fact], around)
  if (effect?.effect !== 'notice') throw new Error('no notice')
  return [effect.words[0], effect.words[1]]
}
const texts = ['请补材料', '请补装修合同；并说明起止日期。', 'Licence expired; send the new one. Thanks.', '见附注：请在 3 日 前补交。', 'a\nb；c：d']
const returned = (words: string, materials: { type: 'business_licence' | 'renovation_proof'; words: string }[]): Fact =>
  ({ fact: 'returned', by: 'rita', at: now, words, materials, daysLeft: 3, answerBy: now + 86_400_000 })

it.each(texts)('returned with %j', (text) => {
  expect(saidIn(toldOf(returned(text, [])), 'returned')).toEqual({ words: [text, text], materials: [] })
  const materials = [{ type: 'business_licence', words: '已过期；请换' }, { type: 'renovation_proof', words: '缺章。' }] as const
  expect(saidIn(toldOf(returned(text, [...materials])), 'returned')).toEqual({ words: [text, text], materials })
})
it.each(texts)('rejected with %j', (text) => {
  expect(saidIn(toldOf({ fact: 'rejected', by: 'rita', at: now, words: text }), 'rejected')).toEqual({ words: [text, text], materials: [] })
})
it('says nothing where the notice is another', () => {
  expect(saidIn(['申请 TQ 已批准。', 'Application TQ is approved.'], 'rejected')).toBeUndefined()
  expect(saidIn(['申请 TQ 已批准。', 'Application TQ is approved.'], 'returned')).toBeUndefined()
})
