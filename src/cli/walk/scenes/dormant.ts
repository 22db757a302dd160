// Scenario 12: two terminals whose last sale was on 2025-11-30. Both merchants are asked three calendar months later; the one
// who does not answer is stopped, the other at twelve months.
import { transactionFile, type Scene } from '../scene.ts'

const mid = '861391058120009'
const fleet = [
  'mid,merchantName,uscc,mcc,contactName,contactPhone,storeName,storeAddress,longitude,latitude,provider,tid,serial,model,deviceType,ownership,depositYuan,installedOn,firmware',
  ...['WALK0001', 'WALK0002'].map(
    (tid, i) =>
      `${mid},福州榕树下餐饮店,91350100M000100Y43,5812,林榕,13859100001,榕树下,福州市鼓楼区八一七北路${18 + i}号,119.3021,26.0802,云汇支付,${tid},000002049000000${i + 1},A920,smart,lent,300.00,2025-03-01,3.1.0`,
  ),
]

export const dormant: Scene = {
  name: 'dormant',
  number: 12,
  title: ['长期无交易', 'Dormant'],
  startsAt: '2026-02-25T10:00:00+08:00',
  async play(stage) {
    const { story } = stage
    const [operations, agent] = [stage.cast('yunhui.operations'), stage.cast('yunhui.agent')]
    story.heading(Date.parse(dormant.startsAt))
    story.tell(
      '榕树下的两台终端，最后一笔交易都在 2025 年 11 月 30 日。',
      'Two terminals whose last sale was on 30 November 2025.',
    )
    await stage.import(operations, 'fleet', fleet)
    await stage.import(
      operations,
      'transactions',
      transactionFile(
        ['WALK0001', 'WALK0002'].map((tid, i) => ({
          tid,
          mid,
          trace: `00000${i + 1}`,
          yuan: '66.00',
          at: '2025-11-30T12:10:00',
          settledOn: '2025-12-01',
        })),
      ),
    )
    const asked = async (tid: string): Promise<boolean> =>
      (await stage.timeline(agent, tid)).some((f) => f.fact === 'dormancy' || f.fact === 'dormancy_asked')
    await stage.moveTo('2026-02-28T07:59')
    story.claim(
      ['满三个月那天早上之前没有打扰', 'nobody was asked before the morning of that day'],
      await asked('WALK0001'),
      false,
    )
    await stage.moveTo('2026-02-28T08:00')
    story.claim(
      [
        '2 月 28 日早上询问（11 月 30 日加三个月，二月没有 30 日）',
        'asked on the morning of 28 February: three months on, and February has no 30th',
      ],
      [await asked('WALK0001'), await asked('WALK0002')],
      [true, true],
    )
    story.tell(
      '第一台的店主经客服答复：继续使用。第二台没有回音。',
      'The first answers by way of the service desk: keep it. The second stays silent.',
    )
    await stage.answerDormancy(agent, 'WALK0001', 'keep')
    await stage.moveTo('2026-03-13T18:00')
    story.claim(
      ['答复期内都照常', 'until the answer is due both go on'],
      [(await stage.terminal(agent, 'WALK0001')).service, (await stage.terminal(agent, 'WALK0002')).service],
      ['active', 'active'],
    )
    await stage.moveTo('2026-03-14T08:00')
    const silent = await stage.terminal(agent, 'WALK0002')
    story.claim(
      ['逾期未核实，停用（I02）', 'unverified in time, it is stopped (I02)'],
      [silent.service, silent.holds.map((h) => h.reason)],
      ['suspended', ['I02']],
    )
    await stage.gate({ tid: 'WALK0002', mid }, 'sale', '58')
    await stage.gate({ tid: 'WALK0001', mid }, 'sale', '00')
    for (const month of ['05', '07', '09']) await stage.moveTo(`2026-${month}-01T09:00`)
    await stage.moveTo('2026-11-30T07:59')
    story.claim(
      ['答复“继续使用”的一台还开着', 'the one that was to be kept is still open'],
      (await stage.terminal(agent, 'WALK0001')).service,
      'active',
    )
    await stage.moveTo('2026-11-30T08:00')
    const year = await stage.terminal(agent, 'WALK0001')
    story.claim(
      ['满十二个月，停用（I03）', 'twelve months on, it is stopped (I03)'],
      [year.service, year.holds.map((h) => h.reason)],
      ['suspended', ['I03']],
    )
  },
}
