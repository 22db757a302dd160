// Scenario 9: a closure waits for a chargeback, the device comes back broken, the deposit is refunded less the table's
// deduction by two persons, the certificate proves it, the serial is free and the number is never used again.
import {
  acceptDeduction,
  completeStep,
  confirmRefund,
  fileApplication,
  getBalance,
  inspectDevice,
  listTerminals,
  proposeDeduction,
  receiveDevice,
  recordPayment,
  restockDevice,
  shipDevice,
  withdrawApplication,
} from '../../../client/generated/sdk.gen.ts'
import type { Application, Return } from '../../../client/generated/types.gen.ts'
import type { Actor } from '../running.ts'
import { wall, type Scene, type Stage } from '../scene.ts'
import { WalkEnded } from '../story.ts'

const header = 'tid,mid,batch,trace,reference,class,amountYuan,at,settledOn,cardKind,cardMasked,authCode,status'
/** One sale of the day before, which its card holder disputes. */
const sale = (t: { tid: string; mid: string }, status: 'disputed' | 'approved'): string[] => [
  header,
  `${t.tid},${t.mid},900009,000009,900900000901,sale,588.00,2026-11-20T12:00:00+08:00,2026-11-21,credit,621234******0001,306499,${status}`,
]
/** A device somebody else takes over: a new terminal of a new merchant, with the serial that is free again. */
const fleet = (tid: string, serial: string): string[] => [
  'mid,merchantName,uscc,mcc,contactName,contactPhone,storeName,storeAddress,longitude,latitude,provider,tid,serial,model,deviceType,ownership,depositYuan,installedOn,firmware',
  `104290058129001,上海新街口面馆,91350100M000100Y43,5812,李新,13812345678,总店,上海市静安区南京西路 1 号,121.45,31.23,云汇支付,${tid},${serial},A920,smart,lent,300.00,2026-12-07,`,
]

const refused = async (answer: Promise<{ error?: unknown }>): Promise<string | undefined> =>
  ((await answer).error as { code?: string } | undefined)?.code
const only = (c: Application): Return => c.returns[0]!

/** The terminal whose device was lent 14 months ago. */
async function lentTerminal(stage: Stage, owner: Actor) {
  const { items } = await stage.heard(listTerminals({ ...stage.by(owner), query: { service: 'active', limit: 200 } }))
  for (const row of items.filter((t) => t.device?.ownership === 'lent' && t.cases.length === 0)) {
    const seen = await stage.terminal(owner, row.tid)
    if (seen.installedAt?.startsWith('2025-09')) return seen
  }
  throw new WalkEnded('没有十四个月前借出的机具 no device lent 14 months ago')
}

