// Scenarios 3 and 4: promises counted in working days across National Day, and the formal notice to the bank.
import { wall, type Scene } from '../scene.ts'

export const reviewDays: Scene = {
  name: 'review-days',
  number: 3,
  title: ['三至七个工作日审核', 'Review in 3 to 7 working days'],
  startsAt: '2026-09-30T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [owner, reviewer] = [stage.cast('apo.owner'), stage.cast('yunhui.reviewer')]
    const { tid } = await stage.freeTerminal(owner)
    story.heading(Date.parse(reviewDays.startsAt))
    story.tell(
      `${stage.named(owner)[0]}国庆前一天申请停用 ${tid}（无恢复日，须人工审核）。`,
      `${stage.named(owner)[1]} asks the day before National Day for ${tid} to be deactivated; without a return date people must review it.`,
    )
    const filed = await stage.file(owner, { kind: 'suspend', terminals: [tid], reason: 'M04', words: '客流少。' })
    story.claim(['已提交，待审核', 'submitted, to be reviewed'], filed.state, 'submitted')
    story.claim(
      [
        '最迟 10 月 15 日（七个工作日，10 月 10 日周六上班）',
        'at the latest on Thu 15 October: seven working days, Saturday the 10th being one',
      ],
      wall(filed.deadline?.at),
      '2026-10-15 18:00',
    )
    story.claim(
      ['最早 10 月 10 日（三个工作日）', 'at the earliest on Sat 10 October: three working days'],
      wall(filed.deadline?.earliestAt)?.slice(0, 10),
      '2026-10-10',
    )
    await stage.moveTo('2026-10-10T09:00')
    story.claim(
      ['还剩四个工作日（12 至 15 日）', 'four working days are left, the 12th to the 15th'],
      (await stage.case(owner, filed.no)).deadline?.workingDays,
      4,
    )
    await stage.moveTo('2026-10-15T17:59')
    story.claim(['还没有超时', 'not overdue yet'], (await stage.case(owner, filed.no)).deadline?.overdue, false)
    await stage.moveTo('2026-10-15T18:00:01')
    const late = await stage.case(owner, filed.no)
    story.claim(
      ['到点仍未审，超时', 'nobody decided, it is overdue'],
      [late.state, late.deadline?.overdue],
      ['submitted', true],
    )
    story.claim(
      ['机构收到超时提醒', 'the provider is told'],
      (await stage.notices(reviewer)).some((n) => n.kind === 'deadline_near' && n.application === filed.no),
      true,
    )
  },
}

export const bankNotice: Scene = {
  name: 'bank-notice',
  number: 4,
  title: ['次月首个工作日前正式通知银行', 'Formal notice to the bank'],
  startsAt: '2026-09-14T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [owner, finance] = [stage.cast('apo.owner'), stage.cast('yunhui.finance')]
    const { tid } = await stage.freeTerminal(owner)
    story.heading(Date.parse(bankNotice.startsAt))
    story.tell(`终端 ${tid} 9 月 18 日停机。`, `Terminal ${tid} stops on 18 September.`)
    const filed = await stage.file(owner, {
      kind: 'suspend',
      terminals: [tid],
      reason: 'M02',
      effectiveFrom: '2026-09-18T18:00:00+08:00',
      expectedUntil: '2026-11-20T09:00:00+08:00',
      words: '装修。',
    })
    const step = filed.steps.find((s) => s.kind === 'notify_parties')
    story.claim(
      [
        '通知银行的期限是 10 月 8 日（国庆假后首个工作日）',
        'the bank is to be told by Thu 8 October, the first working day after the holiday',
      ],
      wall(step?.dueAt)?.slice(0, 10),
      '2026-10-08',
    )
    story.claim(['由财务办，还没办', 'it is for finance to do, and not done'], step?.state, 'open')
    await stage.moveTo('2026-09-16T15:00')
    story.tell(
      `${stage.named(finance)[0]}把正式通知送到银行，登记回执。`,
      `${stage.named(finance)[1]} hands the notice to the bank and files the receipt.`,
    )
    const told = await stage.completeStep(finance, filed.no, step!.id, '银行回执 0916-33')
    story.claim(
      ['通知已办，有回执', 'told, with a receipt'],
      told.steps.filter((s) => s.kind === 'notify_parties').map((s) => [s.state, s.evidence]),
      [['done', '银行回执 0916-33']],
    )
    await stage.moveTo('2026-09-18T18:00')
    story.claim(
      ['停机照常', 'the stop comes as promised'],
      ['draining', 'suspended'].includes((await stage.terminal(owner, tid)).service),
      true,
    )
  },
}
