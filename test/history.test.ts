// Truth under fault: gates are killed, paused, cut off, held up, made deaf and their clocks set, while people stop and reopen
// terminals and clients ask all along. Whatever was answered is held to the law of test/gate/history.ts: nothing is approved
// after its stop was called effective, and no client sees a gate go back. The law itself is tried on gates, and on a primary,
// with one rule broken on purpose, and must find each.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { broken, type Broken } from './gate/history.ts'
import { mutants } from './gate/history-mutants.ts'
import { run, type Ran } from './gate/history-run.ts'
import { scheduleOf } from './gate/history-schedule.ts'
import { isTorture, seedOfRun } from './model/random.ts'
import { startServer } from './world.ts'

const gates = 3
const clients = 8
const answers_min = isTorture ? 10_000_000 : 1_000_000
const duration_ms = isTorture ? 240_000 : 25_000
const test_ms = isTorture ? 6 * 3_600_000 : 240_000

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())

const foundIn = ({ history, stretches, terms }: Ran): Broken[] => broken(history, stretches, terms)

test(`${answers_min} answers of ${gates} gates under fault`, { timeout: test_ms }, async () => {
  const seed = seedOfRun()
  console.log(`history: TINGQI_SEED=${seed}`)
  const ran = await run(server.url, { seed, gates, clients, faults: scheduleOf(seed, gates, duration_ms), duration_ms, answers_min })
  console.log(`history: ${JSON.stringify(ran.figures)}`)
  expect(foundIn(ran).map((b) => b.words), `TINGQI_SEED=${seed}`).toEqual([])
  expect(ran.unwell).toEqual([])
  expect(ran.history.count).toBeGreaterThanOrEqual(answers_min)
  // There was something to get wrong.
  expect(ran.figures.confirmed).toBeGreaterThan(duration_ms / 1_000)
  expect(ran.figures.standins).toBeGreaterThan(0)
})

test.each(Object.entries(mutants))('it is found that %s', { timeout: 90_000 }, async (_, { law, ...broke }) => {
  // What is reported is known only when all is over.
  const isAtTheEnd = law === 'unwritten'
  const ran = await run(server.url, {
    seed: 1, gates: 2, clients: 2, duration_ms: isAtTheEnd ? 5_000 : 25_000, ...broke,
    ...(isAtTheEnd ? {} : { isEnough: (history, stretches, terms) => broken(history, stretches, terms).some((b) => b.law === law) }),
  })
  expect(foundIn(ran).map((b) => b.law)).toContain(law)
})
