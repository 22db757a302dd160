// A replacement: the printer is done for, the terminal stops, the old device comes off and its serial is refused from then on;
// the new one comes through two hands with both signatures, is filed and tested; the old one goes back with its deposit.
import {
  bindDevice, confirmRefund, decide, fileApplication, getDevice, getMe, handOver, inspectDevice, listDevices, listTerminals, proposeDeduction, receiveDevice, recordTest, restockDevice,
  signHandover, unbindDevice,
} from '../../../client/generated/sdk.gen.ts'
import { testItems, words } from '../../../domain/vocabulary.ts'
import { reasonWords, type Scene } from '../scene.ts'
import { WalkEnded } from '../story.ts'

const position = { longitude: 121.4737, latitude: 31.2304 }
const refused = async (answer: Promise<{ error?: unknown }>): Promise<string | undefined> => ((await answer).error as { code?: string } | undefined)?.code

export const replacement: Scene = {
  name: 'replacement',
  number: 17,
  title: ['换机：旧机具拆下，新机具装上', 'Another device on the same terminal'],
  startsAt: '2026-11-20T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [owner, reviewer, field, operations, finance, approver] = [
      stage.cast('apo.owner'), stage.cast('yunhui.reviewer'), stage.cast('yunhui.field'), stage.cast('yunhui.operations'), stage.cast('yunhui.finance'), stage.cast('yunhui.approver'),
    ]
    const { items } = await heard(listTerminals({ ...by(owner), query: { service: 'active', limit: 200 } }))
    const terminal = items.find((t) => t.provider.id === 'yunhui' && t.device?.ownership === 'lent' && t.clearance.clear && t.allowed.replace === true && t.upcoming.length === 0)
    if (!terminal) throw new WalkEnded('没有借用机具的空闲终端 no free terminal with a lent device')
    const { tid } = terminal
    const old = terminal.device!.serial
    const ask = async (serial: string): Promise<string> => {
      const answer = await heard(decide({ ...by(owner), body: { tid, mid: terminal.mid, class: 'sale', serial } })) as { code: string; reason: string }
      return `${answer.code} ${answer.reason}`
    }
    story.heading(Date.parse(replacement.startsAt))
    story.tell(`${stage.named(owner)[0]}：终端 ${tid} 的打印机坏了，申请换机。`, `${stage.named(owner)[1]}: the printer of terminal ${tid} is broken; another device is asked for.`)
    story.claim(['理由须合适', 'the reason must fit'], await refused(fileApplication({ ...by(owner), body: { kind: 'replace', terminals: [tid], reason: 'M02' } })), 'reason_not_yours')
    const { no } = await stage.file(owner, { kind: 'replace', terminals: [tid], reason: 'D11', effectiveFrom: '2026-11-20T14:00:00+08:00', words: '出纸卡住，换过纸卷也不行。' })
    story.claim([`批准（${reasonWords('D11')[0]}），到时停止收款`, `approved (${reasonWords('D11')[1]}): no new sales from its moment`], (await stage.approve(reviewer, no)).state, 'approved')

    story.tell('仓库把备机交给外勤，双方签收。', 'The warehouse hands a spare to the engineer; both sign.')
    const me = await heard(getMe(by(field)))
    const shelf = await heard(listDevices({ ...by(operations), query: { free: 'true', limit: 50 } }))
    const spare = shelf.items.find((d) => d.custodian.kind === 'warehouse' && d.ownership === 'lent') ?? shelf.items[0]
    if (!spare) throw new WalkEnded('仓库没有备机 no spare in the warehouse')
    const proposed = await heard(handOver({
      ...by(operations), body: { from: { kind: 'warehouse' }, to: { kind: 'field', id: me.person.id }, devices: [{ serial: spare.serial, condition: [{ part: 'body', condition: 'fine' }], accessories: ['charger'] }] },
    }))
    story.claim(['交出的人不能自己签收', 'whoever gives cannot sign for taking'], await refused(signHandover({ ...by(operations), path: { id: proposed.id }, body: {} })), 'handover_other_side')
    story.claim(['外勤签收', 'the engineer signs'], (await heard(signHandover({ ...by(field), path: { id: proposed.id }, body: {} }))).state, 'done')

    await stage.moveTo('2026-11-20T14:00')
    await stage.gate(terminal, 'sale', '58')
    story.quote(['店主看到', 'the owner reads'], (await stage.case(owner, no)).sentence)
    await heard(unbindDevice({ ...by(field), path: { no }, body: {} }))
    story.claim(['旧机具拆下：两个序列号都被拒', 'the old device is off: both serials are refused'], [await ask(old), await ask(spare.serial)], ['58 serial_mismatch', '58 serial_mismatch'])
    const bound = await heard(bindDevice({ ...by(field), path: { no }, body: { serial: spare.serial, position, photo: 'IMG_3001' } }))
    story.claim(['新旧机具互相关联', 'old and new are linked'], [bound.terminals[0]?.from, bound.terminals[0]?.to], [old, spare.serial])
    const all = (failing?: string) => words(testItems).map((item) => ({ item, passed: item !== failing }))
    story.claim(['五要素没有报备，不能测试', 'not tested before its five elements are filed'], await refused(recordTest({ ...by(field), path: { no }, body: { items: all() } })), 'steps_open')
    await stage.completeStep(operations, no, 'replace-filing', '银联报备 UP-2026-1120-07')
    story.claim(['打印不过，仍停机', 'the printer fails: it stays shut'], (await heard(recordTest({ ...by(field), path: { no }, body: { items: all('print') } }))).terminals[0]?.result, 'testing')
    await stage.gate(terminal, 'sale', '58')
    story.claim(['换过纸卷，测试通过', 'with another roll it passes'], (await heard(recordTest({ ...by(field), path: { no }, body: { items: all() } }))).terminals[0]?.result, 'reopened')
    await stage.gate(terminal, 'sale', '77')
    await stage.gate(terminal, 'sign_on', '00')
    await stage.gate(terminal, 'sale', '00')
    story.claim(['旧序列号永远不通', 'the old serial never works again'], await ask(old), '58 serial_mismatch')

    await stage.moveTo('2026-11-25T10:00')
    const waiting = await stage.case(owner, no)
    story.quote(['店主看到', 'the owner reads'], waiting.sentence)
    const { rma, deposit } = waiting.returns[0]!
    story.claim(['终端已恢复，办件还等旧机具', 'the terminal is open; the case still waits for the old device'], [waiting.state, waiting.returns[0]?.state], ['in_progress', 'requested'])
    await heard(receiveDevice({ ...by(field), path: { rma }, body: {} }))
    await heard(inspectDevice({ ...by(field), path: { rma }, body: { parts: [{ part: 'body', condition: 'fine' }, { part: 'printer', condition: 'worn' }] } }))
    if (deposit) {
      const line = await heard(proposeDeduction({ ...by(finance), path: { rma }, body: { without: waiting.returns[0]!.deposit?.byTable?.lines.map((l) => l.rule) ?? [], words: '机具损坏非商户责任' } }))
      story.claim(['押金退还由两人经手', 'two persons refund the deposit'], (await heard(confirmRefund({ ...by(approver), path: { rma }, body: { reference: '网银 20261125-0007' } }))).deposit?.settled?.refund.fen, line.deposit!.amount.fen - line.deposit!.deduction!.amount.fen)
    }
    const done = await stage.case(owner, no)
    story.claim(['办结，出具业务交接清单', 'completed, with a hand-over list'], [done.state, done.letters.map((l) => l.kind)], ['completed', ['handover_list']])
    await stage.readLetter(owner, done)
    await heard(restockDevice({ ...by(field), path: { rma }, body: {} }))
    const history = await heard(getDevice({ ...by(operations), path: { serial: old } }))
    story.claim(['旧机具的来历查得到：在哪台终端、被哪台换下', 'where the old device was, and what replaced it, is on record'], [history.state, history.terminals[0]?.tid, history.swaps[0]?.replacedBy], ['in_stock', tid, spare.serial])
  },
}
