-- Tingqi's whole state. The impossible is forbidden here once more, whatever the program thinks: closed sets by checks made
-- from the vocabulary ({{set:…}} is filled in by migrate.ts), one open case per terminal and direction, no two holds of one
-- kind at one time, a serial on one live terminal, a checker who is not the maker, and rows that only their parties see.
create extension if not exists btree_gist;
create extension if not exists pg_trgm;

-- Who is looking: '*' the system, 'p:<provider>' or 'm:<mid>'. Unset sees nothing.
create function looking() returns text language sql stable parallel safe
  return coalesce(current_setting('tingqi.scope', true), '');

create table installation (
  single boolean primary key default true check (single),
  clock text not null check (clock in ('real', 'manual')),
  now timestamptz,
  epoch integer not null default 1,
  -- The last day on which everything that is looked at once a day was looked at.
  swept_on date,
  created_at timestamptz not null default clock_timestamp()
);

create table provider (
  id text primary key check (id ~ '^[a-z][a-z0-9_]{1,30}$'),
  name text not null unique,
  name_en text not null,
  prefix text not null unique check (prefix ~ '^[A-Z]{2}$'),
  licence_no text, licence_until date,
  unionpay_certified boolean not null default false,
  direct_settlement boolean not null default false,
  hotline text not null, hotline_hours text not null default '09:00-18:00'
);

create table policy (
  provider text not null references provider,
  version integer not null check (version > 0),
  document jsonb not null,
  effective_from timestamptz,
  created_by text not null, created_at timestamptz not null,
  approved_by text check (approved_by <> created_by),
  primary key (provider, version)
);

create table calendar_year (
  year integer primary key check (year between 2000 and 2200),
  off date[] not null, work date[] not null,
  imported_by text not null, imported_at timestamptz not null
);

create table merchant (
  mid text primary key check (mid ~ '^[0-9A-Z]{15}$'),
  name text not null,
  uscc text not null, mcc text not null check (mcc ~ '^[0-9]{4}$'),
  licence_until date,
  -- Personal data and the settlement account are readable only with this merchant's own key; destroying it disposes of them.
  wrapped_key bytea,
  contact_sealed bytea, phone_sealed bytea, legal_person_sealed bytea, account_sealed bytea,
  created_at timestamptz not null default clock_timestamp()
);
create index merchant_name_trgm on merchant using gin (name gin_trgm_ops);
create index merchant_uscc on merchant (uscc);

create table merchant_provider (
  mid text not null references merchant, provider text not null references provider,
  primary key (mid, provider)
);
create index merchant_provider_provider on merchant_provider (provider, mid);

create table store (
  id bigint generated always as identity primary key,
  mid text not null references merchant,
  name text not null, address text not null,
  longitude double precision check (longitude between -180 and 180),
  latitude double precision check (latitude between -90 and 90),
  unique (mid, name)
);

create table device (
  serial text primary key,
  provider text not null references provider,
  model text not null,
  type text not null check (type in {{set:deviceTypes}}),
  ownership text not null check (ownership in {{set:ownerships}}),
  deposit_fen bigint not null default 0 check (deposit_fen >= 0),
  firmware text not null default '',
  state text not null default 'deployed' check (state in {{set:deviceStates}})
);

create table terminal (
  tid text primary key check (tid ~ '^[0-9A-Z]{8}$'),
  mid text not null references merchant,
  provider text not null references provider,
  store_id bigint references store,
  serial text references device,
  installed_at timestamptz, closed_at timestamptz,
  service text not null check (service in {{set:services}}),
  -- The reason people are told first, for lists; null while nothing holds the terminal.
  reason text check (reason in {{set:reasons}}),
  sign_on_required boolean not null default false,
  clear boolean not null default true,
  clearance jsonb not null default '[]',
  host_blocked_at timestamptz, device_confirmed_at timestamptz,
  connectivity text not null default 'unknown' check (connectivity in {{set:connectivities}}),
  last_transaction_at timestamptz,
  dormancy_asked_at timestamptz, dormancy_answer_by timestamptz,
  dormancy_answer text check (dormancy_answer in {{set:dormancyAnswers}}),
  due_at timestamptz,
  -- Commit order of the last change the gates must know (journal sequence), and this row's version for If-Match.
  gate_seq bigint not null default 0,
  version integer not null default 1
);
create unique index terminal_serial_live on terminal (serial) where closed_at is null;
create index terminal_provider on terminal (provider, tid);
create index terminal_mid on terminal (mid, tid);
create index terminal_service on terminal (service, tid) where service <> 'active';
create index terminal_reason on terminal (reason, tid) where reason is not null;
create index terminal_due on terminal (due_at) where due_at is not null;
create index terminal_gate_seq on terminal (gate_seq);
create index terminal_last_transaction on terminal (last_transaction_at) where closed_at is null;

