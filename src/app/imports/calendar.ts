// A year's notice of working days, as JSON: ours ({ year, off, work }) or holiday-cn's ({ year, papers, days }). Its
// dates are the rows. The newest import of a year is the year's table.
import { parseCalendarTable, type CalendarTable } from '../../domain/calendar.ts'
import type { ImportError } from '../../domain/vocabulary.ts'
import { finding } from '../../files/fault.ts'
import { readBytes, type Source } from '../../files/text.ts'
import { instantParam } from '../../store/db.ts'
import type { StoredImport } from '../../store/imports.ts'
import type { App } from '../app.ts'
import { calendar_file_bytes_max } from './bounds.ts'
import type { Importer } from './importer.ts'
import { breakFile } from './report.ts'

/** Years the table may be of; the database says the same. */
const year_min = 2000
const year_max = 2200

type Read = CalendarTable | { code: ImportError; detail: string }

async function readCalendar(source: Source): Promise<Read> {
  const pieces: Uint8Array[] = []
  let size_bytes = 0
  for await (const piece of readBytes(source)) {
    size_bytes += piece.length
    if (size_bytes > calendar_file_bytes_max) return { code: 'too_long', detail: `${calendar_file_bytes_max} bytes` }
    pieces.push(piece)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
  } catch {
    return { code: 'encoding_invalid', detail: '' }
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { code: 'calendar_invalid', detail: 'not JSON' }
  }
  const table = parseCalendarTable(json)
  if ('code' in table) return table
  return table.year >= year_min && table.year <= year_max
    ? table
    : { code: 'calendar_invalid', detail: `${table.year}` }
}

export function calendarImporter(app: App, running: StoredImport): Importer {
  let table: CalendarTable | undefined
  return {
    columns: [],
    async read(source, report, pace) {
      const read = await readCalendar(source)
      if ('code' in read) breakFile(report, [{ line: 0, ...finding(null, read.code, read.detail) }])
      else {
        table = read
        report.total = read.off.length + read.work.length
      }
      await pace(1)
    },
    check: async () => 0,
    async apply(tx, dryRun) {
      const { year, off, work } = table!
      const same = await tx.one(
        'select year from calendar_year where year = $1 and off = $2::date[] and work = $3::date[]',
        [year, off, work],
      )
      if (same) return 0
      if (!dryRun)
        await tx.run(
          `insert into calendar_year (year, off, work, imported_by, imported_at) values ($1, $2::date[], $3::date[], $4, $5)
         on conflict (year) do update set off = excluded.off, work = excluded.work,
             imported_by = excluded.imported_by, imported_at = excluded.imported_at`,
          [year, off, work, running.actor.person, instantParam(app.clock.now())],
        )
      return off.length + work.length
    },
    applied: () => app.reload(),
  }
}
