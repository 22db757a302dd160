-- Gates: who answers for terminals, how far each has acknowledged, until when its word may still count, and what it saw. A
-- gate connects under a role of its own, which reads what a snapshot needs and nothing sealed, and writes only its own lines.

-- ── Which history this is ────────────────────────────────────────────────────────────────────────────────────────────
-- The epoch grows with every start, promotion or restore: whoever asks first under a server that is not the one that was
-- noted counts on. A copy of the files keeps the note and starts at another instant; a dump lands in another database.
alter table installation add column ran_as text;

-- `p_known`: the newest epoch the asker has seen of a history that is not this one; ours is counted beyond it, so that what
-- anybody saw never comes again.
create function head_now(p_known integer default 0, out epoch integer, out seq bigint, out hash text, out now timestamptz)
language plpgsql security definer set search_path = public, pg_temp as $$
declare running text := concat_ws(' ', (select system_identifier from pg_control_system()),
  extract(epoch from pg_postmaster_start_time()), (select oid from pg_database where datname = current_database()));
begin
  if exists (select from installation i where i.ran_as is distinct from running or i.epoch <= p_known) then
    update installation i set ran_as = running,
      epoch = greatest(i.epoch + case when i.ran_as <> running then 1 else 0 end, p_known + 1)
    where i.ran_as is distinct from running or i.epoch <= p_known;
  end if;
  select i.epoch, h.seq, encode(h.hash, 'hex'), i.now into epoch, seq, hash, now from installation i, journal_head h;
end $$;

-- When a commit was made, by the program's clock; what else its row says is none of a gate's business.
create function committed_at(p_seq bigint) returns timestamptz
language sql stable security definer set search_path = public, pg_temp as $$
  select (j.body::jsonb ->> 'at')::timestamptz from journal j where j.seq = p_seq
$$;

-- ── The register of gates ────────────────────────────────────────────────────────────────────────────────────────────
create table gate (
  id text primary key check (id ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,62}$'),
  -- Of what only this gate's own folder knows: nobody else comes back under its name while its word still counts.
  token text not null,
  -- This run of it; a later one leaves an earlier one without its lease.
  run uuid not null,
  started_at timestamptz not null,
  registered_at timestamptz not null default clock_timestamp(),
  doors jsonb not null default '{}',
  epoch integer not null,
  -- Everything up to here is obeyed and on its disk, and since when: by its clock or ours, whichever is later.
  acknowledged_seq bigint not null,
  acknowledged_at timestamptz not null,
  digest text not null default '', size integer not null default 0,
  -- The manual clock it has taken over.
  clock_at timestamptz,
  -- It may approve until the lease ends, and ordinary terminals within limits until the stand-in time after that is over.
  lease_until timestamptz not null, heard_at timestamptz not null,
  standin_ms bigint not null check (standin_ms >= 0),
  skew_ms integer not null default 0, lag_ms integer not null default 0,
  decisions_per_second real not null default 0,
  alarm text check (alarm in {{set:gateAlarms}}), alarm_at timestamptz,
  -- Since when it only tightens because the database lost history, and who found that in order.
  tightened_at timestamptz, readmitted_at timestamptz, readmitted_by text,
  fenced_at timestamptz, fenced_by text,
  left_at timestamptz,
  check ((fenced_at is null) = (fenced_by is null)),
  check ((readmitted_at is null) = (readmitted_by is null))
);
create index gate_standing on gate (acknowledged_seq) where left_at is null and fenced_at is null;

-- ── What they saw ────────────────────────────────────────────────────────────────────────────────────────────────────
-- Delivered at least once: the number is the gate's own, so that what is sent again is not kept again.
create table gate_report (
  gate text not null references gate, ordinal bigint not null check (ordinal > 0),
  kind text not null check (kind in {{set:reportKinds}}),
  at timestamptz not null,
  tid text, provider text, mid text,
  body jsonb not null check (body::text !~ '[0-9]{13}'),
  taken_at timestamptz,
  primary key (gate, ordinal)
);
create index gate_report_waiting on gate_report (gate, ordinal) where taken_at is null;
create index gate_report_tid on gate_report (tid, at desc) where tid is not null;

create table gate_minute (
  gate text not null references gate, at timestamptz not null check (at = date_trunc('minute', at, 'UTC')),
  decisions bigint not null check (decisions >= 0), approved bigint not null check (approved between 0 and decisions),
  codes jsonb not null default '{}',
  primary key (gate, at)
);
create index gate_minute_at on gate_minute (at);

create table gate_attempt (
  tid text not null, day date not null, class text not null check (class in {{set:transactionClasses}}),
  provider text not null, mid text not null,
  count integer not null check (count > 0),
  first_at timestamptz not null, last_at timestamptz not null check (last_at >= first_at),
  told_at timestamptz,
  primary key (tid, day, class)
);

do $$
declare t text;
begin
  foreach t in array array['gate_report', 'gate_attempt'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
      with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))$p$, t);
  end loop;
end $$;

-- ── Least privilege ──────────────────────────────────────────────────────────────────────────────────────────────────
do $$ begin
  if not exists (select from pg_roles where rolname = 'tingqi_gate') then create role tingqi_gate nologin; end if;
exception when duplicate_object or unique_violation then null; -- another database of this server made it just now
end $$;
do $$ begin
  if not pg_has_role(current_user, 'tingqi_gate', 'member') then execute format('grant tingqi_gate to %I', current_user); end if;
end $$;
grant usage on schema public to tingqi_gate;
revoke execute on function head_now(integer), committed_at(bigint) from public;
grant execute on function head_now(integer), committed_at(bigint), looking() to tingqi_gate;
grant select (clock, now) on installation to tingqi_gate;
grant select (seq, hash) on journal to tingqi_gate;
grant select (id, hotline) on provider to tingqi_gate;
grant select (provider, version, document, effective_from) on policy to tingqi_gate;
grant select (tid, mid, provider, store_id, serial, installed_at, closed_at, sign_on_required, clear, gate_seq, version) on terminal to tingqi_gate;
grant select (id, longitude, latitude) on store to tingqi_gate;
grant select (id, tid, mid, provider, reason, owner, effect, effective_from, drain_until, expected_until, case_no, started_at, shut_at, cleared_at, lifted_at, withdrawn_at)
  on hold to tingqi_gate;
grant select (mid, provider) on merchant_provider to tingqi_gate;
grant select (id, role, party_kind, party_id, disabled_at) on account to tingqi_gate;
grant select (hash, account, created_at, revoked_at) on api_key to tingqi_gate;
grant select, insert, update on gate, gate_minute to tingqi_gate;
grant insert, select (gate, ordinal) on gate_report to tingqi_gate;
