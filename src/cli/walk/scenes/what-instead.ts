// Scenario 10: before closing, what would be paid another way. 30,000 by credit, 20,000 by debit, 50,000 by QR a month at
// 0.6 / 0.5 / 0.38 % are 180.00 + 100.00 + 190.00 = 470.00; each alternative with its monthly fees; 0.25 % is flagged.
import { compareAlternatives, getTerminalOptions, listChannels } from '../../../client/generated/sdk.gen.ts'
import type { Scene } from '../scene.ts'

const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ',')}`

export const whatInstead: Scene = {
  name: 'what-instead',
  number: 10,
  title: ['换成什么：费用比较与费率是否可信', 'What instead: costs compared, and whether a rate can be true'],
  startsAt: '2026-11-23T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const owner = stage.cast('apo.owner')
    story.heading(Date.parse(whatInstead.startsAt))
    const { tid } = await stage.freeTerminal(owner)
    story.tell(`${stage.named(owner)[0]}：想停掉终端 ${tid}，先算一算。`, `${stage.named(owner)[1]}: wants terminal ${tid} gone, and reckons first.`)
    const options = await stage.heard(getTerminalOptions({ ...stage.by(owner), path: { tid }, query: { from: '2026-12-01', until: '2027-01-01' } }))
    for (const o of options.options)
      story.tell(`${{ keep: '继续用', suspend: '停机', swap: '换机', close: '注销' }[o.option]}：${yuan(o.cost.fen)}${o.lines.map((l) => `，${l.words} ${l.formula}`).join('')}`, `${o.option}: ${yuan(o.cost.fen)}`)
    story.claim(['四种选择，各自逐行写明算法', 'four ways, every line with its formula'],
      [options.options.map((o) => o.option), options.options.every((o) => o.lines.every((l) => l.formula !== '') && o.lines.reduce((sum, l) => sum + l.amount.fen, 0) === o.cost.fen)],
      [['keep', 'suspend', 'swap', 'close'], true])

    story.tell('每月贷记卡 30,000、借记卡 20,000、扫码 50,000；还有人来推销 0.25 % 的贷记卡费率。', 'A month: 30,000 by credit, 20,000 by debit, 50,000 by QR; and somebody offers credit at 0.25 %.')
    const { items: channels } = await stage.heard(listChannels(stage.by(owner)))
    const told = await stage.heard(compareAlternatives({
      ...stage.by(owner),
      body: {
        mix: [{ card: 'credit', amountFen: 3_000_000 }, { card: 'debit', amountFen: 2_000_000 }, { card: 'qr', amountFen: 5_000_000 }],
        today: { kind: 'payment_institution', name: '云汇支付', rates: [{ card: 'credit', ppm: 6_000 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }], licenceNo: 'Z2000131000017', directSettlement: true },
        offers: [{ kind: 'other', name: '上门推销', rates: [{ card: 'credit', ppm: 2_500 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }], monthlyFen: 5_000 }],
      },
    }))
    const today = told.ways.find((w) => w.source === 'today')
    for (const l of today?.lines ?? []) story.tell(`${l.words}：${l.formula}`, `= ${yuan(l.amount.fen)}`)
    story.claim(['现在：180.00 + 100.00 + 190.00 = 470.00', 'today: 180.00 + 100.00 + 190.00 = 470.00'],
      [today?.lines.map((l) => l.amount.fen), today?.perMonth.fen], [[18_000, 10_000, 19_000], 47_000])
    story.claim(['每个登记的渠道都比了，月费在内，差额写明', 'every channel is compared, monthly fees included, the difference said'],
      told.ways.filter((w) => w.source === 'channel').map((w) => [w.name, w.difference?.fen === w.perMonth.fen - 47_000, w.lines.reduce((sum, l) => sum + l.amount.fen, 0) === w.perMonth.fen]).toSorted(),
      channels.map((c) => [c.name, true, true]).toSorted())
    const offer = told.ways.find((w) => w.source === 'offer')
    story.claim(['推销的报价：75.00 + 100.00 + 190.00 + 月费 50.00 = 415.00', 'the offer: 75.00 + 100.00 + 190.00 + 50.00 a month = 415.00'], offer?.perMonth.fen, 41_500)
    const low = offer?.flags.find((f) => f.code === 'rate_too_low')
    story.claim(['0.25 % 贷记卡标为不正常', '0.25 % on credit is flagged as abnormal'], [low?.severity, low?.card], ['warning', 'credit'])
    story.quote(['为什么', 'why'], low?.words ?? '')
    story.quote(['一句话', 'in one sentence'], told.sentence)
    const own = await stage.heard(compareAlternatives({ ...stage.by(owner), body: {} }))
    story.claim(['不填金额，就按自己最近九十天的交易比', 'without figures it is their own last ninety days that are compared'],
      [own.mix.basis, own.mix.items.length > 0, own.ways[0]?.source], ['own', true, 'today'])
  },
}
