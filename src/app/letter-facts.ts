// What a letter says, gathered at the moment it is issued and kept with it: a letter proves what was true then.
import type { Case } from '../domain/application/case.ts'
import type { Return } from '../domain/device.ts'
import { reasons, type LetterKind, type ReturnState, type Words } from '../domain/vocabulary.ts'
import { schedule } from '../domain/terminal.ts'
import { openCount, openFen } from '../domain/application/findings.ts'
import { letterFactsSchema, letterTerminals_max, type LetterFacts } from '../documents/letter.ts'
import type { StoredTerminal } from '../store/dossier.ts'
import type { Tx } from '../store/db.ts'
import type { App } from './app.ts'

const day_ms = 86_400_000
const past_days = 7
const future_days = 30

type Asked = {
  no: string
  code: string
  kind: LetterKind
  case: Case
  terminals: readonly StoredTerminal[]
  returns: ReadonlyMap<string, Return>
  merchant: { mid: string; name: string }
  now: number
}

export type OnRegister = ReadonlyMap<string, { store: string | null; model: string | null; serial: string | null }>

/** What the register knows of the terminals a letter names. */
export const onRegister = async (tx: Tx, tids: readonly string[]): Promise<OnRegister> => new Map((await tx.many<{ tid: string; store: string | null; model: string | null; serial: string | null }>(
  `select t.tid, s.name as store, d.model, t.serial from terminal t left join store s on s.id = t.store_id left join device d on d.serial = t.serial
   where t.tid = any($1)`, [tids],
)).map((r) => [r.tid, r]))

export function letterFactsOf(app: App, registered: OnRegister, asked: Asked): LetterFacts {
  const { case: c, now } = asked
  const provider = app.provider(c.provider)
  const chosen = asked.terminals.filter((t) => (asked.kind === 'handover_list' ? ['reopened', 'still_held', 'installed'] : ['stopped', 'reopened', 'closed']).includes(c.terminals.find((x) => x.id === t.id)?.result ?? ''))
    .slice(0, letterTerminals_max)
  const decided = c.decidedBy === 'policy' ? { zh: `规则 ${c.rule}（直通）`, en: `policy rule ${c.rule}, straight through` }
    : { zh: `${provider.name} 审核`, en: `reviewed by ${provider.nameEn}` }
  return letterFactsSchema.parse({
    no: asked.no, kind: asked.kind, code: asked.code, issuedAt: now,
    provider: { name: provider.name, hotline: provider.hotline, ...(provider.licenceNo ? { licenceNo: provider.licenceNo } : {}) },
    merchant: { name: asked.merchant.name, mid: asked.merchant.mid },
    caseNo: c.no,
    terminals: chosen.map((t) => {
      const r = registered.get(t.tid)
      const hold = t.holds.find((h) => h.id === c.terminals.find((x) => x.id === t.id)?.hold)
      return {
        tid: t.tid, storeName: r?.store ?? '-', model: r?.model ?? '-', serial: r?.serial ?? '-',
        effectiveFrom: hold?.effectiveFrom ?? c.effectiveFrom ?? now,
        ...known('hostBlockedAt', t.hostBlockedAt), ...known('drainedAt', hold?.shutAt), ...known('deviceConfirmedAt', t.deviceConfirmedAt),
        ...known('expectedUntil', hold?.expectedUntil), ...known('reopenedAt', asked.kind === 'reopening_confirmation' ? hold?.liftedAt : undefined),
        ...known('testedAt', asked.kind === 'reopening_confirmation' ? hold?.liftedAt : undefined),
        ...(asked.kind === 'handover_list' ? handedOver(c, t, hold) : {}),
        ...(asked.kind === 'closure_certificate' ? closureOf(t, asked.returns.get(t.id)) : {}),
        openItems: openCount([t]), openAmount_fen: openFen([t]),
      }
    }),
    reason: { code: c.reason, zh: reasons[c.reason][0], en: reasons[c.reason][1] },
    policyVersion: `${c.provider}/${c.policyVersion ?? '-'}`,
    decidedBy: decided,
    schedule: stripOf(chosen, now),
    verifyUrl: `${app.publicUrl}/verify/${asked.code}`,
  })
}

/** Which device is on a terminal since when, which one it replaced, and since when it sells. */
function handedOver(c: Case, t: StoredTerminal, hold: StoredTerminal['holds'][number] | undefined): Partial<LetterFacts['terminals'][number]> {
  const { from, to, result } = c.terminals.find((x) => x.id === t.id)!
  const tested = hold === undefined ? t.installedAt : result === 'reopened' ? hold.liftedAt : undefined
  return {
    boundAt: t.device?.since ?? t.setupAt ?? t.installedAt ?? hold!.effectiveFrom, ...(from === undefined || from === to ? {} : { formerSerial: from }),
    ...known('testedAt', tested), ...known('reopenedAt', tested),
  }
}

/** What became of a terminal that was closed, of its device and of the deposit on it. */
function closureOf(t: StoredTerminal, line: Return | undefined): Partial<LetterFacts['terminals'][number]> {
  const { deposit } = line ?? {}
  return {
    ...known('closedAt', t.closedAt), ...known('chargebackUntil', t.chargebackUntil),
    ...(line === undefined ? {} : { serial: line.serial, device: { zh: outcomes[line.state]?.[0] ?? '已退还', en: outcomes[line.state]?.[1] ?? 'returned' } }),
    ...(deposit?.refundFen === undefined ? {} : { deposit: { heldFen: deposit.fen, deductedFen: deposit.fen - deposit.refundFen, refundedFen: deposit.refundFen } }),
  }
}
const outcomes: Readonly<Partial<Record<ReturnState, Words>>> = { kept: ['自有，商户留用', 'kept by its owner'], lost: ['未退还，已按规则处理', 'not returned, settled by rule'] }

const known = <K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, number>)

/** The strip of the first terminal, where all of them run alike; else none is printed. */
function stripOf(terminals: readonly StoredTerminal[], now: number): { from: number; to: number; mode: string }[] {
  const from = now - past_days * day_ms
  const until = Math.max(now + future_days * day_ms, ...terminals.flatMap((t) => t.holds.map((h) => (h.expectedUntil ?? 0) + past_days * day_ms)))
  const strips = terminals.map((t) => schedule(t, from, until).map((s) => ({ from: s.from, to: s.to ?? until, mode: s.mode })))
  const alike = strips.every((s) => JSON.stringify(s) === JSON.stringify(strips[0]))
  return alike ? (strips[0] ?? []).slice(0, 64) : []
}
