// Files of tickets and of custody checks: judged by content, sealed with the merchant's own key and on the disk before the row
// that names them is committed – as the papers of a case are. Rows are only ever added; the digest of the file as it came is in
// the row and, by the journal, in the chain.
import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { mayNot, type Actor } from '../../domain/authority.ts'
import type { Position } from '../../domain/care.ts'
import { isRefusal, refuse, type Refusal } from '../../domain/refusals.ts'
import { evolveTicket, isTicketOpen } from '../../domain/ticket.ts'
import { ticketActs, ticketStates, type MaterialType } from '../../domain/vocabulary.ts'
import { takeIn, type TakenIn } from '../../documents/intake.ts'
import { materials_per_case_max } from '../../limits.ts'
import { terminalOfDuty } from '../../store/care-duties.ts'
import { evidenceAmong, evidenceOf, insertEvidence, readEvidence, readTicket, saveTicket, type Evidence } from '../../store/care-tickets.ts'
import type { Tx } from '../../store/db.ts'
import { removeFile, sweepFolder, writeDurably } from '../../store/sealed-files.ts'
import type { MerchantKey } from '../../store/vault.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Reply } from '../execute.ts'
import { safeName } from '../materials.ts'
import { onCare, noticeAt, type CareAt, type CareTelling } from './door.ts'
import { dutyDone } from './duties.ts'
import { ticketSeen, type DutySeen, type TicketSeen } from './seen-by.ts'

export type CareFile = { type: MaterialType; fileName: string; bytes: Uint8Array; words?: string | undefined }
export type CareFiles = {
  /** Evidence on a ticket, from either side. */
  add(asking: Asking, no: string, file: CareFile, telling: CareTelling<TicketSeen>): Promise<Reply>
  /** A look at a stopped device: its photo, and where it is. */
  check(asking: Asking, duty: string, file: Omit<CareFile, 'type'> & { position: Position }, telling: CareTelling<DutySeen>): Promise<Reply>
  read(actor: Actor, id: string): Promise<{ bytes: Buffer; mediaType: string; fileName: string } | Refusal>
  /** Once at start: removes files that no row names. */
  sweep(): Promise<number>
}

const originalSuffix = '.original'
const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
type Taken = TakenIn & { original: Buffer; sha256: string }

