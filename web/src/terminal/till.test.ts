// The till against a host in the test: what it counts, remembers, undoes, and does not believe.
import { expect, test } from 'vitest'
import { asks, type Ask, type Said } from '../../../src/gate/front/terminal.ts'
import { newWorkingKeys, wrapKeys } from '../../../src/gate/iso8583/keys.ts'
import type { Line, Reply } from './line.ts'
import { passingMemory } from './memory.ts'
import { isLearnt, lessons, practiceLine } from './practice.ts'
import { openTill, totalsOf } from './till.ts'

const masterKey = '0123456789ABCDEFFEDCBA9876543210'
const wrapped = wrapKeys(Buffer.from(masterKey, 'hex'), 3, newWorkingKeys(3))!.toString('hex')
type Answer = { code?: string; isMacRight?: boolean; command?: number } | 'silent'

/** A host that approves unless told otherwise, and what it was asked. */
function host(answers: Partial<Record<Ask, Answer[]>> = {}) {
  const asked: { ask: Ask; said: Said }[] = []
  const line: Line = {
    close() {},
    ask(ask, said): Promise<Reply | undefined> {
      asked.push({ ask, said })
      const answer = answers[ask]?.shift() ?? {}
      if (answer === 'silent') return Promise.resolve(undefined)
      const fields = { 62: wrapped, 37: '000000000009', 38: '123456', 12: '090000', 13: '1123', 48: '' }
      return Promise.resolve({
        isMacRight: said.mac && (answer.isMacRight ?? true),
        heard: { mti: asks[ask].mti, fields, code: answer.code ?? '00', sentence: '', command: answer.command ?? 0, batch: 7 },
      })
    },
  }
  const till = openTill({ tid: '10000001', mid: '104110045110012', serial: 'N7', line, memory: passingMemory(), masterKey })
  return { till, asked, names: () => asked.map(({ ask }) => ask) }
}

test('signs on, opens its keys, and says every sale with a MAC and a number of its own', async () => {
  const { till, asked } = host()
  expect((await till.signOn()).code).toBe('00')
  expect(till.standing()).toEqual({ isSignedOn: true, hasMac: true, owesSignOn: false })
  await till.deal('sale', 100)
  await till.deal('sale', 250)
  const sales = asked.filter(({ ask }) => ask === 'sale').map(({ said }) => said)
  expect(sales.map(({ batch, mac }) => [batch, mac !== undefined])).toEqual([[7, true], [7, true]])
  expect(new Set(asked.map(({ said }) => said.trace)).size).toBe(3)
  expect(totalsOf(till.kept())).toEqual({ debitFen: 350, debits: 2, creditFen: 0, credits: 0 })
})

test('keys of another master key are none', async () => {
  const till = openTill({ tid: '1', mid: '1', serial: undefined, line: practiceLine(() => lessons[0]!, Date.now), memory: passingMemory(), masterKey })
  expect((await till.signOn()).code).toBe('A0')
  expect(till.standing().isSignedOn).toBe(false)
})

test('what nobody answered is undone before the next, and counts nowhere', async () => {
  const { till, asked, names } = host({ sale: ['silent'], reversal: ['silent'] })
  expect((await till.deal('sale', 500)).code).toBe('')
  expect(totalsOf(till.kept()).debits).toBe(0)
  // The reversal is not answered, either: no sale goes out before it is.
  expect((await till.deal('sale', 900)).code).toBe('')
  expect(names()).toEqual(['sale', 'reversal'])
  expect((await till.deal('sale', 900)).code).toBe('00')
  expect(names()).toEqual(['sale', 'reversal', 'reversal', 'sale'])
  const [lost, , undone] = asked
  expect([undone!.said.trace, undone!.said.batch, undone!.said.amountFen]).toEqual([lost!.said.trace, lost!.said.batch, 500])
  expect(till.kept().owed).toBeUndefined()
})

test('an approval with a wrong MAC is none, and is undone', async () => {
  const { till, names } = host({ sale: [{ isMacRight: false }] })
  await till.signOn()
  expect((await till.deal('sale', 500)).code).toBe('A0')
  expect(till.standing().owesSignOn).toBe(true)
  await till.deal('sale', 100)
  expect(names()).toEqual(['sign-on', 'sale', 'reversal', 'sale'])
})

test('voids what it sold once, and settles what it counted', async () => {
  const { till, asked, names } = host()
  await till.signOn()
  const { deal } = await till.deal('sale', 500)
  await till.deal('void', 500, deal)
  expect(till.kept().deals.map(({ ask, isOver }) => [ask, isOver === true])).toEqual([['sale', true], ['void', false]])
  expect(asked.at(-1)!.said.original).toEqual({ batch: 7, trace: deal!.trace, date: '1123' })
  await till.settle()
  expect(asked.find(({ ask }) => ask === 'settle')!.said.totals).toEqual({ debitFen: 500, debits: 1, creditFen: 500, credits: 1 })
  // The answer said nothing of agreement: the batch is uploaded; keys belong to a batch, so it signs on anew.
  expect(names().slice(-3)).toEqual(['settle', 'upload-end', 'sign-on'])
  expect(till.kept().deals).toEqual([])
})

test('77 asks for a sign-on, which ends it', async () => {
  const { till } = host({ sale: [{ code: '77' }] })
  expect((await till.deal('sale', 100)).code).toBe('77')
  expect(till.standing().owesSignOn).toBe(true)
  expect(till.kept().owed).toBeUndefined()
  await till.signOn()
  expect(till.standing().owesSignOn).toBe(false)
})

test('every lesson can be learnt by doing what it says, and by nothing else', async () => {
  for (const lesson of lessons) {
    const till = openTill({ tid: '00000000', mid: '000000000000000', serial: undefined, line: practiceLine(() => lesson, Date.now), memory: passingMemory(), masterKey: undefined })
    const acts = { 'sign-on': till.signOn, sale: () => till.deal('sale', 100), status: till.confirmStop, settle: till.settle, 'sign-off': till.signOff }
    for (const [ask, act] of Object.entries(acts)) expect([ask, isLearnt(lesson, await act())]).toEqual([ask, ask === lesson.asks])
  }
})
