// The impossible, tried directly in SQL: what the program must never do, the database refuses once more. And who may see
// what, for every table there is – a new one without a policy fails here until it has one, or is listed with its reason.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as vocabulary from '../src/domain/vocabulary.ts'
import { openDb, type Db, type Scope } from '../src/store/db.ts'
import { appendOnly, appRole } from '../src/store/migrate.ts'
import { midA, midB, twoParties } from './parties.ts'
import { startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
/** As the program connects: its own role, bound by row level security. */
let db: Db
beforeAll(async () => {
  server = await startServer()
  world = await twoParties(server.url)
  db = openDb(world.url, { role: appRole, connections_max: 2 })
}, 120_000)
afterAll(async () => {
  await db.close()
  await world.close()
  await server.stop()
})

type Refused = { code: string; constraint: string | undefined; message: string }
/** What the database says to these statements as its superuser; whatever they did is undone. */
async function said(...statements: string[]): Promise<Refused | 'nothing'> {
  await world.sql('begin')
  try {
    for (const statement of statements) await world.sql(statement)
    // Deferred constraints speak at the end.
    await world.sql('set constraints all immediate')
    return 'nothing'
  } catch (error) {
    const { code, constraint, message } = error as Refused
    return { code, constraint, message }
  } finally {
    await world.sql('rollback')
  }
}
const copyOf = (table: string, where: string, change: string): string =>
  `insert into ${table} overriding system value select (jsonb_populate_record(t, ${change})).* from ${table} t where ${where} limit 1`

describe('the impossible', () => {
  const stop = `reason = 'M02' and tid = '10000001'`
  const close2 = `update terminal set closed_at = now(), serial = null where tid = '10000002'`
  const hold2 = copyOf('hold', stop, `jsonb_build_object('id', gen_random_uuid(), 'tid', '10000002', 'lifted_at', null)`)
  /** A line of return for the device on 10000002, made from one that is there. */
  const lent2 = (change: string): string => copyOf('device_return', `tid = '10000001'`,
    `jsonb_build_object('rma', 'TQ-Z-R1', 'tid', '10000002', 'serial', (select serial from terminal where tid = '10000002')${change && `, ${change}`})`)
  const settled2 = (change: string): string => copyOf('device_return', `tid = '10000001'`,
    `jsonb_build_object('rma', 'TQ-Y-R1', 'tid', '10000002', 'state', 'restocked', 'deposit_state', 'refunded', 'settled_at', now(), 'settled_by', 'two',
      'proposed_by', 'one', 'refund_fen', 22000, 'deducted_fen', 8000, 'reference', 'R-1') || jsonb_build_object(${change})`)
  const attempts: [string, string[], string][] = [
    ['two holds of one kind on a terminal at one time', [copyOf('hold', stop, `jsonb_build_object('id', gen_random_uuid(), 'lifted_at', null)`)], '23P01 hold_tid_owner_reason_tstzrange_excl'],
    ['a second open case, one way, on a terminal', [
      `update application_terminal set open = true where tid = '10000001' and direction = 'down'`,
      copyOf('application', `kind = 'suspend' and mid = '${midA}'`, `jsonb_build_object('no', 'TQ-X')`), copyOf('application_terminal', `tid = '10000001' and direction = 'down'`, `jsonb_build_object('no', 'TQ-X', 'open', true)`),
    ], '23505 one_open_case'],
    ['a serial on two live terminals', [`update terminal set serial = (select serial from terminal where tid = '10000001') where tid = '10000002'`], '23505 terminal_serial_live'],
    ['an approval by who made it', [`update application set decided_by = created_by where kind = 'suspend'`], '23514 checker_is_not_maker'],
    ['an approval by who submitted it', [`update application set submitted_by = 'clerk', decided_by = 'clerk' where kind = 'suspend'`], '23514 checker_is_not_maker'],
    ['a second approval by who looked first', [`update application set reviewed_by = 'twin', decided_by = 'twin' where kind = 'suspend'`], '23514 checker_is_not_maker'],
    ['a first look by who made it', [`update application set reviewed_by = created_by where kind = 'suspend'`], '23514 reviewer_is_not_maker'],
    ['a policy approved by who wrote it', [`update policy set approved_by = created_by`], '23514 policy_check'],
    ['a waiver about money by one person', [`update step set waiver_by = 'one', settled_by = 'one'`], '23514 waiver_by_two'],
    ['a journal row edited', [`update journal set body = '{}' where seq = 1`], 'P0001'],
    ['a journal row deleted', [`delete from journal where seq = 1`], 'P0001'],
    ['a drain that ends before it begins', [`update hold set drain_until = effective_from - interval '1 ms'`], '23514 hold_check'],
    ['a return before its stop', [`update hold set expected_until = effective_from`], '23514 hold_check1'],
    ['a hold withdrawn after it began', [`update hold set withdrawn_at = now() where started_at is not null`], '23514 hold_check2'],
    ['a hold lifted without its owner’s consent', [`update hold set cleared_at = null where lifted_at is not null`], '23514 hold_check3'],
    ['a hold lifted before it began', [`update hold set lifted_at = effective_from - interval '1 ms' where lifted_at is not null`], '23514 hold_check3'],
    ['a terminal without a merchant', [`update terminal set mid = '999999999999999'`], '23503 terminal_mid_fkey'],
    ['a terminal number of seven characters', [copyOf('terminal', `tid = '10000002'`, `jsonb_build_object('tid', '1000000')`)], '23514 terminal_tid_check'],
    ['a card number in the open', [`update transaction set card_masked = '6228480402564890018'`], '23514 transaction_card_masked_check'],
    ['money below nothing', [`update transaction set amount_fen = -1`], '23514 transaction_amount_fen_check'],
    ['two clocks', [`insert into installation (single, clock) values (false, 'real')`], '23514 installation_single_check'],
    ['a second journal head', [`insert into journal_head values (true, 0, '\\x00')`], '23505 journal_head_pkey'],
    ['one key, two replies', [`insert into idempotency values ('p', 'k', 'r', '\\x00', 200, '', now()), ('p', 'k', 'r', '\\x00', 200, '', now())`], '23505 idempotency_pkey'],
    ['an entry without lines', [copyOf('ledger_entry', 'true', `jsonb_build_object('id', 'alone')`)], '23503 entry_has_lines'],
    ['debits that are not credits', [`with e as (${copyOf('ledger_entry', `kind = 'charge'`, `jsonb_build_object('id', 'crooked')`)} returning id)
      insert into ledger_line select e.id, l.ordinal, l.provider, l.mid, l.account, l.debit_fen, l.credit_fen + sign(l.credit_fen) from e,
      (select * from ledger_line where entry = 'laid/10000001/charge') l`], '23514 ledger_balanced'],
    ['a line added to an entry later', [`insert into ledger_line select entry, 3, provider, mid, account, debit_fen, credit_fen from ledger_line where ordinal = 1 limit 1`], '23514 ledger_balanced'],
    ['one id for two entries', [copyOf('ledger_entry', 'true', `jsonb_build_object('total_fen', 1)`)], '23505 ledger_same'],
    ['an entry edited', ['update ledger_entry set total_fen = 1'], 'P0001'],
    ['a line removed', ['delete from ledger_line'], 'P0001'],
    ['an invoice changed', ['update invoice set total_fen = 0'], 'P0001'],
    ['one transfer recorded twice', [copyOf('payment', 'true', `jsonb_build_object('id', gen_random_uuid(), 'entry', 'laid/10000001/charge')`)], '23505 payment_once'],
    ['a waiver by one person', ['update waiver set confirmed_by = proposed_by'], '23514 waiver_of_two'],
    ['a closed terminal with a serial', [`update terminal set closed_at = now() where tid = '10000002'`], '23514 closed_is_unbound'],
    ['a terminal closed while it is held', [hold2, close2], '23514 closed_with_nothing_open'],
    ['a terminal closed while something is open', [`update terminal set clear = false where tid = '10000002'`, close2], '23514 closed_with_nothing_open'],
    ['a terminal closed while its lent device is away', [lent2(`'state', 'shipped', 'ended_at', null, 'deposit_fen', null, 'deposit_state', null`), close2], '23514 closed_with_nothing_open'],
    ['a terminal closed while its deposit is held', [lent2(`'state', 'inspected', 'received_at', now(), 'inspected_at', now(), 'inspected_by', 'field'`), close2], '23514 closed_with_nothing_open'],
    ['a closed terminal opened again', [close2, `update terminal set closed_at = null where tid = '10000002'`], '23514 closed_for_good'],
    ['the number of a closed terminal used again', [close2, `update terminal set mid = '${midB}' where tid = '10000002'`], '23514 closed_for_good'],
    ['a closed terminal removed', [close2, `delete from terminal where tid = '10000002'`], '23514 closed_for_good'],
    ['a hold on a closed terminal', [close2, hold2], '23514 hold_on_closed'],
    ['a hold that ended and begins again', [`update hold set lifted_at = null where lifted_at is not null`], '23514 hold_ended'],
    ['a device on two ways back', [lent2(`'state', 'requested', 'ended_at', null`), lent2(`'rma', 'TQ-Y-R1', 'case_no', 'TQ-Y', 'state', 'requested', 'ended_at', null`).replace('insert', `${copyOf('application', `kind = 'suspend' and mid = '${midA}'`, `jsonb_build_object('no', 'TQ-Y')`)}; insert`)], '23505 device_return_under_way'],
    ['a lent device that its merchant keeps', [lent2(`'state', 'kept'`)], '23514 kept_is_owned'],
    ['a device looked at before it came', [lent2(`'state', 'inspected', 'inspected_at', now(), 'inspected_by', 'field'`)], '23514 inspected_after_receipt'],
    ['a deposit of which something is missing', [settled2(`'refund_fen', 21000, 'deducted_fen', 8000`)], '23514 deposit_conserved'],
    ['a deposit given back by one person', [settled2(`'proposed_by', 'one', 'settled_by', 'one'`)], '23514 refund_by_two'],
    ['a deposit given back twice', [settled2(''), `update device_return set refund_fen = 30000, deducted_fen = 0 where rma = 'TQ-Y-R1'`], '23514 deposit_final'],
    ['a deposit forfeited and yet given back', [settled2(`'deposit_state', 'forfeited'`)], '23514 forfeited_is_all'],
    ['two appeals against one hold at one time', [
      copyOf('application', `kind = 'suspend' and mid = '${midA}'`, `jsonb_build_object('no', 'TQ-P1', 'kind', 'appeal')`), copyOf('application', `kind = 'suspend' and mid = '${midA}'`, `jsonb_build_object('no', 'TQ-P2', 'kind', 'appeal')`),
      ...['TQ-P1', 'TQ-P2'].map((no) => copyOf('application_terminal', `tid = '10000001' and hold is not null`, `jsonb_build_object('no', '${no}', 'direction', 'plea', 'open', true)`)),
    ], '23505 one_open_appeal'],
    ['evidence of an appeal thrown away', [`update application set kind = 'appeal' where no = (select no from material limit 1)`, `delete from material where no in (select no from application where kind = 'appeal')`], '23514 evidence_kept'],
    ['evidence of an appeal exchanged', [`update application set kind = 'appeal' where no = (select no from material limit 1)`, `update material set sha256 = 'cd' where no in (select no from application where kind = 'appeal')`], '23514 evidence_kept'],
    ['a stop that asks for a new terminal', [`update application set wish = '{}' where kind = 'suspend'`], '23514 application_wish'],
    ['a device on its way back put on a terminal', [lent2(`'state', 'requested', 'ended_at', null`), `update terminal set serial = null where tid = '10000002'`, `update terminal set serial = (select serial from device_return where rma = 'TQ-Z-R1') where tid = '10000001'`], '23514 device_is_free'],
    ['a chain of custody rewritten', [`update custody set to_kind = 'warehouse'`], 'P0001'],
    ['a hand-over signed by one side', [`update handover set state = 'done', taken_by = null, taken_drawing = null`], '23514 signed_by_both'],
    ['a hand-over signed by one person', [`update handover set taken_by = given_by where given_by is not null`], '23514 signed_by_two'],
    ['a device in two hand-overs', [`update handover_device set open = true`, `insert into handover_device select gen_random_uuid(), serial, provider, mid, true from handover_device limit 1`], '23505 handover_under_way'],
    ['two events of a terminal with one number', [copyOf('event', 'tid is not null', `jsonb_build_object('id', gen_random_uuid(), 'journal_seq', 999999)`)], '23505 event_tid_seq_key'],
    ['an event of a terminal without a number', [`update event set seq = null where tid is not null`], '23514 numbered_with_its_terminal'],
    ['a delivery that failed and nobody knows why', [`update delivery set state = 'failed', done_at = now()`], '23514 failed_for_a_reason'],
    ['a delivery that is done and still waits', [`update delivery set done_at = now()`], '23514 ended_once_done'],
    ['an endpoint of two parties', [`update webhook set mid = '${midA}' where provider is not null`], '23514 webhook_of_one_party'],
    ['a contact of nobody', [`update contact set mid = null where provider is null`], '23514 contact_of_one_party'],
    ['a complaint answered by who made it', [`update complaint set answered_at = now(), answered_by = filed_by`], '23514 not_answered_by_who_filed'],
    ['a ticket that is over and has no end', [`update ticket set state = 'closed'`], '23514 ticket_moments'],
    ['two open tickets for one fault of a terminal', [copyOf('ticket', `tid = '10000001'`, `jsonb_build_object('no', 'TQ-G-2')`)], '23505 ticket_one_open'],
    ['evidence altered', [`update evidence set sha256 = repeat('cd', 32)`], '23514 stays_as_it_is'],
    ['evidence removed', ['delete from evidence'], '23514 stays_as_it_is'],
    ['a line of a ticket rewritten', [`update ticket_entry set act = 'pass'`], '23514 stays_as_it_is'],
    ['the key of evidence that is still being judged destroyed', [`update ticket set kind = 'violation', state = 'opened'`, 'update merchant set wrapped_key = null'], '23514 evidence_is_needed'],
    ['a duty done that nobody did', [`update care_duty set done_at = null where state = 'done'`], '23514 duty_moments'],
    ['a backup of one terminal twice at one time', [copyOf('backup', 'true', `jsonb_build_object('id', gen_random_uuid())`)], '23505 backup_tid_due_at_key'],
  ]
  test.each(attempts)('%s', async (_, statements, expected) => {
    const refused = await said(...statements)
    expect(refused === 'nothing' ? refused : [refused.code, refused.constraint].filter(Boolean).join(' ')).toBe(expected)
  })

  test.each(appendOnly.flatMap((table) => [`update ${table} set ${table === 'journal' ? 'body = body' : 'provider = provider'}`, `delete from ${table}`, `truncate ${table}`]))('the program’s own role may not: %s', async (sql) => {
    await expect(db.transaction('*', (tx) => tx.run(sql))).rejects.toMatchObject({ code: '42501' })
  })

  test('a word that is in no vocabulary, in any column that has one', async () => {
    const columns = await world.sql<{ table: string; column: string; allowed: string }>(
      `select c.conrelid::regclass::text as table, a.attname as column, pg_get_constraintdef(c.oid) as allowed
       from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
       join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
       where c.contype = 'c' and cardinality(c.conkey) = 1 and n.nspname = 'public' and pg_get_constraintdef(c.oid) like '%ANY (ARRAY[%' order by 1, 2`,
    )
    expect(columns.length).toBeGreaterThan(30)
    const sets = Object.values(vocabulary).filter((v) => typeof v === 'object' && !Array.isArray(v)).map((v) => Object.keys(v).toSorted().join())
    for (const { table, column, allowed } of columns) {
      const words = [...allowed.matchAll(/'([^']+)'::text/g)].map((m) => m[1]!)
      const probe = [
        `create temp table probe (like ${table} including constraints) on commit drop`,
        ...(await world.sql<{ attname: string }>(`select attname from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and attnotnull and not attisdropped`))
          .map(({ attname }) => `alter table probe alter column "${attname}" drop not null`),
      ]
      expect(await said(...probe, `insert into probe ("${column}") values ('nonsense')`), `${table}.${column}`).toMatchObject({ code: '23514' })
      expect(await said(...probe, ...words.map((word) => `insert into probe ("${column}") values ('${word}')`)), `${table}.${column}`).toBe('nothing')
      // Either one of the vocabulary's own sets, or a short list that only this column has.
      if (words.length > 3) expect(sets, `${table}.${column}: ${words}`).toContain(words.toSorted().join())
    }
  })
})

/** Tables every party may read, or that no party reaches, and why. */
const open: Record<string, string> = {
  installation: 'one row about the program itself', schema_migration: 'about the program itself',
  provider: 'names and hotlines stand in every letter', policy: 'the program decides every party’s cases by them; people read them through a right of their own',
  calendar_year: 'public holidays', case_counter: 'numbers only', person: 'names behind accounts; read by the program to sign people in',
  idempotency: 'read by key of the asker’s own party only', journal_head: 'a number and a hash', signing_identity: 'certificates are public, keys sealed',
  backup_identity: 'sealed', import_outbox: 'the program’s own list of errands',
  gate: 'about the program’s own processes', gate_minute: 'counts only, of all parties together',
}
/** Functions that run as their owner and so pass every policy: each looks at the looker itself. */
const trusted = ['about_rows', 'committed_at', 'deliver_events', 'deliver_letters', 'deliver_notices', 'device_follows_custody', 'device_follows_return', 'device_is_free', 'device_is_mine', 'device_is_missing', 'device_rebound', 'device_unbound', 'disposed_for_good', 'evidence_is_needed', 'head_now', 'journal_of_terminal', 'kept_for_an_authority', 'merchant_provider_named', 'merchant_renamed', 'merchants_named', 'reserve_tids']

/** Which rows a party may see, where provider and mid do not say it. */
const nobody = '$1::text is null'
const visible: Record<string, { p: string; m: string }> = {
  legal_hold: { p: 't.provider = $1', m: nobody }, disposal: { p: 't.provider = $1', m: nobody },
  policy_replay: { p: 't.provider = $1', m: nobody }, policy_replay_case: { p: 't.provider = $1', m: nobody },
  merchant: { p: `exists (select from merchant_provider x where x.mid = t.mid and x.provider = $1)`, m: 't.mid = $1' },
  store: { p: `exists (select from merchant_provider x where x.mid = t.mid and x.provider = $1)`, m: 't.mid = $1' },
  device: { p: 't.provider = $1', m: 'exists (select from terminal x where x.serial = t.serial and x.mid = $1)' },
  import: { p: 't.provider = $1', m: nobody }, import_error: { p: 't.provider = $1', m: nobody }, import_rejected: { p: 't.provider = $1', m: nobody },
  plan: { p: 't.provider = $1', m: nobody }, plan_terminal: { p: 't.provider = $1', m: nobody }, plan_task: { p: 't.provider = $1', m: nobody },
  bulk: { p: 't.provider = $1', m: nobody }, bulk_item: { p: 't.provider = $1', m: nobody },
  channel: { p: 't.provider = $1', m: 'exists (select from merchant_provider x where x.provider = t.provider and x.mid = $1)' },
  settlement_file: { p: 'exists (select from settlement_part x where x.file = t.id and x.provider = $1)', m: 'exists (select from settlement_part x where x.file = t.id and x.mid = $1)' },
  settlement_run: { p: 't.provider = $1', m: nobody }, settlement_mapping: { p: 't.provider = $1', m: nobody },
  account: { p: `t.party_kind = 'provider' and t.party_id = $1`, m: `t.party_kind = 'merchant' and t.party_id = $1` },
  api_key: { p: `exists (select from account x where x.id = t.account and x.party_kind = 'provider' and x.party_id = $1)`, m: `exists (select from account x where x.id = t.account and x.party_kind = 'merchant' and x.party_id = $1)` },
}
const parties = [
  { scope: `m:${midA}`, kind: 'm', id: midA }, { scope: `m:${midB}`, kind: 'm', id: midB },
  { scope: 'p:yunhui', kind: 'p', id: 'yunhui' }, { scope: 'p:chengfutong', kind: 'p', id: 'chengfutong' },
] as const
const ruleOf = (table: string, kind: 'p' | 'm'): string => visible[table]?.[kind] ?? (kind === 'p' ? 't.provider = $1' : 't.mid = $1')

// Not so yet: the client says that its connection is gone, nobody listens, and the program ends.
test('a connection cut in the middle of a transaction costs that transaction, not the program', async () => {
  const program = `
    import { setTimeout as pause } from 'node:timers/promises'
    import pg from 'pg'
    import { openDb } from ${JSON.stringify(new URL('../src/store/db.ts', import.meta.url).href)}
    const db = openDb(process.argv[1], { role: undefined, connections_max: 2 })
    const admin = new pg.Client({ connectionString: process.argv[1] })
    await admin.connect()
    const said = (work) => db.transaction('*', work).then(() => 'done', () => 'failed')
    const cut = await said(async (tx) => {
      const { pid } = await tx.one('select pg_backend_pid() as pid')
      await admin.query('select pg_terminate_backend($1)', [pid])
      await pause(100)
      await tx.one('select 1')
    })
    console.log(cut + ', then ' + await said((tx) => tx.one('select 1')))
    await db.close()
    await admin.end()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, world.url])
  expect(stdout).toBe('failed, then done\n')
})

describe('who sees what', () => {
  const tables = (): Promise<{ name: string; bound: boolean }[]> => world.sql(
    `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as bound from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1`,
  )
  const bound = async (): Promise<string[]> => (await tables()).filter((t) => t.bound).map((t) => t.name)
  const count = async (sql: string, params: unknown[] = []): Promise<number> => Number((await world.sql<{ n: number }>(`select count(*)::int as n ${sql}`, params))[0]!.n)

  test('every table has a policy that binds its owner too, or is listed with its reason', async () => {
    const unbound = (await tables()).filter((t) => !t.bound).map((t) => t.name)
    expect(unbound.filter((name) => !(name in open)), 'add row level security, or list it here').toEqual([])
    expect(Object.keys(open).filter((name) => !unbound.includes(name)), 'listed and not there').toEqual([])
    const [role] = await world.sql<{ rolsuper: boolean; rolbypassrls: boolean }>('select rolsuper, rolbypassrls from pg_roles where rolname = $1', [appRole])
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false })
    expect((await world.sql<{ proname: string }>(
      `select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' and prosecdef order by 1`,
    )).map((f) => f.proname)).toEqual(trusted)
  })

  test.each(parties)('$scope sees its own rows of every table, and none of others', async ({ scope, kind, id }) => {
    for (const table of await bound()) {
      const own = await count(`from ${table} t where ${ruleOf(table, kind)}`, [id])
      const all = await count(`from ${table}`)
      expect(all, `${table} has rows of others`).toBeGreaterThan(own)
      if (!(kind === 'm' && ruleOf(table, kind) === nobody)) expect(own, `${table} has rows of ${scope}`).toBeGreaterThan(0)
      const seen = await db.transaction(scope, (tx) => tx.one<{ n: number; own: number }>(
        `select count(*)::int as n, count(*) filter (where ${ruleOf(table, kind)})::int as own from ${table} t`, [id]))
      expect(seen, table).toEqual({ n: own, own })
    }
  })

  test.each(['', 'unset', 'm:', 'p:', `m:${midA}x`, 'm:%', `p:${midA}`, 'm:yunhui', `M:${midA}`])('the scope “%s” sees nothing', async (scope) => {
    const client = await db.pool.connect()
    try {
      await client.query('begin')
      if (scope !== 'unset') await client.query(`select set_config('tingqi.scope', $1, true)`, [scope])
      for (const table of await bound()) expect((await client.query(`select from ${table}`)).rowCount, table).toBe(0)
    } finally {
      await client.query('rollback')
      client.release()
    }
  })

  test('a scope that is not one is not looked through at all', async () => {
    for (const scope of ['', 'm:', `m:${midA}'; set role postgres; --`, 'x:1'])
      await expect(db.transaction(scope as Scope, async () => 1)).rejects.toThrow('not a scope')
  })

  test('the scope ends with its transaction', async () => {
    await db.transaction('*', (tx) => tx.many('select from terminal'))
    const client = await db.pool.connect()
    try {
      expect((await client.query('select from terminal')).rowCount).toBe(0)
    } finally {
      client.release()
    }
  })

  test.each(parties)('$scope can neither insert a row for another nor give one of its own away', async ({ scope, kind, id }) => {
    for (const table of await bound()) {
      const others = await world.sql<{ row: object }>(`select to_jsonb(t) as row from ${table} t where not coalesce((${ruleOf(table, kind)}), false) limit 3`, [id])
      expect(others.length, table).toBeGreaterThan(0)
      for (const { row } of others)
        await expect(db.transaction(scope, (tx) => tx.run(`insert into ${table} overriding system value select (jsonb_populate_record(null::${table}, $1)).*`, [JSON.stringify(row)])), table)
          // The journal says whom a row is about in its body only: its columns cannot be given at all.
          .rejects.toMatchObject({ code: table === 'journal' ? '428C9' : '42501' })
      expect(await db.transaction(scope, (tx) => tx.run(`delete from ${table} t where not coalesce((${ruleOf(table, kind)}), false)`, [id])).catch((e) => e.code), table)
        .toBe((appendOnly as readonly string[]).includes(table) ? '42501' : 0)
    }
    for (const table of ['hold', 'application', 'terminal', 'notice', 'letter']) {
      const column = kind === 'm' ? 'mid' : 'provider'
      const other = kind === 'm' ? (id === midA ? midB : midA) : id === 'yunhui' ? 'chengfutong' : 'yunhui'
      // Both columns, or the other party would still own half of it.
      const both = kind === 'm' ? `mid = '${other}', provider = 'hairun'` : `provider = '${other}', mid = '999999999999999'`
      await expect(db.transaction(scope, (tx) => tx.run(`update ${table} set ${both} where ${column} = $1`, [id])), table).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('functions that pass the policies apply them themselves', async () => {
    const serials = (await world.sql<{ serial: string }>(`select serial from terminal where tid in ('10000001', '20000001')`)).map((t) => t.serial)
    for (const { scope, kind, id } of parties) {
      const rows = await db.transaction(scope, async (tx) => ({
        named: (await Promise.all(['老盛', '永和'].map((part) => tx.one<{ mids: string[] }>('select mids from merchants_named($1, array[$1], 100)', [part])))).flatMap((n) => n!.mids),
        journal: [...await tx.many<{ seq: number }>(`select seq from journal_of_terminal('10000001', 1000000, 1000)`), ...await tx.many<{ seq: number }>(`select seq from journal_of_terminal('20000001', 1000000, 1000)`)],
        devices: await tx.many<{ mine: boolean }>(`select device_is_mine(s) as mine from unnest($1::text[]) s`, [serials]),
      }))
      const mine = (await world.sql<{ mid: string }>(`select mid from merchant t where ${ruleOf('merchant', kind)}`, [id])).map((m) => m.mid)
      expect(rows.named).toEqual(mine)
      expect(rows.journal.length).toBeGreaterThan(0)
      for (const { seq } of rows.journal) expect(await count(`from journal t where seq = $2 and ${ruleOf('journal', kind)}`, [id, seq]), scope).toBe(1)
      expect(rows.devices.filter((d) => d.mine).length).toBe(kind === 'm' ? 1 : 0)
    }
  })
})
