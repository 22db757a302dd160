// A state in a word with its own shape, in the colours of the lamps: for states other than a terminal's.
import type { ReactNode } from 'react'

const shapes = {
  dot: <circle cx="6" cy="6" r="5" />,
  ring: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />,
  triangle: <path d="M6 1 11 11H1Z" />,
  square: <rect x="1" y="1" width="10" height="10" />,
  diamond: <path d="M6 0 12 6 6 12 0 6Z" />,
  cross: <path d="M2 2 10 10M10 2 2 10" stroke="currentColor" strokeWidth="2.4" />,
  unequal: <path d="M1 4H11M1 8H11M9 1 3 11" stroke="currentColor" strokeWidth="1.6" />,
} as const
export type Shape = keyof typeof shapes
export type Tone = 'open' | 'drain' | 'shut' | 'test' | 'provider' | 'soft' | 'closed'

export const Lamp = ({ shape, tone, children }: { shape: Shape; tone: Tone; children: ReactNode }) => (
  <span className={`lamp ${tone}`}><svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">{shapes[shape]}</svg>{children}</span>
)
