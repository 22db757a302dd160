-- Closing for good, and devices coming back. A closed terminal is final: its number is never used again, its serial is free,
-- nothing holds it any more. A line of return carries the device and the deposit on it; what is refunded and what is deducted
-- add up to what was held, two persons stand behind it, and once settled it stays as it is.
alter table letter drop constraint letter_kind_check, add constraint letter_kind_check check (kind in {{set:letterKinds}});
alter table notice drop constraint notice_kind_check, add constraint notice_kind_check check (kind in {{set:noticeKinds}});
alter table application_terminal drop constraint application_terminal_result_check,
  add constraint application_terminal_result_check check (result in {{set:terminalResults}});

-- ── Terminals ────────────────────────────────────────────────────────────────────────────────────────────────────────
alter table terminal add column chargeback_until timestamptz;
update terminal set serial = null where closed_at is not null;
alter table terminal add constraint closed_is_unbound check (closed_at is null or serial is null);

create function closed_for_good() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a closed terminal stays on the register: %', old.tid using errcode = 'check_violation', constraint = 'closed_for_good';
  end if;
  if (new.closed_at, new.tid, new.mid, new.provider, new.installed_at) is distinct from (old.closed_at, old.tid, old.mid, old.provider, old.installed_at) then
    raise exception 'terminal % is closed for good', old.tid using errcode = 'check_violation', constraint = 'closed_for_good';
  end if;
  return new;
end $$;
create trigger closed_for_good before update or delete on terminal for each row when (old.closed_at is not null) execute function closed_for_good();

-- Looked at when the transaction ends: the statement that closes a terminal also ends its holds.
create function closed_with_nothing_open() returns trigger language plpgsql as $$
begin
  if not new.clear then
    raise exception 'something is open on terminal %', new.tid using errcode = 'check_violation', constraint = 'closed_with_nothing_open';
  end if;
  if exists (select from hold h where h.tid = new.tid and h.lifted_at is null and h.withdrawn_at is null)
    or exists (select from device_return r where r.tid = new.tid and (r.state in ('requested', 'shipped') or (r.deposit_fen is not null and r.settled_at is null and r.state <> 'cancelled'))) then
    raise exception 'terminal % is held, its device is not back, or its deposit is not settled', new.tid using errcode = 'check_violation', constraint = 'closed_with_nothing_open';
  end if;
  return null;
end $$;
create constraint trigger closed_with_nothing_open after update on terminal deferrable initially deferred
  for each row when (old.closed_at is null and new.closed_at is not null) execute function closed_with_nothing_open();

create function hold_on_closed() returns trigger language plpgsql as $$
begin
  if exists (select from terminal t where t.tid = new.tid and t.closed_at is not null) then
    raise exception 'terminal % is closed', new.tid using errcode = 'check_violation', constraint = 'hold_on_closed';
  end if;
  return null;
end $$;
create trigger hold_on_closed after insert on hold for each row when (new.lifted_at is null and new.withdrawn_at is null) execute function hold_on_closed();
create function hold_ended() returns trigger language plpgsql as $$
begin
  raise exception 'a hold that has ended does not begin again: %', old.id using errcode = 'check_violation', constraint = 'hold_ended';
end $$;
create trigger hold_ended before update on hold for each row
  when ((old.lifted_at is not null and new.lifted_at is null) or (old.withdrawn_at is not null and new.withdrawn_at is null)) execute function hold_ended();

-- ── Devices coming back ──────────────────────────────────────────────────────────────────────────────────────────────
create table device_return (
  rma text primary key check (length(rma) between 5 and 60),
  case_no text not null references application, tid text not null references terminal,
  provider text not null, mid text not null,
  serial text not null references device,
  ownership text not null check (ownership in {{set:ownerships}}),
  lent_since timestamptz,
  state text not null check (state in {{set:returnStates}}),
  opened_at timestamptz not null,
  carrier text, tracking text, shipped_at timestamptz, received_at timestamptz,
  inspected_at timestamptz, inspected_by text, parts jsonb not null default '[]',
  ended_at timestamptz,
  deposit_fen bigint check (deposit_fen > 0),
  deposit_state text check (deposit_state in {{set:depositStates}}),
  released_at timestamptz, due_at timestamptz, late_at timestamptz,
  deduction jsonb, proposed_by text, accepted_at timestamptz,
  disputed_at timestamptz, dispute_sealed bytea,
  settled_at timestamptz, settled_by text, refund_fen bigint check (refund_fen >= 0), deducted_fen bigint check (deducted_fen >= 0), reference text,
  unique (case_no, tid),
  constraint kept_is_owned check ((ownership = 'owned') = (state = 'kept') or state = 'cancelled'),
  constraint inspected_after_receipt check (inspected_at is null or (received_at is not null and inspected_by is not null)),
  constraint deposit_has_a_state check (deposit_fen is null or deposit_state is not null),
  constraint deposit_settled check (deposit_fen is null or (deposit_state in ('refunded', 'forfeited')) = (settled_at is not null)),
  constraint deposit_conserved check (settled_at is null or refund_fen + deducted_fen = deposit_fen),
  constraint forfeited_is_all check (deposit_state is distinct from 'forfeited' or refund_fen = 0),
  constraint refund_by_two check (settled_by is null or settled_by is distinct from proposed_by)
);
-- A device is on one way back at a time.
create unique index device_return_under_way on device_return (serial) where ended_at is null;
create index device_return_tid on device_return (tid);
create index device_return_provider on device_return (provider, opened_at desc, rma);
create index device_return_mid on device_return (mid, opened_at desc, rma);
create index device_return_opened on device_return (opened_at desc, rma);

create function deposit_final() returns trigger language plpgsql as $$
begin
  raise exception 'the deposit of % is settled', old.rma using errcode = 'check_violation', constraint = 'deposit_final';
end $$;
create trigger deposit_final before update on device_return for each row when (old.settled_at is not null and
  (new.deposit_fen, new.deposit_state, new.settled_at, new.settled_by, new.refund_fen, new.deducted_fen, new.reference, new.deduction)
  is distinct from (old.deposit_fen, old.deposit_state, old.settled_at, old.settled_by, old.refund_fen, old.deducted_fen, old.reference, old.deduction))
  execute function deposit_final();

alter table device_return enable row level security, force row level security;
create policy party on device_return using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
  with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid));

-- Where a device is follows from its return, whoever's command moved it: a merchant that ships one may not write devices.
create function device_follows_return() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  update device set state = case new.state when 'shipped' then 'in_transit' when 'received' then 'under_inspection' when 'inspected' then 'in_custody'
    when 'restocked' then 'in_stock' when 'retired' then 'retired' when 'lost' then 'lost' else 'deployed' end
  where serial = new.serial;
  return null;
end $$;
create trigger device_follows_return after insert or update of state on device_return for each row
  when (new.state <> 'kept') execute function device_follows_return();
create function device_unbound() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  update device set state = 'stored_by_merchant' where serial = old.serial and ownership = 'owned';
  return null;
end $$;
create trigger device_unbound after update on terminal for each row
  when (old.closed_at is null and new.closed_at is not null and old.serial is not null) execute function device_unbound();
