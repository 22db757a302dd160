// Backups of a stopped terminal's transactions: at each month end while it is stopped, one encrypted file (age), proven by
// decrypting it again and comparing count and digest with the database. A row without `verified_at` is the note that one is
// due; a failure is kept with its reason and tried again on the next look.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as age from 'age-encryption'
import { isOver } from '../domain/terminal.ts'
import { systemActor } from '../domain/authority.ts'
import { instantParam } from '../store/db.ts'
import { readDossier } from '../store/dossier.ts'
import type { App } from './app.ts'
import { execute } from './execute.ts'
import { nextBackupAt } from './settle.ts'

export type Backups = {
  /** Makes and proves everything due by now; resolves when none is left that can be. */
  run(): Promise<void>
}

type DueBackup = { id: string; tid: string; provider: string; mid: string; due_at: number }
const batch = 20

/**
 * Whom a merchant's backups are encrypted to: an identity of its own, made once and sealed under its key, so that destroying the
 * key disposes of every copy of them. None where the key is gone. (Earlier ones were encrypted to the installation's identity.)
 */
export const identityOf = (app: App, mid: string): Promise<{ identity: string; recipient: string } | undefined> => app.db.transaction('*', async (tx) => {
  const merchant = await tx.one<{ wrapped_key: Buffer | null; backup_key_sealed: Buffer | null }>('select wrapped_key, backup_key_sealed from merchant where mid = $1 for update', [mid])
  const key = app.vault.openKey(merchant?.wrapped_key ?? undefined, mid)
  if (key === undefined) return undefined
  const sealed = merchant!.backup_key_sealed ?? key.seal(await age.generateIdentity(), 'backup-identity')
  if (merchant!.backup_key_sealed === null) await tx.run('update merchant set backup_key_sealed = $2 where mid = $1', [mid, sealed])
  const identity = key.open(sealed, 'backup-identity').toString()
  return { identity, recipient: await age.identityToRecipient(identity) }
})

export function backups(app: App): Backups {
  const folder = join(app.home, 'backups')
  let running: Promise<void> | undefined

  const each = async (): Promise<void> => {
    for (;;) {
      const due = await app.db.transaction('*', (tx) => tx.many<DueBackup>(
        `select id, tid, provider, mid, due_at from backup where verified_at is null and failure is null and due_at <= $1 order by due_at limit $2`,
        [instantParam(app.clock.now()), batch],
      ), { readOnly: true })
      if (due.length === 0) return
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      for (const backup of due) {
        const key = await identityOf(app, backup.mid)
        if (key) await make(backup, key)
        else await app.db.transaction('*', (tx) => tx.run(`update backup set failure = 'the key of the merchant is destroyed' where id = $1`, [backup.id]))
      }
    }
  }

  const make = async (backup: DueBackup, { identity, recipient }: { identity: string; recipient: string }): Promise<void> => {
    const rows = await rowsOf(app, backup.tid)
    const lines = rows.map((r) => JSON.stringify(r)).join('\n')
    const encrypter = new age.Encrypter()
    encrypter.addRecipient(recipient)
    const sealed = Buffer.from(await encrypter.encrypt(gzipSync(lines)))
    const file = join(folder, `${backup.id}.age`)
    await writeDurably(file, sealed)
    const failure = await prove(file, identity, lines, rows.length)
    await record(backup, file, sealed, rows.length, failure)
  }

  const record = (backup: DueBackup, file: string, sealed: Buffer, rows: number, failure: string | undefined): Promise<unknown> =>
    execute(app, { actor: systemActor }, {
      command: 'backup',
      input: { tid: backup.tid, dueAt: instantParam(backup.due_at) },
      quiet: true,
      refusal: () => ({ status: 409, body: '', headers: {} }),
      lock: async () => undefined,
      async decide(tx, now) {
        const sha256 = createHash('sha256').update(sealed).digest('hex')
        await tx.run(
          `update backup set made_at = $2, verified_at = $3, file = $4, sha256 = $5, rows_count = $6, failure = $7, sealed_for = 'merchant' where id = $1`,
          [backup.id, instantParam(now), failure === undefined ? instantParam(now) : null, file, sha256, rows, failure ?? null],
        )
        await planNext(backup)
        return {
          changes: undefined, before: undefined, tids: [backup.tid], provider: backup.provider, mid: backup.mid,
          facts: [{ fact: failure === undefined ? 'backed_up' : 'backup_failed', terminal: backup.tid, dueAt: backup.due_at, at: now, rows, sha256, ...(failure ? { failure } : {}) }],
          reply: { status: 204, body: '', headers: {} },
        }
        async function planNext(made: DueBackup): Promise<void> {
          const terminal = (await readDossier(tx, undefined, [made.tid])).terminals[0]
          const stop = terminal?.holds.find((h) => !isOver(h) && h.startedAt !== undefined)
          if (!stop) return
          const next = nextBackupAt(made.due_at, stop.expectedUntil, app.policyAt(made.provider, now).policy.backup.at, app.zone)
          if (next !== undefined)
            await tx.run('insert into backup (id, tid, provider, mid, due_at) values ($1, $2, $3, $4, $5) on conflict do nothing', [randomUUID(), made.tid, made.provider, made.mid, instantParam(next)])
        }
      },
    })

  return {
    run() {
      running ??= each().finally(() => { running = undefined })
      return running
    },
  }
}

const rowsOf = (app: App, tid: string): Promise<object[]> =>
  app.db.transaction('*', (tx) => tx.many('select * from transaction where tid = $1 order by at, batch, trace, reference, class', [tid]), { readOnly: true })

async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(`${file}.part`, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.part`, file)
}

/** Restores the file and compares it with what went in: undefined when it is proven, else why it is not. */
async function prove(file: string, identity: string, lines: string, count: number): Promise<string | undefined> {
  try {
    const decrypter = new age.Decrypter()
    decrypter.addIdentity(identity)
    const restored = gunzipSync(await decrypter.decrypt(new Uint8Array(await readFile(file)))).toString()
    const rows = restored === '' ? 0 : restored.split('\n').length
    if (rows !== count) return `restored ${rows} of ${count} rows`
    return restored === lines ? undefined : 'restored rows differ'
  } catch (error) {
    return (error as Error).message
  }
}