create table hold (
  id uuid primary key,
  tid text not null references terminal,
  provider text not null, mid text not null,
  reason text not null check (reason in {{set:reasons}}),
  owner text not null check (owner in {{set:holdOwners}}),
  effect text not null check (effect in {{set:effects}}),
  effective_from timestamptz not null,
  drain_until timestamptz not null check (drain_until >= effective_from),
  expected_until timestamptz check (expected_until > effective_from),
  case_no text, placed_by text not null, words_sealed bytea,
  reminders timestamptz[] not null default '{}',
  started_at timestamptz, shut_at timestamptz, cleared_at timestamptz, lifted_at timestamptz, withdrawn_at timestamptz,
  check (withdrawn_at is null or started_at is null),
  check (lifted_at is null or (lifted_at >= effective_from and cleared_at is not null)),
  -- No two holds of one kind on a terminal at one time.
  exclude using gist (
    tid with =, owner with =, reason with =,
    tstzrange(effective_from, coalesce(lifted_at, 'infinity')) with &&
  ) where (withdrawn_at is null)
);
create index hold_tid on hold (tid);
create index hold_mid_open on hold (mid) where lifted_at is null and withdrawn_at is null;
create index hold_case on hold (case_no) where case_no is not null;

create table case_counter (
  provider text not null, series text not null, day date not null, last integer not null,
  primary key (provider, series, day)
);

create table application (
  no text primary key,
  kind text not null check (kind in {{set:applicationKinds}}),
  state text not null check (state in {{set:applicationStates}}),
  provider text not null references provider,
  mid text not null references merchant,
  reason text not null check (reason in {{set:reasons}}),
  words_sealed bytea, proof_sealed bytea,
  channel text not null check (channel in {{set:channels}}),
  on_behalf boolean not null default false,
  effective_from timestamptz, expected_until timestamptz,
  policy_version integer,
  created_at timestamptz not null, created_by text not null,
  submitted_at timestamptz, submitted_by text,
  -- Everybody who opened or submitted it, however often it came back.
  makers text[] not null default '{}',
  assignee text, reviewed_by text, reviewed_digest text,
  decided_at timestamptz, decided_by text, rule text,
  earliest_at timestamptz, deadline_at timestamptz, days_left integer, answer_by timestamptz, escalated_at timestamptz,
  checkpoint_at timestamptz, checkpoint_taken_at timestamptz,
  begun_at timestamptz, ended_at timestamptz,
  findings jsonb not null default '[]',
  due_at timestamptz,
  version integer not null default 1,
  -- Whoever made or first reviewed a case never approves it.
  constraint checker_is_not_maker check (
    decided_by is null or state = 'rejected'
    or (decided_by <> created_by and decided_by is distinct from submitted_by and decided_by is distinct from reviewed_by
      and decided_by <> all (makers))),
  constraint reviewer_is_not_maker check (
    reviewed_by is null or (reviewed_by <> created_by and reviewed_by is distinct from submitted_by and reviewed_by <> all (makers)))
);
create index application_due on application (due_at) where due_at is not null;
create index application_queue on application (provider, deadline_at, no) where state in ('submitted', 'in_review', 'second_review');
create index application_provider on application (provider, created_at desc, no);
create index application_mid on application (mid, created_at desc, no);
create index application_created on application (created_at desc, no);

create table application_terminal (
  no text not null references application, tid text not null references terminal,
  provider text not null, mid text not null,
  direction text not null check (direction in {{set:directions}}),
  result text not null check (result in {{set:terminalResults}}),
  hold uuid,
  open boolean not null default true,
  primary key (no, tid)
);
create unique index one_open_case on application_terminal (tid, direction) where open;
create index application_terminal_tid on application_terminal (tid, no);

create table step (
  no text not null references application, id text not null,
  provider text not null, mid text not null,
  rule text not null, kind text not null check (kind in {{set:stepKinds}}),
  requirement text not null check (requirement in {{set:requirements}}),
  before text not null check (before in {{set:stepMoments}}),
  due_at timestamptz, assignee text not null check (assignee in {{set:roles}}),
  state text not null check (state in {{set:stepStates}}),
  evidence text, settled_at timestamptz, settled_by text,
  waiver_by text,
  constraint waiver_by_two check (waiver_by is null or waiver_by is distinct from settled_by),
  primary key (no, id)
);
create index step_due on step (due_at) where state = 'open';

