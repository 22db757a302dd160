// The three providers of the demo estate, each with its own way of working: 云汇支付 decides quickly and trusts the register,
// 诚付通 looks at everything twice where money or number is large, 海润银行 is a bank – papers first, two pairs of eyes always.
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

const common: Policy = {
  kindsOffered: ['suspend', 'reactivate', 'extend'],
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
  steps: commonSteps,
  fees: { monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 0, freeSuspendedDays: 90, reopeningFen: 0, earlyTerminationFen: 0, restockingFen: 0 },
  deviceTests: ['software', 'battery', 'network', 'screen', 'scan', 'print', 'card_reader', 'test_sale'],
  reminderDaysBeforeReturn: [7, 1],
  backup: { every: 'month_end', at: '20:00' },
  dormancy: { askAfterMonths: 3, answerWithinWorkingDays: 10, stopAfterMonths: 12 },
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
      straightThrough: [{
        id: 'short-and-clear', kinds: ['suspend'], when: { term: 'temporary', daysMax: 90, terminalsMax: 5, clearance: 'drainable', goodStanding: true },
      }, { id: 'extend-once', kinds: ['extend'], when: { goodStanding: true, terminalsMax: 5 } }],
      secondApproval: [{ id: 'many-terminals', kinds: ['suspend', 'reactivate'], when: { terminalsMin: 3 } }],
    },
  },
  {
    id: 'chengfutong', name: '诚付通', nameEn: 'Chengfutong', prefix: 'CF', licenceNo: 'Z2000444000025', licenceUntil: '2027-12-31',
    hotline: '400-812-3456', hotlineHours: '09:00-20:00', unionpayCertified: true, directSettlement: true,
    policy: {
      ...common,
      leadTimeHours: 24,
      checkpoint: { ...common.checkpoint, ifOpen: 'postpone' },
      secondApproval: [
        { id: 'open-money', kinds: ['suspend'], when: { openFenMin: 1_000_000 } },
        { id: 'many-terminals', kinds: ['suspend', 'reactivate'], when: { terminalsMin: 3 } },
      ],
      materials: [
        { id: 'relocation', kinds: ['suspend'], reasons: ['M03'], types: ['relocation_proof'] },
        { id: 'reactivation', kinds: ['reactivate'], types: ['application_letter'] },
      ],
      fees: { ...common.fees, reopeningFen: 5_000, monthlyWhileSuspendedFen: 1_500, freeSuspendedDays: 60 },
    },
  },
  {
    id: 'hairun', name: '海润银行', nameEn: 'Hairun Bank', prefix: 'HR', licenceNo: 'B0042H231000001', licenceUntil: '2030-01-01',
    hotline: '955-00', hotlineHours: '24h', unionpayCertified: true, directSettlement: true,
    policy: {
      ...common,
      leadTimeHours: 72,
      drainHours: 48,
      longestTemporaryDays: 365,
      secondApproval: [{ id: 'always', kinds: ['suspend', 'reactivate', 'extend', 'close'], when: {} }],
      materials: [
        { id: 'letter', kinds: ['suspend', 'reactivate', 'extend'], types: ['application_letter'] },
        { id: 'identity', kinds: ['suspend', 'reactivate'], types: ['business_licence', 'id_card'] },
      ],
      materialsAtSubmission: 'demand',
      fees: { ...common.fees, reopeningFen: 10_000 },
      gate: { ...common.gate, refundWhileShut: true, offlineUploadHours: 72 },
    },
  },
]
