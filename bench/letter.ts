// Letters per second, warm: rendered from facts and signed, one after another on one core, as the program makes them.
// The reference is the signature alone: what no layout engine could be faster than.
import { fleetLetter, stopLetter } from '../src/documents/letter.fixtures.ts'
import { openLetterRenderer } from '../src/documents/render.ts'
import { createSigningIdentity, makeSigner } from '../src/documents/sign.ts'
import type { Bench } from './result.ts'

const warm_up = 20

export const run: Bench = async ({ seconds = 8 }) => {
  const identity = await createSigningIdentity('bench')
  const signer = makeSigner({ key: identity.privateKeyPem, certificate: identity.certificatePem })
  const renderer = openLetterRenderer()
  try {
    const one = async (n: number): Promise<{ unsigned: Uint8Array; bytes: number }> => {
      const facts = { ...stopLetter, no: `TQ-T2026-${String(n).padStart(5, '0')}-0` }
      const unsigned = await renderer.render(facts)
      return { unsigned, bytes: signer.sign(unsigned, { no: facts.no, code: facts.code, kind: facts.kind, signedAt: facts.issuedAt }).length }
    }
    for (let i = 0; i < warm_up; i++) await one(i)
    let made = 0
    let last = await one(0)
    const began = performance.now()
    while (performance.now() - began < seconds * 1_000) last = await one(++made)
    const perSecond = made / ((performance.now() - began) / 1_000)
    let signed = 0
    const signing = performance.now()
    while (performance.now() - signing < 1_000) {
      signer.sign(last.unsigned, { no: stopLetter.no, code: stopLetter.code, kind: stopLetter.kind, signedAt: stopLetter.issuedAt })
      signed++
    }
    const reference = signed / ((performance.now() - signing) / 1_000)
    const large = performance.now()
    await renderer.render(fleetLetter(200))
    return {
      name: 'letter', value: perSecond, unit: 'letters/s', reference, ratio: perSecond / reference, reach: '≥ 40/s warm',
      detail: { bytes: last.bytes, terminals200_ms: Math.round(performance.now() - large), referenceIs: 'signatures/s' },
    }
  } finally {
    await renderer.close()
  }
}
