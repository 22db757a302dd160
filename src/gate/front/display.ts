// The plain sentence a cashier reads on the terminal, in F63: three characters for the card's organisation, then text in
// GBK. It says why, until when and whom to call; where it is too long for the field, what can be looked up elsewhere goes
// first.
import { encodeField } from '../iso8583/message.ts'
import { F, unionpay } from '../iso8583/spec-unionpay.ts'
import { textBytes } from '../iso8583/text.ts'

const organisation = 'CUP'
const text_bytes_max = 160

/** By how they begin: what may still be done, the case's number, a stop's words – in the order in which they may go. */
const dispensable = ['可以办理', '办件', '支付机构停用', '店主申请停机']

const inGbk = (text: string): string => [...text].filter((character) => textBytes(character) !== undefined).join('')
const bytesOf = (text: string): number => textBytes(text)!.length

export function fitted(sentence: string): string {
  let parts = inGbk(sentence).split(/(?<=。)/)
  for (const beginning of dispensable) {
    if (bytesOf(parts.join('')) <= text_bytes_max) break
    parts = parts.filter((part, i) => i === 0 || !part.startsWith(beginning))
  }
  let text = parts.join('')
  while (bytesOf(text) > text_bytes_max) text = text.slice(0, -1)
  return text
}

/** F63 with that sentence, its length in front. */
export function displayField(sentence: string): Buffer {
  const made = encodeField(unionpay, F.operator, organisation + fitted(sentence))
  return Buffer.isBuffer(made) ? made : (encodeField(unionpay, F.operator, organisation) as Buffer)
}

/** The table of GBK is made when it is first needed, which takes a moment that no cashier should wait. */
export const prepareDisplay = (): void => { textBytes(`${organisation}停`) }

/** The sentence in an answer's F63. */
export const displayed = (f63: string | undefined): string => (f63?.startsWith(organisation) ? f63.slice(organisation.length).trim() : '')
