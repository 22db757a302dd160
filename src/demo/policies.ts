// The three providers of the demo estate, each with its own way of working: 云汇支付 decides quickly and trusts the register,
// 诚付通 looks at everything twice where money or number is large, 海润银行 is a bank – papers first, two pairs of eyes always.
import { careSchema } from '../domain/care-policy.ts'
import type { Policy } from '../domain/policy.ts'

type DemoProvider = {
  id: string; name: string; nameEn: string; prefix: string; licenceNo: string; licenceUntil: string; hotline: string; hotlineHours: string
  unionpayCertified: boolean; directSettlement: boolean; policy: Policy
}

const commonSteps: Policy['steps'] = [
  { id: 'clearance', kinds: ['suspend'], step: 'clearance', requirement: 'advised', before: 'stop', due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, assignee: 'merchant_owner' },
  { id: 'customer-notice', kinds: ['suspend'], reasons: ['M01', 'M02', 'M03'], step: 'customer_notice', requirement: 'advised', before: 'stop', due: { from: 'effectiveFrom', offset: '-7d', at: '09:00' }, assignee: 'merchant_owner' },
  { id: 'device-check', kinds: ['suspend'], reasons: ['M01'], step: 'device_guide', requirement: 'advised', before: 'stop', due: { from: 'effectiveFrom', offset: '-7d', at: '09:00' }, assignee: 'merchant_owner' },
  { id: 'fallback', kinds: ['suspend'], step: 'fallback_payment', requirement: 'advised', before: 'stop', due: { from: 'effectiveFrom', offset: '-1d', at: '18:00' }, assignee: 'merchant_owner' },
  { id: 'test-sale', kinds: ['suspend'], reasons: ['M01'], step: 'software_update', requirement: 'advised', before: 'reopening', due: { from: 'expectedUntil', offset: '-1d', at: '10:00' }, assignee: 'field' },
  { id: 'bank-notice', kinds: ['suspend'], step: 'notify_parties', requirement: 'advised', before: 'reopening', due: { from: 'effectiveFrom', rule: 'firstWorkingDayOfNextMonth', at: '18:00' }, assignee: 'finance' },
  { id: 'reopening-fee', kinds: ['reactivate'], step: 'pay_fee', requirement: 'required', before: 'reopening', due: { from: 'submittedAt', offset: '+3d', at: '18:00' }, assignee: 'finance' },
  { id: 'device-test', kinds: ['reactivate'], step: 'device_test', requirement: 'required', before: 'reopening', due: { from: 'submittedAt', offset: '+3d', at: '18:00' }, assignee: 'field' },
]

/** What a closure cannot be completed without, and what is only wise; when, from the moment it begins, each should be done. */
const closing = (id: string, step: Policy['steps'][number]['step'], assignee: Policy['steps'][number]['assignee'], offset: string, requirement: 'required' | 'advised' = 'required'): Policy['steps'][number] =>
  ({ id, kinds: ['close'], step, requirement, before: 'completion', due: { from: 'effectiveFrom', offset, at: '18:00' }, assignee })
const closingSteps: Policy['steps'] = [
  closing('close-clearance', 'clearance', 'merchant_owner', '+7d'),
  closing('close-records', 'three_record_match', 'finance', '+10d', 'advised'),
  closing('close-fees', 'fees_settled', 'merchant_owner', '+10d'),
  closing('close-return', 'device_return', 'merchant_owner', '+14d'),
  closing('close-inspection', 'inspection', 'field', '+20d'),
  closing('close-deposit', 'deposit_refund', 'finance', '+30d'),
  closing('close-upstream', 'upstream_cleanup', 'operations', '+10wd'),
  closing('close-account', 'account_close', 'finance', '+10wd'),
  closing('close-systems', 'finance_system', 'finance', '+10wd', 'advised'),
  closing('close-site', 'site_cleanup', 'merchant_owner', '+14d', 'advised'),
]
/** Where a checkpoint may put a stop off: the merchant's word in writing lets it go on with items open. */
const settlementAgreement: Policy['steps'][number] =
  { id: 'settlement-agreement', kinds: ['suspend'], step: 'settlement_agreement', requirement: 'advised', before: 'stop', due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, assignee: 'merchant_owner' }
/** Three records are matched before anything is closed, where the provider says so. */
const matched = (steps: Policy['steps']): Policy['steps'] => steps.map((s) => (s.id === 'close-records' ? { ...s, requirement: 'required' } : s))

/** What a replacement waits for: what lies in the old device, the new one in place and filed, its test; then the old one back. */
const replacing = (id: string, step: Policy['steps'][number]['step'], assignee: Policy['steps'][number]['assignee'], before: Policy['steps'][number]['before'], offset: string): Policy['steps'][number] =>
  ({ id, kinds: ['replace'], step, requirement: 'required', before, due: { from: 'approvedAt', offset, at: '18:00' }, assignee })
