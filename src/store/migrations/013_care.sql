-- The provider's stops in full, and looking after what is stopped. A ticket is the work behind a hold: what was done stays line
-- by line, and so does the evidence of a breach. A duty is something due while a terminal is stopped; `next_at` is when the
-- clock looks at it. Books that changed under a hold for money say so themselves.
alter table notice drop constraint notice_kind_check, add constraint notice_kind_check check (kind in {{set:noticeKinds}});
alter table material drop constraint material_type_check, add constraint material_type_check check (type in {{set:materialTypes}});

alter table letter drop constraint letter_kind_check, add constraint letter_kind_check check (kind in {{set:letterKinds}});
-- A notice of a stop is about a hold, not a case; one each, however often it is asked for.
alter table letter alter column case_no drop not null, add column hold uuid references hold;
create unique index letter_hold on letter (hold) where hold is not null;

-- ── Tickets ─────────────────────────────────────────────────────────────────────────────────────────────────────────
create table ticket (
  no text primary key check (length(no) between 5 and 40),
  kind text not null check (kind in {{set:ticketKinds}}),
  state text not null check (state in {{set:ticketStates}}),
  tid text not null references terminal,
  provider text not null references provider, mid text not null references merchant,
  serial text references device,
  reason text not null check (reason in {{set:reasons}}),
  -- The statement that stores the hold comes after: the command's last.
  hold uuid unique references hold deferrable initially deferred,
  opened_at timestamptz not null, opened_by text not null, opened_role text not null check (opened_role in {{set:roles}}),
  closed_at timestamptz,
  responsibility text check (responsibility in {{set:responsibilities}}),
  due_at timestamptz,
  failed_tests integer not null default 0,
  version integer not null default 1,
  constraint ticket_moments check (opened_at is null or (state in ('closed', 'dismissed')) = (closed_at is not null))
);
create index ticket_tid on ticket (tid, opened_at desc);
create unique index ticket_one_open on ticket (tid, reason) where closed_at is null;
create index ticket_provider on ticket (provider, opened_at desc, no);
create index ticket_mid on ticket (mid, opened_at desc, no);
create index ticket_opened on ticket (opened_at desc, no);
create index ticket_serial on ticket (serial, opened_at) where kind = 'fault';

create table ticket_entry (
  ticket text not null references ticket, ordinal integer not null check (ordinal > 0),
  provider text not null, mid text not null,
  act text not null check (act in {{set:ticketActs}}),
  at timestamptz not null, by text not null, role text not null check (role in {{set:roles}}),
  words_sealed bytea,
  minutes integer check (minutes >= 0), parts jsonb,
  cost_fen bigint check (cost_fen >= 0), payer text check (payer in {{set:payers}}),
  case_no text, due_at timestamptz,
  primary key (ticket, ordinal),
  constraint cost_has_a_payer check (coalesce(cost_fen, 0) = 0 or payer is not null)
);

-- A device reported lost or stolen is so in the register, whoever reported it: a merchant may not write devices.
create function device_is_missing() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  update device set state = case when new.state = 'closed' then 'deployed' when new.reason = 'D02' then 'lost' else 'stolen' end
  where serial = new.serial and (new.state = 'closed') = (state in ('lost', 'stolen'));
  return null;
end $$;
create trigger device_is_missing after insert or update of state on ticket for each row
  when (new.reason in ('D02', 'D03') and new.serial is not null and new.state <> 'dismissed') execute function device_is_missing();

-- Evidence, and photos of devices: the file is sealed beside the database, its digest is here and in the journal.
create table evidence (
  id uuid primary key,
  tid text not null references terminal,
  provider text not null, mid text not null,
  ticket text references ticket, duty uuid,
  type text not null check (type in {{set:materialTypes}}),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'), media_type text not null, size_bytes integer not null check (size_bytes > 0),
  name_sealed bytea not null,
  added_at timestamptz not null, added_by text not null,
  constraint evidence_of_something check (added_at is null or (ticket is null) <> (duty is null))
);
create index evidence_ticket on evidence (ticket, added_at) where ticket is not null;
create index evidence_duty on evidence (duty) where duty is not null;
create index evidence_tid on evidence (tid, added_at desc);

create function stays_as_it_is() returns trigger language plpgsql as $$
begin
  raise exception '% stays as it is', tg_table_name using errcode = 'check_violation', constraint = 'stays_as_it_is';
