// Files nobody meant: whatever comes, reading ends soon, throws nothing and says what is wrong. A failing case prints its
// seed and is shrunk. TINGQI_TORTURE=1 runs a million instead of some thousands.
import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { importErrors } from '../domain/vocabulary.ts'
import { change, changes, inTime } from './damage.fixtures.ts'
import { checkFleetFile, checkFleetRow, fleetColumns } from './fleet.ts'
import type { CheckedBatch } from './rows.ts'
import { fleetCells, transactionCells } from './samples.ts'
import type { Cells } from './table.ts'
import { checkTransactionFile, checkTransactionRow, transactionColumns } from './transactions.ts'
import { readWorkbook } from './workbook.ts'

const isTorture = process.env.TINGQI_TORTURE === '1'
/** Together 29,000 and a million. */
const runs = (quick: number) => ({ numRuns: isTorture ? Math.ceil((quick * 1_000_000) / 29_000) : quick })
const test_ms = isTorture ? 4 * 3_600_000 : 120_000
const quoted = (values: readonly string[]) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')
const awkward = { ...fleetCells, merchantName: '百色市"记"珠宝行', storeName: '总店\n二楼', storeAddress: '人民路,甲' }
const fleet_rows = [1, 2, 3].map((n) =>
  Object.values({ ...awkward, tid: `0541891${n}`, serial: `000002043716113${n}` }),
)
const zh = (columns: Record<string, { zh: string }>) => Object.values(columns).map((column) => column.zh)
const fleet_csv = [Object.keys(fleetColumns), ...fleet_rows].map(quoted).join('\r\n')
const fleet_csv_zh = [zh(fleetColumns), ...fleet_rows]
  .map((row) => row.map((v) => v.replace(/[",\n]/g, '')).join(','))
  .join('\n')
const transaction_csv = [
  zh(transactionColumns).join(','),
  ...[1, 2, 2].map((n) => Object.values({ ...transactionCells, trace: `00000${n}` }).join(',')),
].join('\n')

/** Two-byte GB18030, the other way round. */
const toGb = (() => {
  const bytesOf = new Map<string, number[]>()
  const decoder = new TextDecoder('gb18030')
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++)
      bytesOf.set(decoder.decode(new Uint8Array([lead, trail])), [lead, trail])
  }
  return (text: string) => Buffer.from([...text].flatMap((c) => (c <= '\x7f' ? [c.charCodeAt(0)] : bytesOf.get(c)!)))
})()

/** Reads a file to its end; it must have said something sensible, and shown no card number. */
const judge = async <R, C extends string>(batches: AsyncIterable<CheckedBatch<R, C>>): Promise<void> => {
  let said = 0
  for await (const { rows, rejected, repeated, faults, warnings, read } of batches) {
    said += rows.length + rejected.length + repeated + faults.length
    expect(read >= 0 && read <= 1).toBe(true)
    for (const fault of [...faults, ...warnings, ...rejected.flatMap((row) => row.faults)]) {
      if (!(fault.code in importErrors) || fault.line < 0 || fault.detail.some((words) => words === '')) {
        throw new Error(`not a clear refusal: ${JSON.stringify(fault)}`)
      }
    }
    if (JSON.stringify({ rows, rejected, faults, warnings }).includes('6212340000000001'))
      throw new Error('card number shown')
  }
  if (said === 0) throw new Error('nothing said')
}

test.each([
  ['a fleet file', 8_000, Buffer.from(fleet_csv), checkFleetFile],
  ['a fleet file in GB18030', 4_000, toGb(fleet_csv_zh), checkFleetFile],
  ['a transaction file', 3_000, Buffer.from(transaction_csv), checkTransactionFile],
] as const)(
  '%s, damaged',
  async (_name, quick, bytes, check) => {
    const whole: CheckedBatch<unknown, string>[] = []
    for await (const batch of check(bytes)) whole.push(batch)
    expect(whole.flatMap(({ faults, rejected }) => [...faults, ...rejected])).toEqual([])
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const damaged = change(bytes, list)
        // A thread for each file that happens to begin like a ZIP would only measure threads.
        if (damaged.subarray(0, 2).toString() !== 'PK') await inTime(() => judge<unknown, string>(check(damaged)))
      }),
      runs(quick),
    )
  },
  test_ms,
)

