// How the embedded server is set: a laptop or a small virtual machine, many small transactions, none of them ever lost.
// The table is written to the cluster's postgresql.conf at every start, words included. An operator who must differ uses
// ALTER SYSTEM, which PostgreSQL keeps in postgresql.auto.conf and reads last.

export const settings: Readonly<Record<string, readonly [value: string, why: string]>> = {
  // Durability. A commit that was answered is on the disk.
  fsync: ['on', 'a power cut loses nothing that was acknowledged'],
  synchronous_commit: ['on', 'a commit is answered after its log record is on the disk'],
  full_page_writes: ['on', 'a page torn by a power cut is repaired from the log'],
  wal_level: ['replica', 'online backups and a standby stay possible'],

  // Throughput, with durability kept.
  wal_compression: ['pglz', 'full page images shrink; the only method these binaries are built with'],
  wal_buffers: ['16MB', 'one segment: bulk commits do not write it out early'],
  max_wal_size: ['2GB', 'checkpoints come by the clock, not by volume'],
  min_wal_size: ['256MB', 'recycled segments instead of new ones, without holding a laptop’s disk'],
  checkpoint_timeout: ['10min', 'few full page images; recovery still replays at most this much'],
  checkpoint_completion_target: ['0.9', 'a checkpoint is spread out instead of stalling commits'],

  // Memory.
  shared_buffers: ['256MB', 'holds the indexes of a million terminals'],
  effective_cache_size: ['1GB', 'what the planner may expect of the operating system’s cache'],
  work_mem: ['16MB', 'sorts of a page of a list stay in memory'],
  maintenance_work_mem: ['128MB', 'index builds after an import'],
  huge_pages: ['off', 'none are set aside on ordinary machines'],

  // Planning and background work.
  max_connections: ['100', 'every role’s pool together, and a person with psql'],
  jit: ['off', 'our statements are short; compiling them costs more than running them'],
  random_page_cost: ['1.1', 'solid state disks'],
  max_parallel_workers_per_gather: ['0', 'one request does not take the gate’s core, nor need a large /dev/shm'],
  autovacuum_naptime: ['15s', 'queues and outboxes turn over quickly'],
  autovacuum_vacuum_scale_factor: ['0.05', 'a million-row table is vacuumed after 50,000 changes, not 200,000'],
  autovacuum_analyze_scale_factor: ['0.02', 'an import is known to the planner soon'],
  shared_preload_libraries: ["''", 'nothing is loaded that is not needed'],

  // Clients that have gone.
  client_connection_check_interval: ['5s', 'a long statement of a program that was killed ends'],
  idle_in_transaction_session_timeout: ['5min', 'a transaction left open does not hold back vacuum for ever'],

  // Who may connect.
  listen_addresses: ["'127.0.0.1'", 'this machine only'],
  unix_socket_directories: ["''", 'no socket file: its path may not exceed 107 bytes, and folders can lie deep'],
  password_encryption: ['scram-sha-256', 'the password is never sent'],

  // What is said aloud. Messages and details of errors quote values, so errors go to the client only: it logs by its rules.
  logging_collector: ['off', 'lines go to the program that started us'],
  log_destination: ['stderr', 'as above'],
  log_min_messages: ['log', 'starts, stops, recoveries and fatal errors; no statement’s error'],
  log_min_error_statement: ['panic', 'no statement is logged with its values'],
  log_error_verbosity: ['terse', 'no detail, which quotes rows'],
  log_checkpoints: ['off', 'routine'],
  log_autovacuum_min_duration: ['-1', 'routine'],
  log_line_prefix: ["''", 'the program’s own log has the time'],
  lc_messages: ["'C'", 'start.ts reads a few of these lines'],

  // Time.
  timezone: ["'UTC'", 'instants are stored in UTC; people’s zones are the program’s matter'],
  log_timezone: ["'UTC'", 'as above'],
}

export const settingsFile = (): string =>
  ['# Written at every start. To differ, use ALTER SYSTEM SET …; it is kept in postgresql.auto.conf and wins.', '']
    .concat(
      Object.entries(settings).map(([name, [value, why]]) => `${`${name} = ${value}`.padEnd(52)} # ${why}`),
      '',
    )
    .join('\n')
