// Mail against a real SMTP server: accepted with its proof, a refused recipient, asked to come again, nobody there.
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import type { Parcel } from './carrier.ts'
import { openMail } from './mail.ts'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0)) await end() })

const fault = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode })

/** A server that keeps what it takes; `options` say what it refuses. */
async function startServer(options: SMTPServerOptions = {}) {
  const taken: { from: string; to: string[]; raw: string }[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'], authOptional: true, logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        taken.push({ from: (session.envelope.mailFrom as { address: string }).address, to: session.envelope.rcptTo.map((r) => r.address), raw: Buffer.concat(chunks).toString() })
        done(null, 'queued as 4Q2KX')
      })
    },
    ...options,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  const close = (): Promise<void> => new Promise((resolve) => server.close(resolve))
  ends.push(close)
  return { port, taken, close }
}
const carrier = (port: number, user = '') => {
  const mail = openMail({ url: `smtp://${user}127.0.0.1:${port}`, from: '停启 <notice@tingqi.example>' })
  ends.push(mail.close)
  return mail
}
const parcel: Parcel = { id: '0199ad3c-7a51-7c3e-9b1e-2f6f0a4c1d22', to: 'shop@merchant.example', subject: '已停机（10000001）', text: '终端 10000001 已停机。', language: 'zh', about: 'stopped' }

test('accepted: the message says who, what and which, and the server’s word is the proof', async () => {
  const { port, taken } = await startServer()
  const told = await carrier(port).carry({ ...parcel, attachment: { name: 'TQ-T2026-00042-1.pdf', pdf: Buffer.from('%PDF-1.7 x') } })
  expect(told).toEqual({ sent: true, proof: { messageId: `<${parcel.id}@tingqi.example>`, response: '250 queued as 4Q2KX' } })
  const [mail] = taken
  expect(mail).toMatchObject({ from: 'notice@tingqi.example', to: ['shop@merchant.example'] })
  expect(mail!.raw).toContain(`Message-ID: <${parcel.id}@tingqi.example>`)
  expect(mail!.raw).toContain('Auto-Submitted: auto-generated')
  expect(mail!.raw).toMatch(/filename="?TQ-T2026-00042-1\.pdf/)
  expect(mail!.raw).toContain(Buffer.from('%PDF-1.7 x').toString('base64'))
})

test('the same parcel again carries the same id', async () => {
  const { port, taken } = await startServer()
  const mail = carrier(port)
  for (let i = 0; i < 2; i++) expect((await mail.carry(parcel)).sent).toBe(true)
  expect(taken.map((t) => /Message-ID: (.*)/.exec(t.raw)![1]!.trim())).toEqual(Array(2).fill(`<${parcel.id}@tingqi.example>`))
})

test('a refused recipient is refused for good, and its address is not kept with the proof', async () => {
  const { port } = await startServer({ onRcptTo: (address, _, done) => done(fault(550, `5.1.1 <${address.address}> user unknown`)) })
  const told = await carrier(port).carry(parcel)
  expect(told).toMatchObject({ sent: false, failure: 'recipient_refused', isFinal: true, proof: { status: 550 } })
  expect(JSON.stringify(told)).toContain('user unknown')
  expect(JSON.stringify(told)).not.toContain('merchant.example')
})

test('asked to come again, and then accepted', async () => {
  let isFirst = true
  const { port, taken } = await startServer({
    onRcptTo: (_, __, done) => {
      if (!isFirst) return done()
      isFirst = false
      return done(fault(451, '4.7.1 greylisted'))
    },
  })
  const mail = carrier(port)
  expect(await mail.carry(parcel)).toMatchObject({ sent: false, failure: 'mail_deferred', isFinal: false, proof: { status: 451 } })
  expect(await mail.carry(parcel)).toMatchObject({ sent: true })
  expect(taken).toHaveLength(1)
})

test('refused after all of it was sent', async () => {
  const { port } = await startServer({ onData: (stream, _, done) => { stream.resume(); stream.on('end', () => done(fault(554, '5.7.1 looks like spam'))) } })
  expect(await carrier(port).carry(parcel)).toMatchObject({ sent: false, failure: 'mail_refused', isFinal: true })
})

test('nobody there, a login refused: both are tried again', async () => {
  const { port, close } = await startServer()
  await close()
  expect(await carrier(port).carry(parcel)).toMatchObject({ sent: false, failure: 'unreachable', isFinal: false })
  const strict = await startServer({ authOptional: false, allowInsecureAuth: true, onAuth: (_, __, done) => done(fault(535, '5.7.8 no')) })
  const told = await carrier(strict.port, 'tingqi:secret-word@').carry(parcel)
  expect(told).toMatchObject({ sent: false, failure: 'mail_login_refused', isFinal: false })
  expect(JSON.stringify(told)).not.toContain('secret-word')
})
