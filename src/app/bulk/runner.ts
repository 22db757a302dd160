// Carries bulks out, a batch of each in turn, so that fifty terminals to be stopped now do not wait behind a hundred thousand.
// Rows say what is to be done; nothing is remembered here that a restart would miss. An advisory lock says which program does
// it, where several share a database.
import type { App } from '../app.ts'
import { alone } from '../../store/alone.ts'
import { sqlState } from '../../store/db.ts'
import { bulksUnderWay, changeBulk, lockBulk, type StoredBulk } from '../../store/bulk.ts'
import { batch_again_ms, batch_attempts_max, batches_per_turn } from './bounds.ts'
import { carryOut, rehearse, roundOf, roundOver } from './batch.ts'

export type Runner = {
  /** Looks for something to do; resolves when nothing is left that can be done now. */
  run(): Promise<void>
  /** The same in the background. */
  look(): void
  close(): Promise<void>
}

/** `ended`: called after each bulk that is done, so that what waits for it goes on. */
export function startRunner(app: App, ended: (bulk: StoredBulk) => Promise<void>): Runner {
  let running: Promise<void> | undefined
  let again = false
  let isClosed = false
  /** Bulks whose present round passed somebody by: they wait for locks now. */
  const patient = new Set<string>()

  /** Some batches of one bulk, two side by side: while one is being written the next is decided. */
  const turn = async (bulk: StoredBulk): Promise<void> => {
    if (bulk.state === 'checking') return void (await patiently(() => rehearse(app, bulk)))
    const round = roundOf(bulk, patient.has(bulk.id))
    let isOver = false
    const lane = async (): Promise<void> => {
      for (let n = 0; n < batches_per_turn && !isOver && !isClosed; n++) {
        const went = await patiently(() => carryOut(app, bulk, round))
        if (went !== 'more') isOver = true
      }
    }
    const lanes = await Promise.allSettled([lane(), lane()])
    const broken = lanes.find((l) => l.status === 'rejected')
    if (broken) throw broken.reason
    if (!isOver) return
    const over = await roundOver(app, bulk.id)
    if (over === 'again') patient.add(bulk.id)
    else patient.delete(bulk.id)
    if (over !== 'done') return
    app.log.info({ bulk: bulk.id, by: bulk.actor.person, total: bulk.total }, 'a bulk is done')
    await ended(bulk)
  }
  const work = async (): Promise<void> => {
    do {
      again = false
      for (;;) {
        const found = isClosed ? [] : await app.db.transaction('*', bulksUnderWay, { readOnly: true })
        if (found.length === 0) break
        for (const bulk of found) {
          if (isClosed) return
          await turn(bulk).catch((error: Error) => breakOff(app, bulk, error))
        }
      }
    } while (again && !isClosed)
  }
  const run = (): Promise<void> => {
    if (running) { again = true; return running }
    running = carriedHere(app, work)
      .catch((error: Error) => app.log.error({ error: error.message }, 'bulks could not be carried out'))
      .finally(() => { running = undefined })
    return running
  }
  return {
    run,
    look() { if (!isClosed) void run() },
    async close() {
      isClosed = true
      await running
    },
  }
}

/** What no attempt could do is said, and waits for somebody. */
async function breakOff(app: App, { id }: StoredBulk, error: Error): Promise<void> {
  app.log.error({ bulk: id, error: error.message }, 'a bulk broke off')
  await app.db.transaction('*', async (tx) => {
    const bulk = await lockBulk(tx, id)
    if (bulk && ['checking', 'running'].includes(bulk.state)) await changeBulk(tx, bulk, { state: 'failed', fault: error.message.slice(0, 500) })
  })
}

/** Somebody may hold a terminal for a while, or come the other way. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await work()
    } catch (error) {
      const state = sqlState(error)
      const passes = state === undefined ? n < batch_attempts_max && /connection/i.test((error as Error).message) : ['40P01', '40001', '55P03', '57P01'].includes(state)
      if (!passes || n === batch_attempts_max) throw error
      await new Promise((resolve) => setTimeout(resolve, batch_again_ms * n))
    }
  }
}

/** Nothing where another program carries bulks out; mostly nobody need ask, because there are none. */
async function carriedHere(app: App, work: () => Promise<void>): Promise<void> {
  if ((await app.db.transaction('*', bulksUnderWay, { readOnly: true })).length > 0) await alone(app.db, 'bulk', work)
}
