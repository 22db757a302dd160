// Scenario 7: a failed test keeps the terminal shut and says what failed; the passed one opens it, and it must sign on first.
import type { Scene } from '../scene.ts'

export const failedTest: Scene = {
  name: 'failed-test',
  number: 7,
  title: ['测试不过不开机', 'Failed test'],
  startsAt: '2026-11-16T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [owner, reviewer, field] = [
      stage.cast('apo.owner'),
      stage.cast('yunhui.reviewer'),
      stage.cast('yunhui.field'),
    ]
    const terminal = await stage.freeTerminal(owner)
    const { tid } = terminal
    story.heading(Date.parse(failedTest.startsAt))
    story.tell(
      `终端 ${tid} 停机，随后申请复机并获批准。`,
      `Terminal ${tid} is stopped; then its return is asked for and approved.`,
    )
    await stage.file(owner, {
      kind: 'suspend',
      terminals: [tid],
      reason: 'M05',
      expectedUntil: '2026-12-10T09:00:00+08:00',
      words: '外出。',
    })
    await stage.moveTo('2026-11-17T09:00')
    const back = await stage.file(owner, { kind: 'reactivate', terminals: [tid], words: '回来了。' })
    await stage.approve(reviewer, back.no)
    await stage.gate(terminal, 'sale', '58')
    await stage.gate(terminal, 'test_sale', '00')
    await stage.moveTo('2026-11-17T15:00')
    story.tell(
      `${stage.named(field)[0]}上门：打印正常，测试消费超时。`,
      `${stage.named(field)[1]} visits: the printer works, the test sale times out.`,
    )
    const failed = await stage.test(field, back.no, 'test_sale', '测试消费超时')
    story.claim(
      ['测试未过，办件仍在办理，终端仍停', 'not passed: the case goes on, the terminal stays shut'],
      [failed.state, failed.terminals[0]?.result],
      ['in_progress', 'testing'],
    )
    const step = failed.steps.find((s) => s.kind === 'device_test')
    story.claim(
      ['哪一项没过写得清楚', 'it says which item failed'],
      [step?.state, /超时|test_sale/.test(step?.evidence ?? '')],
      ['failed', true],
    )
    await stage.gate(terminal, 'sale', '58')

    await stage.moveTo('2026-11-18T10:00')
    story.tell('第二天换了 SIM 卡，再测。', 'The next day, with another SIM card, it is tested again.')
    const passed = await stage.test(field, back.no)
    story.claim(['全部通过，恢复', 'every item passes, it is open'], passed.state, 'completed')
    await stage.gate(terminal, 'sale', '77')
    await stage.gate(terminal, 'sign_on', '00')
    await stage.gate(terminal, 'sale', '00')
    await stage.readLetter(owner, await stage.case(owner, back.no))
  },
}
