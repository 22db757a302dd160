// Two merchants of two providers in one database, each with a row in every table that carries a party: what one must never
// see of the other. Cases, holds, tests and letters come about by commands, the rest is laid down as imports and jobs do.
import { at, makeWorld, mid as midA, people, person, type World } from './world.ts'
import * as acts from './acts.ts'
import { entryOf } from '../src/domain/ledger.ts'
import { postEntries } from '../src/store/ledger.ts'
import type { Actor } from '../src/domain/authority.ts'

export const midB = '102290058120002'
export { midA }
const providerB: Actor['party'] = { kind: 'provider', id: 'chengfutong' }
const ownerB = person('owner-b', 'merchant_owner', { kind: 'merchant', id: midB })
const reviewerB = person('reviewer-b', 'reviewer', providerB)
const fieldB = person('field-b', 'field', providerB)

export async function twoParties(serverUrl: string): Promise<World> {
  const world = await makeWorld(serverUrl, { now: '2026-11-02T10:00', policy: { straightThrough: [] } })
  const policy = { straightThrough: [], secondApproval: [], materials: [], fees: { monthlyInServiceFen: 0, monthlyWhileSuspendedFen: 0, freeSuspendedDays: 90, reopeningFen: 0, earlyTerminationFen: 0, restockingFen: 0 } }
  await world.sql(`update policy set document = document || $1 where provider = 'chengfutong'`, [JSON.stringify(policy)])
  await world.app.reload()
  await world.sql('insert into merchant (mid, name, uscc, mcc, wrapped_key) values ($1, $2, $3, $4, $5)', [midB, '永和豆浆', '91350100M000100Y51', '5812', world.app.vault.newKey(midB)])
  await world.sql('insert into merchant_provider (mid, provider) values ($1, $2)', [midB, 'chengfutong'])
  await world.sql(`insert into device (serial, provider, model, type, ownership) values ('00001204000099', 'chengfutong', 'A920', 'smart', 'lent')`)
  await world.sql(
    `insert into terminal (tid, mid, provider, serial, installed_at, service, gate_seq) values ('20000001', $1, 'chengfutong', '00001204000099', '2024-01-01', 'active', 1)`, [midB],
  )
  const sides = [
    { mid: midA, provider: 'yunhui', tid: '10000001', owner: people.owner, reviewer: people.reviewer, field: people.field },
    { mid: midB, provider: 'chengfutong', tid: '20000001', owner: ownerB, reviewer: reviewerB, field: fieldB },
  ]
  const moments = ['2026-11-05T10:00', '2026-11-09T10:00'] as const
  const no: string[] = []
  for (const side of sides) {
    const filed = await acts.file(world, side.owner, { kind: 'suspend', terminals: [side.tid], reason: 'M02', effectiveFrom: at(moments[0]), submit: true })
    no.push(filed.after!.dossier.case!.case.no)
    await acts.command(world, side.reviewer, no.at(-1)!, { command: 'approve' })
  }
  await world.moveTo(moments[1])
  for (const [i, side] of sides.entries()) {
    const back = await acts.file(world, side.owner, { kind: 'reactivate', terminals: [side.tid], submit: true })
    const backNo = back.after!.dossier.case!.case.no
    await acts.command(world, side.reviewer, backNo, { command: 'approve' })
    await acts.command(world, side.field, backNo, { command: 'record-test', items: acts.items() })
    await layDown(world, side, no[i]!)
    await layMoney(world, side)
  }
  return world
}

/** A charge, paid and invoiced, under a contract; a waiver that waits, and a channel to compare with. */
async function layMoney(world: World, { mid, provider, tid }: { mid: string; provider: string; tid: string }): Promise<void> {
  const head = { provider, mid, tid, at: world.clock.now(), words: ['复机费', 'reopening fee'] as const }
  const charge = entryOf({ ...head, id: `laid/${tid}/charge`, kind: 'charge' }, [{ debit: 'receivable', credit: 'revenue_reopening', fen: 5_000 }])
  const payment = entryOf({ ...head, id: `laid/${tid}/payment`, kind: 'payment' }, [{ debit: 'cash', credit: 'receivable', fen: 5_000 }])
  await world.app.db.transaction('*', (tx) => postEntries(tx, [charge, payment]))
  await world.sql(`insert into contract values ($1, $2, 1, '2026-01-01', '{}', 'finance', now())`, [provider, mid])
  await world.sql(`insert into payment values (gen_random_uuid(), $1, $2, $3, 'in', 'transfer', $3, 5000, '2026-11-09', null, 'finance', now())`, [provider, mid, payment.id])
  await world.sql(`insert into invoice values ($1, $2, $3, now(), '2026-12-09', 5000, 'finance')`, [`laid/${tid}`, provider, mid])
  await world.sql('insert into invoice_line values ($1, $2, $3, $4)', [charge.id, `laid/${tid}`, provider, mid])
  await world.sql(`insert into waiver (id, provider, mid, amount_fen, words, proposed_by, proposed_at) values (gen_random_uuid(), $1, $2, 100, 'x', 'finance', now())`, [provider, mid])
  await world.sql(`insert into accrual values ($1, $2, $3, '2026-10', '2026-10', 1) on conflict do nothing`, [tid, provider, mid])
  await world.sql(`insert into channel values ($1, 'other-bank', '{}', 'admin', now())`, [provider])
}

