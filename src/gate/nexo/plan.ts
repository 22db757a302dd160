// What a managed terminal is told to do: catm.002, a plan that replaces the one it has, or catm.004 where it is not answered
// with one. A stop is put into the plan with its moment, so that the device stops at that minute by itself, reconciling first;
// then it reports, and it always comes again – a plan without that would silence it for good. Profile: standards, section b.4.
import type { GateEntry } from '../../domain/gate.ts'
import type { Basis, Mode } from '../../domain/vocabulary.ts'
import type { Party, StatusReport } from './status-report.ts'

export const poll_minutes = 15
/** After a change the terminal says how it went. */
const report_after_ms = 60_000
const retry = { delay_minutes: 5, times_max: 3 } as const
const off: readonly Mode[] = ['shut', 'closed']

export type Change = { to: 'DCTV' | 'ACTV'; at: number }

/**
 * What the terminal should change, and when (epoch milliseconds). It is deactivated when nothing is left for it to finish;
 * it is activated only on the word of a gate that is sure: what is stale may only tighten.
 */
export function changeFor({ state }: Pick<StatusReport, 'state'>, { intervals }: Pick<GateEntry, 'intervals'>, mode: Mode, basis: Basis, now: number): Change | undefined {
  if (off.includes(mode)) return state === 'DACT' ? undefined : { to: 'DCTV', at: now }
  if (state === 'DACT' || state === 'WAIT') return basis === 'fresh' || basis === 'leased' ? { to: 'ACTV', at: now } : undefined
  const next = intervals.find((i) => i.from > now && off.includes(i.mode))
  return next && { to: 'DCTV', at: next.from }
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
const leaf = (name: string, text: string | number | undefined): string => (text === undefined ? '' : `<${name}>${escaped(String(text))}</${name}>`)
const node = (name: string, ...parts: string[]): string => `<${name}>${parts.join('')}</${name}>`
const time = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')
const party = (name: string, { id, type, issuer }: Party): string => node(name, leaf('Id', id), leaf('Tp', type), leaf('Issr', issuer))
const document = (message: string, body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${message}">${body}</Document>\n`

type Heading = Pick<StatusReport, 'exchange' | 'formatVersion' | 'initiator' | 'manager'>
const header = ({ exchange, formatVersion, initiator, manager }: Heading, isDownload: boolean, now: number): string =>
  node('Hdr', leaf('DwnldTrf', String(isDownload)), leaf('FrmtVrsn', formatVersion), leaf('XchgId', exchange), leaf('CreDtTm', time(now)),
    party('InitgPty', initiator), party('RcptPty', manager))

/** catm.002.001.12 in answer to a report. */
export function planText(report: StatusReport, change: Change | undefined, now: number): string {
  const { poi, manager } = report
  const reported = (change?.at ?? now) + report_after_ms
  const actions = [
    ...(change === undefined ? [] : [
      node('Actn', leaf('Tp', change.to), node('DataSetId', leaf('Nm', 'TERMINAL'), leaf('Tp', 'TRPR'), leaf('Vrsn', 1)), leaf('Trggr', 'DATE'),
        leaf('AddtlPrc', change.to === 'DCTV' ? 'RCNC' : undefined),
        node('ReTry', leaf('Dely', retry.delay_minutes), leaf('MaxNb', retry.times_max), leaf('UnitOfTm', 'MINU')),
        node('TmCond', leaf('StartTm', time(change.at))), node('ErrActn', leaf('ActnRslt', 'AERR'), leaf('ActnToPrc', 'SDSR'))),
      node('Actn', leaf('Tp', 'UPLD'), node('DataSetId', leaf('Tp', 'STRP')), leaf('CmpntTp', 'TRPR'), leaf('Trggr', 'DATE'), node('TmCond', leaf('StartTm', time(reported)))),
    ]),
    node('Actn', leaf('Tp', 'DWNL'), node('DataSetId', leaf('Tp', 'MGTP')), leaf('Trggr', 'DATE'),
      node('TmCond', leaf('WtgTm', poll_minutes), leaf('StartTm', time(now + poll_minutes * 60_000)), leaf('Prd', poll_minutes), leaf('UnitOfTm', 'MINU'))),
  ]
  return document('catm.002.001.12', node('MgmtPlanRplcmnt', header(report, true, now), node('MgmtPlan', party('POIId', poi), party('TermnlMgrId', manager),
    node('DataSet', node('Id', leaf('Nm', `PLAN-${poi.id}`), leaf('Tp', 'MGTP'), leaf('Vrsn', time(now).replace(/\D/g, '').slice(0, 14)), leaf('CreDtTm', time(now))),
      node('Cntt', ...actions)))))
}

/** RejectReason2Code: INTP we do not know who asks, SECU it is not what is registered; the rest as read. */
export type Rejection = { reason: 'INTP' | 'SECU' | 'PARS' | 'VERS' | 'MSGT' | 'UNPR'; why: string }

/** catm.004.001.05. Where nothing could be read of the message, the answer says so to nobody in particular. */
export function rejectionText(heading: Partial<Heading>, { reason, why }: Rejection, now: number): string {
  const { exchange = '0', formatVersion = '12.0', initiator = { id: 'UNKNOWN' }, manager = { id: 'TINGQI', type: 'MTMG' } } = heading
  return document('catm.004.001.05', node('TermnlMgmtRjctn', header({ exchange, formatVersion, initiator, manager }, false, now),
    node('Rjct', leaf('RjctRsn', reason), leaf('AddtlInf', why.slice(0, 500)))))
}
