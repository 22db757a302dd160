// Against the published schemas: the samples are read as what they are, and whatever this gate writes is valid.
import { readdirSync, readFileSync } from 'node:fs'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { describe, expect, test } from 'vitest'
import { catm001 } from './nexo.fixtures.ts'
import { planText, rejectionText } from './plan.ts'
import { readStatusReport, type StatusReport } from './status-report.ts'

const shared = process.env.TINGQI_SHARED ?? new URL('../../../../shared/data', import.meta.url).pathname
const samples = `${shared}/iso20022-samples`
const sample = (name: string): Buffer => readFileSync(`${samples}/${name}`)
const now = Date.parse('2026-11-27T15:00:00.123+08:00')

/** The first thing a schema has against a message; undefined where it is valid. */
function faultOf(message: string, xml: string): string | undefined {
  using schema = XmlDocument.fromString(readFileSync(`${shared}/iso20022-xsd/${message}.xsd`, 'utf8'))
  using validator = XsdValidator.fromDoc(schema)
  using document = XmlDocument.fromString(xml)
  try {
    validator.validate(document)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('samples', () => {
  test('each status report is read; the invalid one is refused by the element it lacks', () => {
    const files = readdirSync(samples).filter((name) => name.startsWith('catm.001'))
    expect(files.length).toBeGreaterThanOrEqual(4)
    const read = Object.fromEntries(files.map((name) => {
      const report = readStatusReport(sample(name)) as StatusReport
      return [name, [report.poi?.id, report.state, report.serial, report.events?.map((e) => `${e.action} ${e.result}`)]]
    }))
    const serial = '0000290210015708'
    expect(read).toEqual({
      'catm.001-after-activate-succ.xml': ['66000001', 'OPER', serial, ['ACTV SUCC']],
      'catm.001-after-deactivate-nsup.xml': ['66000001', 'OPER', serial, ['DCTV NSUP']],
      'catm.001-after-deactivate-succ.xml': ['66000001', 'DACT', serial, ['DCTV SUCC']],
      'catm.001-poll-operating.xml': ['66000001', 'OPER', serial, []],
    })
    expect(readStatusReport(sample('INVALID-catm.001-missing-POIDtTm.xml'))).toMatchObject({ reason: 'PARS', why: expect.stringContaining('POIDtTm'), exchange: '1001' })
    expect(readStatusReport(sample('catm.002-deactivate.xml'))).toMatchObject({ reason: 'MSGT' })
  })
})

describe('what is written', () => {
  const report = readStatusReport(sample('catm.001-poll-operating.xml')) as StatusReport
  test('is valid: a plan of every kind, and a rejection of every kind', () => {
    for (const change of [undefined, { to: 'DCTV', at: now + 3_600_000 }, { to: 'ACTV', at: now }] as const) expect(faultOf('catm.002.001.12', planText(report, change, now))).toBeUndefined()
    for (const reason of ['INTP', 'SECU', 'PARS', 'VERS', 'MSGT', 'UNPR'] as const) {
      expect(faultOf('catm.004.001.05', rejectionText(report, { reason, why: 'x'.repeat(600) }, now))).toBeUndefined()
      expect(faultOf('catm.004.001.05', rejectionText({}, { reason, why: '<&>' }, now))).toBeUndefined()
    }
    expect(faultOf('catm.001.001.13', catm001({ events: [['2026-09-01T10:00:05+08:00', 'SUCC', 'DCTV']] }))).toBeUndefined()
  })

  test('the check finds what is wrong', () => {
    const plan = planText(report, undefined, now)
    expect(faultOf('catm.002.001.12', plan.replace('<Tp>DWNL</Tp>', '<Tp>Download</Tp>'))).toMatch(/Download/)
    expect(faultOf('catm.002.001.12', plan.replace(/<Trggr>.*?<\/Trggr>/, ''))).toMatch(/Trggr|TmCond/)
  })
})
