// The live feed: events of the reader's party as they happen (server-sent events). Whoever does not ask for a stream gets what
// has happened since the place they name, and the answer ends.
import { z } from 'zod'
import { placeIn } from '../../app/telling/live.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { route, type Route } from '../route.ts'

export const eventRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/events',
    id: 'streamEvents',
    tag: 'telling',
    right: 'read',
    summary: ['实时事件', 'Events of my party as they happen (Accept: text/event-stream); goes on after Last-Event-ID'],
    query: z.strictObject({
      after: z.string().max(30).optional().meta({ description: '从这个事件之后 like Last-Event-ID, where no header can be sent', examples: ['1042.1'] }),
    }),
    replies: { 200: { mediaType: 'text/event-stream' } },
    refusals: ['too_many'],
    async answer(ask) {
      const gone = new AbortController()
      ask.request.raw.once('close', () => gone.abort())
      const header = ask.request.headers['last-event-id']
      const after = placeIn(typeof header === 'string' ? header : ask.query.after)
      const once = !(ask.request.headers.accept ?? '').includes('text/event-stream')
      const stream = await ask.services.telling.live.open({ actor: ask.actor, after, once, stillThere: ask.stillThere, gone: gone.signal })
      return isRefusal(stream) ? stream : { stream, mediaType: 'text/event-stream; charset=utf-8' }
    },
  }),
]
