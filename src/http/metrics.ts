// Figures for Prometheus: how many requests, how long they took, by route and status – never by who or what they were about.
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'

export type Metrics = {
  registry: Registry
  observe(route: string, method: string, status: number, seconds: number): void
}

/** Seconds; the gate answers in fractions of a millisecond, an import takes minutes. */
const buckets_s = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]

export function makeMetrics(registry = new Registry()): Metrics {
  collectDefaultMetrics({ register: registry })
  const labelNames = ['route', 'method', 'status'] as const
  const requests = new Counter({
    name: 'tingqi_http_requests_total',
    help: 'Requests answered',
    labelNames,
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'tingqi_http_request_seconds',
    help: 'Time to the last byte',
    labelNames: ['route', 'method'] as const,
    buckets: buckets_s,
    registers: [registry],
  })
  return {
    registry,
    observe(route, method, status, took) {
      requests.inc({ route, method, status: String(status) })
      seconds.observe({ route, method }, took)
    },
  }
}
