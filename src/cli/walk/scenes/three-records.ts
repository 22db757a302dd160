// Scenario 8: a slip for 588.00 at 金银首饰, and a UnionPay line for the same reference under another name and category. The
// closure waits, says why in one sentence, and goes on when the corrected file comes – nobody ticks anything.
import { bankFile, slipFile, unionpayFile, type Line } from '../../../settlement/written.ts'
import type { Scene } from '../scene.ts'

const shop = { mid: '102290053110008', tid: '80000108', name: '金银首饰' }
const sale: Line = {
  ...shop, reference: '112010161101', fen: 58_800, feeFen: 353, mcc: '5944', at: '2026-11-20T10:16:11', settledOn: '2026-11-20',
  cardMasked: '621234******0001', authCode: '710797', batch: '000243', trace: '000001',
}
const fleet = [
  'mid,merchantName,uscc,mcc,contactName,contactPhone,storeName,storeAddress,longitude,latitude,provider,tid,serial,model,deviceType,ownership,depositYuan,installedOn,firmware',
  `${shop.mid},${shop.name},91310101MA1FL00083,5944,金掌柜,13900000008,总店,上海市黄浦区福佑路 8 号,121.492,31.229,云汇支付,${shop.tid},0000120480000108,A920,smart,lent,300.00,2025-06-01,3.0.1`,
]

export const threeRecords: Scene = {
  name: 'three-records',
  number: 8,
  title: ['三单核对', 'Three records'],
  startsAt: '2026-11-23T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [admin, finance, agent, reviewer] = [stage.cast('platform.admin'), stage.cast('yunhui.finance'), stage.cast('yunhui.agent'), stage.cast('yunhui.reviewer')]
    story.heading(Date.parse(threeRecords.startsAt))
    story.tell(`${shop.name}入网，终端 ${shop.tid}；上周五刷卡 588.00 元，签购单在手。`, `${shop.name} joins with terminal ${shop.tid}; last Friday a card paid 588.00, the slip is there.`)
    await stage.import(admin, 'fleet', fleet)
    await stage.import(finance, 'slips', slipFile([sale]))
    story.tell('银联对账文件里，同一参考号写的是另一家商户、另一个类别（跳码）。', 'In UnionPay’s file the same reference stands under another merchant and another category.')
    const other = unionpayFile([{ ...sale, name: '惠民生鲜超市', mcc: '5411' }])
    await stage.import(finance, 'unionpay', other.bytes, other.name)
    await stage.import(finance, 'bank', bankFile([sale]))
    await stage.settle(finance)
    const open = (await stage.breaks(finance, shop.mid)).filter((b) => b.state === 'open')
    story.claim(['核对不通过：名称不符、类别不符', 'the match is refused: name and category differ'], open.map((b) => b.kind).toSorted(), ['mcc_differs', 'merchant_name_differs'])
    const byName = open.find((b) => b.kind === 'merchant_name_differs')!
    story.quote(['一句话说明', 'in one sentence'], byName.sentence)
    const beside = await stage.oneBreak(finance, byName.id)
    story.claim(['三单并列，标出不同之处', 'side by side, with what differs marked'], [beside.sides.slip?.name, beside.sides.unionpay?.name, beside.differs], [shop.name, '惠民生鲜超市', ['name', 'mcc']])

    const filed = await stage.file(agent, {
      kind: 'close', terminals: [shop.tid], reason: 'M21', words: '停业注销。', channel: 'counter', onBehalfOf: shop.mid, proof: '柜面申请书 20261123-08',
    })
    const item = async () => (await stage.terminal(agent, shop.tid)).clearance.items.find((i) => i.kind === 'unmatched')
    const unmatched = await item()
    story.claim(['终端未结清：2 条三单不符，由机构负责，限期三个工作日', 'the terminal is not clear: two breaks, the provider’s, due in three working days'],
      [unmatched?.count, unmatched?.owner, unmatched?.dueBy], [2, 'provider', '2026-11-26T10:00:00.000Z'])
    story.quote(['要做什么', 'what to do'], unmatched?.toDo ?? '')
    await stage.refusedApproval(reviewer, filed.no)
    const waiting = await stage.case(agent, filed.no)
    const recordsOf = (c: typeof waiting) => c.steps.find((s) => s.kind === 'three_record_match')
    story.claim(['注销等着：三单核对未完成', 'the closure waits: the three records do not agree'], [waiting.state === 'completed', recordsOf(waiting)?.state], [false, 'open'])
    story.quote(['办件说', 'the case says'], waiting.sentence)

    story.tell('银联补来更正文件。没有人勾选任何事项。', 'UnionPay sends the corrected file. Nobody ticks anything.')
    const corrected = unionpayFile([sale])
    const taken = await stage.import(finance, 'unionpay', corrected.bytes, corrected.name)
    story.claim(['它取代了前一个文件，并说明取代了哪个', 'it takes the place of the earlier file, and says which'], taken.settlement?.supersedes.map((f) => f.fileName), [other.name])
    const run = await stage.settle(finance)
    const after = await stage.breaks(finance, shop.mid)
    story.claim(['两条不符自行消除，写明由哪个文件', 'both breaks resolve themselves, and name the file'], after.map((b) => [b.state, b.resolvedBy?.fileName]), [['resolved', corrected.name], ['resolved', corrected.name]])
    story.claim(['终端结清', 'the terminal is clear'], await item(), undefined)
    const goes = recordsOf(await stage.case(agent, filed.no))
    story.claim(['三单核对自行完成，凭据是哪次核对、哪些文件', 'the step is done by itself; its evidence names run and files'], [goes?.state, /^run .*slips\.csv/.test(goes?.evidence ?? '')], ['done', true])
    story.claim(['再核对一次，没有变化', 'matched once more, nothing changes'], [(await stage.settle(finance)).changed, run.state], [0, 'done'])
  },
}
