// When a delivery that did not arrive is tried again, and when no more: pure, so that a test can read it as a table.
import type { Carried } from '../../telling/carrier.ts'
import type { DeliveryChannel } from '../../domain/vocabulary.ts'
import type { Settled } from '../../store/telling.ts'

const minute_s = 60
const hour_s = 3_600
/** After the first, second … attempt. Machines as Standard Webhooks 1.0 advises, over three days; people over two. */
const webhook_waits_s = [5, 5 * minute_s, 30 * minute_s, 2 * hour_s, 5 * hour_s, 10 * hour_s, 14 * hour_s, 20 * hour_s, 24 * hour_s]
const people_waits_s = [minute_s, 5 * minute_s, 15 * minute_s, hour_s, 4 * hour_s, 12 * hour_s, 24 * hour_s]
const retry_after_s_max = 24 * hour_s
/** Retries of many that failed together come back a little apart. */
const jitter = 0.1

export const waitsOf = (channel: DeliveryChannel): readonly number[] => (channel === 'webhook' ? webhook_waits_s : people_waits_s)

/** What an attempt leaves behind. `attempts` counts it; `random` is from 0 to 1. */
export function settledBy(channel: DeliveryChannel, attempts: number, carried: Carried, now: number, random: number): Settled {
  if (carried.sent) return { state: 'sent', failure: undefined, proof: carried.proof, nextAt: undefined }
  const { failure, proof } = carried
  if (carried.isFinal) return { state: 'failed', failure, proof, nextAt: undefined }
  const wait_s = waitsOf(channel)[attempts - 1]
  if (wait_s === undefined) return { state: 'given_up', failure, proof, nextAt: undefined }
  const spread_s = wait_s * (1 + jitter * (2 * random - 1))
  const asked_s = Math.min(carried.retryAfter_s ?? 0, retry_after_s_max)
  return { state: 'waiting', failure, proof, nextAt: now + Math.round(Math.max(spread_s, asked_s) * 1_000) }
}
