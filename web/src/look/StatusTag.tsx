// A state as people see it: a word with its own shape and colour (● open, ▲ draining, ■ stopped, ○ testing, ◆ stopped by the
// provider); the shape says it to who does not see colours, the word to who does not see.
import { services, type HoldOwner, type Service } from '../../../src/domain/vocabulary.ts'
import { useSay } from '../words.ts'

const shapes = {
  dot: <circle cx="6" cy="6" r="5" />,
  ring: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />,
  triangle: <path d="M6 1 11 11H1Z" />,
  square: <rect x="1" y="1" width="10" height="10" />,
  diamond: <path d="M6 0 12 6 6 12 0 6Z" />,
  cross: <path d="M2 2 10 10M10 2 2 10" stroke="currentColor" strokeWidth="2.4" />,
} as const

const lampOf: Readonly<Record<Service, readonly [shape: keyof typeof shapes, tone: string]>> = {
  pending_setup: ['ring', 'soft'], active: ['dot', 'open'], restricted: ['triangle', 'drain'], draining: ['triangle', 'drain'],
  suspended: ['square', 'shut'], testing: ['ring', 'test'], closed: ['cross', 'closed'],
}

type Held = { owner: HoldOwner; clearedAt: string | null; liftedAt: string | null; withdrawnAt: string | null; startedAt: string | null }

/** `holds` tells whether it is the provider that stops it, which wears its own shape. */
export function StatusTag({ service, holds = [] }: { service: Service; holds?: readonly Held[] }) {
  const say = useSay()
  const byProvider = service === 'suspended'
    && holds.some((h) => h.owner !== 'merchant' && h.clearedAt === null && h.liftedAt === null && h.withdrawnAt === null && h.startedAt !== null)
  const [shape, tone] = byProvider ? (['diamond', 'provider'] as const) : lampOf[service]
  return (
    <span className={`lamp ${tone}`}>
      <svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">{shapes[shape]}</svg>
      {byProvider ? say('机构停用', 'stopped by the provider') : say(services[service])}
    </span>
  )
}
