// A state as people see it: a word with its own shape and colour (● open, ▲ draining, ■ stopped, ○ testing, ◆ stopped by the
// provider); the shape says it to who does not see colours, the word to who does not see.
import { services, type Service } from '../../../src/domain/vocabulary.ts'
import { isProvidersStop, type Hold } from '../hold.ts'
import { useSay } from '../words.ts'
import { Lamp, type Shape, type Tone } from './Lamp.tsx'

const lampOf: Readonly<Record<Service, readonly [shape: Shape, tone: Tone]>> = {
  pending_setup: ['ring', 'soft'], active: ['dot', 'open'], restricted: ['triangle', 'drain'], draining: ['triangle', 'drain'],
  suspended: ['square', 'shut'], testing: ['ring', 'test'], closed: ['cross', 'closed'],
}

/** `holds` tells whether it is the provider that stops it, which wears its own shape. */
export function StatusTag({ service, holds = [] }: { service: Service; holds?: readonly Hold[] }) {
  const say = useSay()
  const byProvider = service === 'suspended' && holds.some(isProvidersStop)
  const [shape, tone] = byProvider ? (['diamond', 'provider'] as const) : lampOf[service]
  return <Lamp shape={shape} tone={tone}>{byProvider ? say('机构停用', 'stopped by the provider') : say(services[service])}</Lamp>
}
