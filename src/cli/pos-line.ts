// A terminal's line to the gate: one connection, one request, one answer.
import { connect, type Socket } from 'node:net'
import { createSplitter } from '../gate/iso8583/frame.ts'
import { heard, type Heard } from '../gate/front/terminal.ts'
import { Refused, wrong } from './refused.ts'

/** As long as terminals wait. */
const answer_ms_max = 60_000
const connect_ms_max = 5_000

export type PosAnswer = { frame: Buffer; said: Heard }
export type PosLine = { ask(frame: Buffer): Promise<PosAnswer>; close(): void }

export function addressOf(text: string): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || !(Number(port) > 0 && Number(port) < 65_536))
    throw wrong(
      `--gate 应为地址和端口，如 127.0.0.1:8583，不是「${text}」。`,
      `--gate should be an address and a port such as 127.0.0.1:8583, not "${text}".`,
    )
  return { host, port: Number(port) }
}

const fault = (code: string, zh: string, en: string): Refused => new Refused({ code, says: [zh, en] })

export async function dial(gate: string): Promise<PosLine> {
  const { host, port } = addressOf(gate)
  const socket = connect({ host, port, noDelay: true })
  await opened(socket, gate)
  return {
    close: () => socket.destroy(),
    ask: (frame) =>
      new Promise((resolve, reject) => {
        const splitter = createSplitter()
        const over = (error?: Refused): void => {
          clearTimeout(timer)
          socket.removeAllListeners('data')
          if (error) reject(error)
        }
        const timer = setTimeout(
          () => over(fault('no_answer', '闸口没有应答。', 'The gate did not answer.')),
          answer_ms_max,
        )
        socket.on('data', (chunk: Buffer) =>
          splitter.feed(chunk, (bytes, start, end) => {
            const answer = Buffer.from(bytes.subarray(start - 2, end))
            const said = heard(answer)
            if (said === undefined)
              return over(fault('answer_not_understood', '应答看不懂。', 'The answer was not understood.')), false
            over()
            resolve({ frame: answer, said })
            return false
          }),
        )
        socket.once('close', () =>
          over(fault('line_cut', '闸口断开了连接，没有应答。', 'The gate cut the line without an answer.')),
        )
        socket.write(frame)
      }),
  }
}

const opened = (socket: Socket, gate: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const refuse = (): void => {
      socket.destroy()
      reject(fault('unreachable', `连不上闸口 ${gate}。`, `Cannot reach the gate at ${gate}.`))
    }
    socket.setTimeout(connect_ms_max, refuse)
    socket.on('error', refuse)
    socket.once('connect', () => {
      socket.setTimeout(0)
      resolve()
    })
  })
