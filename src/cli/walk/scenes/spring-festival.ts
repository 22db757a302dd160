// Scenario 2: Spring Festival 2026. The stop falls on a Saturday that is a working day; preparations begin a week before;
// people are reminded of the return, and the test sale is made the day before it.
import { wall, type Scene } from '../scene.ts'

export const springFestival: Scene = {
  name: 'spring-festival',
  number: 2,
  title: ['春节停机', 'Spring Festival'],
  startsAt: '2026-02-02T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [owner, reviewer, field] = [
      stage.cast('apo.owner'),
      stage.cast('yunhui.reviewer'),
      stage.cast('yunhui.field'),
    ]
    const terminal = await stage.freeTerminal(owner)
    const { tid } = terminal
    story.heading(Date.parse(springFestival.startsAt))
    story.tell(
      `${stage.named(owner)[0]}申请：2 月 14 日（周六，调休上班）打烊后停机，2 月 24 日初八开门。`,
      `${stage.named(owner)[1]} asks: stop after business on Saturday 14 February, a working day by exchange, back on Tuesday the 24th.`,
    )
    const filed = await stage.file(owner, {
      kind: 'suspend',
      terminals: [tid],
      reason: 'M01',
      effectiveFrom: '2026-02-14T22:00:00+08:00',
      expectedUntil: '2026-02-24T09:00:00+08:00',
      words: '春节歇业。',
    })
    story.claim(['当场批准', 'approved at once'], filed.state, 'approved')
    const due = (id: string): string | undefined => wall(filed.steps.find((s) => s.id === id)?.dueAt)
    story.claim(
      ['提前一周贴公告、点机具', 'customer notice and device check begin a week before'],
      [due('customer-notice'), due('device-check')],
      ['2026-02-07 09:00', '2026-02-07 09:00'],
    )
    story.claim(
      ['恢复前一天试一笔', 'the test sale is the day before the return'],
      due('test-sale'),
      '2026-02-23 10:00',
    )
    story.claim(
      ['结清核对在停机前两个工作日', 'the clearance check is two working days before'],
      wall(filed.checkpointAt),
      '2026-02-12 09:00',
    )

    await stage.moveTo('2026-02-14T21:59:59')
    await stage.gate(terminal, 'sale', '00')
    await stage.moveTo('2026-02-14T22:00')
    await stage.gate(terminal, 'sale', '58')
    const stopped = await stage.terminal(owner, tid)
    story.quote(['店里看到', 'the shop reads'], stopped.sentence)
    story.claim(
      ['停机说明写着恢复日期', 'the sentence names the day of return'],
      /2 ?月 ?24 ?日|02-24|24 Feb|February 24/.test(stopped.sentence),
      true,
    )

    const reminders = async (): Promise<(string | undefined)[]> =>
      (await stage.notices(owner))
        .filter((n) => n.kind === 'return_due' && n.terminal === tid)
        .map((n) => wall(n.at))
        .toReversed()
    await stage.moveTo('2026-02-17T09:00')
    story.claim(
      ['恢复前七天提醒', 'reminded seven days before the return'],
      (await reminders()).includes('2026-02-17 09:00'),
      true,
    )
    const back = await stage.file(owner, { kind: 'reactivate', terminals: [tid], words: '初八开门。' })
    await stage.moveTo('2026-02-20T10:00')
    story.tell('值班审核批准复机。', 'The reviewer on duty approves the return.')
    const approved = await stage.approve(reviewer, back.no)
    story.claim(['办理中，等测试', 'in progress, the test is awaited'], approved.state, 'in_progress')
    await stage.gate(terminal, 'sale', '58')
    await stage.moveTo('2026-02-23T10:00')
    story.claim(['恢复前一天提醒', 'reminded the day before'], (await reminders()).includes('2026-02-23 09:00'), true)
    await stage.gate(terminal, 'test_sale', '00')
    const tested = await stage.test(field, back.no)
    story.claim(['测试全部通过，恢复', 'every test passes, it is open again'], tested.state, 'completed')
    await stage.moveTo('2026-02-24T09:00')
    await stage.gate(terminal, 'sale', '77')
    await stage.gate(terminal, 'sign_on', '00')
    await stage.gate(terminal, 'sale', '00')
  },
}
