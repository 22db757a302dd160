-- Three records matched. A file that was taken is a row here and a Parquet file beside the database; what it speaks of is
-- in its parts, one per merchant and day: a later file about the same merchant and day takes the earlier one's place, part by
-- part. Runs match what is current; a break keeps its id over all runs, so that what people did about it stays with it.
alter table import drop constraint import_kind_check;
alter table import add constraint import_kind_check check (kind in {{set:importKinds}});
alter table import_error drop constraint import_error_code_check;
alter table import_error add constraint import_error_code_check check (code in {{set:importErrors}});

create table settlement_file (
  id uuid primary key,
  import uuid not null references import,
  kind text not null check (kind in ('slips', 'unionpay', 'bank')),
  layout text not null,
  file_name text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  -- What the reader said of it, without its place on the disk: matching is given this again.
  taken jsonb not null,
  state text not null default 'current' check (state in {{set:settlementFileStates}}),
  taken_at timestamptz not null, taken_by text not null,
  -- In which order they came, also where the clock stands still.
  ordinal bigint generated always as identity
);
create unique index settlement_file_once on settlement_file (kind, sha256) where state = 'current';
create index settlement_file_taken on settlement_file (ordinal desc);
create index settlement_file_import on settlement_file (import);

-- made_on: the day in Shanghai on which the transactions were made; bank lines have their settlement date in both.
create table settlement_part (
  file uuid not null references settlement_file,
  provider text not null references provider, mid text not null references merchant,
  made_on date not null, settled_on date not null,
  kind text not null check (kind in ('slips', 'unionpay', 'bank')),
  -- Detail and difference files of UnionPay stand beside each other.
  series text not null,
  tids text[] not null,
  rows_count integer not null check (rows_count >= 0),
  superseded_by uuid references settlement_file,
  primary key (file, provider, mid, made_on, settled_on)
);
create index settlement_part_current on settlement_part (mid, settled_on, made_on) where superseded_by is null;
create index settlement_part_mid on settlement_part (mid, file);
create index settlement_part_provider on settlement_part (provider, file);
create index settlement_part_superseded on settlement_part (superseded_by) where superseded_by is not null;

-- Our column → theirs, by which an unknown CSV of a provider is read.
create table settlement_mapping (
  provider text not null references provider,
  kind text not null check (kind in ('slips', 'bank')),
  name text not null check (length(name) between 1 and 100),
  columns jsonb not null,
  saved_by text not null, saved_at timestamptz not null,
  primary key (provider, kind, name)
);

create table settlement_run (
  id uuid primary key,
  -- Null: of all providers, or all days.
  provider text references provider,
  day_from date, day_to date check (day_to >= day_from),
  cause text not null check (cause in ('asked', 'file')),
  state text not null check (state in {{set:settlementRunStates}}),
  progress real not null default 0 check (progress between 0 and 1),
  stop_requested boolean not null default false,
  actor jsonb not null, requested_by text not null,
  created_at timestamptz not null, begun_at timestamptz,
  -- Its changes are committed; what is left is to look at clearance and cases again.
  applied_at timestamptz, ended_at timestamptz,
  -- What it found and what that changed.
  result jsonb
);
create index settlement_run_created on settlement_run (created_at desc, id);
create index settlement_run_unfinished on settlement_run (created_at) where ended_at is null;
-- Files that come while one waits are matched with it.
create unique index settlement_run_waiting on settlement_run (coalesce(provider, '*')) where state = 'queued' and cause = 'file';

-- UnionPay's money of a merchant and settlement date against what the bank booked.
create table settlement_day (
  provider text not null references provider, mid text not null references merchant, settled_on date not null,
  unionpay_fen bigint, bank_fen bigint,
  state text not null check (state in ('matched', 'pending', 'break')),
  run uuid not null references settlement_run,
  primary key (provider, mid, settled_on)
);
create index settlement_day_mid on settlement_day (mid, settled_on);

create table settlement_break (
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  provider text not null references provider, mid text not null references merchant,
  -- Null where money is booked per merchant, not per terminal.
  tid text,
  kind text not null check (kind in {{set:breakKinds}}),
  reference text, settled_on date not null,
  -- What is at stake.
  amount_fen bigint not null check (amount_fen >= 0),
  -- The records side by side, as matched.
  content jsonb not null,
  state text not null check (state in {{set:breakStates}}),
  due_at timestamptz not null,
  assignee text,
  found_at timestamptz not null, run uuid not null references settlement_run,
  explained_at timestamptz,
  proposed_by text, proposed_at timestamptz,
  accepted_by text, accepted_at timestamptz,
  resolved_at timestamptz, resolved_by uuid references settlement_file,
  version integer not null default 1,
  constraint acceptance_by_two check (proposed_by is null or accepted_by is distinct from proposed_by),
  -- Its state and its moments say the same.
  constraint moments_fit check (found_at is null or (
    (state = 'accepted') <= (accepted_at is not null) and (state = 'resolved') = (resolved_at is not null)
    and (state = 'proposed') <= (proposed_by is not null) and (accepted_at is null) = (accepted_by is null)))
);
create index settlement_break_day on settlement_break (settled_on desc, id);
create index settlement_break_provider on settlement_break (provider, settled_on desc, id);
create index settlement_break_mid on settlement_break (mid, settled_on desc, id);
create index settlement_break_open_tid on settlement_break (tid) where state in ('open', 'proposed');
create index settlement_break_open_mid on settlement_break (mid, provider) where state in ('open', 'proposed') and tid is null;

-- What was done about a break; the words are sealed under the merchant's key.
create table settlement_break_event (
  break text not null references settlement_break, ordinal integer not null,
  provider text not null, mid text not null,
  event text not null check (event in {{set:breakEvents}}),
  at timestamptz not null, by text not null, role text not null check (role in {{set:roles}}),
  words_sealed bytea, run uuid references settlement_run, file uuid references settlement_file,
  primary key (break, ordinal)
);

-- How far the three records cover what the terminal did; null while no file of its merchant ever came.
alter table terminal add column records jsonb;

do $$
declare t text;
begin
  foreach t in array array['settlement_part', 'settlement_day', 'settlement_break', 'settlement_break_event'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
      with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))$p$, t);
  end loop;
  foreach t in array array['settlement_mapping', 'settlement_run'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider))$p$, t);
  end loop;
end $$;
-- A file may speak of many merchants: who sees one of its parts sees that it is there.
alter table settlement_file enable row level security, force row level security;
create policy party on settlement_file using ((select looking()) = '*' or exists (
  select from settlement_part p where p.file = settlement_file.id and (select looking()) in ('p:' || p.provider, 'm:' || p.mid)));
