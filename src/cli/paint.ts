// Colour, where there is somebody to see it. A state is never told by its colour alone: every lamp has a shape and a word.
import { styleText } from 'node:util'
import type { Mode, Service } from '../domain/vocabulary.ts'

export type Style = 'strong' | 'faint' | 'good' | 'waiting' | 'stopped' | 'trying' | 'bad'
export type Paint = (style: Style, text: string) => string

const styles = {
  strong: 'bold',
  faint: 'gray',
  good: 'green',
  waiting: 'yellow',
  stopped: 'blue',
  trying: 'cyan',
  bad: 'red',
} as const satisfies Record<Style, Parameters<typeof styleText>[0]>

export const paintFor = (isColoured: boolean): Paint =>
  isColoured ? (style, text) => styleText(styles[style], text, { validateStream: false }) : (_, text) => text

/** On a terminal, unless somebody asked for none (no-color.org). */
export const isColoured = (stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean =>
  stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'

type Lamp = { shape: string; style: Style }

export const serviceLamps: Readonly<Record<Service, Lamp>> = {
  pending_setup: { shape: '◌', style: 'faint' },
  active: { shape: '●', style: 'good' },
  restricted: { shape: '◐', style: 'waiting' },
  draining: { shape: '▲', style: 'waiting' },
  suspended: { shape: '■', style: 'stopped' },
  testing: { shape: '○', style: 'trying' },
  closed: { shape: '×', style: 'faint' },
}
/** A stop that is not the merchant's own. */
export const providersLamp: Lamp = { shape: '◆', style: 'stopped' }

/** How a stretch of time is drawn on the strip. */
export const modeLamps: Readonly<Record<Mode, Lamp>> = {
  open: { shape: '█', style: 'good' },
  restrict: { shape: '▓', style: 'waiting' },
  drain: { shape: '▒', style: 'waiting' },
  shut: { shape: '░', style: 'stopped' },
  test: { shape: '▚', style: 'trying' },
  closed: { shape: '─', style: 'faint' },
  unknown: { shape: '?', style: 'faint' },
}
