// What the pre-checks have to say about a case, in the order a reviewer wants it: what blocks first. The same findings are
// shown to the merchant, and computed again inside the transaction that acts on them.
import { materialsFor, type Subject } from '../policy.ts'
import { inEffect } from '../terminal.ts'
import { formatYuan, type Fen } from '../money.ts'
import { holdOwners, materialTypes, waysOut, type MaterialType, type Words } from '../vocabulary.ts'
import { termOfCase, type Case, type Finding } from './case.ts'
import type { CaseTerminalFacts, Setting } from './unfold.ts'

const day_ms = 86_400_000

export const owedWords = (fen: Fen): Words => [`商户还欠费用 ¥${formatYuan(fen)}`, `The merchant still owes ¥${formatYuan(fen)} in fees`]

export const openCount = (terminals: Iterable<CaseTerminalFacts>): number =>
  [...terminals].flatMap((t) => t.open).reduce((n, item) => n + item.count, 0)
export const openFen = (terminals: Iterable<CaseTerminalFacts>): number =>
  [...terminals].flatMap((t) => t.open).reduce((n, item) => n + item.amountFen, 0)

/** What the policy's rules are matched against for this case. */
export function subjectOf(c: Case, terminals: readonly CaseTerminalFacts[], setting: Setting): Subject {
  const from = c.effectiveFrom ?? setting.now
  return {
    kind: c.kind,
    reason: c.reason,
    term: c.kind === 'suspend' ? termOfCase(c) : undefined,
    days: c.expectedUntil === undefined ? undefined : Math.ceil((c.expectedUntil - from) / day_ms),
    terminals: c.wish?.count ?? c.terminals.length,
    open: { kinds: [...new Set(terminals.flatMap((t) => t.open.map((i) => i.kind)))], fen: openFen(terminals) },
    goodStanding: setting.goodStanding,
  }
}

/** Materials the policy demands that are not there or were returned. */
export function missingMaterials(c: Case, setting: Setting): MaterialType[] {
  const there = new Set(c.materials.filter((m) => m.state !== 'returned').map((m) => m.type))
  return materialsFor(setting.policy, c).filter((type) => !there.has(type))
}

/**
 * Consent in writing to settle later: an accepted settlement agreement, where the policy has a step for it. It lets a stop go
 * on with items open; a closure never.
 */
export const agreementOf = (c: Case): string | undefined =>
  c.kind === 'suspend' && c.steps.some((s) => s.kind === 'settlement_agreement')
    ? c.materials.find((m) => m.type === 'settlement_agreement' && m.state === 'accepted')?.id : undefined

export function findingsOf(c: Case, terminals: readonly CaseTerminalFacts[], setting: Setting): Finding[] {
  const findings: Finding[] = []
  for (const type of missingMaterials(c, setting)) {
    const [zh, en] = materialTypes[type]
    findings.push({ code: 'material_missing', severity: 'blocking', detail: [`还缺材料：${zh}`, `Material missing: ${en}`] })
  }
  // Neither a new terminal nor an argument about a hold has money of its own.
  const count = c.kind === 'install' || c.kind === 'appeal' ? undefined : openCount(terminals)
  if (count !== undefined && count > 0) {
    const amount = `¥${formatYuan(openFen(terminals))}`
    if (agreementOf(c) !== undefined)
      findings.push({
        code: 'settlement_agreed', severity: 'fine',
        detail: [`还有 ${count} 笔未结清（${amount}），已有书面延期结算协议，停机照办`, `${count} item(s) still open (${amount}); a settlement agreement in writing lets the stop go on`],
      })
    else if (c.kind === 'close')
      findings.push({
        code: 'clearance_open', severity: 'warning',
        detail: [`还有 ${count} 笔未结清（${amount}），注销须等全部结清`, `${count} item(s) still open (${amount}); the closure waits until they are settled`],
      })
    else if (c.kind === 'replace')
      findings.push({
        code: 'clearance_open', severity: 'warning',
        detail: [`还有 ${count} 笔未结清（${amount}），拆机前须在旧机具上结清`, `${count} item(s) still open (${amount}); what lies in the old device must be settled before it is taken off`],
      })
    else findings.push({
      code: 'clearance_open', severity: 'warning',
      detail: [`还有 ${count} 笔未结清（${amount}），停机不等待，请在停机前结清`, `${count} item(s) still open (${amount}); the stop will not wait, please settle before it`],
    })
  } else if (count === 0) findings.push({ code: 'clear', severity: 'fine', detail: ['交易全部结清', 'Every transaction is settled'] })
  const owedFen = setting.money?.balanceFen ?? 0
  if (owedFen > 0) {
    const [zh, en] = owedWords(owedFen)
    findings.push({ code: 'fees_owed', severity: c.kind === 'close' ? 'blocking' : 'warning', detail: [`${zh}${c.kind === 'close' ? '，缴清后才能办结' : ''}`, `${en}${c.kind === 'close' ? '; the closure waits for it' : ''}`] })
  }
  if (c.kind === 'close')
    for (const { tid, device } of terminals)
      if (device?.ownership === 'lent') {
        const deposit: Words = device.depositFen === 0 ? ['', ''] : [`，押金 ¥${formatYuan(device.depositFen)}`, `; deposit ¥${formatYuan(device.depositFen)}`]
        findings.push({
          code: 'device_lent', severity: 'warning',
          detail: [`终端 ${tid} 的机具 ${device.serial} 是借用的，须退还${deposit[0]}`, `The device ${device.serial} on terminal ${tid} is lent and must come back${deposit[1]}`],
        })
      }
  if (owedFen < 0 && c.kind === 'close')
    findings.push({ code: 'credit_left', severity: 'warning', detail: [`商户多付 ¥${formatYuan(-owedFen)}，退还后才能办结`, `The merchant paid ¥${formatYuan(-owedFen)} too much; it is to be paid back before the closure ends`] })
  if (!setting.goodStanding)
    findings.push({ code: 'standing', severity: 'warning', detail: ['该商户有风控、财务或合规停用项', 'The merchant has a hold of risk, finance or compliance'] })
  for (const t of terminals)
    for (const hold of inEffect(t, setting.now))
      if (hold.owner !== 'merchant' && hold.clearedAt === undefined)
        findings.push({
          code: 'held_by_another', severity: 'warning',
          detail: [
            `终端 ${t.tid} 另有停用项 ${hold.reason}（${holdOwners[hold.owner][0]}），${waysOut[hold.owner][0]}`,
            `Terminal ${t.tid} is also held for ${hold.reason} (${holdOwners[hold.owner][1]}): ${waysOut[hold.owner][1]}`,
          ],
        })
  return findings
}
