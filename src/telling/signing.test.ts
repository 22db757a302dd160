// What we sign is what Standard Webhooks verifies: against the vector of the specification, and with its own library.
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { newSecret, signedHeaders } from './signing.ts'

test('the specification’s own example', () => {
  const headers = signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1_614_265_330_000), '{"test": 2432232314}', ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('two secrets sign beside each other, and either verifies', () => {
  const secrets = [newSecret(), newSecret()]
  const body = '{"type":"terminal.stopped"}'
  const now = new Date()
  const headers = signedHeaders('msg_1', now, body, secrets)
  expect(headers['webhook-signature']!.split(' ')).toHaveLength(2)
  for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual({ type: 'terminal.stopped' })
  expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow()
  expect(() => new Webhook(secrets[0]!).verify(`${body} `, headers)).toThrow()
  // And by hand, as a receiver without the library would.
  const key = Buffer.from(secrets[0]!.slice('whsec_'.length), 'base64')
  expect(key).toHaveLength(32)
  expect(headers['webhook-signature']).toContain(createHmac('sha256', key).update(`msg_1.${Math.floor(now.getTime() / 1_000)}.${body}`).digest('base64'))
})
