-- Money owed either way. Entries and their lines are only ever added: the balance of an entry is checked with the statement
-- that brings its lines, an entry without lines does not survive its transaction, and nobody – the program's own role
-- included – edits or removes one. Contracts, invoices and payments are added likewise; a newer version says otherwise.
create function append_only() returns trigger language plpgsql as $$
begin raise exception '% is append-only', tg_table_name; end $$;

create table ledger_entry (
  id text primary key check (length(id) between 3 and 200),
  kind text not null check (kind in {{set:entryKinds}}),
  provider text not null references provider, mid text not null references merchant,
  tid text references terminal, serial text, case_no text references application,
  at timestamptz not null,
  month text check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  -- One entry is taken back at most once.
  reverses text unique references ledger_entry,
  total_fen bigint not null check (total_fen > 0),
  words_zh text not null, words_en text not null, formula_zh text, formula_en text,
  first_line smallint not null default 1 check (first_line = 1),
  unique (id, provider, mid),
  constraint only_reversals_take_back check (reverses is null or kind = 'reversal')
);
create index ledger_entry_mid on ledger_entry (mid, at desc, id desc);
create index ledger_entry_provider on ledger_entry (provider, at desc, id desc);
create index ledger_entry_serial on ledger_entry (serial) where serial is not null;
create index ledger_entry_tid on ledger_entry (tid, month) where tid is not null;
create index ledger_entry_case on ledger_entry (case_no) where case_no is not null;

create table ledger_line (
  entry text not null, ordinal smallint not null check (ordinal > 0),
  provider text not null, mid text not null,
  account text not null check (account in {{set:accounts}}),
  debit_fen bigint not null check (debit_fen >= 0), credit_fen bigint not null check (credit_fen >= 0),
  primary key (entry, ordinal),
  foreign key (entry, provider, mid) references ledger_entry (id, provider, mid),
  constraint one_side check ((debit_fen = 0) <> (credit_fen = 0))
);
create index ledger_line_account on ledger_line (mid, provider, account) include (debit_fen, credit_fen);
alter table ledger_entry add constraint entry_has_lines
  foreign key (id, first_line) references ledger_line (entry, ordinal) deferrable initially deferred;

-- The lines of an entry come in one statement, all of them: its first line is taken then, so none can be added later.
create function ledger_balanced() returns trigger language plpgsql as $$
declare wrong text;
begin
  select l.entry into wrong from lines l left join ledger_entry e on e.id = l.entry group by l.entry
  having sum(l.debit_fen) <> sum(l.credit_fen) or sum(l.debit_fen) <> max(e.total_fen)
    or count(*) < 2 or min(l.ordinal) <> 1 or max(l.ordinal) <> count(*) limit 1;
  if found then
    raise exception 'debits and credits differ, or lines are missing: %', wrong using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;
  return null;
end $$;
create trigger ledger_balanced after insert on ledger_line referencing new table as lines for each statement execute function ledger_balanced();

-- The same id again is the same entry, and passes by without effect; the same id for something else is a fault.
create function ledger_same() returns trigger language plpgsql as $$
begin
  if exists (select from ledger_entry e where e.id = new.id
      and (e.kind, e.provider, e.mid, e.total_fen) is distinct from (new.kind, new.provider, new.mid, new.total_fen)) then
    raise exception 'another entry has this id: %', new.id using errcode = 'unique_violation', constraint = 'ledger_same';
  end if;
  return new;
end $$;
create trigger ledger_same before insert on ledger_entry for each row execute function ledger_same();

create table contract (
  provider text not null references provider, mid text not null references merchant,
  version integer not null check (version > 0),
  effective_from date not null,
  document jsonb not null,
  created_by text not null, created_at timestamptz not null,
  primary key (provider, mid, version)
);
create index contract_mid on contract (mid, provider, effective_from desc, version desc);

