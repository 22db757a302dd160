// A breach of rules: stopped with evidence, rectification demanded with a day, handed in, refused once, accepted – no shorter way.
import { addEvidence, demandTicket, getTicket, handInTicket, judgeTicket, listTickets } from '../../../client/generated/sdk.gen.ts'
import { photoOf } from '../photo.ts'
import { rfc, wall, type Scene } from '../scene.ts'

export const violation: Scene = {
  name: 'violation',
  number: 14,
  title: ['违规：证据、整改、审定', 'A breach: evidence, rectification, judgement'],
  startsAt: '2026-11-19T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [owner, risk, field] = [stage.cast('apo.owner'), stage.cast('yunhui.risk'), stage.cast('yunhui.field')]
    const terminal = await stage.freeTerminal(owner)
    const { tid } = terminal
    story.heading(Date.parse(violation.startsAt))
    story.tell(`${stage.named(risk)[0]}发现拆分交易，以 R09 停用终端 ${tid}。`, `${stage.named(risk)[1]} finds split sales and stops terminal ${tid} for R09.`)
    const held = await stage.hold(risk, tid, { reason: 'R09', words: '同卡十分钟内拆分五笔。' })
    const hold = held.holds.find((h) => h.reason === 'R09' && h.liftedAt === null)!
    story.claim(
      ['停用项写明：交什么、何时前、谁决定、能否申诉', 'the hold says what to hand in, by when, who decides, and that an appeal exists'],
      [hold.demands?.materials.map((m) => m.type), wall(hold.demands?.dueBy), hold.demands?.decidedBy.owner, hold.demands?.appeal],
      [['rectification_report'], '2026-12-03 18:00', 'risk', true],
    )
    story.quote(['停用项', 'the hold'], hold.demands?.words ?? '')
    const notice = (await stage.notices(owner)).find((n) => n.kind === 'hold_placed' && n.terminal === tid)
    story.claim(['通知里是同样的话', 'the notice says the same'], hold.demands?.materials.every((m) => notice?.sentence.includes(m.words)), true)
    const ticket = (await heard(listTickets({ ...by(risk), query: { kind: 'violation', open: 'true', limit: 200 } }))).items.find((t) => t.hold === hold.id)!
    const path = { ticket: ticket.no }
    const evidence = await heard(addEvidence({ ...by(risk), path, body: { type: 'transaction_vouchers', file: photoOf(200, 60, 40, '流水截图.png') } }))
    story.claim(['证据封存，摘要进日志', 'the evidence is sealed, its digest in the journal'], evidence.evidence[0]?.sha256.length, 64)
    await heard(demandTicket({ ...by(risk), path, body: { words: '停止拆分交易，提交近三十天签购单。', dueBy: rfc('2026-11-27T18:00') } }))
    story.claim(['此后不能直接解除', 'from here on it cannot simply be lifted'], await stage.refusedLift(risk, hold.id, '商户着急'), 'rectification_open')

    await stage.moveTo('2026-11-24T10:00')
    story.tell('商户提交整改，缺一天的签购单，没有通过。', 'The merchant hands in; a day is missing, and it is refused.')
    await heard(handInTicket({ ...by(owner), path, body: { words: '已停止，签购单见附件。' } }))
    const refused = await heard(judgeTicket({ ...by(risk), path, body: { accepted: false, words: '缺 11 月 17 日。' } }))
    story.claim(['退回，重新给期限', 'back to the merchant, with a new day'], [refused.state, wall(refused.dueBy)], ['demanded', '2026-12-08 18:00'])
    await stage.gate(terminal, 'sale', '58')

    await stage.moveTo('2026-11-25T10:00')
    await heard(addEvidence({ ...by(owner), path, body: { type: 'transaction_vouchers', file: photoOf(40, 120, 60, '1117.png') } }))
    await heard(handInTicket({ ...by(owner), path, body: { words: '补上 11 月 17 日。' } }))
    const judged = await heard(judgeTicket({ ...by(risk), path, body: { accepted: true, words: '齐全，认可。', responsibility: 'staff' } }))
    story.claim(['认可，记下责任', 'accepted, and who was responsible'], [judged.state, judged.responsibility], ['accepted', 'staff'])
    story.claim(['还须测试', 'the test is still to come'], (await stage.terminal(owner, tid)).service, 'testing')
    story.claim(['测试通过，恢复', 'it passes, and it is open'], (await stage.testDevice(field, tid)).service, 'active')
    const closed = await heard(getTicket({ ...by(owner), path }))
    story.claim(['结案，证据都在', 'the ticket is closed, its evidence all there'], [closed.state, closed.evidence.length], ['closed', 2])
    await stage.gate(terminal, 'sale', '77')
  },
}
