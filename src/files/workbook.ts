// An XLSX file to rows of text, as a person sees them: first sheet, row 1 of the sheet is row 1 here.
// A cell is what was stored, never what was meant: a terminal number typed as a number has lost its leading zero and
// stays without it, for the row's checks to refuse. A date is yyyy-mm-dd, with hh:mm:ss if it has a time of day.
// read-excel-file parses; before it does, the file is unpacked within bounds (unzip.ts), the addresses of its rows and
// cells are looked at, because the reader fills every gap before them, and the sound parts are packed anew, unsqueezed.
import { zipSync } from 'fflate'
import { readSheet } from 'read-excel-file/universal'
import { cell_chars_max, columns_max, sheet_cells_max, sheet_rows_max } from './bounds.ts'
import { broken, type Refused, tooLong, unzip } from './unzip.ts'

export type Workbook = { rows: string[][] } | Refused

/** Reads it here and now; sheet.ts does it in a thread of its own, because 100,000 rows take seconds. */
export const readWorkbook = async (bytes: Uint8Array): Promise<Workbook> => {
  const unzipped = unzip(bytes, (name) => /\.(xml|rels)$/.test(name))
  if ('refused' in unzipped) return unzipped
  const { parts } = unzipped
  if (!parts.has('xl/workbook.xml')) return broken('其中没有工作簿', 'no workbook inside')
  for (const part of parts.values()) {
    const refused = refusedExtent(part)
    if (refused) return refused
  }
  try {
    const repacked = zipSync(Object.fromEntries(parts), { level: 0 })
    const rows = await readSheet(repacked.buffer as ArrayBuffer, 1)
    return { rows: rows.map((row) => row.map(cellText)) }
  } catch {
    // The reader throws errors of its own and, on bad XML, whatever its code runs into: the file is at fault either way.
    return broken('工作表损坏', 'the sheet is damaged')
  }
}

const cellText = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return dateText(value)
  return String(value).slice(0, cell_chars_max + 1)
}

const day_ms = 86_400_000

/** A sheet has no time zone: what the library calls UTC is what the cell showed. */
const dateText = (date: Date): string => {
  const ms = Math.round(date.getTime() / 1000) * 1000
  if (!(ms > -2_208_988_800_000 && ms < 253_402_300_800_000)) return 'invalid date'
  const text = new Date(ms).toISOString()
  return ms % day_ms === 0 ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 19)}`
}

/** A row or cell, its address first where nearly every writer puts it; $3 is what else the tag says. */
const row_or_cell = /<(?:[^\s<>/:]*:)?(?:row|c)(?=[\s/>])(?:\s+r="([A-Z]{0,3})(\d{1,7})")?([^<>]*)>/g
const quotes_closed = /^[^"']*(?:"[^"]*"[^"']*|'[^']*'[^"']*)*$/
const has_address = /(?:^|[\s:"'])r\s*=/g
const later_address =
  /^[^"']*(?:"[^"]*"[^"']*|'[^']*'[^"']*)*?[\s:]r\s*=\s*(?:"([A-Z]{0,3})(\d{1,7})"|'([A-Z]{0,3})(\d{1,7})')/
const excel_rows_max = 1_048_576
const strange = broken('单元格地址异常', 'the sheet has a strange address')

const columnOf = (letters: string): number => {
  let column = 0
  for (let i = 0; i < letters.length; i++) column = column * 26 + letters.charCodeAt(i) - 64
  return column
}

/** Whether the addresses of a sheet ask for more rows and columns than it may have. Empty elements ask for none. */
const refusedExtent = (part: Uint8Array): Refused | undefined => {
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  if (!bytes.includes('sheetData')) return undefined
  const xml = bytes.toString('latin1')
  let lastRow = 0
  let lastColumn = 0
  row_or_cell.lastIndex = 0
  for (let tag = row_or_cell.exec(xml); tag; tag = row_or_cell.exec(xml)) {
    const rest = tag[3]!
    let [, letters = '', digits = ''] = tag
    if (rest !== '' && rest !== '/') {
      // Two addresses, one that is none, or an attribute that runs on past the '>': nobody writes sheets like that.
      const addresses = rest.match(has_address)?.length ?? 0
      const later = addresses === 1 && digits === '' ? later_address.exec(rest) : null
      if (!quotes_closed.test(rest) || (addresses > 0 && !later)) return strange
      if (later) [letters, digits] = [later[1] ?? later[3] ?? '', later[2] ?? later[4] ?? '']
    }
    const row = Number(digits)
    if (row > excel_rows_max) return strange
    if (rest.endsWith('/')) continue
    if (row > lastRow) lastRow = row
    if (letters) lastColumn = Math.max(lastColumn, columnOf(letters))
  }
  if (lastRow > sheet_rows_max) return tooLong(`${lastRow} 行`, `${lastRow} rows`)
  if (lastColumn > columns_max) return tooLong(`${lastColumn} 列`, `${lastColumn} columns`)
  const cells = lastRow * lastColumn
  if (cells > sheet_cells_max) return tooLong(`${cells} 个单元格`, `${cells} cells`)
  return undefined
}