const strings = ['终端号', '商户号', '05418911', 'x &amp; y']
const parts: Readonly<Record<string, string>> = {
  'xl/workbook.xml':
    '<?xml version="1.0"?><workbook><workbookPr date1904="0"/><sheets><sheet name="甲" sheetId="1" r:id="r1"/></sheets></workbook>',
  'xl/_rels/workbook.xml.rels':
    '<Relationships>' +
    [
      ['r1', 'worksheet', 'worksheets/sheet1.xml'],
      ['r2', 'styles', 'styles.xml'],
      ['r3', 'sharedStrings', 'sharedStrings.xml'],
    ]
      .map(
        ([id, type, target]) =>
          `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
      )
      .join('') +
    '</Relationships>',
  'xl/styles.xml':
    '<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts>' +
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
  'xl/sharedStrings.xml': `<sst>${strings.map((text) => `<si><t>${text}</t></si>`).join('')}<si><r><t>a</t></r><r><t>b</t></r></si></sst>`,
  'xl/worksheets/sheet1.xml':
    '<worksheet><dimension ref="A1:C3"/><sheetData><row r="1" spans="1:3"><c r="A1" t="s"><v>0</v></c>' +
    '<c r="B1" t="s"><v>4</v></c></row><row r="3"><c r="A3" s="1"><v>46067.5</v></c><c r="B3"><v>1.5E+3</v></c>' +
    '<c r="C3" t="inlineStr"><is><t>乙</t></is></c><c r="D3" t="b"><v>1</v></c><c r="E3" t="e"><v>#N/A</v></c></row></sheetData></worksheet>',
}
const zipped = (changed: Readonly<Record<string, Uint8Array>>) =>
  zipSync(
    Object.fromEntries(
      Object.entries({ ...parts, ...changed }).map(([name, part]) => [
        name,
        typeof part === 'string' ? strToU8(part) : part,
      ]),
    ),
  )
const judgeWorkbook = async (bytes: Uint8Array): Promise<void> => {
  const workbook = await readWorkbook(bytes)
  if (
    'refused' in workbook ? workbook.why.includes('') : workbook.rows.flat().some((cell) => typeof cell !== 'string')
  ) {
    throw new Error('neither rows of text nor a reason')
  }
}

test(
  'a workbook, damaged as a file',
  async () => {
    const whole = zipped({})
    expect(await readWorkbook(whole)).toEqual({
      rows: [
        ['终端号', 'ab', '', ''],
        ['', '', '', ''],
        ['2026-02-14 12:00:00', '1500', '乙', 'true'],
      ],
    })
    await fc.assert(
      fc.asyncProperty(changes, (list) => inTime(() => judgeWorkbook(change(whole, list)))),
      runs(3_000),
    )
  },
  test_ms,
)

test(
  'a workbook whose parts are damaged and packed again',
  async () => {
    const names = Object.keys(parts)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), changes, async (name, list) => {
        const damaged = zipped({ [name]: change(Buffer.from(parts[name]!), list) })
        await inTime(() => judgeWorkbook(damaged))
      }),
      runs(3_000),
    )
  },
  test_ms,
)

test(
  'cells of any kind',
  () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.constantFrom('', ' ', '=1'),
      fc.stringMatching(/^[0-9 .,:/TZ年月日*xX+-]{0,40}$/),
      fc.constantFrom(...Object.values(fleetCells), ...Object.values(transactionCells)),
      fc.integer({ min: 1, max: 20_000 }).map((length) => '1'.repeat(length)),
      fc.constantFrom('6212340000000001', '终'.repeat(9_000)),
    )
    const any = <C extends string>(columns: Record<C, unknown>): fc.Arbitrary<Cells<C>> =>
      fc.record(Object.fromEntries(Object.keys(columns).map((name) => [name, cell]))) as unknown as fc.Arbitrary<
        Cells<C>
      >
    fc.assert(
      fc.property(any(fleetColumns), any(transactionColumns), (fleet, transaction) => {
        const answers = [checkFleetRow(fleet, { providers: new Set(['云汇支付']) }), checkTransactionRow(transaction)]
        if (JSON.stringify(answers).includes('6212340000000001')) throw new Error('card number shown')
        for (const answer of answers) {
          if (
            'errors' in answer &&
            !answer.errors.every(({ code, detail }) => code in importErrors && detail[0] && detail[1])
          ) {
            throw new Error('not a clear refusal')
          }
        }
      }),
      runs(8_000),
    )
  },
  test_ms,
)
