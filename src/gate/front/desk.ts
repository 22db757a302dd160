// Where every frame of every line is decided. In order: read it (30, 40) → check its MAC where the terminal has a key (A0) →
// ask the gate → what the gate declines is answered here, with the sentence the cashier reads → what it permits goes to the
// host: our own (host.ts) or the one behind us (relay.ts). Nothing of a frame is logged but message type, terminal and what
// was wrong; nothing of it is kept but what host.ts and relay.ts say they keep.
import { attendantSentence } from '../../domain/gate-sentence.ts'
import { codeOf, type GateQuery } from '../../domain/gate.ts'
import type { ResponseCode, TransactionClass } from '../../domain/vocabulary.ts'
import type { Door, GateReply } from '../door.ts'
import { createAnswers, isRequest } from '../iso8583/answer.ts'
import type { Fault } from '../iso8583/fault.ts'
import { frame_bytes_max, type HeaderMode, type HostCommand } from '../iso8583/frame.ts'
import { isMacRight, type BlockKey } from '../iso8583/mac.ts'
import type { OwnFields } from '../iso8583/rewrite.ts'
import { F } from '../iso8583/spec-unionpay.ts'
import { frontBounds, type FrontBounds } from './bounds.ts'
import { displayField, prepareDisplay } from './display.ts'
import { createHost } from './host.ts'
import type { Asker, Nonsense } from './line.ts'
import { createRecent } from './recent.ts'
import { openRelay } from './relay.ts'
import { deviceOf, has, madeAtOf, newRequest, read } from './request.ts'
import { openTerminalKeys, type TerminalKeys } from './terminal-keys.ts'

type Tell = (facts: object, message: string) => void
export type FrontLog = { readonly info: Tell; readonly warn: Tell; readonly error: Tell }

export type DeskOptions = {
  /** The program's secret, of which the terminals' keys are derived. */
  readonly secret: string
  /** The acquirer's host; without one the gate answers itself, as the host of a test estate. */
  readonly upstream?: { readonly host: string; readonly port: number } | undefined
  /**
   * Whether money moves without a MAC. checked: a MAC that is sent is checked where the terminal has signed on with keys ·
   * demanded: without a right one nothing does. In front of a host the MAC is the host's business.
   */
  readonly mac?: 'checked' | 'demanded' | undefined
  /** Of frames; recognised unless told. */
  readonly header?: HeaderMode | undefined
  readonly bounds?: Partial<FrontBounds> | undefined
  readonly log?: FrontLog | undefined
}

export type Desk = {
  readonly bounds: FrontBounds
  /** Room a single answer may need. */
  readonly answer_bytes_max: number
  /** Links to the host behind us that are up; none where there is none. */
  linksUp(): number
  /** The test estate's keys; a host behind us has its own. */
  readonly keys: TerminalKeys | undefined
  /**
   * Takes the frame at [start, end) – its length is before it – and writes the answer into `out` at `at`. Answers how many
   * bytes it wrote (none where the answer comes later, by the asker), or what is wrong with the peer.
   */
  take(door: Door, bytes: Buffer, start: number, end: number, asker: Asker, out: Buffer, at: number): number | Nonsense
  /** Tells of a bug. */
  failed(error: Error): void
  close(): Promise<void>
}

const minute_ms = 60_000
const sentences_remembered_max = 10_000
/** Messages in a row that cannot be read. */
const malformed_max = 16
/** An answer repeats fields of the request and adds a few: reference, sentence, keys. */
const answer_room_bytes = 1_024

/** Messages that move money carry a MAC; those about the terminal do not. */
const moves = (mti: number): boolean => mti === 200 || mti === 100 || mti === 220 || mti === 400

