// What screens ask of a hold: whether it is still open, and whether it is the provider that keeps a terminal shut – which wears a
// shape of its own wherever a state is shown.
import type { Effect, HoldOwner } from '../../src/domain/vocabulary.ts'

type Hold = {
  owner: HoldOwner; effect: Effect; startedAt: string | null; clearedAt: string | null; liftedAt: string | null; withdrawnAt: string | null
}

export const isOpen = (h: Pick<Hold, 'liftedAt' | 'withdrawnAt'>): boolean => h.liftedAt === null && h.withdrawnAt === null
/** Not released by its owner either. */
export const isUncleared = (h: Pick<Hold, 'clearedAt' | 'liftedAt' | 'withdrawnAt'>): boolean => isOpen(h) && h.clearedAt === null
export const isProvidersStop = (h: Hold): boolean => h.owner !== 'merchant' && h.effect === 'stop' && h.startedAt !== null && isUncleared(h)
/** A stop that has not begun yet is withdrawn on its case; only from one that has does one come back. */
export const hasBegun = (h: Pick<Hold, 'startedAt' | 'liftedAt' | 'withdrawnAt'>): boolean => h.startedAt !== null && isOpen(h)
export type { Hold }
