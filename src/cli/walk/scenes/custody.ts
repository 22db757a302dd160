// A long pause: the device is looked at by photo and place, found elsewhere, put right; cared for before the return; and brought back.
import { answerDuty, checkDuty, completeDuty, getCare, settleDuty } from '../../../client/generated/sdk.gen.ts'
import { photoOf } from '../photo.ts'
import { wall, type Scene } from '../scene.ts'

const mid = '861391058120017'
const fleet = [
  'mid,merchantName,uscc,mcc,contactName,contactPhone,storeName,storeAddress,longitude,latitude,provider,tid,serial,model,deviceType,ownership,depositYuan,installedOn,firmware',
  `${mid},福州榕树下餐饮店,91350100M000100Y43,5812,林榕,13859100001,榕树下,福州市鼓楼区八一七北路18号,119.3021,26.0802,云汇支付,WALK0017,00000204900000170,A920,smart,lent,300.00,2025-03-01,3.1.0`,
]
const tid = 'WALK0017'

export const custody: Scene = {
  name: 'custody',
  number: 15,
  title: ['停机期间：保管、唤醒', 'While it is stopped: custody and waking up'],
  startsAt: '2026-11-02T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [operations, agent, field] = [stage.cast('yunhui.operations'), stage.cast('yunhui.agent'), stage.cast('yunhui.field')]
    story.heading(Date.parse(custody.startsAt))
    story.tell('榕树下装修两个月，终端由店里保管。', 'Two months of renovation; the shop keeps the device.')
    await stage.import(operations, 'fleet', fleet)
    await stage.file(agent, {
      kind: 'suspend', terminals: [tid], reason: 'M02', expectedUntil: '2027-01-04T09:00:00+08:00', words: '装修。', channel: 'phone', proof: '来电录音 20261102-0917',
    })
    const due = async (kind: string) => (await heard(getCare({ ...by(agent), path: { tid } }))).duties.filter((d) => d.kind === kind && d.state !== 'cancelled')
    await stage.moveTo('2026-12-02T10:00')
    const [look] = await due('custody_check')
    story.claim(['满 30 天该看一次机具', 'after 30 days the device is to be looked at'], [look?.state, wall(look?.dueAt)], ['open', '2026-12-02 08:00'])
    story.quote(['提醒', 'reminder'], look?.sentence ?? '')
    await stage.moveTo('2026-12-05T10:00')
    const checked = await heard(checkDuty({ ...by(agent), path: { duty: look!.id }, body: { file: photoOf(30, 60, 120, 'pos.png'), longitude: 119.35, latitude: 26.08 } }))
    story.claim(['照片封存，位置离门店 4.8 公里', 'the photo is sealed; the place is 4.8 km from the shop'], [checked.state, checked.evidence.length, checked.position?.metres], ['done', 1, 4_784])
    const [moved] = await due('moved')
    story.claim(['不在登记地址：询问商户', 'not where it is registered: the merchant is asked'], moved?.state, 'open')
    const answered = await heard(answerDuty({ ...by(agent), path: { duty: moved!.id }, body: { answer: 'moved_back', words: '临时放仓库，已拿回。' } }))
    story.claim(['答复：已移回', 'the answer: moved back'], [answered.state, answered.answer], ['answered', 'moved_back'])
    story.claim(['客服核对后办妥', 'the desk confirms it'], (await heard(settleDuty({ ...by(agent), path: { duty: moved!.id }, body: { words: '视频核对。' } }))).state, 'done')

    await stage.moveTo('2026-12-28T10:00')
    const [wake] = await due('wake_up')
    story.claim(['恢复前七天做唤醒保养', 'a week before the return the device is woken'], [wall(wake?.dueAt), wake?.items.map((i) => i.item)], ['2026-12-28 08:00', ['battery', 'certificate', 'firmware', 'sim', 'keys']])
    const part = await heard(completeDuty({ ...by(field), path: { duty: wake!.id }, body: { items: [{ item: 'battery', ok: true }, { item: 'sim', ok: false, note: '流量欠费' }] } }))
    story.claim(['有一项没过，还没完', 'one item failed, it is not done'], part.state, 'open')
    const rest = (['certificate', 'firmware', 'sim', 'keys'] as const).map((item) => ({ item, ok: true }))
    story.claim(['全部做完', 'all of it done'], (await heard(completeDuty({ ...by(field), path: { duty: wake!.id }, body: { items: rest } }))).state, 'done')
    await stage.moveTo('2027-01-07T10:00')
    const [late] = await due('overdue_return')
    story.claim(['过了恢复日还没恢复：再次提醒', 'past its return and not back: reminded again'], [late?.overdue, late?.answers.map((a) => a.answer)], [true, ['extend', 'reactivate', 'close']])
    story.claim(['它从不自己醒来', 'it never wakes by itself'], (await stage.terminal(agent, tid)).service, 'suspended')
  },
}
