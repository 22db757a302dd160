// Bounds of imports and materials, besides those of src/limits.ts.

/** Rows sent to the staging table at once. */
export const staged_rows_max = 2_000
/** Terminals told to the gates in one transaction: the journal's head is locked for as long as writing them takes. */
export const published_terminals_max = 1_000
/** Terminals whose clearance is recomputed in one transaction; they are locked for that long. */
export const cleared_terminals_max = 500
/** Errors shown with an import; the file of rejected rows has them all. */
export const import_errors_shown_max = 1_000
/** A whole import is one transaction; its statements and waits are longer than a request's. */
export const import_statement_ms_max = 600_000
export const import_lock_wait_ms = 60_000
/** How often progress is written down. */
export const progress_every_ms = 250
/** Applying starts again when somebody changed the same terminals meanwhile. */
export const apply_attempts_max = 3
/** The sealed file is read and written in pieces of this size. */
export const sealed_chunk_bytes = 1_048_576
export const calendar_file_bytes_max = 1_048_576
/** Merchants whose names and telephones are sealed before others get a turn. */
export const sealed_merchants_per_turn = 250
