-- Disposal, and rules tried before they count. A merchant's personal data goes by its key: what is sealed under it cannot be
-- read any more, what is in clear is removed, two persons stand behind it, and nothing of it happens while an authority
-- wants the data kept or anything is open. A draft of a policy is replayed over the cases it would have decided.
alter table letter drop constraint letter_kind_check, add constraint letter_kind_check check (kind in {{set:letterKinds}});
alter table letter drop constraint letter_state_check, add constraint letter_state_check check (state in {{set:letterStates}});
-- A certificate of disposal is about a merchant, not a case.
alter table letter alter column case_no drop not null;

-- ── What an authority wants kept ─────────────────────────────────────────────────────────────────────────────────────
create table legal_hold (
  id uuid primary key,
  mid text not null references merchant,
  -- Null: placed by the platform, and nobody else learns of it.
  provider text references provider,
  reference text not null check (length(reference) between 1 and 200),
  words text not null,
  placed_by text not null, placed_at timestamptz not null,
  lifted_by text, lifted_at timestamptz check (lifted_at >= placed_at), lifted_words text,
  constraint legal_hold_by_two check (lifted_by is null or lifted_by <> placed_by),
  check ((lifted_by is null) = (lifted_at is null))
);
create index legal_hold_mid on legal_hold (mid) where lifted_at is null;
create index legal_hold_placed on legal_hold (placed_at desc, id);

-- ── Disposal ─────────────────────────────────────────────────────────────────────────────────────────────────────────
create table disposal (
  id uuid primary key,
  mid text not null references merchant,
  -- Who answers for it: the proposer's, or the merchant's last one.
  provider text not null references provider,
  state text not null check (state in {{set:disposalStates}}),
  words text not null default '',
  -- From which day on, and by which classes of records.
  due_on date not null, basis jsonb not null,
  proposed_by text not null, proposed_at timestamptz not null,
  confirmed_by text, confirmed_at timestamptz,
  withdrawn_by text, withdrawn_at timestamptz,
  -- What was destroyed, in numbers; and the certificate of it.
  done_at timestamptz, counts jsonb not null default '{}',
  letter text references letter deferrable initially deferred,
  constraint disposal_by_two check (confirmed_by is null or confirmed_by <> proposed_by),
  constraint disposal_moments check (id is null or ((state in ('confirmed', 'done')) = (confirmed_at is not null) and (state = 'done') = (done_at is not null)
    and (state = 'withdrawn') = (withdrawn_at is not null) and (confirmed_at is null) = (confirmed_by is null)))
);
create unique index disposal_once on disposal (mid) where state <> 'withdrawn';
create index disposal_waiting on disposal (confirmed_at) where state = 'confirmed';
create index disposal_proposed on disposal (proposed_at desc, id);

alter table merchant
  -- Backups of its terminals are encrypted to an identity of its own, which only its own key opens.
  add column backup_key_sealed bytea,
  add column disposed_at timestamptz,
  add constraint disposed_is_unreadable check (disposed_at is null or (wrapped_key is null and backup_key_sealed is null));
-- Whose identity opens it: the installation's (null), or the merchant's own.
alter table backup add column sealed_for text check (sealed_for in ('installation', 'merchant'));

-- Looked at as the owner: no party sees all of it.
create function disposed_for_good() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  if old.disposed_at is not null and new.disposed_at is distinct from old.disposed_at then
    raise exception 'what was destroyed does not come back: %', old.mid using errcode = 'check_violation', constraint = 'disposed_for_good';
  end if;
  if old.disposed_at is null and (exists (select from legal_hold l where l.mid = new.mid and l.lifted_at is null)
    or exists (select from terminal t where t.mid = new.mid and t.closed_at is null)
    or not exists (select from disposal d where d.mid = new.mid and d.state = 'confirmed')) then
    raise exception 'the data of % must be kept', new.mid using errcode = 'check_violation', constraint = 'disposed_by_rule';
  end if;
  return new;
end $$;
create trigger disposed_for_good before update on merchant for each row
  when (old.disposed_at is not null or new.disposed_at is not null) execute function disposed_for_good();
create function kept_for_an_authority() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  if exists (select from merchant m where m.mid = new.mid and m.disposed_at is not null) then
    raise exception 'nothing is left of % that could be kept', new.mid using errcode = 'check_violation', constraint = 'kept_too_late';
  end if;
  return new;
end $$;
create trigger kept_for_an_authority before insert on legal_hold for each row execute function kept_for_an_authority();

do $$
declare t text;
begin
  -- A merchant does not learn that an authority asks about it.
  foreach t in array array['legal_hold', 'disposal'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider))
      with check ((select looking()) in ('*', 'p:' || provider))$p$, t);
  end loop;
end $$;

-- ── What a case was when it was submitted, as far as rules look at it ────────────────────────────────────────────────
alter table application add column submitted_with jsonb;

-- ── A policy tried on cases that were decided by an earlier one ──────────────────────────────────────────────────────
create table policy_replay (
  id uuid primary key,
  provider text not null, version integer not null,
  document_sha256 text not null check (document_sha256 ~ '^[0-9a-f]{64}$'),
  -- Cases submitted in this time; null: as far as there are any.
  since timestamptz, until timestamptz check (until > since),
  state text not null check (state in {{set:replayStates}}),
  stop_requested boolean not null default false,
  -- The last case looked at: a run that was cut short goes on behind it.
  reached text not null default '',
  total integer not null check (total >= 0),
  looked integer not null default 0, unknown integer not null default 0,
  differing integer not null default 0, otherwise integer not null default 0,
  groups jsonb not null default '[]',
  requested_by text not null, created_at timestamptz not null, begun_at timestamptz, ended_at timestamptz,
  foreign key (provider, version) references policy,
  check (otherwise <= differing and differing + unknown <= looked)
);
create index policy_replay_of on policy_replay (provider, version, created_at desc, id);
create index policy_replay_waiting on policy_replay (created_at) where ended_at is null;
create table policy_replay_case (
  replay uuid not null references policy_replay on delete cascade, no text not null references application,
  provider text not null,
  otherwise boolean not null,
  differences jsonb not null,
  primary key (replay, no)
);
do $$
declare t text;
begin
  foreach t in array array['policy_replay', 'policy_replay_case'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider))
      with check ((select looking()) in ('*', 'p:' || provider))$p$, t);
  end loop;
end $$;
