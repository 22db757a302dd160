// SMS and group robots (WeCom, DingTalk) by one HTTP adapter that the operator runs beside the gateway of its choice:
//   POST <TINGQI_ADAPTER_URL>   content-type: application/json
//   webhook-id, webhook-timestamp, webhook-signature   as Standard Webhooks 1.0 has them, with TINGQI_ADAPTER_SECRET
//   { "id", "channel": "sms" | "robot", "to", "text", "language": "zh" | "en", "about" }
// 2xx takes it over, and may say { "receipt": "…" }: the gateway's number for it, kept as proof. 408, 425, 429 and 5xx ask to
// come again (Retry-After counts), any other answer refuses it for good. The same id again is the same message: not sent twice.
import type { Carried, Carrier } from './carrier.ts'
import { saidOf } from './carrier.ts'
import { post } from './post.ts'
import { signedHeaders } from './signing.ts'

export type AdapterSettings = { url: string; secret: string }

const comeAgain = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status)

export const openAdapter = (channel: 'sms' | 'robot', { url, secret }: AdapterSettings): Carrier => ({
  async carry({ id, to, text, language, about }): Promise<Carried> {
    const body = JSON.stringify({ id, channel, to, text, language, about })
    const told = await post(url, { headers: signedHeaders(id, new Date(), body, [secret]), body, allowed: 'any' })
    if (!told.answered) return { sent: false, failure: told.failure, isFinal: false, proof: { detail: told.detail } }
    const proof = { status: told.status, ...receiptIn(told.body) }
    if (told.status >= 200 && told.status < 300) return { sent: true, proof }
    return { sent: false, failure: 'status', isFinal: !comeAgain(told.status), proof, retryAfter_s: told.retryAfter_s }
  },
  close() {},
})

function receiptIn(body: string): { receipt?: string } {
  try {
    const { receipt } = JSON.parse(body) as { receipt?: unknown }
    return typeof receipt === 'string' || typeof receipt === 'number' ? { receipt: saidOf(String(receipt)) } : {}
  } catch {
    return {}
  }
}
