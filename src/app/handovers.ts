// Devices handed from one to another: drawn up by one side for as many devices as there are, answered by the other. What is
// signed is journalled with who and which; the drawing of a signature is sealed and never stands in the journal.
import { createHash, randomUUID } from 'node:crypto'
import { mayNot } from '../domain/authority.ts'
import { answerHandover, proposeHandover, type Custodian, type HandedDevice, type HandoverCommand } from '../domain/custody.ts'
import { custodians, type Words } from '../domain/vocabulary.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../domain/refusals.ts'
import { takeIn } from '../documents/intake.ts'
import { endHandover, insertHandover, readHandover, type StoredHandover } from '../store/handovers.ts'
import { stockDevices } from '../store/stock.ts'
import type { Tx } from '../store/db.ts'
import type { App } from './app.ts'
import { execute, type Asking, type Outcome, type Reply } from './execute.ts'
import { notify } from './notices.ts'

export type HandoverAsked = {
  from: Custodian
  to: Custodian
  items: readonly HandedDevice[]
  caseNo?: string | undefined
  words?: string | undefined
  /** The other side's signature, drawn on the spot: who drew it, and the picture. */
  signature?: { name: string; png: Buffer } | undefined
}
export type HandoverTelling = { view: (handover: StoredHandover) => Reply; refusal: (refusal: Refusal) => Reply }

const signature_bytes_max = 256 * 1_024

export async function drawUpHandover(app: App, asking: Asking, asked: HandoverAsked, telling: HandoverTelling): Promise<Reply> {
  const { actor } = asking
  const { signature, ...plain } = asked
  const picture = await pictureOf(signature?.png)
  return execute(app, asking, {
    command: 'hand-over',
    input: { ...plain, ...(signature && { signature: createHash('sha256').update(signature.png).digest('hex') }) },
    refusal: telling.refusal,
    lock: async () => (isRefusal(picture) ? picture : undefined),
    async decide(tx, now) {
      const refusal = mayNot(actor, 'hand-over')
      if (refusal) return refusal
      const serials = asked.items.map((i) => i.serial)
      const twice = serials.find((s, i) => serials.indexOf(s) !== i)
      if (twice !== undefined) return refuseField('/devices', 'handover_under_way', { serial: twice })
      const devices = await stockDevices(tx, serials)
      const merchant = [asked.from, asked.to].find((c) => c.kind === 'merchant')
      const provider = actor.party.kind === 'provider' ? actor.party.id : devices[0]?.provider ?? ''
      if (merchant && !(await tx.one('select from merchant_provider where mid = $1 and provider = $2', [merchant.id, provider]))) return refuse('not_found')
      if (asked.caseNo !== undefined && !(await tx.one('select from application where no = $1 and provider = $2', [asked.caseNo, provider]))) return refuseField('/application', 'not_found')
      const id = randomUUID()
      const proposed = proposeHandover({ id, provider, mid: merchant?.id, caseNo: asked.caseNo, from: asked.from, to: asked.to, items: asked.items, isDrawn: signature !== undefined }, devices, actor, now)
      if (isRefusal(proposed)) return proposed
      const drawing = signature && merchant ? await sealedDrawing(app, tx, id, merchant.id, signature.name, picture as Buffer) : undefined
      if (isRefusal(drawing)) return drawing
      const handover: StoredHandover = { ...proposed, words: asked.words, drawing }
      await insertHandover(tx, handover)
      return toldOf(app, tx, handover, devices.flatMap((d) => d.tid ?? []), now, telling, isOurs(actor.party.kind))
    },
  })
}

const isOurs = (kind: string): boolean => kind === 'provider'

/** A signature is a small picture, encoded anew like every other that comes in. */
async function pictureOf(png: Buffer | undefined): Promise<Buffer | Refusal | undefined> {
  if (png === undefined) return undefined
  if (png.length > signature_bytes_max) return refuse('too_large', { max: `${signature_bytes_max / 1_024} KB` })
  const taken = await takeIn(png)
  if (isRefusal(taken)) return taken
  return taken.mediaType === 'application/pdf' ? refuse('file_type') : taken.bytes
}

