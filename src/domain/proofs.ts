// How somebody asked, and what proves that it was they – one table. Whoever signs in, or confirms on the terminal, asks in
// person; every other channel is an agent's, who files on behalf of the merchant and says where the proof is kept.
import { refuseField, type Refusal } from './refusals.ts'
import { channels, proofKinds, type Channel, type ProofKind, type Words } from './vocabulary.ts'

/** What proves a case that came by a channel; the first is meant where nothing is said. */
const proofsOf: Readonly<Record<Channel, readonly [ProofKind, ...ProofKind[]]>> = {
  online: ['consent', 'recording', 'message', 'signature'],
  phone: ['recording'],
  email: ['message'],
  fax: ['fax', 'signature'],
  post: ['parcel', 'signature'],
  counter: ['signature'],
  device: ['device'],
}
/** Channels by which one asks for oneself. */
const inPerson: readonly Channel[] = ['online', 'device']

export type Asked = { channel: Channel; onBehalf: boolean; proof?: string | undefined; proofKind?: ProofKind | undefined }

export const proofKindOf = ({ channel, onBehalf, proof, proofKind }: Asked): ProofKind | undefined =>
  onBehalf && proof !== undefined ? (proofKind ?? proofsOf[channel][0]) : undefined

/** Why it cannot be taken as it came; undefined where it can. */
export function proofFault({ channel, onBehalf, proof, proofKind }: Asked): Refusal | undefined {
  const named: Words = channels[channel]
  if (!onBehalf) return inPerson.includes(channel) ? undefined : refuseField('/channel', 'channel_not_yours', { channel: named })
  if (proof === undefined || proof.trim() === '') return refuseField('/proof', 'consent_required')
  if (proofKind === undefined || proofsOf[channel].includes(proofKind)) return undefined
  const needed = (i: 0 | 1): string => proofsOf[channel].map((kind) => proofKinds[kind][i]).join(i === 0 ? '、' : ', ')
  return refuseField('/proofKind', 'proof_kind_wrong', { channel: named, needed: [needed(0), needed(1)] })
}
