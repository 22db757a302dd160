// Opening a terminal: asked for, weighed by a person over the risk page, numbered with the approval, put in place, filed,
// tested, and in service with its first sign-on.
import { bindDevice, fileApplication, getRisk, listDevices, recordTest, withdrawApplication } from '../../../client/generated/sdk.gen.ts'
import { testItems, words } from '../../../domain/vocabulary.ts'
import type { Scene } from '../scene.ts'
import { WalkEnded } from '../story.ts'

const position = { longitude: 121.4737, latitude: 31.2304 }
const refused = async (answer: Promise<{ error?: unknown }>): Promise<string | undefined> => ((await answer).error as { code?: string } | undefined)?.code
const all = words(testItems).map((item) => ({ item, passed: true }))

export const opening: Scene = {
  name: 'opening',
  number: 18,
  title: ['装机开通：申请、风控、装机、测试、签到', 'A new terminal, from asking to the first sign-on'],
  startsAt: '2026-11-19T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [owner, reviewer, field, operations] = [stage.cast('apo.owner'), stage.cast('yunhui.reviewer'), stage.cast('yunhui.field'), stage.cast('yunhui.operations')]
    const { store, mid } = await stage.freeTerminal(owner)
    if (!store) throw new WalkEnded('终端没有门店 the terminal has no store')
    story.heading(Date.parse(opening.startsAt))
    story.tell(`${stage.named(owner)[0]}为门店「${store.name}」申请加装一台终端。`, `${stage.named(owner)[1]} asks for another terminal at the store "${store.name}".`)
    story.claim(['不填终端号：批准后才有', 'no number is named: it comes with the approval'],
      await refused(fileApplication({ ...by(owner), body: { kind: 'install', terminals: ['10000001'], provider: 'yunhui', store: store.name } })), 'install_names_none')
    const filed = await stage.file(owner, { kind: 'install', terminals: [], provider: 'yunhui', store: store.name, words: '春节前客流大，收银台加一台。' })
    const { no } = filed
    story.claim(['须由人审核，3 至 7 个工作日', 'weighed by a person within 3 to 7 working days'], [filed.state, filed.terminals.length, filed.deadline?.at.slice(0, 10)], ['submitted', 0, '2026-11-30'])
    const risk = await heard(getRisk({ ...by(reviewer), path: { no } }))
    story.tell(
      `审核在一页上看到：信用${risk.standing.good ? '良好' : '有停用'}，近一年 ${risk.months.reduce((n, m) => n + m.sales, 0)} 笔销售，拒付 ${risk.chargebacks.count} 笔，过往办件 ${risk.decisions.length} 件。`,
      `On one page the reviewer sees: ${risk.standing.good ? 'in good standing' : 'under a hold'}, ${risk.months.reduce((n, m) => n + m.sales, 0)} sales in a year, ${risk.chargebacks.count} chargeback(s), ${risk.decisions.length} earlier case(s).`,
    )
    story.claim(['商户自己看不到这一页', 'the merchant itself does not'], await refused(getRisk({ ...by(owner), path: { no } })), 'role_missing')

    await stage.moveTo('2026-11-24T10:00')
    const approved = await stage.approve(reviewer, no)
    const { tid } = approved.terminals[0]!
    story.claim([`批准，预留终端号 ${tid}`, `approved; number ${tid} is reserved`], [approved.state, (await stage.terminal(owner, tid)).service], ['approved', 'pending_setup'])
    await stage.gate({ tid, mid }, 'test_sale', '58')

    await stage.moveTo('2026-11-25T14:00')
    const shelf = await heard(listDevices({ ...by(operations), query: { free: 'true', limit: 50 } }))
    const spare = shelf.items.find((d) => d.custodian.kind === 'warehouse')
    if (!spare) throw new WalkEnded('仓库没有备机 no spare in the warehouse')
    const bind = (photo?: string) => bindDevice({ ...by(field), path: { no }, body: { serial: spare.serial, position, ...(photo ? { photo } : {}) } })
    story.claim(['上门装机须拍照', 'putting it in place needs a picture'], await refused(bind()), 'photo_required')
    story.claim(['机具装好，登记五要素', 'in place, its five elements registered'], (await heard(bind('IMG_3101'))).state, 'in_progress')
    story.claim(['装好以后不能撤回', 'now it cannot be withdrawn'], await refused(withdrawApplication({ ...by(owner), path: { no }, body: {} })), 'not_in_this_state')
    await stage.gate({ tid, mid }, 'test_sale', '00')
    await stage.gate({ tid, mid }, 'sale', '58')
    await stage.completeStep(operations, no, 'install-filing', '银联报备 UP-2026-1125-02')
    const tested = await heard(recordTest({ ...by(field), path: { no }, body: { items: all } }))
    story.claim(['测试通过，等首次签到', 'tested; the first sign-on is awaited'], [tested.terminals[0]?.result, tested.state], ['installed', 'in_progress'])
    story.quote(['店主看到', 'the owner reads'], (await stage.case(owner, no)).sentence)
    await stage.gate({ tid, mid }, 'sale', '77')
    await stage.gate({ tid, mid }, 'sign_on', '00')
    await stage.gate({ tid, mid }, 'sale', '00')
    await stage.moveTo('2026-11-25T14:10')
    const done = await stage.case(owner, no)
    story.claim(['首次签到后办结，出具业务交接清单', 'the first sign-on completes it; a hand-over list proves it'], [done.state, done.letters.map((l) => l.kind)], ['completed', ['handover_list']])
    await stage.readLetter(owner, done)
    story.quote(['店主看到', 'the owner reads'], done.sentence)
  },
}
