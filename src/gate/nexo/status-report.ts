// What a terminal that is managed by ISO 20022 messages says of itself: catm.001, StatusReport, read strictly and within
// bounds. Only what a gate acts on is kept – who it is, whether it works, what it did of its last plan. Elements by their path
// below Document; source: the published schemas of catm.001.001.12 and .13, which agree in all that is read here.
import sax from 'sax'

export type Party = { id: string; type?: string | undefined; issuer?: string | undefined }
export type ComponentState = 'WAIT' | 'OPER' | 'OUTD' | 'DACT'
/** One thing the terminal did, or could not do, of a plan. `at` in epoch milliseconds. */
export type PlanEvent = { at: number; result: string; action: string }
export type StatusReport = {
  exchange: string
  formatVersion: string
  initiator: Party
  poi: Party
  manager: Party
  /** By the terminal's own clock, epoch milliseconds. */
  at: number
  /** Of the component TERM, the terminal itself. */
  state: ComponentState | undefined
  serial: string | undefined
  events: readonly PlanEvent[]
}
/** RejectReason2Code: PARS not a message we can read, VERS another version of it, MSGT another message. */
export type Unreadable = { reason: 'PARS' | 'VERS' | 'MSGT'; why: string; exchange?: string | undefined }

export const report_bytes_max = 64 * 1_024
const depth_max = 24
const text_chars_max = 1_000
const events_max = 100
const versions = ['12', '13']
const namespace = /^urn:iso:std:iso:20022:tech:xsd:(catm\.\d{3})\.001\.(\d{2})$/
const states = new Set<string>(['WAIT', 'OPER', 'OUTD', 'DACT'] satisfies ComponentState[])

const root = 'Document/StsRpt'
const report = `${root}/StsRpt`
const content = `${report}/DataSet/Cntt`
const component = `${content}/POICmpnt`
const event = `${content}/Evt`
/** Elements whose text is asked for, once in the message. */
const places = {
  exchange: `${root}/Hdr/XchgId`,
  formatVersion: `${root}/Hdr/FrmtVrsn`,
  created: `${root}/Hdr/CreDtTm`,
  initiatorId: `${root}/Hdr/InitgPty/Id`,
  initiatorType: `${root}/Hdr/InitgPty/Tp`,
  initiatorIssuer: `${root}/Hdr/InitgPty/Issr`,
  poiId: `${report}/POIId/Id`,
  poiType: `${report}/POIId/Tp`,
  poiIssuer: `${report}/POIId/Issr`,
  managerId: `${report}/TermnlMgrId/Id`,
  managerType: `${report}/TermnlMgrId/Tp`,
  managerIssuer: `${report}/TermnlMgrId/Issr`,
  kind: `${report}/DataSet/Id/Tp`,
  at: `${content}/POIDtTm`,
} as const
type Place = keyof typeof places
const placeOf = new Map<string, Place>(Object.entries(places).map(([place, path]) => [path, place as Place]))
const demanded: readonly Place[] = ['exchange', 'formatVersion', 'created', 'initiatorId', 'poiId', 'managerId', 'kind', 'at']

/** Within a repeated element: path below it → text. */
type Parts = Map<string, string>

