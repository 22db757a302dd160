-- Files in. An import must survive the program: who asked, what the file was, and whether its changes are committed, so that
-- a run cut short is done again from the sealed file, or only finished. Rows are staged beside the state, in tables that need
-- not survive a crash; what others must be told afterwards is written down in the transaction that made it true.
alter table import
  add column actor jsonb not null default '{}',
  add column sha256 text not null default '',
  -- Its changes are committed; what is left is to tell the gates and to recompute clearance.
  add column applied_at timestamptz;
create index import_unfinished on import (created_at) where ended_at is null;

-- Rejected rows as they came (card numbers masked), sealed: they hold names and telephone numbers.
create table import_rejected (
  import uuid not null references import on delete cascade, provider text,
  line integer not null, cells_sealed bytea not null,
  primary key (import, line)
);
alter table import_rejected enable row level security, force row level security;
create policy party on import_rejected using ((select looking()) in ('*', 'p:' || provider));

create schema staging authorization tingqi_app;

-- publish: the gates must hear of this terminal. clearance: its transactions changed, the last of them made at `at`.
create table import_outbox (
  kind text not null check (kind in ('publish', 'clearance')),
  tid text not null, provider text not null, at timestamptz,
  primary key (kind, provider, tid)
);

-- A store that moved moves its terminals.
create index terminal_store on terminal (store_id);

-- When clearance changes by itself: money settles on its date, a pre-authorisation expires.
alter table terminal add column clearance_due_at timestamptz;
create index terminal_clearance_due on terminal (clearance_due_at) where clearance_due_at is not null;

-- What may still be open is found without reading a terminal's history: approved and not settled by a date, or unanswered.
drop index transaction_open;
create index transaction_unsettled on transaction (tid, coalesce(settled_on, 'infinity'::date)) where status = 'approved';
create index transaction_unanswered on transaction (tid) where status in ('pending', 'disputed');
drop index transaction_reference;
create index transaction_reference on transaction (tid, reference);