export const closure: Scene = {
  name: 'closure',
  number: 9,
  title: ['注销：等结清、退机、退押金', 'Closing for good'],
  startsAt: '2026-11-23T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [owner, reviewer, field, finance, approver, operations] = [
      stage.cast('apo.owner'),
      stage.cast('yunhui.reviewer'),
      stage.cast('yunhui.field'),
      stage.cast('yunhui.finance'),
      stage.cast('yunhui.approver'),
      stage.cast('yunhui.operations'),
    ]
    const terminal = await lentTerminal(stage, owner)
    const { tid } = terminal
    const serial = terminal.device!.serial
    story.heading(Date.parse(closure.startsAt))
    story.tell(`终端 ${tid} 上一笔 588.00 被持卡人拒付。`, `A sale of 588.00 on terminal ${tid} is charged back.`)
    await stage.import(operations, 'transactions', sale(terminal, 'disputed'))
    story.tell(
      `${stage.named(owner)[0]}停业，申请周五 15:00 起注销。`,
      `${stage.named(owner)[1]} closes the shop and asks for the terminal to be closed from Friday 15:00.`,
    )
    const filed = await stage.file(owner, {
      kind: 'close',
      terminals: [tid],
      reason: 'M21',
      effectiveFrom: '2026-11-27T15:00:00+08:00',
      words: '这家店不开了。',
    })
    const { no } = filed
    story.claim(['注销从不直通，须审核', 'never straight through: it is reviewed'], filed.state, 'submitted')
    story.claim(['批准，等到时刻', 'approved, waiting for its moment'], (await stage.approve(reviewer, no)).state, 'approved')

    await stage.moveTo('2026-11-27T15:00')
    await stage.gate(terminal, 'sale', '58')
    story.claim(
      ['已经开始，不能撤回', 'it has begun and cannot be withdrawn'],
      await refused(withdrawApplication({ ...by(owner), path: { no }, body: {} })),
      'closure_begun',
    )
    await stage.moveTo('2026-11-30T09:00')
    const waiting = await stage.case(owner, no)
    story.quote(['店主看到', 'the owner reads'], waiting.sentence)
    const { rma } = only(waiting)
    story.claim(
      ['押金 300.00 在押，机具借出 14 个月', 'a deposit of 300.00 is held, the device was lent 14 months ago'],
      [only(waiting).deposit?.amount.fen, only(waiting).deposit?.state, only(waiting).monthsLent],
      [30_000, 'held', 14],
    )
    await heard(shipDevice({ ...by(owner), path: { rma }, body: { carrier: '顺丰', tracking: 'SF1420099887766' } }))
    story.tell(`机具寄回，退机编号 ${rma}。`, `The device is sent back under RMA ${rma}.`)

    await stage.moveTo('2026-12-01T10:00')
    await heard(receiveDevice({ ...by(field), path: { rma }, body: {} }))
    const looked = await heard(
      inspectDevice({
        ...by(field),
        path: { rma },
        body: {
          parts: [
            { part: 'printer_cover', condition: 'broken', photo: 'IMG_2041', note: '卡扣断裂' },
            { part: 'screen', condition: 'fine' },
            { part: 'charger', condition: 'fine' },
          ],
        },
      }),
    )
    story.claim(
      ['验机：打印机盖损坏，按表扣 80.00', 'inspected: the printer cover is broken; the table says 80.00'],
      looked.deposit?.byTable?.amount.fen,
      8_000,
    )
    for (const step of ['close-upstream', 'close-account'] as const)
      await heard(
        completeStep({
          ...by(step === 'close-upstream' ? operations : finance),
          path: { no },
          body: { step, evidence: '已办妥' },
        }),
      )
    const { items: accounts } = await heard(getBalance({ ...by(owner), path: { mid: terminal.mid } }))
    const owed = accounts.find((a) => a.provider === 'yunhui')?.owed.fen ?? 0
    if (owed > 0)
      await heard(
        recordPayment({
          ...by(finance),
          path: { mid: terminal.mid },
          body: { provider: 'yunhui', amount: { fen: owed, currency: 'CNY' }, method: 'transfer', reference: 'HD-30551' },
        }),
      )
    await stage.moveTo('2026-12-01T10:05')
    const still = await stage.case(reviewer, no)
    story.quote(['审核看到', 'the desk reads'], still.sentence)
    story.claim(
      ['只等拒付了结：押金不动，终端不注销', 'only the chargeback is open: the deposit stays, the terminal is not closed'],
      [
        still.state,
        only(still).deposit?.state,
        await refused(proposeDeduction({ ...by(finance), path: { rma }, body: {} })),
        (await stage.terminal(owner, tid)).service,
      ],
      ['in_progress', 'held', 'deposit_not_in_this_state', 'suspended'],
    )

    await stage.moveTo('2026-12-04T10:00')
    story.tell('拒付了结，商户胜诉。', 'The chargeback is decided for the merchant.')
    await stage.import(operations, 'transactions', sale(terminal, 'approved'))
    await stage.moveTo('2026-12-04T10:05')
    const due = only(await stage.case(owner, no)).deposit
    story.claim(['押金开始计时', "the deposit's clock runs"], [due?.state, wall(due?.dueAt)], ['release_due', '2026-12-19 18:00'])
    const proposed = await heard(proposeDeduction({ ...by(finance), path: { rma }, body: {} }))
    story.quote(['财务看到', 'finance reads'], proposed.sentence)
    story.claim(
      ['提出的人不能自己确认', 'whoever proposed it cannot confirm it'],
      await refused(confirmRefund({ ...by(finance), path: { rma }, body: { reference: 'x' } })),
      'refund_second_person',
    )
    story.claim(
      ['商户没同意之前，另一人也不能确认', 'nor can another before the merchant was heard'],
      await refused(confirmRefund({ ...by(approver), path: { rma }, body: { reference: 'x' } })),
      'deduction_waits',
    )
    await heard(acceptDeduction({ ...by(owner), path: { rma }, body: {} }))
    const refunded = await heard(confirmRefund({ ...by(approver), path: { rma }, body: { reference: '网银 20261204-0091' } }))
    story.claim(
      ['退 220.00，扣 80.00，一分不差', '220.00 refunded, 80.00 deducted, to the fen'],
      [refunded.deposit?.settled?.refund.fen, refunded.deposit?.settled?.deducted.fen],
      [22_000, 8_000],
    )
    const done = await stage.case(owner, no)
    story.quote(['店主看到', 'the owner reads'], done.sentence)
    story.claim(
      ['最后一件事办妥，当即注销', 'the last thing done, it is closed at once'],
      [done.state, done.terminals.map((t) => t.result), done.letters.map((l) => l.kind)],
      ['completed', ['closed'], ['closure_certificate']],
    )
    await stage.readLetter(owner, done)
    await stage.gate(terminal, 'sale', '97')
    const closed = await stage.terminal(owner, tid)
    story.claim(
      ['序列号已解绑，拒付追溯期有日期', 'the serial is unbound, chargebacks have a last day'],
      [closed.service, closed.device, wall(closed.chargebackUntil)],
      ['closed', null, '2027-05-26 00:00'],
    )
    await stage.moveTo('2026-12-07T10:00')
    await heard(restockDevice({ ...by(field), path: { rma }, body: {} }))
    await stage.import(operations, 'fleet', fleet('19990001', serial))
    story.tell(`机具 ${serial} 装到别家的终端 19990001。`, `Device ${serial} goes to another shop as terminal 19990001.`)
    story.claim(
      ['终端号永不再用：导入被拒', 'its number is never used again: the import is refused'],
      await stage.refusedImport(operations, 'fleet', fleet(tid, '0000120499999999')),
      ['tid_taken'],
    )
    story.claim(
      ['也不能再申请', 'nor can anything be asked of it'],
      await refused(fileApplication({ ...by(owner), body: { kind: 'suspend', terminals: [tid], reason: 'M02' } })),
      'terminal_closed',
    )
  },
}
