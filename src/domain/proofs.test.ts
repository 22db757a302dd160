import { expect, test } from 'vitest'
import { proofFault, proofKindOf, type Asked } from './proofs.ts'
import { channels, words } from './vocabulary.ts'

test.each<[string, Asked, string]>([
  ['oneself, online', { channel: 'online', onBehalf: false }, 'taken'],
  ['oneself, on the device', { channel: 'device', onBehalf: false }, 'taken'],
  ['oneself, by telephone', { channel: 'phone', onBehalf: false }, 'channel_not_yours'],
  ['oneself, by telephone, with a number', { channel: 'phone', onBehalf: false, proof: '17' }, 'channel_not_yours'],
  ['an agent, by telephone', { channel: 'phone', onBehalf: true }, 'consent_required'],
  ['an agent, with nothing written', { channel: 'phone', onBehalf: true, proof: '  ' }, 'consent_required'],
  ['an agent, with the recording', { channel: 'phone', onBehalf: true, proof: 'R-17' }, 'taken: recording'],
  ['an agent, telephone proven by a signature', { channel: 'phone', onBehalf: true, proof: '17', proofKind: 'signature' }, 'proof_kind_wrong'],
  ['an agent, a fax that is signed', { channel: 'fax', onBehalf: true, proof: '17', proofKind: 'signature' }, 'taken: signature'],
  ['an agent, online, with the consent', { channel: 'online', onBehalf: true, proof: '授权书 8' }, 'taken: consent'],
  ['an agent, at the counter', { channel: 'counter', onBehalf: true, proof: '柜面 8' }, 'taken: signature'],
])('%s', (_, asked, expected) => {
  const kind = proofKindOf(asked)
  expect(proofFault(asked)?.refused ?? (kind === undefined ? 'taken' : `taken: ${kind}`)).toBe(expected)
})

test('every channel an agent may use names its proof', () => {
  for (const channel of words(channels)) expect(proofKindOf({ channel, onBehalf: true, proof: 'x' }), channel).toBeDefined()
})
