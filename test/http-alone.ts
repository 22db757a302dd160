// The HTTP face without a database: one key, one account of any role, and services that are whatever a test says.
import type { FastifyInstance } from 'fastify'
import type { App } from '../src/app/app.ts'
import type { Role } from '../src/domain/vocabulary.ts'
import { buildHttp } from '../src/http/serve.ts'
import type { Services } from '../src/http/services.ts'

export const key = `tq_${'k'.repeat(43)}`

/** What of the services a test reaches; whatever else is reached fails the request. */
export type Some = {
  [K in keyof Services]?: Services[K] extends (...asked: never[]) => unknown ? Services[K] : Partial<Services[K]>
}

export async function alone(
  services: Some,
  role: Role = 'provider_admin',
): Promise<FastifyInstance & { logged: object[] }> {
  const logged: object[] = []
  const note = (facts: object): void => {
    logged.push(facts)
  }
  const row = { person: 'p', account: 'a', name: 'n', role, party_kind: 'provider', party_id: 'yunhui' }
  const app = {
    zone: 'Asia/Shanghai',
    log: { info: note, warn: note, error: note },
    db: { transaction: async (_: unknown, work: (tx: object) => unknown) => work({ one: async () => row }) },
  } as unknown as App
  const http = await buildHttp({
    app,
    services: services as Services,
    config: { port: 0, host: '', publicUrl: 'http://localhost', isDemo: true, checkReplies: true },
  })
  return Object.assign(http, { logged })
}
