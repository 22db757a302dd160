// A broken screen: the cashier reports it, the terminal stops, it is diagnosed and repaired, fails its test once, passes, opens.
import { diagnoseTicket, getTicket, readyTicket, repairTicket, reportFault, testTerminal } from '../../../client/generated/sdk.gen.ts'
import { testItems, words } from '../../../domain/vocabulary.ts'
import { reasonWords, type Scene } from '../scene.ts'

export const fault: Scene = {
  name: 'fault',
  number: 13,
  title: ['机具故障：报修、维修、测试', 'A device fails: reported, repaired, tested'],
  startsAt: '2026-11-19T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [owner, field] = [stage.cast('apo.owner'), stage.cast('yunhui.field')]
    const terminal = await stage.freeTerminal(owner)
    const { tid } = terminal
    story.heading(Date.parse(fault.startsAt))
    story.tell(`${stage.named(owner)[0]}报修：终端 ${tid} 屏幕摔裂。`, `${stage.named(owner)[1]} reports that the screen of terminal ${tid} is broken.`)
    const ticket = await heard(reportFault({ ...by(owner), path: { tid }, body: { reason: 'D12', words: '屏幕摔裂，看不清金额。' } }))
    story.claim([`开出故障单 ${ticket.no}`, `ticket ${ticket.no} is opened`], [ticket.kind, ticket.state], ['fault', 'reported'])
    const seen = await stage.terminal(owner, tid)
    const hold = seen.holds.find((h) => h.reason === 'D12' && h.liftedAt === null)
    story.claim([`因${reasonWords('D12')[0]}停用，由客服负责`, `it is stopped for ${reasonWords('D12')[1]}; the service desk owns it`], hold?.owner, 'service_desk')
    story.quote(['店里看到', 'the shop reads'], seen.sentence)
    await stage.gate(terminal, 'sale', '58')

    await stage.moveTo('2026-11-20T10:00')
    const path = { ticket: ticket.no }
    story.tell(`${stage.named(field)[0]}上门检测，换屏。`, `${stage.named(field)[1]} comes, looks, and puts in another screen.`)
    await heard(diagnoseTicket({ ...by(field), path, body: { words: '屏幕总成损坏。', minutes: 15 } }))
    const repaired = await heard(repairTicket({
      ...by(field), path, body: { words: '更换屏幕。', minutes: 40, parts: [{ name: '屏幕', count: 1 }], cost: { fen: 12_000 }, payer: 'provider' },
    }))
    story.claim(['用时、用料、费用和谁承担都在单上', 'time, parts, cost and who pays are on the ticket'], [repaired.total.minutes, repaired.total.provider.fen], [55, 12_000])
    await heard(readyTicket({ ...by(field), path, body: {} }))
    const failed = words(testItems).map((item) => ({ item, passed: item !== 'screen' }))
    const tested = await heard(testTerminal({ ...by(field), path: { tid }, body: { items: failed } }))
    story.claim(['测试未通过，仍停机', 'the test fails, it stays shut'], [tested.service, (await heard(getTicket({ ...by(owner), path }))).state], ['testing', 'diagnosed'])
    await stage.gate(terminal, 'sale', '58')

    await stage.moveTo('2026-11-20T15:00')
    await heard(repairTicket({ ...by(field), path, body: { words: '重新压紧排线。', minutes: 10 } }))
    await heard(readyTicket({ ...by(field), path, body: {} }))
    story.claim(['测试通过，恢复正常', 'the test passes, it is active'], (await stage.testDevice(field, tid)).service, 'active')
    const closed = await heard(getTicket({ ...by(owner), path }))
    story.claim(['测试通过是唯一的出口：故障单随之办结', 'a passed test is the only way out: it closed the ticket'], [closed.state, closed.entries.at(-1)?.act], ['closed', 'pass'])
    await stage.gate(terminal, 'sale', '77')
    await stage.gate(terminal, 'sign_on', '00')
    await stage.gate(terminal, 'sale', '00')
  },
}