async function layDown(world: World, { mid, provider, tid }: { mid: string; provider: string; tid: string }, no: string): Promise<void> {
  await world.sql('insert into store (mid, name, address) values ($1, $2, $3)', [mid, '总店', '福州路 1 号'])
  await world.sql(
    `insert into material (id, no, provider, mid, type, state, sha256, media_type, size_bytes, name_sealed, added_at, added_by)
     values (gen_random_uuid(), $1, $2, $3, 'other', 'uploaded', 'ab', 'application/pdf', 1, '\\x00', now(), 'owner')`, [no, provider, mid],
  )
  await world.sql(
    `insert into transaction (tid, mid, provider, batch, trace, reference, class, amount_fen, at, card_kind, card_masked, status)
     values ($1, $2, $3, '1', '000001', '000001', 'sale', 100, now(), 'debit', '622848******1234', 'approved')`, [tid, mid, provider],
  )
  await world.sql(
    `insert into letter_pdf (no, provider, mid, pdf, sha256, signed_at) select no, provider, mid, '\\x00', 'ab', now() from letter where case_no = $1`, [no],
  )
  await world.sql(`insert into backup (id, tid, provider, mid, due_at) values (gen_random_uuid(), $1, $2, $3, now())`, [tid, provider, mid])
  // A device on its way back, of a closure that was undone: the terminal goes on, and so does the device.
  await world.sql(
    `insert into device_return (rma, case_no, tid, provider, mid, serial, ownership, state, opened_at, ended_at, deposit_fen, deposit_state)
     select $1 || '-R1', $1, t.tid, t.provider, t.mid, t.serial, 'lent', 'cancelled', now(), now(), 30000, 'held' from terminal t where t.tid = $2`, [no, tid],
  )
  await world.sql(
    `insert into gate (id, token, run, started_at, epoch, acknowledged_seq, acknowledged_at, lease_until, heard_at, standin_ms, left_at)
     values ('seen-' || $1, '', gen_random_uuid(), now(), 1, 0, now(), now(), now(), 0, now())`, [tid],
  )
  await world.sql(`insert into gate_report (gate, ordinal, kind, at, tid, provider, mid, body) values ('seen-' || $1, 1, 'attempt', now(), $1, $2, $3, '{}')`, [tid, provider, mid])
  await world.sql(`insert into gate_attempt (tid, day, class, provider, mid, count, first_at, last_at) values ($1, current_date, 'sale', $2, $3, 1, now(), now())`, [tid, provider, mid])
  await world.sql(
    `with i as (insert into import (id, kind, provider, state, dry_run, partial, file_name, size_bytes, requested_by, role, created_at)
       values (gen_random_uuid(), 'fleet', $1, 'done', false, false, 'fleet.csv', 1, 'somebody', 'operations', now()) returning id, provider),
     r as (insert into import_rejected (import, provider, line, cells_sealed) select id, provider, 1, '\\x00' from i)
     insert into import_error (import, provider, ordinal, line, "column", code, detail_zh, detail_en) select id, provider, 1, 1, 'tid', 'tid_format', '', '' from i`, [provider],
  )
  await laySettlement(world, { mid, provider, tid })
  await layKept(world, { mid, provider }, no)
  await layTelling(world, { mid, provider, tid })
  await layCare(world, { mid, provider, tid })
  await layBulk(world, { mid, provider, tid })
  await layHands(world, { mid, provider, tid }, no)
  for (const [id, kind, party] of [[`m-${mid}`, 'merchant', mid], [`p-${provider}`, 'provider', provider]] as const) {
    await world.sql('insert into person (id, name) values ($1, $1)', [id])
    await world.sql(`insert into account (id, person, name, role, party_kind, party_id) values ($1, $1, $1, $2, $3, $4)`, [id, kind === 'merchant' ? 'merchant_owner' : 'agent', kind, party])
    await world.sql(`insert into api_key (hash, account, hint, created_at) values (sha256($1::bytea), $2, 'x', now())`, [Buffer.from(id), id])
  }
}

