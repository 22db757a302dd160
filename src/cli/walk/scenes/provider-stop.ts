// Scenario 11: the provider stops a terminal for its settlement account; everybody concerned can read why and what to do.
import { reasonWords, type Scene } from '../scene.ts'

export const providerStop: Scene = {
  name: 'provider-stop',
  number: 11,
  title: ['机构停用：结算账户异常', "Provider's stop: account abnormal"],
  startsAt: '2026-11-19T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [owner, finance, field, risk] = [
      stage.cast('apo.owner'),
      stage.cast('yunhui.finance'),
      stage.cast('yunhui.field'),
      stage.cast('yunhui.risk'),
    ]
    const terminal = await stage.freeTerminal(owner)
    const { tid } = terminal
    story.heading(Date.parse(providerStop.startsAt))
    story.tell(
      `${stage.named(finance)[0]}：结算款两次被退，停用终端 ${tid}。`,
      `${stage.named(finance)[1]}: settlement came back twice; terminal ${tid} is stopped.`,
    )
    const held = await stage.hold(finance, tid, { reason: 'A03', words: '结算账户异常，请提交新的开户证明。' })
    const hold = held.holds.find((h) => h.reason === 'A03' && h.liftedAt === null)
    story.claim(['停用项归财务，只有财务能解除', 'the hold is of finance, who alone lift it'], hold?.owner, 'finance')
    const declined = await stage.gate(terminal, 'sale', '58')
    story.claim(
      ['收银员在终端上读到原因和电话', 'the cashier reads why, and whom to call'],
      /400-800-0000/.test(declined.sentence),
      true,
    )
    const seen = await stage.terminal(owner, tid)
    story.quote(['店主看到', 'the owner reads'], seen.sentence)
    story.claim(
      ['店主看到原因代码和去处', 'the owner sees the code and whom to call'],
      [seen.holds.some((h) => h.reason === 'A03'), /400-800-0000/.test(seen.sentence)],
      [true, true],
    )
    const notice = (await stage.notices(owner)).find((n) => n.kind === 'hold_placed' && n.terminal === tid)
    story.claim(
      [`通知写明${reasonWords('A03')[0]}和办法`, `the notice names ${reasonWords('A03')[1]} and the way out`],
      /A03/.test(notice?.sentence ?? ''),
      true,
    )
    story.quote(['通知', 'notice'], notice?.sentence ?? '')
    story.claim(
      ['风控也解除不了财务的停用项', 'not even the risk officer can lift what finance placed'],
      await stage.refusedLift(risk, hold!.id, '试试'),
      'hold_not_yours',
    )

    await stage.moveTo('2026-11-20T14:00')
    story.tell(
      '账户更正，财务核实后解除；测试通过才开机。',
      'The account is put right, finance lifts the hold; it opens after its test.',
    )
    story.claim(
      ['进入测试', 'it goes to test'],
      (await stage.lift(finance, hold!.id, '新账户已核验。')).service,
      'testing',
    )
    story.claim(['恢复正常', 'it is active again'], (await stage.testDevice(field, tid)).service, 'active')
    await stage.gate(terminal, 'sale', '77')
    await stage.gate(terminal, 'sign_on', '00')
    await stage.gate(terminal, 'sale', '00')
  },
}
