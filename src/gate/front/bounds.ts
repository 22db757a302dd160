// What a peer may take of the ISO 8583 front, each bound with its unit. A peer that goes beyond one is cut off; the others
// never notice. Tests and operators may set them lower.
export type FrontBounds = {
  readonly connections_max: number
  readonly connections_per_address_max: number
  /** Requests of one line that wait for a host behind us; beyond it the line is not read. */
  readonly in_flight_per_line_max: number
  /** Without a whole frame for so long a connection is closed. Terminals on a leased line say echo every few minutes. */
  readonly idle_ms: number
  /** A frame that has begun must be whole by then. */
  readonly frame_ms_max: number
  /** Answers that were not taken by then: the reader is not reading. */
  readonly unread_ms_max: number
  /** Answers waiting in memory for a reader; beyond it its line is not read either. */
  readonly unread_bytes_max: number
  /** How long a shutdown waits for what is under way. */
  readonly drain_ms_max: number
  /** Links to the host behind us. */
  readonly links: number
  readonly host_answer_ms_max: number
  /** How long a late answer is still recognised, after which what may have happened is reversed anyway. */
  readonly late_ms_max: number
  /** A link on which nothing at all is heard for so long, although something was asked, is torn down. */
  readonly host_silence_ms_max: number
  readonly host_connect_ms_max: number
  readonly host_retry_ms: number
  /** Requests under way to the host in all; beyond it the terminal reads 91. */
  readonly to_host_max: number
  readonly reversal_tries_max: number
  readonly reversal_retry_ms: number
  /** Transactions the answering host remembers. */
  readonly ledger_entries_max: number
}

export const frontBounds: FrontBounds = {
  connections_max: 20_000,
  connections_per_address_max: 1_000,
  in_flight_per_line_max: 256,
  idle_ms: 600_000,
  frame_ms_max: 10_000,
  unread_ms_max: 10_000,
  unread_bytes_max: 65_536,
  drain_ms_max: 10_000,
  links: 4,
  host_answer_ms_max: 15_000,
  late_ms_max: 60_000,
  host_silence_ms_max: 45_000,
  host_connect_ms_max: 3_000,
  host_retry_ms: 500,
  to_host_max: 10_000,
  reversal_tries_max: 3,
  reversal_retry_ms: 2_000,
  ledger_entries_max: 500_000,
}
