// Every bound of the program, with its unit in the name. A bound that is hit is a refusal, never a crash.
export const installation_terminals_max = 20
export const handover_devices_max = 200
export const terminals_per_case_max = 500
export const words_length_max = 2_000
export const list_limit_max = 200
export const list_limit_default = 50
export const list_total_exact_max = 10_000
export const idempotency_key_length_max = 200
export const idempotency_kept_days = 30
/** Rejected rows of imports hold names and telephones: long enough to put a file right. */
export const import_rejected_kept_days = 90
/** What cannot be undone is confirmed by somebody who signed in so recently. */
export const step_up_minutes = 10
export const request_body_bytes_max = 1_048_576
export const import_file_bytes_max = 256 * 1_048_576
export const import_errors_max = 10_000
export const material_bytes_max = 20 * 1_048_576
export const material_pixels_max = 40_000_000
export const materials_per_case_max = 50
export const letter_verify_bytes_max = 20 * 1_048_576
export const gate_queries_per_request_max = 1_000
/** How far a preview of costs looks ahead. */
export const options_days_max = 731
/** Terminals of one bulk; more are several bulks. */
export const bulk_terminals_max = 200_000
/** Terminals pasted by number into one selection, and test results in one request. */
export const bulk_listed_max = 10_000
export const lock_wait_ms = 5_000
export const statement_ms_max = 30_000
export const due_batch_max = 200
export const due_poll_ms = 500
/** How long after its last renewal a gate still decides as if it had just heard. */
export const gate_lease_ms = 5_000
export const gate_poll_ms = 250
export const gate_pull_apart_ms = 10
export const track_per_minute_max = 20
export const verify_per_minute_max = 60
export const sign_in_per_minute_max = 10
