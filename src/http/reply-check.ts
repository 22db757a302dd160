// Judges replies by the contract, in tests: a reply that differs from its schema fails the request that got it.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RefusalCode } from '../domain/refusals.ts'
import { refusalsOf } from './route.ts'

export function checkReplies(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    const row = request.routeOptions.config.route
    if (!row || typeof payload !== 'string' || request.method === 'HEAD') return payload
    const type = String(reply.getHeader('content-type') ?? '')
    if (type.startsWith('application/problem+json')) {
      const { code, status } = JSON.parse(payload) as { code: RefusalCode; status: number }
      if (!refusalsOf(row).includes(code))
        throw new Error(`${row.method} ${row.path} refused with ${code}, which its row does not name`)
      if (status !== reply.statusCode) throw new Error(`${row.path} said ${status} and answered ${reply.statusCode}`)
      return payload
    }
    const shape = row.replies[reply.statusCode]
    if (shape === undefined)
      throw new Error(`${row.method} ${row.path} answered ${reply.statusCode}, which its row does not name`)
    if (shape instanceof z.ZodType) {
      const parsed = shape.safeParse(JSON.parse(payload))
      if (!parsed.success)
        throw new Error(
          `${row.method} ${row.path} differs from its schema: ${JSON.stringify(parsed.error.issues).slice(0, 1_000)}`,
        )
    }
    return payload
  })
}