/** A plan with one member and one list of one item, as made by operations. */
async function layBulk(world: World, { mid, provider, tid }: { mid: string; provider: string; tid: string }): Promise<void> {
  const [plan] = await world.sql<{ id: string }>(
    `insert into plan (id, provider, kind, name, reason, words_sealed, selection, waves, effective_from, actor, created_by, created_at)
     values (gen_random_uuid(), $1, 'campaign', 'x', 'P03', '\\x00', '{}', '[]', now(), '{}', 'operations', now()) returning id`, [provider],
  )
  await world.sql('insert into plan_terminal (plan, tid, provider, mid, wave) values ($1, $2, $3, $4, 0)', [plan!.id, tid, provider, mid])
  await world.sql(`insert into plan_task (plan, id, provider, title, assignee, due_at) values ($1, 'x', $2, 'x', 'field', now())`, [plan!.id, provider])
  await world.sql(
    `with b as (insert into bulk (id, provider, plan, name, act, particulars, selection, state, total, actor, created_by, created_at)
       values (gen_random_uuid(), $1, $2, 'x', 'place_hold', '{}', '{}', 'ready', 1, '{}', 'operations', now()) returning id)
     insert into bulk_item (bulk, ordinal, tid, provider, mid) select id, 1, $3, $1, $4 from b`, [provider, plan!.id, tid, mid],
  )
}

/** A device that came from the warehouse with two signatures, was on the terminal before, and is registered there. */
async function layHands(world: World, { mid, provider, tid }: { mid: string; provider: string; tid: string }, no: string): Promise<void> {
  const [{ serial }] = await world.sql<{ serial: string }>('select serial from terminal where tid = $1', [tid]) as [{ serial: string }]
  await world.sql(
    `with h as (insert into handover (id, provider, mid, from_kind, to_kind, to_id, items, state, proposed_at, ended_at, given_by, taken_by)
       values (gen_random_uuid(), $1, $2, 'warehouse', 'merchant', $2, '[{}]', 'done', now(), now(), 'field', 'owner') returning *),
     d as (insert into handover_device (handover, serial, provider, mid, open) select id, $3, provider, mid, false from h)
     insert into custody (serial, handover, provider, mid, from_kind, from_id, to_kind, to_id, at, condition, accessories) select $3, id, provider, mid, from_kind, from_id, to_kind, to_id, now(), '[]', '[]' from h`,
    [provider, mid, serial],
  )
  await world.sql('insert into device_binding (serial, tid, provider, mid, bound_at, unbound_at) values ($1, $2, $3, $4, now(), now())', [serial, tid, provider, mid])
  await world.sql(
    `insert into terminal_registration (tid, mid, provider, serial, model, longitude, latitude, case_no, at, by) values ($1, $2, $3, $4, 'A920', 121, 31, $5, now(), 'field')`, [tid, mid, provider, serial, no],
  )
}

async function layCare(world: World, { mid, provider, tid }: { mid: string; provider: string; tid: string }): Promise<void> {
  const no = `${tid}-G`
  await world.sql(
    `insert into ticket (no, kind, state, tid, provider, mid, reason, opened_at, opened_by, opened_role) values ($1, 'fault', 'reported', $2, $3, $4, 'D11', now(), 'owner', 'merchant_owner')`,
    [no, tid, provider, mid],
  )
  await world.sql(`insert into ticket_entry (ticket, ordinal, provider, mid, act, at, by, role) values ($1, 1, $2, $3, 'opened', now(), 'owner', 'merchant_owner')`, [no, provider, mid])
  await world.sql(
    `insert into evidence (id, tid, provider, mid, ticket, type, sha256, media_type, size_bytes, name_sealed, added_at, added_by)
     values (gen_random_uuid(), $1, $2, $3, $4, 'device_photo', repeat('ab', 32), 'image/jpeg', 1, '\\x00', now(), 'owner')`, [tid, provider, mid, no],
  )
  await world.sql(
    `insert into care_duty (id, kind, state, tid, provider, mid, due_at, done_at) values (gen_random_uuid(), 'custody_check', 'done', $1, $2, $3, now(), now())`, [tid, provider, mid],
  )
  await world.sql(`insert into care_seen (tid, provider, mid, event, at, gate) values ($1, $2, $3, 'serial_mismatch', now(), 'seen')`, [tid, provider, mid])
  await world.sql('insert into care_account (provider, mid) values ($1, $2)', [provider, mid])
  await world.sql('insert into care_session (tid, provider, mid, signed_on_at) values ($1, $2, $3, now()) on conflict do nothing', [tid, provider, mid])
}