/** Reads one message; what is wrong with it is named by the first element it is wrong with. */
export function readStatusReport(xml: Buffer): StatusReport | Unreadable {
  if (xml.length > report_bytes_max) return { reason: 'PARS', why: `more than ${report_bytes_max} bytes` }
  const found = collect(xml)
  if ('reason' in found) return found
  const { texts, components, events } = found
  const missing = demanded.find((place) => !texts.has(place))
  if (missing !== undefined) return { reason: 'PARS', why: `${places[missing]} is missing`, exchange: texts.get('exchange') }
  const of = (place: Place): string => texts.get(place)!
  const fault = (place: Place): Unreadable => ({ reason: 'PARS', why: `${places[place]} is wrong`, exchange: texts.get('exchange') })
  if (!/^\d{1,18}$/.test(of('exchange'))) return { reason: 'PARS', why: `${places.exchange} is wrong` }
  if (of('kind') !== 'STRP') return fault('kind')
  for (const place of ['initiatorId', 'poiId', 'managerId'] as const) if (of(place).length > 35) return fault(place)
  const at = instantOf(of('at'))
  if (at === undefined) return fault('at')
  const done = events.map(eventOf)
  if (done.includes(undefined)) return { reason: 'PARS', why: `${event} is wrong`, exchange: of('exchange') }
  const terminal = components.find((parts) => parts.get('Tp') === 'TERM')
  const state = terminal?.get('Sts/Sts')
  if (state !== undefined && !states.has(state)) return { reason: 'PARS', why: `${component}/Sts/Sts is wrong`, exchange: of('exchange') }
  const party = (name: 'initiator' | 'poi' | 'manager'): Party => ({ id: of(`${name}Id`), type: texts.get(`${name}Type`), issuer: texts.get(`${name}Issuer`) })
  return {
    exchange: of('exchange'), formatVersion: of('formatVersion'), initiator: party('initiator'), poi: party('poi'), manager: party('manager'), at,
    state: state as ComponentState | undefined, serial: terminal?.get('Id/SrlNb'), events: done as PlanEvent[],
  }
}

type Collected = { texts: Map<Place, string>; components: Parts[]; events: Parts[] }

function collect(xml: Buffer): Collected | Unreadable {
  const found: Collected = { texts: new Map(), components: [], events: [] }
  const path: string[] = []
  let text = ''
  let fault: Unreadable | undefined
  const stop = (reason: Unreadable['reason'], why: string): void => { fault ??= { reason, why } }
  const repeated = [[`${component}/`, found.components], [`${event}/`, found.events]] as const
  const parser = sax.parser(true, { xmlns: true })
  parser.onerror = (error) => {
    stop('PARS', error.message.split('\n')[0]!)
    parser.resume()
  }
  parser.ondoctype = () => stop('PARS', 'a document type is not taken')
  parser.onopentag = ({ local, uri }: sax.QualifiedTag) => {
    if (path.length === 0) {
      const [, message, version] = namespace.exec(uri) ?? []
      if (local !== 'Document' || message === undefined) stop('PARS', `not an ISO 20022 terminal management message: ${uri.slice(0, 100)}`)
      else if (message !== 'catm.001') stop('MSGT', `${message} is not taken here, catm.001 is`)
      else if (!versions.includes(version!)) stop('VERS', `catm.001.001.${version} is not taken, ${versions.join(' and ')} are`)
    }
    path.push(local)
    text = ''
    const at = path.join('/')
    if (path.length > depth_max) stop('PARS', 'nested too deeply')
    for (const [under, list] of repeated) if (at === under.slice(0, -1)) list.push(new Map())
    if (found.events.length > events_max) stop('PARS', `more than ${events_max} events`)
  }
  const add = (more: string): void => {
    if (text.length + more.length <= text_chars_max) text += more
  }
  parser.ontext = add
  parser.oncdata = add
  parser.onclosetag = () => {
    const at = path.join('/')
    const word = text.trim()
    text = ''
    path.pop()
    if (word === '') return
    const place = placeOf.get(at)
    if (place !== undefined) found.texts.set(place, word)
    for (const [under, list] of repeated) if (at.startsWith(under)) list.at(-1)!.set(at.slice(under.length), word)
  }
  const decoded = decode(xml)
  if (decoded === undefined) return { reason: 'PARS', why: 'not UTF-8' }
  parser.write(decoded)
  if (fault === undefined) parser.close()
  return fault ? { ...fault, exchange: found.texts.get('exchange') } : found
}

const decode = (xml: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(xml)
  } catch {
    return undefined
  }
}

/** xs:dateTime with its zone; one without is nobody's instant. */
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/
function instantOf(word: string): number | undefined {
  const at = dateTime.test(word) ? Date.parse(word) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

function eventOf(parts: Parts): PlanEvent | undefined {
  const [at, result, action] = [instantOf(parts.get('TmStmp') ?? ''), parts.get('Rslt'), parts.get('ActnId/ActnTp')]
  return at === undefined || result === undefined || action === undefined ? undefined : { at, result, action }
}