const replacingSteps: Policy['steps'] = [
  replacing('replace-clearance', 'clearance', 'merchant_owner', 'stop', '+2d'),
  replacing('replace-device', 'installation', 'field', 'reopening', '+3d'),
  replacing('replace-filing', 'filing', 'operations', 'reopening', '+3d'),
  replacing('replace-test', 'device_test', 'field', 'reopening', '+3d'),
  replacing('replace-return', 'device_return', 'merchant_owner', 'completion', '+14d'),
  replacing('replace-inspection', 'inspection', 'field', 'completion', '+20d'),
  replacing('replace-deposit', 'deposit_refund', 'finance', 'completion', '+30d'),
]
const installing = (id: string, step: Policy['steps'][number]['step'], assignee: Policy['steps'][number]['assignee'], before: Policy['steps'][number]['before'], requirement: 'required' | 'advised' = 'required'): Policy['steps'][number] =>
  ({ id, kinds: ['install'], step, requirement, before, due: { from: 'approvedAt', offset: '+5wd', at: '18:00' }, assignee })
const installingSteps: Policy['steps'] = [
  installing('install-device', 'installation', 'field', 'reopening'),
  installing('install-filing', 'filing', 'operations', 'reopening'),
  installing('install-test', 'device_test', 'field', 'reopening'),
  installing('install-training', 'training', 'field', 'completion', 'advised'),
]

/** What most merchants pay per transaction. */
const rates: Policy['fees']['rates'] = [{ card: 'credit', ppm: 6_000 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }]

const common: Policy = {
  kindsOffered: ['suspend', 'reactivate', 'extend', 'close', 'replace', 'install', 'appeal'],
  leadTimeHours: 0,
  checkpoint: { due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, ifOpen: 'proceed', postponeWorkingDays: 2 },
  drainHours: 24,
  longestTemporaryDays: 180,
  review: {
    suspend: { fromWorkingDays: 3, toWorkingDays: 7 }, reactivate: { fromWorkingDays: 1, toWorkingDays: 3 }, extend: { fromWorkingDays: 1, toWorkingDays: 3 },
    close: { fromWorkingDays: 3, toWorkingDays: 7 }, replace: { fromWorkingDays: 1, toWorkingDays: 5 }, install: { fromWorkingDays: 3, toWorkingDays: 7 },
    appeal: { fromWorkingDays: 3, toWorkingDays: 7 },
  },
  returnedAnswerWorkingDays: 10,
  draftKeptDays: 30,
  straightThrough: [],
  secondApproval: [],
  materials: [],
  materialsAtSubmission: 'may_follow',
  steps: [...commonSteps, ...closingSteps, ...replacingSteps, ...installingSteps],
  fees: { monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 0, freeSuspendedDays: 90, reopeningFen: 0, earlyTerminationFen: 0, restockingFen: 0, rates },
  deviceTests: ['software', 'battery', 'network', 'screen', 'scan', 'print', 'card_reader', 'test_sale'],
  reminderDaysBeforeReturn: [7, 1],
  closure: {
    ifOpenAtApproval: 'wait', underHold: {}, refundWithinDays: 15, disputeWithinDays: 5, chargebackTailDays: 180,
    // The longer a device was lent, the less of a worn-out part is charged; what never came back costs the whole deposit.
    deductions: [
      { id: 'not-returned', notReturned: true, ppm: 1_000_000 },
      { id: 'cover-first-year', part: 'printer_cover', condition: 'broken', toMonths: 12, fen: 12_000 },
      { id: 'cover', part: 'printer_cover', condition: 'broken', fromMonths: 12, toMonths: 36, fen: 8_000 },
      { id: 'screen-first-year', part: 'screen', condition: 'broken', toMonths: 12, ppm: 800_000 },
      { id: 'screen', part: 'screen', condition: 'broken', fromMonths: 12, ppm: 500_000 },
      { id: 'reader', part: 'card_reader', condition: 'broken', ppm: 600_000 },
      { id: 'charger-missing', part: 'charger', condition: 'missing', fen: 3_500 },
      { id: 'base-missing', part: 'base', condition: 'missing', fen: 6_000 },
      { id: 'seal-broken', part: 'seal', condition: 'broken', ppm: 1_000_000 },
      { id: 'within-six-months', toMonths: 6, ppm: 200_000 },
    ],
  },
  deviceConfirmHours: 48,
  care: careSchema.parse({
    custody: { everyDays: 30 },
    wakeUp: {
      due: { from: 'expectedUntil', offset: '-7d', at: '08:00' },
      items: {
        traditional: ['battery', 'keys', 'sim'], smart: ['battery', 'certificate', 'firmware', 'sim', 'keys'], epos: ['battery', 'firmware', 'keys'], qrbox: ['firmware', 'sim'],
      },
    },
    longestPause: { openEndedDays: 365 },
    lossFen: { traditional: 60_000, smart: 120_000, epos: 15_000, qrbox: 8_000 },
    seen: { positionMismatch: 'ask' },
  }),
  settlement: { acceptAloneFenMax: 10_000, breakDueWorkingDays: 3, recordsDays: 90 },
  installation: { tidLead: '' },
  appeal: { withinDays: 30 },
  complaints: { answerWorkingDays: 5, closeWorkingDays: 10 },
  telling: { registeredPhone: [] },
  channelMaterials: { fax: ['application_letter'], post: ['application_letter'] },
  backup: { every: 'month_end', at: '20:00' },
  dormancy: { askAfterMonths: 3, answerWithinWorkingDays: 10, stopAfterMonths: 12 },
  bulk: { aloneTerminalsMax: 500, windowOpensByItself: true },
  gate: { responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: true },
  mayPlaceHold: {
    service_desk: ['agent', 'operations'], risk: ['risk'], finance: ['finance'], operations: ['operations'], compliance: ['risk', 'provider_admin'],
  },
}

