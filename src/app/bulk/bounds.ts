// Bounds of bulks, besides those of src/limits.ts.

/** Terminals decided and written in one transaction: they, and the journal's head, are locked for as long as that takes. */
export const batch_terminals_max = 1_000
/** Batches of one bulk, on each of two lanes, before the next bulk has its turn. */
export const batches_per_turn = 4
/** Items rehearsed between two looks at whether somebody cancelled. */
export const rehearsed_items_max = 2_000
/** A batch that somebody's lock or a broken connection kept from being written is tried again so often. */
export const batch_attempts_max = 5
export const batch_again_ms = 200
/** From so many terminals due at once on, time's work is done a batch at a time. */
export const due_together_min = 50
