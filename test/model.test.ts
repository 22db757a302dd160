// Thousands of random lives of a few terminals, each watched by an auditor that knows the rule book and not the program. The
// auditor itself is tried on programs with one rule broken, and must find every one.
import { expect, test } from 'vitest'
import { applicationMachine, applicationMoves, depositMoves, holdMachine, returnMoves } from '../src/domain/lifecycle.ts'
import { applicationStates, words } from '../src/domain/vocabulary.ts'
import { isTorture, seedOfRun } from './model/random.ts'
import { asBuilt } from './model/estate.ts'
import { type Broken, noCoverage, runSequence } from './model/sequence.ts'
import { mutants } from './model/mutants.ts'

const sequences = isTorture ? 20_000 : 2_000
const length = 40

test(`${sequences} random lives keep every rule, and hit every legal transition`, { timeout: isTorture ? 6 * 3_600_000 : 120_000 }, () => {
  const seed = seedOfRun()
  console.log(`model: seed ${seed}`)
  const coverage = noCoverage()
  for (let n = 0; n < sequences; n++) runSequence(seed + n, length, coverage)
  const cells = Object.entries(applicationMachine).flatMap(([command, states]) => states.map((state) => `${command} in ${state}`))
  const reachable = words(applicationStates).filter((state) => state !== 'failed')
  const illegal = Object.keys(applicationMachine).flatMap((command) =>
    reachable.map((state) => `${command} in ${state}`).filter((cell) => !cells.includes(cell)))
  expect(cells.filter((cell) => !coverage.accepted.has(cell)), 'legal and never accepted').toEqual([])
  expect(illegal.filter((cell) => !coverage.refused.has(cell)), 'illegal and never tried').toEqual([])
  expect(illegal.filter((cell) => coverage.accepted.has(cell)), 'illegal and accepted').toEqual([])
  const moves = Object.entries(applicationMoves).flatMap(([from, to]) => to.filter((s) => s !== 'failed').map((s) => `${from} → ${s}`))
  expect([...coverage.moves].toSorted()).toEqual(moves.toSorted())
  const lineMoves = [...Object.entries(returnMoves).flatMap(([from, to]) => to.map((s) => `${from} → ${s}`)), ...Object.entries(depositMoves).flatMap(([from, to]) => to.map((s) => `deposit ${from} → ${s}`))]
  expect([...coverage.lineMoves].toSorted()).toEqual(lineMoves.toSorted())
  expect([...coverage.holdMoves].toSorted()).toEqual(Object.entries(holdMachine).flatMap(([from, to]) => to.map((s) => `${from} → ${s}`)).toSorted())
})

test.each(Object.entries(mutants))('the auditor finds: %s', (_, { breaks, law }) => {
  let found: Broken | undefined
  for (let seed = 1; seed <= 3_000 && found === undefined; seed++)
    try {
      runSequence(seed, length, noCoverage(), { ...asBuilt, ...breaks })
    } catch (error) {
      found = error as Broken
    }
  expect(found?.law).toMatch(law)
})

test('a sequence comes again from its seed', () => {
  const trail = (seed: number): string => {
    try {
      runSequence(seed, length, noCoverage(), { ...asBuilt, ...mutants['sign-on is not demanded']!.breaks })
      return 'nothing'
    } catch (error) {
      return (error as Error).message
    }
  }
  const seed = Array.from({ length: 500 }, (_, n) => n).find((n) => trail(n) !== 'nothing')!
  expect(trail(seed)).toBe(trail(seed))
  expect(trail(seed)).toContain(`TINGQI_SEED=${seed}`)
})
