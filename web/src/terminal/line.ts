// The machine's line to the gate: ISO 8583 frames as binary messages of a WebSocket, one question at a time, as a card machine
// asks. A line that is lost is dialled again, at once and then ever more slowly; what was asked on it counts as unanswered.
import { createSplitter, length_bytes } from '../../../src/gate/iso8583/frame.ts'
import { F } from '../../../src/gate/iso8583/spec-unionpay.ts'
import { asks, heard, isAnswerMacRight, requestFrame, type Ask, type Heard, type Said } from '../../../src/gate/front/terminal.ts'

export type LinkState = 'connecting' | 'open' | 'lost'
export type Reply = {
  readonly heard: Heard
  /** Undefined where the request carried no MAC. */
  readonly isMacRight: boolean | undefined
}
export type Line = {
  /** Undefined: nobody answered in time, or the line broke. */
  ask(ask: Ask, said: Said): Promise<Reply | undefined>
  close(): void
}

const answer_ms_max = 20_000
const redial_ms_min = 500
const redial_ms_max = 15_000

/** The answer to a message of that type. */
const answering = (mti: string): string => String(Number(mti) + 10).padStart(4, '0')

export function openLine(tid: string, told: (state: LinkState) => void): Line {
  let socket: WebSocket
  let failures = 0
  let isClosed = false
  let redial: ReturnType<typeof setTimeout>
  let waiting: { mti: string; trace: string; take(frame: Buffer | undefined, said?: Heard): void } | undefined

  const listen = (bytes: Buffer): void => {
    const said = heard(bytes)
    if (said === undefined || waiting === undefined || said.mti !== answering(waiting.mti)) return
    // An answer that comes after its question was given up is no answer to the next.
    if ((said.fields[F.trace] ?? waiting.trace) === waiting.trace) waiting.take(bytes, said)
  }
  const dial = (): void => {
    told(failures === 0 ? 'connecting' : 'lost')
    const splitter = createSplitter()
    socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/terminals/${tid}/line`)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      failures = 0
      told('open')
    }
    socket.onmessage = ({ data }) => {
      splitter.feed(Buffer.from(data as ArrayBuffer), (bytes, start, end) => listen(Buffer.from(bytes.subarray(start - length_bytes, end))))
    }
    socket.onclose = () => {
      waiting?.take(undefined)
      if (isClosed) return
      told('lost')
      redial = setTimeout(dial, Math.min(redial_ms_max, redial_ms_min * 2 ** failures++))
    }
  }
  const again = (): void => {
    if (isClosed || socket.readyState !== WebSocket.CLOSED) return
    clearTimeout(redial)
    dial()
  }
  addEventListener('online', again)
  dial()

  return {
    ask(ask, said) {
      if (socket.readyState !== WebSocket.OPEN || waiting !== undefined) return Promise.resolve(undefined)
      return new Promise((resolve) => {
        const silence = setTimeout(() => waiting?.take(undefined), answer_ms_max)
        waiting = {
          mti: asks[ask].mti, trace: String(said.trace).padStart(6, '0'),
          take(frame, answer) {
            waiting = undefined
            clearTimeout(silence)
            resolve(frame && answer && { heard: answer, isMacRight: said.mac && isAnswerMacRight(said.mac, frame) })
          },
        }
        socket.send(new Uint8Array(requestFrame(ask, said)))
      })
    },
    close() {
      isClosed = true
      clearTimeout(redial)
      removeEventListener('online', again)
      socket.close()
    },
  }
}