export function openCareFiles(app: App): CareFiles {
  const openedAt = Date.now()
  const folder = join(app.home, 'evidence')
  const pathOf = (id: string): string => join(folder, id)

  /** Before a megabyte is decoded: is there anything to add it to, and a key to seal it with? */
  const keyOf = (actor: Actor, find: (tx: Tx) => Promise<string | undefined>): Promise<MerchantKey | Refusal> => app.db.transaction(scopeOf(actor), async (tx) => {
    const tid = await find(tx)
    const row = tid === undefined ? undefined : await tx.one<{ mid: string; key: Buffer | null }>('select t.mid, m.wrapped_key as key from terminal t join merchant m on m.mid = t.mid where t.tid = $1', [tid])
    if (row === undefined) return refuse('not_found')
    return app.vault.openKey(row.key ?? undefined, row.mid) ?? refuse('material_disposed')
  }, { readOnly: true })

  const judged = async (bytes: Uint8Array): Promise<Taken | Refusal> => {
    const original = Buffer.from(bytes)
    const taken = await takeIn(original)
    return isRefusal(taken) ? taken : { ...taken, original, sha256: createHash('sha256').update(original).digest('hex') }
  }
  const seal = async (key: MerchantKey, id: string, { bytes, original, mediaType }: Taken): Promise<void> => {
    await writeDurably(pathOf(id), [key.seal(bytes, `evidence:${id}`)])
    if (mediaType !== 'application/pdf') await writeDurably(pathOf(id) + originalSuffix, [key.seal(original, `evidence.original:${id}`)])
  }
  const remove = async (id: string): Promise<void> => { for (const path of [pathOf(id), pathOf(id) + originalSuffix]) await removeFile(path) }
  const rowOf = (care: CareAt, key: MerchantKey, id: string, file: Omit<CareFile, 'words'>, taken: Taken, of: Pick<Evidence, 'ticket' | 'duty'>): Evidence => ({
    id, tid: care.stored.tid, ...care.party, ...of, type: file.type, sha256: taken.sha256, mediaType: taken.mediaType, sizeBytes: taken.original.length,
    nameSealed: key.seal(safeName(file.fileName, taken.mediaType), `evidence.name:${id}`), addedAt: care.now, addedBy: care.actor.person,
  })

  /** Seals first and asks then; a file whose row did not come about is removed again. */
  const taking = async (
    asking: Asking, right: 'add-evidence' | 'keep-custody', command: string, input: object, bytes: Uint8Array, find: (tx: Tx) => Promise<string | undefined>,
    refusal: (r: Refusal) => Reply, then: (id: string, key: MerchantKey, taken: Taken) => Promise<Reply>,
  ): Promise<Reply> => {
    const may = mayNot(asking.actor, right) ?? await keyOf(asking.actor, find)
    const taken = isRefusal(may) ? may : await judged(bytes)
    if (isRefusal(may) || isRefusal(taken))
      return execute(app, asking, {
        command, input, refusal, lock: async () => (isRefusal(may) ? may : (taken as Refusal)), decide: () => Promise.reject(new Error('a refused file decides nothing')),
      })
    const id = randomUUID()
    if (!asking.dryRun) await seal(may, id, taken)
    const reply = await then(id, may, taken)
    if (!asking.dryRun && !(await app.db.transaction('*', async (tx) => (await evidenceAmong(tx, [id])).has(id), { readOnly: true }))) await remove(id)
    return reply
  }

  return {
    add: (asking, no, file, telling) => {
      const find = async (tx: Tx): Promise<string | undefined> => (await tx.one<{ tid: string }>('select tid from ticket where no = $1', [no]))?.tid
      return taking(asking, 'add-evidence', 'add-evidence', { ticket: no, type: file.type }, file.bytes, find, telling.refusal, (id, key, taken) => onCare(app, asking, {
        command: 'add-evidence', input: { ticket: no, type: file.type, sha256: taken.sha256 }, tid: find,
        async decide(care) {
          const { ticket } = (await readTicket(care.tx, no))!
          if (!isTicketOpen(ticket)) return refuse('ticket_not_in_this_state', { state: ticketStates[ticket.state], command: ticketActs.evidence })
          if ((await evidenceOf(care.tx, { tickets: [no] })).length >= materials_per_case_max)
            return refuse('too_large', { max: [`${materials_per_case_max} 份`, `${materials_per_case_max} files`] })
          await insertEvidence(care.tx, rowOf(care, key, id, file, taken, { ticket: no, duty: undefined }))
          const moved = { fact: 'ticket_moved', terminal: ticket.terminal, no, state: ticket.state, entry: { act: 'evidence', at: care.now, by: care.actor.person, role: care.actor.role, words: file.words } } as const
          await saveTicket(care.tx, evolveTicket(ticket, moved), care.party, [moved], care.seal)
          return {
            facts: [{ fact: 'evidence_added', terminal: ticket.terminal, no, evidence: id, type: file.type, sha256: taken.sha256, at: care.now }],
            notices: care.actor.party.kind === 'merchant' ? [noticeAt(care, ticket.kind === 'fault' ? 'fault_ticket' : 'rectification', 'provider', [`终端 ${ticket.terminal} 的单 ${no} 收到新证据。`, `New evidence came in on ${no} of terminal ${ticket.terminal}.`])] : [],
            value: async () => ticketSeen(care.tx, (await readTicket(care.tx, no))!, care),
          }
        },
      }, telling))
    },

    check: (asking, duty, file, telling) => {
      const find = (tx: Tx): Promise<string | undefined> => terminalOfDuty(tx, duty)
      return taking(asking, 'keep-custody', 'check-care', { duty }, file.bytes, find, telling.refusal, (id, key, taken) => onCare(app, asking, {
        command: 'check-care', input: { duty, position: file.position, sha256: taken.sha256 }, tid: find,
        decide: (care) => dutyDone(care, {
          id: duty, command: { command: 'check', position: file.position, metres: undefined }, position: file.position,
          more: async (at) => { await insertEvidence(at.tx, rowOf(at, key, id, { ...file, type: 'device_photo' }, taken, { ticket: undefined, duty })) },
        }),
      }, telling))
    },

    async read(actor, id) {
      const refusal = mayNot(actor, 'read')
      if (refusal) return refusal
      const found = uuidShape.test(id) ? await app.db.transaction(scopeOf(actor), (tx) => readEvidence(tx, id), { readOnly: true }) : undefined
      if (found === undefined) return refuse('not_found')
      const key = app.vault.openKey(found.wrappedKey, found.mid)
      if (key === undefined) return refuse('material_disposed')
      return {
        bytes: key.open(await readFile(pathOf(id)), `evidence:${id}`), mediaType: found.mediaType, fileName: key.open(found.nameSealed, `evidence.name:${id}`).toString(),
      }
    },

    sweep: () => sweepFolder(folder, openedAt, async (names) => {
      const ids = [...new Set(names.map((name) => basename(name, originalSuffix)))]
      const known = await app.db.transaction('*', (tx) => evidenceAmong(tx, ids), { readOnly: true })
      return new Set(names.filter((name) => known.has(basename(name, originalSuffix))))
    }),
  }
}
