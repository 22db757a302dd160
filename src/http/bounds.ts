// Bounds of the HTTP face, besides those of src/limits.ts.
/** Per key, session or address; a machine that files as fast as it can stays below it. */
export const requests_per_minute_max = 120_000
/** Sign-ins from one address, whoever they claim to be. */
export const sign_ins_per_address_per_minute_max = 60
/** PCI DSS 8.3.4: no more than ten wrong attempts, then locked for at least half an hour. */
export const sign_in_failures_max = 10
export const sign_in_locked_minutes = 30
export const sign_in_failures_kept_hours = 24
export const session_hours = 12
/** How long a key or an account that was just looked up is believed. */
export const identity_believed_ms = 2_000
export const identities_remembered_max = 10_000
/** Whole import files are held in memory, because they may carry card numbers. */
export const import_uploads_at_once_max = 2
export const upload_fields_max = 10
export const upload_field_bytes_max = 1_000
export const file_name_length_max = 200
/** Boundaries and headers around the parts of an upload. */
export const multipart_overhead_bytes = 65_536
export const request_ms_max = 300_000
export const keep_alive_ms = 72_000
export const journal_rows_max = 1_000
