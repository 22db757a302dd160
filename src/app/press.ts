// The letter press: renders in a worker thread, signs with the identity kept in the database (its key sealed), and
// recognises what identities of this database signed.
import { createHash } from 'node:crypto'
import { openLetterRenderer } from '../documents/render.ts'
import { createSigningIdentity, makeSigner } from '../documents/sign.ts'
import { verifyPdf } from '../documents/verify.ts'
import type { App } from './app.ts'
import type { Press } from './letters.ts'

type Identity = { certificate_pem: string; key_sealed: Buffer }
const name = 'Tingqi 函件签章'
const what = 'letter-signing-key'
/** Any constant: two programs that start on an empty database make one identity, not two. */
const identity_lock_id = 7_464_770_002

export async function openPress(app: App): Promise<Press & { close(): Promise<void> }> {
  const identities = await app.db.transaction('*', async (tx) => {
    await tx.run('select pg_advisory_xact_lock($1)', [identity_lock_id])
    const found = await tx.many<Identity>('select certificate_pem, key_sealed from signing_identity order by id desc')
    if (found.length > 0) return found
    // A manual clock may stand in the past: the certificate must be valid when its letters are signed.
    const from = new Date(Math.min(Date.now(), app.clock.now()) - 86_400_000)
    const made = await createSigningIdentity(name, from)
    const fresh = { certificate_pem: made.certificatePem, key_sealed: app.vault.seal(made.privateKeyPem, what) }
    await tx.run('insert into signing_identity (certificate_pem, key_sealed, made_at) values ($1, $2, $3)', [fresh.certificate_pem, fresh.key_sealed, from.toISOString()])
    return [fresh]
  })
  const current = identities[0]!
  const signer = makeSigner({ key: app.vault.open(current.key_sealed, what).toString(), certificate: current.certificate_pem })
  const trusted = identities.map((i) => i.certificate_pem)
  const renderer = openLetterRenderer()
  return {
    async print(facts, signedAt) {
      const pdf = Buffer.from(signer.sign(await renderer.render(facts), { no: facts.no, code: facts.code, kind: facts.kind, signedAt }))
      return { pdf, sha256: createHash('sha256').update(pdf).digest('hex') }
    },
    async recognise(pdf) {
      const verdict = verifyPdf(pdf, trusted)
      return verdict.ok ? { ok: true, sha256: createHash('sha256').update(pdf).digest('hex') } : { ok: false, code: verdict.code }
    },
    close: () => renderer.close(),
  }
}
