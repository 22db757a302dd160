// An appeal: the risk desk stops a terminal, the merchant argues with words and papers, a person who did not place the hold
// decides – once against it, once for it –, and even then only a passed test opens the terminal.
import { addMaterial, fileApplication, rejectApplication, submitApplication, withdrawApplication } from '../../../client/generated/sdk.gen.ts'
import { reasonWords, wall, type Scene } from '../scene.ts'

const refused = async (answer: Promise<{ error?: unknown }>): Promise<string | undefined> => ((await answer).error as { code?: string } | undefined)?.code
/** One white dot, as a picture of a voucher. */
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC', 'base64')

export const appeal: Scene = {
  name: 'appeal',
  number: 19,
  title: ['申诉：有证据，另一人决定，测试后才恢复', 'An appeal with evidence, decided by another person'],
  startsAt: '2026-11-19T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [owner, risk, reviewer, field] = [stage.cast('apo.owner'), stage.cast('yunhui.risk'), stage.cast('yunhui.reviewer'), stage.cast('yunhui.field')]
    const terminal = await stage.freeTerminal(owner)
    const { tid } = terminal
    story.heading(Date.parse(appeal.startsAt))
    story.tell(`${stage.named(risk)[0]}怀疑终端 ${tid} 套现，停用。`, `${stage.named(risk)[1]} suspects cash-out on terminal ${tid} and stops it.`)
    await stage.hold(risk, tid, { reason: 'R01', words: '深夜大额整数交易，请说明。' })
    await stage.gate(terminal, 'sale', '58')
    const hold = (await stage.terminal(owner, tid)).holds.find((h) => h.reason === 'R01' && h.liftedAt === null)!
    story.claim([`停用项写明：可申诉，${wall(hold.appeal?.until)} 前提出，由谁决定`, 'the hold says that it may be appealed against, until when, and who decides'], [hold.allowed.appeal, hold.appeal?.until !== undefined, hold.appeal?.by !== ''], [true, true, true])
    story.quote(['谁决定', 'who decides'], hold.appeal!.by)
    const file = (words: string | undefined) => fileApplication({ ...by(owner), body: { kind: 'appeal', terminals: [tid], hold: hold.id, ...(words === undefined ? {} : { words }) } })
    story.claim(['没有说明不能申诉', 'no appeal without words'], await refused(file(undefined)), 'words_required')
    const first = await stage.file(owner, { kind: 'appeal', terminals: [tid], hold: hold.id, words: '是包席定金，有订单。' })
    story.claim(['一项停用同时只有一件申诉', 'one appeal per hold at a time'], await refused(file('再说一次')), 'case_open_already')

    await stage.moveTo('2026-11-20T10:00')
    const rejected = await heard(rejectApplication({ ...by(reviewer), path: { no: first.no }, body: { words: '没有附订单，请补证据后再申诉。' } }))
    story.claim(['驳回，理由记录在案，停用不变', 'refused with its reason on record; the hold stays'], [rejected.state, (await stage.terminal(owner, tid)).service], ['rejected', 'suspended'])
    story.quote(['店主看到', 'the owner reads'], (await stage.case(owner, first.no)).sentence)
    const second = await heard(fileApplication({ ...by(owner), body: { kind: 'appeal', terminals: [tid], hold: hold.id, words: '附上包席订单。' } }))
    await heard(addMaterial({ ...by(owner), path: { no: second.no }, body: { type: 'transaction_vouchers', file: new File([new Uint8Array(picture)], '包席订单.png') } }))
    await heard(withdrawApplication({ ...by(owner), path: { no: second.no }, body: {} }))
    story.claim(['撤回以后证据仍在', 'withdrawn, its evidence is still there'], (await stage.case(owner, second.no)).materials.length, 1)
    const third = await heard(fileApplication({ ...by(owner), body: { kind: 'appeal', terminals: [tid], hold: hold.id, words: '附上包席订单。' } }))
    await heard(addMaterial({ ...by(owner), path: { no: third.no }, body: { type: 'transaction_vouchers', file: new File([new Uint8Array(picture)], '包席订单.png') } }))
    await heard(submitApplication({ ...by(owner), path: { no: third.no }, body: {} }))
    story.claim([`申诉挂在停用项（${reasonWords('R01')[0]}）上，看得到办件号`, `the hold (${reasonWords('R01')[1]}) names the appeal under way`], (await stage.terminal(risk, tid)).holds.find((h) => h.id === hold.id)?.appeal?.application, third.no)
    story.claim(['作出停用的人无权决定', 'who placed the hold does not decide'], await stage.refusedApproval(risk, third.no), 'role_missing')

    await stage.moveTo('2026-11-23T11:00')
    const upheld = await stage.approve(reviewer, third.no)
    story.claim(['申诉成立，停用项放行', 'upheld: the hold is released'], [upheld.state, upheld.terminals[0]?.result], ['completed', 'released'])
    story.quote(['店主看到', 'the owner reads'], upheld.sentence)
    story.claim(['商户得到通知', 'the merchant hears of it'], (await stage.notices(owner)).some((n) => n.application === third.no && n.kind === 'application_decided'), true)
    await stage.gate(terminal, 'sale', '58')
    story.claim(['放行不等于恢复：测试通过才恢复', 'released is not open: only a passed test opens it'], (await stage.testDevice(field, tid)).service, 'active')
    await stage.gate(terminal, 'sale', '77')
    await stage.gate(terminal, 'sign_on', '00')
    await stage.gate(terminal, 'sale', '00')
  },
}
