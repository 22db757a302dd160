-- Many at once: one act carried out on a frozen list of terminals, item by item, each once; and plans – maintenance windows and
-- campaigns – whose stops, openings and lifts are such lists. What becomes of a terminal stands with its hold and its tests,
-- as ever; here stands only who belongs to a plan and how each item of a list ended.

create table plan (
  id uuid primary key,
  provider text not null references provider,
  kind text not null check (kind in {{set:planKinds}}),
  name text not null, reason text not null check (reason in {{set:reasons}}),
  words_sealed bytea not null,
  -- Who belongs to it, and in waves: of a window one wave, its stop.
  selection jsonb not null, waves jsonb not null,
  -- How a terminal of a campaign comes to be done: its device is not what was looked for any more, or somebody says so.
  requirement text not null default 'confirmed' check (requirement in ('device', 'confirmed')),
  effective_from timestamptz not null, test_from timestamptz, expected_until timestamptz,
  actor jsonb not null, created_by text not null, created_at timestamptz not null,
  begun_at timestamptz, released_at timestamptz, missed_at timestamptz, ended_at timestamptz, ended_by text,
  -- When time next brings something about.
  due_at timestamptz,
  version integer not null default 1,
  check (test_from >= effective_from), check (expected_until >= coalesce(test_from, effective_from)),
  check ((ended_at is null) = (ended_by is null))
);
create index plan_provider on plan (provider, created_at desc, id);
create index plan_due on plan (due_at) where due_at is not null;

create table plan_terminal (
  plan uuid not null references plan, tid text not null references terminal,
  provider text not null, mid text not null,
  wave integer not null check (wave >= 0),
  hold uuid references hold,
  tested jsonb, tested_by text, tested_at timestamptz,
  met_at timestamptz, met_by text, overdue_at timestamptz,
  primary key (plan, tid),
  check ((tested is null) = (tested_by is null) and (tested is null) = (tested_at is null)),
  check ((met_at is null) = (met_by is null))
);
create index plan_terminal_tid on plan_terminal (tid);
create index plan_terminal_unmet on plan_terminal (plan, tid) where met_at is null;

create table plan_task (
  plan uuid not null references plan, id text not null, provider text not null,
  title text not null, assignee text not null check (assignee in {{set:roles}}),
  due_at timestamptz not null,
  done_at timestamptz, done_by text, note text,
  primary key (plan, id),
  check ((done_at is null) = (done_by is null))
);

create table bulk (
  id uuid primary key,
  provider text not null references provider,
  plan uuid references plan,
  name text not null,
  act text not null check (act in {{set:bulkActs}}), particulars jsonb not null, words_sealed bytea,
  selection jsonb not null,
  -- Numbers that were given and are not there.
  unknown_tids text[] not null default '{}',
  state text not null check (state in {{set:bulkStates}}),
  total integer not null check (total >= 0),
  -- How far the rehearsal is, and how many it says cannot.
  checked integer not null default 0, unable integer not null default 0,
  done integer not null default 0 check (done >= 0), refused integer not null default 0 check (refused >= 0),
  -- The last item of the present round that was looked at; retrying begins another round.
  reached integer not null default 0, round integer not null default 1,
  actor jsonb not null, created_by text not null, created_at timestamptz not null,
  confirmed_by text, confirmed_at timestamptz, started_at timestamptz, ended_at timestamptz,
  fault text,
  version integer not null default 1,
  constraint bulk_by_two check (confirmed_by <> created_by),
  constraint bulk_counts check (done + refused <= total),
  check ((confirmed_by is null) = (confirmed_at is null))
);
create index bulk_provider on bulk (provider, created_at desc, id);
create index bulk_plan on bulk (plan) where plan is not null;
create index bulk_under_way on bulk (created_at) where state in ('checking', 'running');

-- Frozen when the list is made: which terminals, in which order – a merchant's terminals stand together. Items change their
-- state only, which no index holds, so that a hundred thousand of them are written in place.
create table bulk_item (
  bulk uuid not null references bulk, ordinal integer not null check (ordinal > 0),
  tid text not null, provider text not null, mid text not null,
  given jsonb,
  state text not null default 'waiting' check (state in {{set:bulkItemStates}}),
  code text, particulars jsonb,
  at timestamptz,
  primary key (bulk, ordinal),
  check (code is null or state in ('unable', 'refused'))
) with (fillfactor = 60);
create index bulk_item_refused on bulk_item (bulk, code, ordinal) where code is not null;

do $$
declare t text;
begin
  foreach t in array array['plan', 'plan_terminal', 'plan_task', 'bulk', 'bulk_item'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider))$p$, t);
  end loop;
end $$;

alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check check (kind in {{set:noticeKinds}});

-- One journal row for each merchant of a batch, so that each sees its own; the head is locked once. As journal_append writes
-- them: hash = sha256(previous hash ‖ number ‖ body). Returns the last number.
create function journal_append_all(p_provider text, p_mids text[], p_tids text[], p_bodies text[]) returns bigint
language plpgsql as $$
declare head record; next bytea; whole text; wholes text[] := '{}'; hashes bytea[] := '{}'; n bigint;
begin
  select h.seq, h.hash into head from journal_head h for update;
  n := head.seq; next := head.hash;
  for i in 1..cardinality(p_bodies) loop
    whole := '{"about":' || json_strip_nulls(json_build_object('provider', p_provider, 'mid', p_mids[i], 'tids', p_tids[i]::json))
      || ',' || substr(p_bodies[i], 2);
    n := n + 1;
    next := sha256(next || convert_to(n || E'\n' || whole, 'UTF8'));
    wholes[i] := whole; hashes[i] := next;
  end loop;
  insert into journal (seq, body, previous, hash)
  select head.seq + w.i, w.body, coalesce(hashes[w.i - 1], head.hash), hashes[w.i] from unnest(wholes) with ordinality w(body, i) order by w.i;
  update journal_head set seq = n, hash = next;
  return n;
end $$;

-- ── Looked for by what a terminal stands on ──────────────────────────────────────────────────────────────────────────
create index device_model on device (provider, model, serial);
-- 'V3.10.2' → {3,10,2}: compares as people count versions, not as texts do.
create function version_parts(p_version text) returns bigint[] language sql immutable strict parallel safe
  return array(select left(m[1], 15)::bigint from regexp_matches(p_version, '(\d+)', 'g') m);

-- ── Figures of the fleet ─────────────────────────────────────────────────────────────────────────────────────────────
create index application_submitted on application (provider, submitted_at) where submitted_at is not null;
create index notice_returned on notice (provider, at) include (case_no, audience) where kind = 'application_returned';
create index hold_faults on hold (provider, effective_from) where reason like 'D%';
