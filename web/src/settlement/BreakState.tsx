// How a break stands, as a lamp.
import type { BreakState as State } from '../../../src/domain/vocabulary.ts'
import { Lamp, type Shape, type Tone } from '../look/Lamp.tsx'

const lampOf: Readonly<Record<State, readonly [Shape, Tone]>> = {
  open: ['unequal', 'provider'], proposed: ['triangle', 'drain'], accepted: ['ring', 'test'], resolved: ['dot', 'open'],
}

export const BreakState = ({ state, words }: { state: State; words: string }) => {
  const [shape, tone] = lampOf[state]
  return <Lamp shape={shape} tone={tone}>{words}</Lamp>
}
