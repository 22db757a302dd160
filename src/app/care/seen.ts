// A device seen with another serial number, or in another place, than the register says. The gate refused and told; what
// follows is the provider's policy: nothing more than the alarm, a question to the merchant, or a hold with what was seen.
import { systemActor } from '../../domain/authority.ts'
import { when } from '../../domain/effects.ts'
import { gateReasons } from '../../domain/gate.ts'
import { isRefusal } from '../../domain/refusals.ts'
import type { Reason, Words } from '../../domain/vocabulary.ts'
import { takeSeen, waitingSeen, type Seen } from '../../store/care-duties.ts'
import { openTicketsOf, saveTicket } from '../../store/care-tickets.ts'
import { evolveTicket } from '../../domain/ticket.ts'
import type { App } from '../app.ts'
import { holdFor, noticeAt, onCare, type CareAt, type CareDone } from './door.ts'
import { askWhereTo, nothing } from './duties.ts'

const seen_batch_max = 200
const reasonOf: Readonly<Record<Seen['event'], Reason>> = { serial_mismatch: 'S06', position_mismatch: 'S05' }

/** What waits is looked at, a batch at a time; how many. */
export async function lookAtSeen(app: App): Promise<number> {
  let taken = 0
  for (const one of await app.db.transaction('*', (tx) => waitingSeen(tx, seen_batch_max), { readOnly: true })) {
    let isMine = false
    await onCare(app, { actor: systemActor }, {
      command: 'look-at-seen', input: { tid: one.tid, event: one.event, at: one.at, gate: one.gate }, quiet: true, tid: async () => one.tid,
      async decide(care) {
        // Somebody else looked meanwhile.
        if ((await takeSeen(care.tx, one.id)) === 0) return { facts: [], value: () => undefined }
        isMine = true
        return follow(care, one)
      },
    }, nothing).then(() => { if (isMine) taken++ }, (error: Error) => app.log.error({ tid: one.tid, error: error.message }, 'could not look at what a gate saw'))
  }
  return taken
}

async function follow(care: CareAt, one: Seen): Promise<CareDone<undefined>> {
  const { seen } = care.setting.policy.care
  const does = one.event === 'serial_mismatch' ? seen.serialMismatch : seen.positionMismatch
  const none = { facts: [], value: () => undefined }
  if (does === 'alarm') return none
  const reason = reasonOf[one.event]
  if (does === 'ask') {
    const notices = await askWhereTo(care)
    return notices.length === 0 ? none : { facts: [{ fact: 'moved_asked', terminal: care.stored.tid, at: care.now, gate: one.gate, seenAt: one.at }], notices, value: () => undefined }
  }
  const placed = holdFor(care, reason, care.setting.mint())
  const words = seenWords(care, one)
  // Held for it already: what was seen again is one more line of its evidence.
  if (isRefusal(placed)) return { facts: await noted(care, reason, words), value: () => undefined }
  return {
    terminalFacts: placed, holdWords: words[0], facts: [{ fact: 'seen_elsewhere', terminal: care.stored.tid, event: one.event, at: one.at, gate: one.gate, ...one.seen }],
    notices: [noticeAt(care, 'security_event', 'provider', [`${words[0]}已按规则停用（${reason}）。`, `${words[1]} Stopped by rule (${reason}).`])],
    // The ticket behind the hold is there by now.
    value: async () => { await noted(care, reason, words) },
  } as CareDone<undefined>
}

function seenWords(care: CareAt, one: Seen): Words {
  const [zh, en] = gateReasons[one.event]
  const at = when(one.at, care.app.zone)
  const { serial, position } = one.seen as { serial?: string; position?: { longitude: number; latitude: number } }
  const what = serial ?? (position ? `${position.longitude}, ${position.latitude}` : undefined)
  return [`终端 ${one.tid}：${at} 闸口 ${one.gate} 发现${zh}${what ? `（${what}）` : ''}。`, `Terminal ${one.tid}: at ${at} gate ${one.gate} found that ${en.charAt(0).toLowerCase()}${en.slice(1)}${what ? ` (${what})` : ''}.`]
}

async function noted(care: CareAt, reason: Reason, words: Words): Promise<object[]> {
  const found = (await openTicketsOf(care.tx, [care.stored.tid])).find((t) => t.ticket.reason === reason)?.ticket
  if (found === undefined) return []
  const fact = { fact: 'ticket_moved', terminal: found.terminal, no: found.no, state: found.state, entry: { act: 'evidence', at: care.now, by: 'system', role: 'system', words: words[0] } } as const
  await saveTicket(care.tx, evolveTicket(found, fact), care.party, [fact], care.seal)
  return [fact]
}