/** Somebody of each who is told, an endpoint of each, what went to them, and a complaint. */
async function layTelling(world: World, { mid, provider, tid }: { mid: string; provider: string; tid: string }): Promise<void> {
  for (const [column, owner] of [['mid', mid], ['provider', provider]] as const) {
    await world.sql(
      `with c as (insert into contact (id, ${column}, channel, address_sealed, language, created_at, created_by) values (gen_random_uuid(), $1, 'mail', '\\x00', 'zh', now(), 'somebody') returning id)
       insert into delivery (id, ${column}, channel, notice, contact, address_sealed, language, next_at, created_at)
       select gen_random_uuid(), $1, 'mail', (select id from notice where ${column} = $1 limit 1), id, '\\x00', 'zh', now(), now() from c`, [owner],
    )
    await world.sql(`insert into webhook (id, ${column}, url, secret_sealed, created_at, created_by) values (gen_random_uuid(), $1, 'https://example.com', '\\x00', now(), 'somebody')`, [owner])
  }
  await world.sql(
    `insert into complaint (no, provider, mid, tid, kind, topic, state, channel, on_behalf, filed_at, filed_by, deadline_at)
     values ('K-' || $3::text, $1, $2, $3, 'complaint', 'fee', 'filed', 'online', false, now(), 'somebody', now())`, [provider, mid, tid],
  )
}

/** What an authority wants kept, a disposal that was withdrawn, a replay of the rules with a case that differs. */
async function layKept(world: World, { mid, provider }: { mid: string; provider: string }, no: string): Promise<void> {
  await world.sql(`insert into legal_hold (id, mid, provider, reference, words, placed_by, placed_at) values (gen_random_uuid(), $1, $2, '118', 'x', 'risk', now())`, [mid, provider])
  await world.sql(
    `insert into disposal (id, mid, provider, state, due_on, basis, proposed_by, proposed_at, withdrawn_by, withdrawn_at)
     values (gen_random_uuid(), $1, $2, 'withdrawn', '2036-01-01', '[]', 'risk', now(), 'risk', now())`, [mid, provider],
  )
  await world.sql(
    `with r as (insert into policy_replay (id, provider, version, document_sha256, state, total, looked, differing, requested_by, created_at, ended_at)
       values (gen_random_uuid(), $1, 1, repeat('ab', 32), 'done', 1, 1, 1, 'admin', now(), now()) returning id)
     insert into policy_replay_case (replay, no, provider, otherwise, differences) select id, $2, $1, false, '[]' from r`, [provider, no],
  )
}

async function laySettlement(world: World, { mid, provider, tid }: { mid: string; provider: string; tid: string }): Promise<void> {
  const [run] = await world.sql<{ id: string }>(
    `insert into settlement_run (id, provider, cause, state, actor, requested_by, created_at) values (gen_random_uuid(), $1, 'asked', 'done', '{}', 'somebody', now()) returning id`, [provider],
  )
  await world.sql(
    `with f as (insert into settlement_file (id, import, kind, layout, file_name, sha256, taken, taken_at, taken_by)
       select gen_random_uuid(), id, 'slips', 'slips.csv', 'slips.csv', encode(sha256($1::bytea), 'hex'), '{}', now(), 'somebody' from import where provider = $2 limit 1 returning id)
     insert into settlement_part (file, provider, mid, made_on, settled_on, kind, series, tids, rows_count)
     select id, $2, $3, '2026-09-01', '2026-09-01', 'slips', 'slips', array[$4::text], 1 from f`, [Buffer.from(mid), provider, mid, tid],
  )
  await world.sql(`insert into settlement_mapping values ($1, 'slips', 'till', '{}', 'somebody', now())`, [provider])
  await world.sql(`insert into settlement_day values ($1, $2, '2026-09-01', 1, 1, 'matched', $3)`, [provider, mid, run!.id])
  await world.sql(
    `with b as (insert into settlement_break (id, provider, mid, tid, kind, settled_on, amount_fen, content, state, due_at, found_at, run)
       values (encode(sha256($1::bytea), 'hex'), $2, $3, $4, 'slip_only', '2026-09-01', 1, '{}', 'open', now(), now(), $5) returning id)
     insert into settlement_break_event (break, ordinal, provider, mid, event, at, by, role) select id, 1, $2, $3, 'found', now(), 'system', 'system' from b`,
    [Buffer.from(mid), provider, mid, tid, run!.id],
  )
}
