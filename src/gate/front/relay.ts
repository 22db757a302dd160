// In front of a host: what the gate permits goes on as it came, and the host's answer goes back as it came. Where none comes
// the terminal is told so – 91 when the host was never reached, 98 when nobody knows – and what the host may have approved
// unheard is taken back: a reversal goes out when its answer comes too late, when its link was lost, or when no answer came
// at all. While a request is under way its bytes are held in memory, card data included, and nowhere else.
import type { TransactionClass, TransactionStatus } from '../../domain/vocabulary.ts'
import type { Door } from '../door.ts'
import { createAnswers } from '../iso8583/answer.ts'
import { readSettlement } from '../iso8583/f48.ts'
import { frame_bytes_max, length_bytes, messageStart, type HeaderMode } from '../iso8583/frame.ts'
import { isThere, locate, newLocated, type Located } from '../iso8583/located.ts'
import { fieldText } from '../iso8583/message.ts'
import { digitsIn, textIn } from '../iso8583/peek.ts'
import { reversalOf } from '../iso8583/reversal.ts'
import { F, unionpay } from '../iso8583/spec-unionpay.ts'
import type { FrontBounds } from './bounds.ts'
import type { FrontLog } from './desk.ts'
import type { Asker } from './line.ts'
import { openLinks } from './links.ts'
import { sixDigits } from './numbers.ts'
import { createRecent } from './recent.ts'
import { cardMaskedIn, fieldOf, originalOf, type Request } from './request.ts'
import { saidBy } from './status.ts'

export type Relay = {
  /** Answers the asker later, exactly once. */
  forward(door: Door, request: Request, kind: TransactionClass, asker: Asker): void
  /** Reversals that the host has not yet answered. */
  readonly reversing: number
  readonly linksUp: number
  close(): void
}
export type RelayOptions = {
  readonly host: string
  readonly port: number
  readonly bounds: FrontBounds
  readonly header: HeaderMode
  readonly log: FrontLog | undefined
}

/** What is remembered of a request under way. */
type Asked = {
  readonly door: Door
  readonly kind: TransactionClass
  readonly at: number
  readonly tid: string
  readonly mid: string
  readonly amountFen: number
  readonly batch: number
  readonly trace: number
  readonly network: number
  readonly card: string | undefined
  /** Of the transaction it is about, where it is about another one. */
  readonly reference: string | undefined
  readonly word: ReturnType<typeof saidBy>
  readonly confirms: boolean
  /** With its length. */
  readonly frame: Buffer
}

/** What the terminal reads where the host did not answer (F39). */
const codeFor = { down: '91', busy: '91', duplicate: '94', late: '98', lost: '98' } as const
/** A host that does not know the original has nothing to take back. */
const reversed: readonly string[] = ['00', '25']
const references_remembered_max = 100_000
const answer_room_bytes = 256
/** F60.3 of the end of an upload after a settlement that did not balance. */
const upload_done_unbalanced = 202
const shanghai_ms = 8 * 3_600_000

const money: ReadonlySet<TransactionClass> = new Set([
  'sale', 'test_sale', 'preauth', 'preauth_completion', 'preauth_cancel', 'void', 'refund', 'offline_upload',
])

