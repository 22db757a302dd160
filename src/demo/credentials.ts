// Who may sign in to a demo, kept beside its data and readable by its owner alone. Another installation has other passwords.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Actor } from '../domain/authority.ts'
import type { Role } from '../domain/vocabulary.ts'

export const credentialsFile = 'demo-credentials.json'

export type DemoActor = {
  name: string
  role: Role
  party: Actor['party'] & { name: string }
  /** Null for machines, which have a key only. */
  login: string | null
  password: string | null
  apiKey: string
}

export function keepCredentials(home: string, actors: readonly DemoActor[]): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const file = join(home, credentialsFile)
  writeFileSync(`${file}.part`, `${JSON.stringify({ actors }, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.part`, file)
}
