// How grave a finding is, as a lamp.
import type { Shape, Tone } from './Lamp.tsx'

export const findingLook: Readonly<Record<'blocking' | 'warning' | 'fine', readonly [Shape, Tone]>> = {
  blocking: ['square', 'provider'], warning: ['triangle', 'drain'], fine: ['dot', 'open'],
}
