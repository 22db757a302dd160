// The tables' own shape; what they make of commands stands in test/golden.
import { describe, expect, test } from 'vitest'
import { applicationMachine, applicationMoves, depositMachine, depositMoves, holdMachine, materialMachine, returnMachine, returnMoves, stepMachine } from './lifecycle.ts'
import { applicationStates, depositStates, endStates, isEnded, materialStates, returnStates, stepStates, words, type ApplicationState } from './vocabulary.ts'

const states = words(applicationStates)

describe('a case', () => {
  test('one that has ended goes nowhere; all that may be asked of it is a step that falls due after it was completed', () => {
    const asked = endStates.flatMap((state) => Object.entries(applicationMachine).filter(([, legal]) => legal.includes(state)).map(([command]) => `${command} in ${state}`))
    expect(asked).toEqual(['complete-step in completed'])
    for (const state of endStates) expect(applicationMoves[state]).toEqual([])
    expect(states.filter((s) => !isEnded(s) && applicationMoves[s].length === 0)).toEqual([])
  })

  test('the clock looks at every one that has not ended', () => {
    expect([...applicationMachine.tick].toSorted()).toEqual(states.filter((s) => !isEnded(s)).toSorted())
  })

  test('each state can be reached from a draft, and an end from each', () => {
    const reach = (from: ApplicationState): Set<ApplicationState> => {
      const seen = new Set([from])
      for (const state of seen) for (const next of applicationMoves[state]) seen.add(next)
      return seen
    }
    expect([...reach('draft')].toSorted()).toEqual(states.toSorted())
    for (const state of states) expect([...reach(state)].some(isEnded), state).toBe(true)
  })

  test('withdrawn until its effect has begun, never after', () => {
    const may = applicationMachine.withdraw
    expect(states.filter((s) => !isEnded(s) && !may.includes(s))).toEqual(['in_progress'])
    for (const state of may) expect(applicationMoves[state], state).toContain('withdrawn')
  })

  test('decided only while it is being reviewed', () => {
    for (const command of ['approve', 'reject', 'return'] as const) expect(applicationMachine[command]).toEqual(['submitted', 'in_review', 'second_review'])
  })
})

test('a device and its deposit: what a command allows leads somewhere, and what is settled stays', () => {
  for (const legal of Object.values(returnMachine)) for (const state of legal) expect(returnMoves[state], state).not.toEqual([])
  for (const legal of Object.values(depositMachine)) for (const state of legal) expect(depositMoves[state], state).not.toEqual([])
  expect(words(returnStates).filter((state) => returnMoves[state].length === 0)).toEqual(['restocked', 'retired', 'lost', 'cancelled'])
  expect(words(depositStates).filter((state) => depositMoves[state].length === 0)).toEqual(['refunded', 'forfeited'])
})

test('steps, materials and holds move only between words there are', () => {
  for (const legal of Object.values(stepMachine)) for (const state of legal) expect(words(stepStates)).toContain(state)
  for (const legal of Object.values(materialMachine)) for (const state of legal) expect(words(materialStates)).toContain(state)
  const lives = Object.keys(holdMachine)
  for (const next of Object.values(holdMachine)) for (const state of next) expect(lives).toContain(state)
  expect(Object.entries(holdMachine).filter(([, next]) => next.length === 0).map(([state]) => state)).toEqual(['lifted', 'withdrawn'])
})