/** Name and picture in one envelope, under the merchant's key: it is the merchant's person who drew it. */
async function sealedDrawing(app: App, tx: Tx, id: string, mid: string, name: string, picture: Buffer): Promise<Buffer | Refusal> {
  const row = await tx.one<{ key: Buffer | null }>('select wrapped_key as key from merchant where mid = $1', [mid])
  const key = app.vault.openKey(row?.key ?? undefined, mid)
  return key?.seal(JSON.stringify({ name, picture: picture.toString('base64') }), `handover.signature:${id}`) ?? refuse('material_disposed')
}

export const answerTo = (app: App, asking: Asking, id: string, command: HandoverCommand, telling: HandoverTelling): Promise<Reply> => {
  let found: StoredHandover | undefined
  return execute(app, asking, {
    command: `hand-over-${command}`,
    input: { handover: id },
    refusal: telling.refusal,
    async lock(tx) {
      found = await readHandover(tx, id, { lock: true })
      return found === undefined ? refuse('not_found') : undefined
    },
    async decide(tx, now) {
      const refusal = mayNot(asking.actor, 'hand-over')
      if (refusal) return refusal
      const answered = answerHandover(found!, command, asking.actor, now)
      if (isRefusal(answered)) return answered
      await endHandover(tx, answered)
      const handover = { ...answered, words: found!.words, drawing: found!.drawing }
      const tids = (await stockDevices(tx, handover.items.map((i) => i.serial))).flatMap((d) => d.tid ?? [])
      return toldOf(app, tx, handover, tids, now, telling, isOurs(asking.actor.party.kind))
    },
  })
}

/** The merchant's side hears of what the provider did, and the other way round. */
async function toldOf(app: App, tx: Tx, h: StoredHandover, tids: readonly string[], now: number, telling: HandoverTelling, byProvider: boolean): Promise<Outcome> {
  if (h.mid !== undefined)
    await notify(tx, { kind: 'handover', provider: h.provider, mid: h.mid, audience: byProvider ? 'merchant' : 'provider', words: handedWords(h, app.provider(h.provider).hotline), at: now })
  const fact = { proposed: 'handover_proposed', done: 'handed_over', refused: 'handover_refused', withdrawn: 'handover_withdrawn' }[h.state]
  return {
    changes: undefined, before: undefined, provider: h.provider, mid: h.mid, caseNo: h.caseNo, tids: [...new Set(tids)].toSorted(),
    facts: [{ fact, handover: h.id, from: h.from, to: h.to, serials: h.items.map((i) => i.serial), givenBy: h.givenBy, takenBy: h.takenBy, isDrawn: h.drawing !== undefined, at: now }],
    reply: telling.view(h),
  }
}

function handedWords({ state, items, from, to }: StoredHandover, hotline: string): Words {
  const [zh, en] = [items.map((i) => i.serial).join('、'), items.map((i) => i.serial).join(', ')]
  const [way, wayEn] = [`${custodians[from.kind][0]}交给${custodians[to.kind][0]}`, `from the ${custodians[from.kind][1]} to the ${custodians[to.kind][1]}`]
  switch (state) {
    case 'proposed': return [`机具 ${zh} 由${way}，请核对后签收。如有疑问致电 ${hotline}。`, `Device(s) ${en} go ${wayEn}; please check and sign. Questions: call ${hotline}.`]
    case 'done': return [`机具 ${zh} 已由${way}，双方已签。`, `Device(s) ${en} went ${wayEn}, signed by both sides.`]
    case 'refused': return [`机具 ${zh} 的交接被拒收。`, `The hand-over of device(s) ${en} was refused.`]
    case 'withdrawn': return [`机具 ${zh} 的交接已撤回。`, `The hand-over of device(s) ${en} was withdrawn.`]
  }
}