export function openRelay({ host, port, bounds, header, log }: RelayOptions): Relay {
  const located = newLocated()
  const answers = createAnswers()
  /** F37 of what the host approved, by batch and trace and, for pre-authorisations, by authorisation code. */
  const references = createRecent<string, string>(references_remembered_max)
  const retries = new Set<NodeJS.Timeout>()
  let reversing = 0

  /** Finds the fields of a frame whose TPDU is at `start`; false where it is no message. They are `located` until the next call. */
  const find = (frame: Buffer, start: number): boolean => {
    const at = messageStart(frame, start, frame.length, header)
    return at >= 0 && locate(unionpay, frame, at, frame.length, located) === undefined
  }
  const keyOf = (frame: Buffer, start: number, isAnswer: boolean): string => {
    const mti = isAnswer ? located.mti - 10 : located.mti
    const [to, from] = isAnswer ? [start + 3, start + 1] : [start + 1, start + 3]
    const trace = digitsIn(unionpay, frame, located, F.trace, 0, 6)
    const network = trace < 0 ? digitsIn(unionpay, frame, located, F.kind, 8, 3) : 0
    return `${mti} ${frame.readUInt16BE(to)} ${frame.readUInt16BE(from)} ${textIn(frame, located, F.terminal)} ${trace} ${network}`
  }
  const links = openLinks({
    host, port, bounds, frame_bytes_max,
    keyOf: (frame) => (find(frame, length_bytes) ? keyOf(frame, length_bytes, true) : undefined),
    say: (facts, message) => log?.warn(facts, message),
  })

  /** An answer of ours, in the host's place. */
  const ownAnswer = (asked: Asked, code: string): Buffer => {
    find(asked.frame, length_bytes)
    const out = Buffer.alloc(asked.frame.length + answer_room_bytes)
    const end = answers(out, 0, asked.frame, length_bytes, located, { code, at: asked.door.now(), reference: Math.max(0, asked.trace) })
    return out.subarray(0, Math.max(0, end))
  }

  const observe = (asked: Asked, kind: TransactionClass, reference: string, status: TransactionStatus, authCode?: string): void => {
    const { door, tid, mid, amountFen, batch, trace, card } = asked
    door.observe({
      kind: 'transaction', at: door.now(), tid, mid, provider: door.entry(tid)?.provider ?? '', class: kind,
      amountFen: Math.max(0, amountFen), batch: sixDigits(batch), trace: sixDigits(Math.max(0, trace)), reference, status,
      ...(card === undefined ? {} : { cardMasked: card }), ...(authCode ? { authCode } : {}),
    })
  }

  /** What an approval of the host means for what the gate tells. The frame was just located. */
  const approved = (asked: Asked, frame: Buffer): void => {
    const { door, kind, tid, mid, batch } = asked
    const at = door.now()
    if (money.has(kind)) {
      const reference = asked.reference ?? textIn(frame, located, F.reference).trim()
      const authCode = textIn(frame, located, F.authorisation).trim()
      references.set(`${tid} ${batch} ${asked.trace}`, reference)
      if (kind === 'preauth') references.set(`${tid} ${authCode}`, reference)
      observe(asked, kind, reference, 'approved', authCode)
    } else if (kind === 'reversal') {
      if (asked.reference !== undefined) observe(asked, kind, asked.reference, 'approved')
    } else if (kind === 'sign_on') door.observe({ kind: 'signed_on', at, tid })
    else if (kind === 'sign_off') door.observe({ kind: 'device_said', at, tid, said: 'signed_off', by: 'sign_off' })
    else if (kind === 'status' && asked.word)
      door.observe({ kind: 'device_said', at, tid, said: asked.word, by: asked.confirms ? 'confirmation' : 'status' })
    else {
      const balanced = kind === 'settlement' && isBalanced(frame, located)
      if (!balanced && !(kind === 'batch_upload' && asked.network === upload_done_unbalanced)) return
      const provider = door.entry(tid)?.provider ?? ''
      door.observe({ kind: 'settled', at, tid, mid, provider, batch: sixDigits(batch), balanced })
    }
  }

  /** Takes back what the host may have approved. */
  const reverse = (asked: Asked, reference: string): void => {
    if (reversing >= bounds.to_host_max)
      return log?.error({ tid: asked.tid, trace: asked.trace }, 'too many reversals are open: one was given up')
    if (!find(asked.frame, length_bytes)) return
    const date = new Date(asked.at + shanghai_ms).toISOString()
    const original = sixDigits(asked.batch) + sixDigits(asked.trace) + date.slice(5, 7) + date.slice(8, 10)
    const frame = reversalOf(asked.frame, length_bytes, located, { reason: 'late', original })
    if (frame === undefined || !find(frame, length_bytes)) return
    const key = keyOf(frame, length_bytes, false)
    reversing += 1
    observe(asked, 'reversal', reference, 'pending')
    let tries = 0
    const again = (): void => {
      const timer = setTimeout(() => {
        retries.delete(timer)
        attempt()
      }, bounds.reversal_retry_ms).unref()
      retries.add(timer)
    }
    const attempt = (): void => links.ask(key, frame, (outcome) => {
      if (outcome.how === 'answered' && reversed.includes(textIn(outcome.frame, located, F.response))) {
        reversing -= 1
        return observe(asked, 'reversal', reference, 'approved')
      }
      if (outcome.how !== 'down' && outcome.how !== 'busy') tries += 1
      if (tries < bounds.reversal_tries_max) return again()
      reversing -= 1
      log?.error({ tid: asked.tid, batch: asked.batch, trace: asked.trace }, 'the host did not take a reversal')
    }, () => {})
    attempt()
  }

  const referenceOf = (request: Request, kind: TransactionClass): string | undefined => {
    const { tid, peek } = request
    if (kind === 'reversal') return references.get(`${tid} ${peek.batch} ${peek.trace}`)
    const original = kind === 'void' ? originalOf(request) : undefined
    const known = original ? references.get(`${tid} ${original.batch} ${original.trace}`)
      : kind === 'preauth_completion' || kind === 'preauth_cancel' ? references.get(`${tid} ${fieldOf(request, F.authorisation) ?? ''}`)
        : undefined
    return known ?? (isAboutAnother.has(kind) ? fieldOf(request, F.reference)?.trim() || undefined : undefined)
  }

  return {
    get reversing() { return reversing },
    get linksUp() { return links.up },
    forward(door, request, kind, asker) {
      const { peek, bytes, start, end } = request
      const asked: Asked = {
        door, kind, at: request.now, tid: request.tid, mid: request.mid, amountFen: peek.amountFen, batch: Math.max(0, peek.batch),
        trace: peek.trace, network: peek.network, card: money.has(kind) ? cardMaskedIn(request) : undefined,
        reference: referenceOf(request, kind), confirms: asker.confirms,
        word: kind === 'status' ? saidBy(fieldOf(request, F.keys) ?? '') : undefined,
        frame: Buffer.from(bytes.subarray(start - length_bytes, end)),
      }
      find(asked.frame, length_bytes)
      asker.awaits()
      links.ask(keyOf(asked.frame, length_bytes, false), asked.frame, (outcome) => {
        if (outcome.how !== 'answered') return asker.answered(ownAnswer(asked, codeFor[outcome.how]))
        if (textIn(outcome.frame, located, F.response) === '00') approved(asked, outcome.frame)
        asker.answered(outcome.frame)
      }, (late) => {
        // The host said no, though late: there is nothing to take back.
        const isDeclined = late !== undefined && textIn(late, located, F.response) !== '00'
        if (money.has(kind) && !isDeclined) reverse(asked, late === undefined ? '' : textIn(late, located, F.reference).trim())
      })
    },
    close() {
      for (const timer of retries) clearTimeout(timer)
      if (reversing > 0) log?.error({ reversing }, 'reversals were still open at the end')
      links.close()
    },
  }
}

const isAboutAnother: ReadonlySet<TransactionClass> = new Set(['void', 'preauth_completion', 'preauth_cancel'])

function isBalanced(frame: Buffer, located: Located): boolean {
  const totals = isThere(located, F.totals) ? readSettlement(fieldText(unionpay, frame, located, F.totals) ?? '') : undefined
  if (totals === undefined || totals.domestic.answer !== 'balanced') return false
  const { answer, debits, credits } = totals.foreign
  return answer === 'balanced' || debits + credits === 0
}