end $$;
create trigger evidence_stays before update or delete on evidence for each row execute function stays_as_it_is();
create trigger ticket_entry_stays before update or delete on ticket_entry for each row execute function stays_as_it_is();

-- What evidence is sealed with is not destroyed while it is still being judged. Looked at as the owner: no party sees all of it.
create function evidence_is_needed() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  if exists (select from ticket t where t.mid = old.mid and t.kind = 'violation' and t.closed_at is null) then
    raise exception 'evidence against % is still being judged', old.mid using errcode = 'check_violation', constraint = 'evidence_is_needed';
  end if;
  return new;
end $$;
create trigger evidence_is_needed before update on merchant for each row
  when (old.wrapped_key is not null and new.wrapped_key is null) execute function evidence_is_needed();

-- ── Duties ──────────────────────────────────────────────────────────────────────────────────────────────────────────
create table care_duty (
  id uuid primary key,
  kind text not null check (kind in {{set:dutyKinds}}),
  state text not null check (state in {{set:dutyStates}}),
  tid text not null references terminal,
  provider text not null references provider, mid text not null references merchant,
  hold uuid references hold, ticket text references ticket,
  due_at timestamptz not null,
  -- The return date it was reckoned from.
  about_at timestamptz,
  rung integer not null default 0, next_at timestamptz,
  items text[] not null default '{}', checks jsonb not null default '[]', calls jsonb not null default '[]',
  answer text check (answer in {{set:careAnswers}}), words_sealed bytea,
  position jsonb,
  done_at timestamptz, done_by text, escalated_at timestamptz,
  version integer not null default 1,
  constraint duty_moments check (due_at is null or (state = 'done') = (done_at is not null)),
  constraint duty_over check (state in ('open', 'answered') or next_at is null)
);
create index care_duty_next on care_duty (next_at) where next_at is not null;
create index care_duty_tid on care_duty (tid, due_at desc);
create index care_duty_provider on care_duty (provider, due_at, id) where state in ('open', 'answered');
create index care_duty_mid on care_duty (mid, due_at, id) where state in ('open', 'answered');
create index care_duty_hold on care_duty (hold, kind) where hold is not null;
create unique index care_duty_one_open on care_duty (tid, kind, coalesce(hold::text, ''), coalesce(ticket, '')) where state in ('open', 'answered');
alter table evidence add constraint evidence_duty_fkey foreign key (duty) references care_duty;

-- ── What gates and books brought, and is still to be looked at ───────────────────────────────────────────────────────
-- A device seen elsewhere, or another device in its place: what follows is the policy's business.
create table care_seen (
  id bigint generated always as identity primary key,
  tid text not null references terminal, provider text not null, mid text not null,
  event text not null check (event in ('serial_mismatch', 'position_mismatch')),
  at timestamptz not null, gate text not null, seen jsonb not null default '{}'
);
-- Entries on the account of a merchant that a hold for money rests on.
create table care_account (
  id bigint generated always as identity primary key,
  provider text not null, mid text not null, at timestamptz not null default clock_timestamp()
);
create index hold_for_money on hold (mid, provider) where reason in ('A01', 'A02', 'A04') and cleared_at is null and withdrawn_at is null;
create function account_moved() returns trigger language plpgsql as $$
begin
  insert into care_account (provider, mid)
  select distinct l.provider, l.mid from lines l where l.account = 'receivable' and exists (select from hold h
    where h.mid = l.mid and h.provider = l.provider and h.reason in ('A01', 'A02', 'A04') and h.cleared_at is null and h.withdrawn_at is null);
  return null;
end $$;
create trigger account_moved after insert on ledger_line referencing new table as lines for each statement execute function account_moved();

-- When a terminal last signed on and off, as gates saw it.
create table care_session (
  tid text primary key references terminal, provider text not null, mid text not null,
  signed_on_at timestamptz, signed_off_at timestamptz
);
create index care_session_on on care_session (provider) where signed_off_at is null or signed_off_at < signed_on_at;
-- The last evening on which a provider's terminals were looked at.
alter table provider add column watched_on date;

do $$
declare t text;
begin
  foreach t in array array['ticket', 'ticket_entry', 'evidence', 'care_duty', 'care_seen', 'care_account', 'care_session'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
      with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))$p$, t);
  end loop;
end $$;
