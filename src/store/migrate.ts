// Brings a database to the program's schema: numbered SQL files, each once, in one transaction, under one lock. Closed sets
// are written {{set:name}} in the SQL and filled in from the vocabulary, so that a word is defined in one place only.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import * as vocabulary from '../domain/vocabulary.ts'

const folder = new URL('./migrations/', import.meta.url)
export const appRole = 'tingqi_app'
/** Any constant: all programs that migrate take this advisory lock. */
const migration_lock_id = 7_464_770_001

export type Migration = { name: string; sql: string; digest: string }

export function migrations(): Migration[] {
  return readdirSync(folder).filter((f) => f.endsWith('.sql')).toSorted().map((name) => {
    const written = readFileSync(new URL(name, folder), 'utf8')
    const sql = written.replace(/\{\{set:(\w+)\}\}/g, (_, set: string) => {
      const table = (vocabulary as Record<string, unknown>)[set]
      if (typeof table !== 'object' || table === null) throw new Error(`${name} names an unknown set: ${set}`)
      return `(${Object.keys(table).map((word) => `'${word}'`).join(', ')})`
    })
    // The digest is over what was written: a new word does not rewrite history, it needs a migration that widens its check.
    return { name, sql, digest: createHash('sha256').update(written).digest('hex') }
  })
}

/** Applies what is missing; refuses a database whose applied files differ from ours. Returns the names applied now. */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'tingqi-migrate' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [migration_lock_id])
    await client.query(`
      create table if not exists schema_migration (
        name text primary key, digest text not null, applied_at timestamptz not null default now())`)
    const { rows } = await client.query<{ name: string; digest: string }>('select name, digest from schema_migration')
    const applied = new Map(rows.map((r) => [r.name, r.digest]))
    const fresh: string[] = []
    await ensureRole(client)
    for (const { name, sql, digest } of migrations()) {
      const before = applied.get(name)
      if (before === digest) continue
      if (before !== undefined) throw new Error(`migration ${name} was changed after it was applied to this database`)
      await client.query('begin')
      await client.query(sql)
      await client.query(grants)
      await client.query('insert into schema_migration (name, digest) values ($1, $2)', [name, digest])
      await client.query('commit')
      fresh.push(name)
    }
    return fresh
  } finally {
    await client.end()
  }
}

/** The program's own role: no superuser, no bypass of row level security; the connecting user may become it. */
async function ensureRole(client: pg.Client): Promise<void> {
  await client.query(`do $$ begin
    if not exists (select from pg_roles where rolname = '${appRole}') then create role ${appRole} nologin; end if;
    if not pg_has_role(current_user, '${appRole}', 'member') then execute format('grant ${appRole} to %I', current_user); end if;
  end $$`)
}

/** Tables to which rows are only ever added: by right as well as by trigger. */
export const appendOnly = ['journal', 'ledger_entry', 'ledger_line', 'contract', 'payment', 'invoice', 'invoice_line', 'custody', 'device_binding', 'terminal_registration'] as const

// The role may do everything to rows but the schema itself, and to append-only tables nothing but add.
const grants = `
  grant usage on schema public to ${appRole};
  grant select, insert, update, delete on all tables in schema public to ${appRole};
  grant usage on all sequences in schema public to ${appRole};
  grant execute on all functions in schema public to ${appRole};
  do $$ declare t text; begin
    foreach t in array array['${appendOnly.join("','")}'] loop
      if to_regclass(t) is not null then execute format('revoke update, delete, truncate on %I from ${appRole}', t); end if;
    end loop;
  end $$;
  create schema if not exists pgboss authorization ${appRole};
  create schema if not exists auth authorization ${appRole};
`
