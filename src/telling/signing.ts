// Standard Webhooks 1.0: what we send is signed over its id, its moment and its body, with every secret that is good at the
// time – two while one takes the other's place, so that a receiver can change over in between.
import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

const secret_bytes = 32
export const newSecret = (): string => `whsec_${randomBytes(secret_bytes).toString('base64')}`

/** `at` is the wall's time, whatever clock rules the program: the receiver compares it with its own. */
export const signedHeaders = (id: string, at: Date, body: string, secrets: readonly string[]): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
})
