// A carrier takes one message to one address, once, and says what came of it. It neither retries nor remembers: both are the
// delivery row's business. The message's id stays the same over all tries, so a receiver that got it can tell that it did.
import type { DeliveryFailure, Language } from '../domain/vocabulary.ts'

export type Parcel = {
  id: string
  to: string
  subject: string
  text: string
  language: Language
  /** Kind of notice, or 'letter'. */
  about: string
  attachment?: { name: string; pdf: Buffer } | undefined
}

export type Carried =
  | { sent: true; proof: Readonly<Record<string, string | number>> }
  | {
    sent: false
    failure: DeliveryFailure
    /** The other side will never take it: there is no use in trying again. */
    isFinal: boolean
    proof?: Readonly<Record<string, string | number>> | undefined
    /** Asked for by the other side. */
    retryAfter_s?: number | undefined
  }

export type Carrier = { carry(parcel: Parcel): Promise<Carried>; close(): void }

const proof_length_max = 300
/** What the other side said, without addresses in it and not for ever long. */
export const saidOf = (text: string): string => text.replace(/[^\s<>"']+@[^\s<>"']+/g, '…').slice(0, proof_length_max)