create table material (
  id uuid primary key, no text not null references application,
  provider text not null, mid text not null,
  type text not null check (type in {{set:materialTypes}}),
  state text not null check (state in {{set:materialStates}}),
  sha256 text not null, media_type text not null, size_bytes integer not null check (size_bytes > 0),
  name_sealed bytea not null,
  added_at timestamptz not null, added_by text not null, words text
);
create index material_no on material (no);

create table device_test (
  id uuid primary key, tid text not null references terminal,
  provider text not null, mid text not null,
  at timestamptz not null, tested_by text not null, passed boolean not null, items jsonb not null, case_no text
);
create index device_test_tid on device_test (tid, at desc);

-- Card numbers are here only as first six and last four.
create table transaction (
  tid text not null, mid text not null, provider text not null,
  batch text not null, trace text not null, reference text not null,
  class text not null check (class in {{set:transactionClasses}}),
  amount_fen bigint not null check (amount_fen >= 0),
  at timestamptz not null, settled_on date,
  card_kind text check (card_kind in {{set:cardKinds}}),
  card_masked text check (card_masked !~ '[0-9]{11}'),
  auth_code text,
  status text not null check (status in {{set:transactionStatuses}}),
  primary key (tid, batch, trace, reference, class)
);
create index transaction_open on transaction (tid)
  where (settled_on is null and status = 'approved') or status in ('pending', 'disputed');
create index transaction_reference on transaction (tid, reference) where class in ('preauth', 'preauth_completion', 'preauth_cancel');

create table letter (
  no text primary key, kind text not null check (kind in {{set:letterKinds}}),
  code text not null unique,
  case_no text not null references application,
  provider text not null, mid text not null,
  state text not null default 'valid' check (state in {{set:letterStates}}),
  facts jsonb not null,
  issued_at timestamptz not null
);
create index letter_case on letter (case_no);
create index letter_mid on letter (mid, issued_at desc);
create table letter_pdf (
  no text primary key references letter, provider text not null, mid text not null,
  pdf bytea not null, sha256 text not null, signed_at timestamptz not null
);

-- Whom letters are signed by; earlier identities stay, so that letters they signed can still be recognised.
create table signing_identity (
  id integer generated always as identity primary key,
  certificate_pem text not null unique, key_sealed bytea not null, made_at timestamptz not null
);

create table backup_identity (
  single boolean primary key default true check (single), key_sealed bytea not null, made_at timestamptz not null
);

create table notice (
  id uuid primary key,
  kind text not null check (kind in {{set:noticeKinds}}),
  provider text not null, mid text not null,
  audience text not null check (audience in ('merchant', 'provider')),
  case_no text, tid text,
  words_zh text not null, words_en text not null,
  at timestamptz not null, read_at timestamptz
);
create index notice_mid on notice (mid, at desc);
create index notice_provider on notice (provider, at desc);

create table backup (
  id uuid primary key, tid text not null references terminal, provider text not null, mid text not null,
  due_at timestamptz not null, made_at timestamptz, verified_at timestamptz,
  file text, sha256 text, rows_count integer, failure text,
  unique (tid, due_at)
);
create index backup_due on backup (due_at) where verified_at is null;

create table import (
  id uuid primary key,
  kind text not null check (kind in {{set:importKinds}}),
  provider text, mid text,
  state text not null check (state in {{set:importStates}}),
  dry_run boolean not null, partial boolean not null,
  file_name text not null, size_bytes bigint not null,
  rows_total integer not null default 0, rows_accepted integer not null default 0, rows_rejected integer not null default 0,
  rows_changed integer not null default 0,
  progress real not null default 0 check (progress between 0 and 1),
  requested_by text not null, role text not null, created_at timestamptz not null, ended_at timestamptz,
  stop_requested boolean not null default false
);
create index import_created on import (created_at desc);
create table import_error (
  import uuid not null references import on delete cascade, provider text,
  ordinal integer not null, line integer not null, "column" text not null,
  code text not null check (code in {{set:importErrors}}), detail_zh text not null, detail_en text not null,
  primary key (import, ordinal)
);

