// Letters for the tests of this folder: the Friday-at-three stop of one terminal, its reopening, and a fleet of many.

import type { LetterFacts } from './letter.ts'

export const at = (local: string): number => Date.parse(`${local}+08:00`)

const terminal: LetterFacts['terminals'][number] = {
  tid: '66585402',
  storeName: '徐汇总店',
  model: 'ME31',
  serial: '0000020381446356',
  effectiveFrom: at('2026-11-27T15:00:00'),
  hostBlockedAt: at('2026-11-27T15:00:00'),
  drainedAt: at('2026-11-27T16:41:08'),
  deviceConfirmedAt: at('2026-11-27T15:02:11'),
  expectedUntil: at('2027-02-24T09:00:00'),
  openItems: 0,
  openAmount_fen: 0,
}

export const stopLetter: LetterFacts = {
  no: 'TQ-L261127-00042-7',
  kind: 'stop_confirmation',
  code: '7KQ2-M9XD-4TFA-0WZR',
  issuedAt: at('2026-11-27T17:12:30'),
  provider: { name: '云汇支付有限公司', licenceNo: 'Z2004431000018', hotline: '400-800-0000' },
  merchant: { name: '上海老盛昌汤包有限公司', mid: '898310058120027' },
  caseNo: 'TQ-261123-00042-7',
  terminals: [terminal],
  reason: { code: 'M02', zh: '装修', en: 'renovation' },
  policyVersion: '云汇支付规则 第 7 版',
  decidedBy: { zh: '审核 李敏，复核 王强', en: 'reviewed by Li Min, approved by Wang Qiang' },
  schedule: [
    { from: at('2026-10-28T00:00:00'), to: at('2026-11-27T15:00:00'), mode: 'open' },
    { from: at('2026-11-27T15:00:00'), to: at('2026-11-27T16:41:08'), mode: 'drain' },
    { from: at('2026-11-27T16:41:08'), to: at('2027-02-23T09:00:00'), mode: 'shut' },
    { from: at('2027-02-23T09:00:00'), to: at('2027-02-24T09:00:00'), mode: 'test' },
    { from: at('2027-02-24T09:00:00'), to: at('2027-04-01T00:00:00'), mode: 'open' },
  ],
  verifyUrl: 'https://tingqi.example.cn/verify/7KQ2-M9XD-4TFA-0WZR',
}

export const reopeningLetter: LetterFacts = {
  ...stopLetter,
  no: 'TQ-L270224-00007-1',
  kind: 'reopening_confirmation',
  issuedAt: at('2027-02-24T09:20:00'),
  terminals: [{
    ...terminal,
    testedAt: at('2027-02-24T08:47:12'),
    reopenedAt: at('2027-02-24T09:00:00'),
    deviceConfirmedAt: at('2027-02-24T09:01:33'),
  }],
}

export const closureLetter: LetterFacts = {
  ...stopLetter,
  no: 'TQ-Z2027-00003-4',
  kind: 'closure_certificate',
  issuedAt: at('2027-01-21T14:00:00'),
  reason: { code: 'M21', zh: '停业', en: 'business closed' },
  terminals: [{
    ...terminal, closedAt: at('2027-01-21T14:00:00'), chargebackUntil: at('2027-05-26T00:00:00'), device: { zh: '已退还', en: 'returned' },
    deposit: { heldFen: 30_000, deductedFen: 8_000, refundedFen: 22_000 },
  }],
  schedule: [
    { from: at('2026-10-28T00:00:00'), to: at('2026-11-27T15:00:00'), mode: 'open' },
    { from: at('2026-11-27T15:00:00'), to: at('2027-01-21T14:00:00'), mode: 'shut' },
    { from: at('2027-01-21T14:00:00'), to: at('2027-03-01T00:00:00'), mode: 'closed' },
  ],
}

export const fleetLetter = (count: number): LetterFacts => ({
  ...stopLetter,
  no: 'TQ-L261127-00043-5',
  terminals: Array.from({ length: count }, (_, i) => ({
    ...terminal,
    tid: String(66_585_402 + i * 37),
    serial: `0000020381${446_356 + i}`,
    openItems: i % 7 === 2 ? 2 : 0,
    openAmount_fen: i % 7 === 2 ? 17_600 : 0,
  })),
})