export const demoProviders: readonly DemoProvider[] = [
  {
    id: 'yunhui', name: '云汇支付', nameEn: 'Yunhui Pay', prefix: 'TQ', licenceNo: 'Z2000131000017', licenceUntil: '2028-06-30',
    hotline: '400-800-0000', hotlineHours: '08:00-22:00', unionpayCertified: true, directSettlement: true,
    policy: {
      ...common,
      installation: { tidLead: '1' },
      straightThrough: [{
        id: 'short-and-clear', kinds: ['suspend'], when: { term: 'temporary', daysMax: 90, terminalsMax: 5, clearance: 'drainable', goodStanding: true },
      }, { id: 'extend-once', kinds: ['extend'], when: { goodStanding: true, terminalsMax: 5 } }],
      secondApproval: [{ id: 'many-terminals', kinds: ['suspend', 'reactivate', 'close'], when: { terminalsMin: 3 } }],
    },
  },
  {
    id: 'chengfutong', name: '诚付通', nameEn: 'Chengfutong', prefix: 'CF', licenceNo: 'Z2000444000025', licenceUntil: '2027-12-31',
    hotline: '400-812-3456', hotlineHours: '09:00-20:00', unionpayCertified: true, directSettlement: true,
    policy: {
      ...common,
      installation: { tidLead: '2' },
      leadTimeHours: 24,
      checkpoint: { ...common.checkpoint, ifOpen: 'postpone' },
      secondApproval: [
        { id: 'open-money', kinds: ['suspend'], when: { openFenMin: 1_000_000 } },
        { id: 'many-terminals', kinds: ['suspend', 'reactivate'], when: { terminalsMin: 3 } },
        { id: 'for-good', kinds: ['close'], when: {} },
      ],
      steps: [...commonSteps, settlementAgreement, ...matched(closingSteps), ...replacingSteps, ...installingSteps],
      materials: [
        { id: 'relocation', kinds: ['suspend'], reasons: ['M03'], types: ['relocation_proof'] },
        { id: 'reactivation', kinds: ['reactivate', 'close'], types: ['application_letter'] },
        { id: 'new-terminal', kinds: ['install'], types: ['business_licence', 'account_licence'] },
      ],
      fees: { ...common.fees, reopeningFen: 5_000, monthlyWhileSuspendedFen: 1_500, freeSuspendedDays: 60 },
    },
  },
  {
    id: 'hairun', name: '海润银行', nameEn: 'Hairun Bank', prefix: 'HR', licenceNo: 'B0042H231000001', licenceUntil: '2030-01-01',
    hotline: '955-00', hotlineHours: '24h', unionpayCertified: true, directSettlement: true,
    policy: {
      ...common,
      installation: { tidLead: '3' },
      leadTimeHours: 72,
      drainHours: 48,
      longestTemporaryDays: 365,
      secondApproval: [{ id: 'always', kinds: ['suspend', 'reactivate', 'extend', 'close', 'replace', 'install', 'appeal'], when: {} }],
      materials: [
        { id: 'letter', kinds: ['suspend', 'reactivate', 'extend', 'close', 'replace', 'install'], types: ['application_letter'] },
        { id: 'identity', kinds: ['suspend', 'reactivate', 'close', 'install'], types: ['business_licence', 'id_card'] },
        { id: 'account', kinds: ['install'], types: ['account_licence'] },
      ],
      materialsAtSubmission: 'demand',
      steps: [...commonSteps, ...matched(closingSteps), ...replacingSteps, ...installingSteps],
      // A bank does not approve a closure under a hold of risk or compliance, and answers for chargebacks for a year.
      closure: { ...common.closure, underHold: { risk: 'refuse', compliance: 'refuse' }, chargebackTailDays: 365 },
      fees: { ...common.fees, reopeningFen: 10_000 },
      care: { ...common.care, violations: { ...common.care.violations, demandFirst: ['R02', 'R03', 'R06', 'S02', 'S03'] }, seen: { ...common.care.seen, serialMismatch: 'hold' } },
      gate: { ...common.gate, refundWhileShut: true, offlineUploadHours: 72 },
    },
  },
]
