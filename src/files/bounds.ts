// How much a file may ask of us. Every bound is checked while reading, so that no file is held before it is refused.

/** Text files: 100,000 fleet rows are about 25 MB. */
export const text_file_bytes_max = 256 * 1024 * 1024
export const rows_max = 500_000
export const columns_max = 100
/** One physical line of a CSV file, and one record with all its lines together. */
export const line_chars_max = 64 * 1024
export const record_bytes_max = 64 * 1024
/** One cell, whatever its column; each column has its own, smaller bound. */
export const cell_chars_max = 4_000
/** Rows handed on at a time. */
export const batch_rows = 1_000

/** XLSX: what is on disk, what it unpacks to, and how far one part may have been squeezed (real sheets: 10 to 60). */
export const sheet_file_bytes_max = 32 * 1024 * 1024
export const sheet_unpacked_bytes_max = 256 * 1024 * 1024
export const sheet_part_ratio_max = 250
/** Parts smaller than this may be squeezed as far as deflate goes. */
export const sheet_part_ratio_from_bytes = 1024 * 1024
export const sheet_parts_max = 1_000
/** The reader fills gaps between rows and columns with empty cells: what counts is the rectangle it would fill. */
export const sheet_cells_max = 5_000_000
export const sheet_rows_max = 200_000
export const sheet_read_ms = 120_000
export const sheet_heap_mb = 2_048
