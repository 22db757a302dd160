// What the pre-checks have to say about a case, in the order a reviewer wants it: what blocks first. The same findings are
// shown to the merchant, and computed again inside the transaction that acts on them.
import { materialsFor, type Subject } from '../policy.ts'
import { inEffect } from '../terminal.ts'
import { formatYuan } from '../money.ts'
import { holdOwners, materialTypes, waysOut, type MaterialType } from '../vocabulary.ts'
import { termOfCase, type Case, type Finding } from './case.ts'
import type { CaseTerminalFacts, Setting } from './unfold.ts'

const day_ms = 86_400_000

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
    terminals: c.terminals.length,
    open: { kinds: [...new Set(terminals.flatMap((t) => t.open.map((i) => i.kind)))], fen: openFen(terminals) },
    goodStanding: setting.goodStanding,
  }
}

/** Materials the policy demands that are not there or were returned. */
export function missingMaterials(c: Case, setting: Setting): MaterialType[] {
  const there = new Set(c.materials.filter((m) => m.state !== 'returned').map((m) => m.type))
  return materialsFor(setting.policy, c).filter((type) => !there.has(type))
}

export function findingsOf(c: Case, terminals: readonly CaseTerminalFacts[], setting: Setting): Finding[] {
  const findings: Finding[] = []
  for (const type of missingMaterials(c, setting)) {
    const [zh, en] = materialTypes[type]
    findings.push({ code: 'material_missing', severity: 'blocking', detail: [`还缺材料：${zh}`, `Material missing: ${en}`] })
  }
  const count = openCount(terminals)
  if (count > 0) {
    const amount = `¥${formatYuan(openFen(terminals))}`
    findings.push({
      code: 'clearance_open', severity: 'warning',
      detail: [`还有 ${count} 笔未结清（${amount}），停机不等待，请在停机前结清`, `${count} item(s) still open (${amount}); the stop will not wait, please settle before it`],
    })
  } else findings.push({ code: 'clear', severity: 'fine', detail: ['交易全部结清', 'Every transaction is settled'] })
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
