// Bounds of settlement files and runs, besides those of src/settlement and src/limits.ts.

/** Files that come within this time of each other are matched together. */
export const settle_debounce_ms = 300
/** A run that waits for files under way waits no longer than this: theirs may be another machine's. */
export const files_waited_for_ms_max = 30_000
/** How often progress is written down, and whether somebody asked for a stop is looked at. */
export const run_progress_every_ms = 250
/** Where the calendar of the year is not known: no settlement may take longer (2013 No. 9, art. 29). */
export const break_due_days_max = 30
/** A file's header must lie within its first bytes. */
export const header_bytes_max = 64 * 1024
export const mappings_per_provider_max = 200
/** Rows of an export that are held at once. */
export const export_page_rows = 500
