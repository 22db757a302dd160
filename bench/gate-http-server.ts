// The reference of the HTTP bench: a bare Node server that reads what it is sent and answers a constant.
import { createServer } from 'node:http'

const body = process.argv[2]
if (process.send && body !== undefined) {
  const server = createServer({ keepAlive: true, noDelay: true }, (req, res) => {
    req.on('data', () => {}).on('end', () => {
      res.writeHead(200, ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length), 'cache-control', 'no-store'])
      res.end(body, 'latin1')
    })
  })
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as { port: number }).port }))
  process.on('disconnect', () => process.exit(0))
}