-- People: a person may hold several accounts and keys. Passwords and sessions are better-auth's, in schema auth.
create table person (id text primary key, name text not null);
create table account (
  id text primary key, person text not null references person,
  name text not null, login text unique,
  role text not null check (role in {{set:roles}}),
  party_kind text not null check (party_kind in {{set:partyKinds}}), party_id text not null,
  auth_user text unique, disabled_at timestamptz
);
create table api_key (
  hash bytea primary key check (length(hash) = 32),
  account text not null references account, hint text not null,
  created_at timestamptz not null, revoked_at timestamptz
);

-- One effect, one stored reply: written in the transaction of the effect.
create table idempotency (
  party text not null, key text not null, route text not null, body_hash bytea not null,
  status integer, reply text, at timestamptz not null,
  primary key (party, key)
);
create index idempotency_at on idempotency (at);

-- Append-only and chained: hash = sha256(previous hash ‖ body). seq is the commit order, taken under the head's row lock.
create table journal_head (
  single boolean primary key default true check (single),
  seq bigint not null, hash bytea not null
);
insert into journal_head values (true, 0, sha256('tingqi'::bytea));
-- Whom and what a row is about stands in its body, where the hash covers it; the columns beside it are read out of the body
-- and cannot be changed by themselves.
create function journal_texts(p_list jsonb) returns text[] language sql immutable parallel safe
  return array(select jsonb_array_elements_text(p_list));
create function journal_about(p_body text) returns jsonb language sql immutable parallel safe
  return case when p_body is json object then p_body::jsonb -> 'about' end;
create table journal (
  seq bigint primary key check (seq > 0),
  body text not null check (body is json object),
  previous bytea not null, hash bytea not null,
  provider text generated always as (journal_about(body) ->> 'provider') stored,
  mid text generated always as (journal_about(body) ->> 'mid') stored,
  case_no text generated always as (journal_about(body) ->> 'case') stored,
  tids text[] generated always as (journal_texts(journal_about(body) -> 'tids')) stored
);
create index journal_case on journal (case_no, seq) where case_no is not null;
create index journal_tids on journal using gin (tids);
create index journal_provider on journal (provider, seq);
create index journal_mid on journal (mid, seq);

create function journal_append(p_provider text, p_mid text, p_case text, p_tids text[], p_body text) returns bigint
language plpgsql as $$
declare head record; next bytea; whole text;
begin
  whole := '{"about":' || json_strip_nulls(json_build_object('provider', p_provider, 'mid', p_mid, 'case', p_case, 'tids', p_tids))
    || case when p_body = '{}' then '}' else ',' || substr(p_body, 2) end;
  select seq, hash into head from journal_head for update;
  next := sha256(head.hash || convert_to((head.seq + 1) || E'\n' || whole, 'UTF8'));
  insert into journal (seq, body, previous, hash) values (head.seq + 1, whole, head.hash, next);
  update journal_head set seq = head.seq + 1, hash = next;
  return head.seq + 1;
end $$;

create function forbid_change() returns trigger language plpgsql as $$
begin raise exception 'journal is append-only'; end $$;
create trigger journal_append_only before update or delete on journal for each row execute function forbid_change();

-- ── Row level security, forced: a party's connection sees its own rows even if a query forgets to ask ────────────────
do $$
declare t text;
begin
  foreach t in array array['hold','application','application_terminal','step','material','device_test','transaction','letter',
    'letter_pdf','notice','backup','terminal','journal'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
      with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))$p$, t);
  end loop;
  foreach t in array array['device','import','import_error'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider))$p$, t);
  end loop;
end $$;
alter table merchant_provider enable row level security, force row level security;
create policy party on merchant_provider using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid));
alter table merchant enable row level security, force row level security;
create policy party on merchant using ((select looking()) in ('*', 'm:' || mid) or exists (
  select from merchant_provider mp where mp.mid = merchant.mid and (select looking()) = 'p:' || mp.provider));
alter table store enable row level security, force row level security;
create policy party on store using ((select looking()) in ('*', 'm:' || mid) or exists (
  select from merchant_provider mp where mp.mid = store.mid and (select looking()) = 'p:' || mp.provider));
-- A merchant sees the devices on its own terminals.
create policy on_own_terminal on device for select using (exists (
  select from terminal t where t.serial = device.serial and (select looking()) = 'm:' || t.mid));
alter table account enable row level security, force row level security;
create policy party on account using ((select looking()) in ('*', left(party_kind, 1) || ':' || party_id));
alter table api_key enable row level security, force row level security;
create policy party on api_key using ((select looking()) = '*' or exists (select from account a where a.id = api_key.account));
