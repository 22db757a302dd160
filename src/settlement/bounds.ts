// How much a settlement file, and matching, may ask of us. What is beyond is refused in words, never a crash.
import { availableParallelism } from 'node:os'

/** Of a file as it came, and of what is inside its wrappings. */
export const file_bytes_max = 2 * 1024 ** 3
/** One file; ten million rows of a day's slips come to about 1.5 GB. */
export const file_rows_max = 20_000_000
/** A million million yuan: what one file moves adds up to less, and sums over files stay whole numbers. */
export const file_total_fen_max = 10 ** 14
/** Base64 in a zip in deflate in gzip: real files come with three layers at most. */
export const layers_max = 4
/** Blanks and zeros of a fixed-width file squeeze well (30 to 60 times); a bomb does so a thousand times. */
export const unpack_ratio_max = 250
export const unpack_ratio_from_bytes = 1024 * 1024
/** A ZIP file is held whole, because its directory stands at its end. */
export const archive_bytes_max = 256 * 1024 ** 2
/** Of one record of a fixed-width file, its line end not counted. */
export const record_bytes_max = 4_096
export const xml_depth_max = 64
/** Characters of one text of an XML file. */
export const xml_text_chars_max = 10_000
/** Reading stops when so many faults are told; nobody reads more. */
export const faults_max = 1_000
/** Rows handed on at a time. */
export const batch_rows = 2_048
/** Of the text in which rows wait for the engine. */
export const buffer_chars_max = 256 * 1024

/** What the engine may hold before it spills to the disk; about as much again is Node, decoding and the allocator's. */
export const engine_memory_mb = 1_536
/** Writing one file needs little. */
export const intake_memory_mb = 512
export const engine_threads_max = Math.max(1, Math.min(8, availableParallelism()))
/** Lines of one side under one reference; a file that says the same thing a thousand times is only counted on. */
export const group_lines_max = 200
/** More breaks than anybody works through: beyond it they are only counted. */
export const breaks_max = 100_000
/** Merchants times settlement dates that are listed. */
export const days_max = 100_000
export const progress_every_ms = 250
/** At a time; others wait their turn. One match may take all the memory there is for matching. */
export const at_once_max = { take: 2, match: 1 } as const
/** Starting a thread takes half a second: one that has nothing to do is kept so long. */
export const idle_threads_max = 2
export const idle_ms = 10_000
/** How long a stopped query has to end before its thread is ended. */
export const stop_within_ms = 10_000
