// A receiver over real sockets that behaves as badly as it is told to, and notes what reached it.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Got = { path: string; headers: IncomingHttpHeaders; body: string }
export type Behaviour = (answer: ServerResponse, got: Got) => void
export type Receiver = { url: string; port: number; got: Got[]; behave(next: Behaviour): void; close(): Promise<void> }

export async function startReceiver(first: Behaviour = (answer) => answer.writeHead(204).end()): Promise<Receiver> {
  let behaviour = first
  const got: Got[] = []
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
      got.push(one)
      behaviour(answer, one)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`, port, got,
    behave(next) { behaviour = next },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
