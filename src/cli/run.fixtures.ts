// For tests: a line run in this process, with what it wrote on either stream.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { paintFor } from './paint.ts'
import { run } from './run.ts'

export type Ran = { code: number; out: string; err: string }

/** All of the command line but its launcher. `url` is where it asks, `home` its TINGQI_HOME. */
export const lineAt =
  (url: string, home: string) =>
  async (...args: string[]): Promise<Ran> => {
    const ran: Ran = { code: 0, out: '', err: '' }
    ran.code = await run(
      args,
      { TINGQI_HOME: home, TINGQI_URL: url },
      {
        write: (text) => {
          ran.out += text
        },
        note: (text) => {
          ran.err += text
        },
        columns: undefined,
        isLive: false,
        paint: paintFor(false),
      },
    )
    return ran
  }

/** Where nobody listens: a port that was free a moment ago. */
export async function nowhere(): Promise<string> {
  const server = createServer()
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((done) => {
    server.close(done)
  })
  return `http://127.0.0.1:${port}`
}
