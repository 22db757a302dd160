// Scenario 1: asked on Monday for Friday 15:00; the check two working days before; the stop to the millisecond.
import { transactionFile, wall, type Scene } from '../scene.ts'

export const friday: Scene = {
  name: 'friday',
  number: 1,
  title: ['周五三点', 'Friday at three'],
  startsAt: '2026-11-23T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [owner, operations] = [stage.cast('apo.owner'), stage.cast('yunhui.operations')]
    const terminal = await stage.freeTerminal(owner)
    const { tid, mid } = terminal
    story.heading(Date.parse(friday.startsAt))
    const [zh, en] = stage.named(owner)
    story.tell(
      `${zh}要装修，申请终端 ${tid} 本周五 15:00 停机，12 月 24 日恢复。`,
      `${en} renovates and asks for terminal ${tid} to stop this Friday at 15:00, back on 24 December.`,
    )
    const filed = await stage.file(owner, {
      kind: 'suspend',
      terminals: [tid],
      reason: 'M02',
      effectiveFrom: '2026-11-27T15:00:00+08:00',
      expectedUntil: '2026-12-24T09:00:00+08:00',
      words: '前厅装修。',
    })
    story.claim(
      [`办件 ${filed.no} 当场批准（直通规则）`, `case ${filed.no} is approved at once, by a rule`],
      [filed.state, filed.decision.by],
      ['approved', 'policy'],
    )
    story.claim(
      ['停机前两个工作日 09:00 核对', 'the check is two working days before, at 09:00'],
      wall(filed.checkpointAt),
      '2026-11-25 09:00',
    )
    const planned = await stage.terminal(owner, tid)
    story.claim(
      ['停机时刻事先可见', 'the moment of the stop is shown ahead'],
      wall(planned.upcoming[0]?.at),
      '2026-11-27 15:00',
    )
    story.quote(['店里看到', 'the shop reads'], planned.sentence)

    await stage.moveTo('2026-11-24T20:15')
    await stage.gate(terminal, 'sale', '00')
    story.tell(
      '这笔 588.00 元刷卡成功，批次还没有结算。',
      'This sale of 588.00 goes through; its batch is not settled yet.',
    )
    const sale = { tid, mid, trace: '000001', yuan: '588.00', at: '2026-11-24T20:15:00' }
    await stage.import(operations, 'transactions', transactionFile([sale]))

    await stage.moveTo('2026-11-25T09:00')
    const open = (await stage.terminal(owner, tid)).clearance
    story.claim(
      ['核对清单上有 1 笔未结算，588.00 元', 'one unsettled sale of 588.00 is on the list'],
      open.items.map((i) => [i.kind, i.count, i.amount.fen]),
      [['unsettled', 1, 58_800]],
    )
    const notice = (await stage.notices(owner)).find((n) => n.kind === 'checkpoint' && n.application === filed.no)
    story.claim(['核对结果通知了商户', 'the merchant was told of it'], notice !== undefined, true)
    await stage.moveTo('2026-11-25T10:00')
    story.tell('结算文件到了。', 'The settlement file has come.')
    await stage.import(operations, 'transactions', transactionFile([{ ...sale, settledOn: '2026-11-25' }]))
    story.claim(
      ['清单空了，全部结清', 'the list is empty, everything is settled'],
      (await stage.terminal(owner, tid)).clearance.clear,
      true,
    )

    await stage.moveTo('2026-11-27T14:59:59.999')
    await stage.gate(terminal, 'sale', '00')
    await stage.moveTo('2026-11-27T15:00:00.000')
    await stage.gate(terminal, 'sale', '58')
    await stage.moveTo('2026-11-27T15:00:05')
    await stage.gate(terminal, 'reversal', '00')
    const stopped = await stage.terminal(owner, tid)
    story.claim(
      ['已停机，闸口自 15:00 起拒绝', 'it is stopped, and the gates refuse since 15:00'],
      [stopped.service, wall(stopped.hostBlockedAt)],
      ['suspended', '2026-11-27 15:00'],
    )
    const done = await stage.case(owner, filed.no)
    story.claim(
      ['办件办结，出具停机确认函', 'the case is completed, a letter confirms the stop'],
      [done.state, done.letters.map((l) => l.kind)],
      ['completed', ['stop_confirmation']],
    )
    await stage.readLetter(owner, done, '2026-11-27 15:00')
  },
}