export function openDesk(options: DeskOptions): Desk {
  const bounds = { ...frontBounds, ...options.bounds }
  const { upstream, log, header = 'recognised', mac: macs = 'checked' } = options
  const keys = upstream === undefined ? openTerminalKeys(options.secret) : undefined
  const host = keys && createHost(keys, bounds.ledger_entries_max)
  const relay = upstream && openRelay({ ...upstream, bounds, header, log })
  const answers = createAnswers()
  const request = newRequest()
  const sentenceField = new Map<number, Buffer>()
  const sentences = createRecent<string, { seq: number; epoch: number; minute: number; field: Buffer }>(sentences_remembered_max)
  prepareDisplay()

  const write = (
    out: Buffer, at: number, code: string, mac: BlockKey | undefined, own?: OwnFields, given = 0, command?: HostCommand,
  ): number => {
    const { bytes, start, now, peek } = request
    // What no host has numbered goes by the terminal's own number.
    const reference = given > 0 ? given : Math.max(0, peek.trace)
    const end = answers(out, at, bytes, start, peek.located, { code, at: now, reference, command, own, mac })
    return end < 0 ? 0 : end - at
  }
  /** A code of the gate's own, as the terminal's provider maps it. */
  const mapped = (door: Door, code: ResponseCode): string =>
    door.rulesOf(door.entry(request.tid)?.provider).responseCodes[code] ?? code

  const malformed = (door: Door, fault: Fault, asker: Asker, out: Buffer, at: number): number | Nonsense => {
    const { mti } = request.peek
    asker.malformed += 1
    if (asker.malformed > malformed_max) return 'malformed_too_often'
    if (asker.malformed === 1) log?.info({ mti, fault: fault.kind, field: fault.field }, 'iso8583 message could not be read')
    return write(out, at, mapped(door, '30'), undefined)
  }

  /** The key the message was made with; undefined where none is asked for; false where the MAC is wrong or missing. */
  const macOf = (): BlockKey | undefined | false => {
    const { peek: { located, mti, batch }, bytes, tid } = request
    if (keys === undefined || !moves(mti)) return undefined
    const isSent = has(request, F.mac) && !isBlank(bytes, located.at[F.mac]!)
    if (macs === 'checked' && !(isSent && host!.isKeyed(tid))) return undefined
    if (!isSent) return false
    const key = keys.mac(tid, Math.max(0, batch))
    return isMacRight(key, bytes, located.start, located.at[F.mac]!) && key
  }

  /** What the cashier reads; the same within a minute as long as the gate learns nothing new. */
  const sentenceOf = (door: Door, reply: GateReply): Buffer => {
    const { epoch, seq, reason, asOf } = reply
    const name = `${request.tid} ${reason}`
    const minute = Math.floor(asOf / minute_ms)
    const known = sentences.get(name)
    if (known !== undefined && known.seq === seq && known.epoch === epoch && known.minute === minute) return known.field
    const entry = reason === 'terminal_unknown' || reason === 'merchant_mismatch' ? undefined : door.entry(request.tid)
    const field = displayField(attendantSentence(reply, entry, door.rulesOf(entry?.provider), 'zh'))
    sentences.set(name, { seq, epoch, minute, field })
    return field
  }
  const declined = (door: Door, reply: GateReply, out: Buffer, at: number, mac: BlockKey | undefined): number => {
    sentenceField.set(F.operator, sentenceOf(door, reply))
    return write(out, at, reply.code, mac, sentenceField, 0, reply.reason === 'sign_on_required' ? 'sign_on' : undefined)
  }

  /** The same request as another class: of a terminal under test a sale is its test sale. */
  const decide = (door: Door, kind: TransactionClass): GateReply => {
    const { serial, position } = deviceOf(request)
    const query: GateQuery = {
      tid: request.tid, mid: request.mid, class: kind, serial, position,
      madeAt: kind === 'offline_upload' ? madeAtOf(request) : undefined,
      amount: request.peek.amountFen < 0 ? undefined : request.peek.amountFen,
    }
    const reply = door.decide(query)
    return kind === 'sale' && reply.reason === 'testing' ? door.decide({ ...query, class: 'test_sale' }) : reply
  }
  /** What a terminal that only says hello should do next. */
  const commandFor = (door: Door, kind: TransactionClass, reply: GateReply): HostCommand | undefined => {
    const mayOwe = (kind === 'echo' || kind === 'status') && (reply.mode === 'open' || reply.mode === 'restrict')
    if (!mayOwe) return undefined
    const asked = door.decide({ tid: request.tid, mid: request.mid, class: 'parameter_download' })
    return asked.reason === 'sign_on_required' ? 'sign_on' : undefined
  }

  return {
    bounds, keys,
    linksUp: () => relay?.linksUp ?? 0,
    answer_bytes_max: frame_bytes_max + answer_room_bytes,
    take(door, bytes, start, end, asker, out, at) {
      const fault = read(request, bytes, start, end, header)
      request.now = door.now()
      // Not even a message, or one that only a host would send.
      if (fault?.kind === 'no_message') return 'not_iso8583'
      if (!isRequest(request.peek.mti)) return 'not_iso8583'
      if (fault !== undefined) return malformed(door, fault, asker, out, at)
      asker.malformed = 0
      const { class: asked } = request
      // On a line of one terminal there are no others.
      if (asker.tid !== undefined && asker.tid !== request.tid) return write(out, at, codeOf.terminal_unknown, undefined)
      if (asked === undefined) return write(out, at, '40', undefined)
      const mac = macOf()
      if (mac === false) return write(out, at, mapped(door, 'A0'), undefined, undefined, 0, 'sign_on')
      const reply = decide(door, asked)
      if (reply.decision === 'decline') return declined(door, reply, out, at, mac)
      const kind: TransactionClass = reply.mode === 'test' && asked === 'sale' ? 'test_sale' : asked
      if (relay) return relay.forward(door, request, kind, asker), 0
      const said = host!.answer(door, request, kind, asker.confirms)
      return write(out, at, said.code, mac, said.own, said.reference, commandFor(door, kind, reply))
    },
    failed(error) {
      const at = error.stack?.split('\n').slice(1, 4).map((line) => line.trim())
      log?.error({ at }, 'an iso8583 frame could not be handled')
    },
    async close() { relay?.close() },
  }
}

const zero_byte = 0
const zero_letter = 48
/** A field 64 that nobody filled in. */
const isBlank = (bytes: Buffer, at: number): boolean => {
  const first = bytes[at]!
  if (first !== zero_byte && first !== zero_letter) return false
  for (let i = 1; i < 8; i++) if (bytes[at + i] !== first) return false
  return true
}
