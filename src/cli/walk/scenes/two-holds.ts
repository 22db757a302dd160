// Scenario 6: the merchant's own stop is lifted, that of risk stays, and everybody is told by which hold and what to do.
import { reasonWords, type Scene } from '../scene.ts'

export const twoHolds: Scene = {
  name: 'two-holds',
  number: 6,
  title: ['两个停用项', 'Two holds'],
  startsAt: '2026-11-09T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [owner, reviewer, risk, agent, field] = [
      stage.cast('apo.owner'),
      stage.cast('yunhui.reviewer'),
      stage.cast('yunhui.risk'),
      stage.cast('yunhui.agent'),
      stage.cast('yunhui.field'),
    ]
    const terminal = await stage.freeTerminal(owner)
    const { tid } = terminal
    story.heading(Date.parse(twoHolds.startsAt))
    story.tell(
      `${stage.named(owner)[0]}装修，终端 ${tid} 立即停机。`,
      `${stage.named(owner)[1]} renovates; terminal ${tid} stops at once.`,
    )
    await stage.file(owner, {
      kind: 'suspend',
      terminals: [tid],
      reason: 'M02',
      expectedUntil: '2026-11-30T09:00:00+08:00',
      words: '装修。',
    })
    await stage.moveTo('2026-11-10T10:00')
    story.tell(
      `${stage.named(risk)[0]}发现违规，以 R09 停用。`,
      `${stage.named(risk)[1]} finds a breach and stops it for R09.`,
    )
    const held = await stage.hold(risk, tid, { reason: 'R09', words: '停机期间用其他机具冒用该终端号。' })
    story.claim(
      ['终端上有两个停用项', 'the terminal carries two holds'],
      held.holds
        .filter((h) => h.liftedAt === null)
        .map((h) => h.reason)
        .toSorted(),
      ['M02', 'R09'],
    )

    await stage.moveTo('2026-11-11T10:00')
    story.tell('商户申请复机，审核批准。', 'The merchant asks for the return, the reviewer approves.')
    const back = await stage.file(owner, { kind: 'reactivate', terminals: [tid], words: '装修完了。' })
    const approved = await stage.approve(reviewer, back.no)
    story.claim(
      [
        '商户的一项已解除，办件办结，终端仍停',
        "the merchant's hold is lifted, the case completed, the terminal still shut",
      ],
      [approved.state, approved.terminals.map((t) => t.result)],
      ['completed', ['still_held']],
    )
    const seen = await stage.terminal(owner, tid)
    story.claim(
      ['只剩风控的 R09', 'R09 of risk alone is left'],
      [seen.service, seen.holds.filter((h) => h.liftedAt === null).map((h) => [h.reason, h.owner])],
      ['suspended', [['R09', 'risk']]],
    )
    story.quote(['店里看到', 'the shop reads'], seen.sentence)
    await stage.gate(terminal, 'sale', '58')
    const told = (await stage.notices(owner)).find((n) => n.kind === 'still_held' && n.terminal === tid)
    story.claim(
      [
        `通知写明${reasonWords('R09')[0]}、由谁解除、可申诉`,
        `the notice names ${reasonWords('R09')[1]}, who can lift it, and the appeal`,
      ],
      /R09/.test(told?.sentence ?? '') &&
        /风控|risk/.test(told?.sentence ?? '') &&
        /申诉|appeal/.test(told?.sentence ?? ''),
      true,
    )
    story.quote(['通知', 'notice'], told?.sentence ?? '')
    const [hold] = seen.holds.filter((h) => h.liftedAt === null)
    story.claim(
      ['客服解除不了风控的停用项', 'the service desk cannot lift it'],
      await stage.refusedLift(agent, hold!.id, '商户着急'),
      'hold_not_yours',
    )

    await stage.moveTo('2026-11-13T10:00')
    story.tell('整改通过，风控解除；还须测试。', 'Put right, risk lifts it; the test is still to come.')
    story.claim(
      ['进入测试，不是直接开机', 'it goes to test, not straight open'],
      (await stage.lift(risk, hold!.id, '整改完成，已核验。')).service,
      'testing',
    )
    await stage.gate(terminal, 'sale', '58')
    story.claim(
      ['测试通过，恢复', 'the test passes, it is open'],
      (await stage.testDevice(field, tid)).service,
      'active',
    )
    await stage.gate(terminal, 'sale', '77')
    await stage.gate(terminal, 'sign_on', '00')
    await stage.gate(terminal, 'sale', '00')
  },
}