create table payment (
  id uuid primary key, provider text not null references provider, mid text not null references merchant,
  -- Its entry follows with the last statement of the transaction.
  entry text not null unique references ledger_entry deferrable initially deferred,
  direction text not null check (direction in ('in', 'out')),
  method text not null check (method in {{set:paymentMethods}}),
  reference text not null check (length(reference) between 1 and 100),
  amount_fen bigint not null check (amount_fen > 0),
  received_on date not null,
  case_no text, recorded_by text not null, recorded_at timestamptz not null,
  -- One transfer is recorded once.
  constraint payment_once unique (provider, method, reference, direction)
);
create index payment_mid on payment (mid, recorded_at desc);

create table invoice (
  no text primary key, provider text not null references provider, mid text not null references merchant,
  issued_at timestamptz not null, due_on date not null,
  total_fen bigint not null, issued_by text not null,
  unique (no, provider, mid)
);
create index invoice_mid on invoice (mid, issued_at desc, no desc);
create index invoice_provider on invoice (provider, issued_at desc, no desc);
create table invoice_line (
  entry text primary key references ledger_entry, invoice text not null,
  provider text not null, mid text not null,
  foreign key (invoice, provider, mid) references invoice (no, provider, mid)
);
create index invoice_line_invoice on invoice_line (invoice);

-- A waiver above the policy's limit waits for a second person.
create table waiver (
  id uuid primary key, provider text not null references provider, mid text not null references merchant,
  case_no text, amount_fen bigint not null check (amount_fen > 0),
  words text not null,
  proposed_by text not null, proposed_at timestamptz not null,
  confirmed_by text, confirmed_at timestamptz,
  entry text unique references ledger_entry deferrable initially deferred,
  constraint waiver_of_two check (confirmed_by is null or confirmed_by <> proposed_by)
);
create index waiver_mid on waiver (mid, proposed_at desc);

-- Up to which month a terminal's running fees are posted, and which version of the terminal they were counted from.
create table accrual (
  tid text primary key references terminal, provider text not null, mid text not null,
  from_month text not null, through_month text not null,
  version integer not null
);
create index accrual_through on accrual (provider, through_month);

-- Ways of being paid that a provider keeps for comparison; merchants of that provider read them.
create table channel (
  provider text not null references provider, id text not null check (id ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  document jsonb not null,
  updated_by text not null, updated_at timestamptz not null, version integer not null default 1,
  primary key (provider, id)
);

-- What a merchant owes a provider; below 0 where it has credit.
create function ledger_balance(p_mid text, p_provider text) returns bigint language sql stable parallel safe
  return coalesce((select sum(debit_fen - credit_fen) from ledger_line where mid = p_mid and provider = p_provider and account = 'receivable'), 0)::bigint;
-- What is unpaid of a case's own charges. Payments for the case count for it first; all others pay the oldest charge first,
-- so that of the whole debt what was charged later than the case is set aside.
create function ledger_case_owed(p_no text, p_mid text, p_provider text) returns bigint language sql stable parallel safe
begin atomic
  with charged as (
    select coalesce(e.case_no, e.reverses, e.id) as what, min(e.at) as at, greatest(0, sum(l.debit_fen - l.credit_fen)) as fen
    from ledger_line l join ledger_entry e on e.id = l.entry
    where l.mid = p_mid and l.provider = p_provider and l.account = 'receivable' and e.kind <> 'payout' group by 1
  )
  select coalesce((select least(own.fen, greatest(0, ledger_balance(p_mid, p_provider)
      - coalesce((select sum(later.fen) from charged later where later.at > own.at), 0))) from charged own where own.what = p_no), 0)::bigint;
end;
do $$
declare t text;
begin
  foreach t in array array['ledger_entry','ledger_line','contract','payment','invoice','invoice_line','waiver','accrual'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
      with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))$p$, t);
  end loop;
  foreach t in array array['ledger_entry','ledger_line','contract','payment','invoice','invoice_line'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function append_only()', t);
    execute format('create trigger append_only_too before truncate on %I for each statement execute function append_only()', t);
  end loop;
end $$;
alter table channel enable row level security, force row level security;
create policy party on channel using ((select looking()) in ('*', 'p:' || provider));
create policy of_its_merchants on channel for select using (exists (
  select from merchant_provider mp where mp.provider = channel.provider and (select looking()) = 'm:' || mp.mid));
