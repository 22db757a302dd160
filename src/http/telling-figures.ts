// Figures about deliveries for Prometheus: what waits and what did not arrive, by channel; and endpoints that are disabled.
import { Gauge, type Registry } from 'prom-client'
import type { App } from '../app/app.ts'
import { deliveryCounts, endpointCounts } from '../store/telling.ts'

/** Makes the figures; what it answers brings them up to date. */
export function tellingFigures(registry: Registry, app: App): () => Promise<void> {
  const registers = [registry]
  const deliveries = new Gauge({ name: 'tingqi_deliveries', help: 'Deliveries that wait or did not arrive', labelNames: ['channel', 'state'] as const, registers })
  const endpoints = new Gauge({ name: 'tingqi_webhooks', help: 'Endpoints by state', labelNames: ['state'] as const, registers })
  return async () => {
    deliveries.reset()
    endpoints.reset()
    const read = await app.db.transaction('*', async (tx) => ({ counts: await deliveryCounts(tx), webhooks: await endpointCounts(tx) }), { readOnly: true })
      .catch((error: Error) => { app.log.warn({ error: error.message }, 'figures about deliveries could not be read') })
    if (!read) return
    for (const { channel, state, count } of read.counts) deliveries.set({ channel, state }, count)
    for (const [state, count] of Object.entries(read.webhooks)) endpoints.set({ state }, count)
  }
}
