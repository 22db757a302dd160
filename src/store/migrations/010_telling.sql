-- Telling people and machines. What happened becomes an event in the commit order of the journal and, by triggers, in the very
-- transaction of its fact, a delivery for everybody who wants to hear of it – whoever wrote the notice, letter or event. A
-- delivery says itself whether it still has to go and when; complaints carry their own clock. Addresses are sealed: a
-- merchant's with the merchant's key.
alter table notice drop constraint notice_kind_check, add constraint notice_kind_check check (kind in {{set:noticeKinds}});

-- What proves that the merchant asked for what somebody filed for it.
alter table application add column proof_kind text check (proof_kind in {{set:proofKinds}});

-- ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────────
-- How many events a terminal has had: its row lock, held to the commit, numbers them without gaps.
create table event_counter (
  tid text primary key references terminal, provider text not null, mid text not null,
  last bigint not null check (last > 0)
);
create table event (
  journal_seq bigint not null, ordinal smallint not null check (ordinal > 0),
  id uuid not null unique,
  kind text not null check (kind in {{set:eventKinds}}),
  provider text not null, mid text not null, tid text,
  -- Of its terminal: one more than the event before.
  seq bigint,
  case_no text,
  at timestamptz not null, body jsonb not null,
  primary key (journal_seq, ordinal),
  constraint numbered_with_its_terminal check ((tid is null) = (seq is null)),
  unique (tid, seq)
);
create index event_provider on event (provider, journal_seq, ordinal);
create index event_mid on event (mid, journal_seq, ordinal);

-- ── Who wants to hear ────────────────────────────────────────────────────────────────────────────────────────────────
create table contact (
  id uuid primary key,
  provider text references provider, mid text references merchant,
  channel text not null check (channel in {{set:contactChannels}}),
  address_sealed bytea not null,
  language text not null check (language in ('zh', 'en')),
  -- Kinds of notice, and 'letter'; null is everything.
  about text[] check (cardinality(about) > 0),
  created_at timestamptz not null, created_by text not null, removed_at timestamptz,
  constraint contact_of_one_party check (id is null or (provider is null) <> (mid is null))
);
create index contact_provider on contact (provider) where removed_at is null and provider is not null;
create index contact_mid on contact (mid) where removed_at is null and mid is not null;

-- Of a provider, of a merchant, or of neither: then the platform's, which hears everything.
create table webhook (
  id uuid primary key,
  provider text references provider, mid text references merchant,
  url text not null check (length(url) <= 2000), name text not null default '',
  kinds text[] check (cardinality(kinds) > 0),
  secret_sealed bytea not null,
  -- Still signed with beside the new one, until then.
  old_secret_sealed bytea, old_until timestamptz,
  created_at timestamptz not null, created_by text not null,
  succeeded_at timestamptz, failing_since timestamptz,
  disabled_at timestamptz, disabled_why text check (disabled_why in {{set:webhookStops}}),
  removed_at timestamptz,
  version integer not null default 1,
  constraint webhook_of_one_party check (provider is null or mid is null),
  constraint disabled_for_a_reason check (id is null or (disabled_at is null) = (disabled_why is null)),
  constraint old_secret_ends check ((old_secret_sealed is null) = (old_until is null))
);
create index webhook_live on webhook (provider, mid) where disabled_at is null and removed_at is null;

-- ── Deliveries ───────────────────────────────────────────────────────────────────────────────────────────────────────
-- provider and mid say who sees it: what goes to a merchant on a provider's behalf is seen by both, the rest by its owner.
create table delivery (
  -- Also the message's own id, the same however often it is sent.
  id uuid primary key,
  ordinal bigint generated always as identity,
  provider text, mid text,
  channel text not null check (channel in {{set:deliveryChannels}}),
  notice uuid references notice, letter text references letter,
  event_seq bigint, event_ordinal smallint,
  webhook uuid references webhook, contact uuid references contact,
  -- Sealed with its merchant's key, or the program's for a provider's own.
  address_sealed bytea,
  language text check (language in ('zh', 'en')),
  state text not null default 'waiting' check (state in {{set:deliveryStates}}),
  attempts integer not null default 0 check (attempts >= 0),
  next_at timestamptz not null,
  leased_until timestamptz,
  created_at timestamptz not null, done_at timestamptz,
  failure text check (failure in {{set:deliveryFailures}}), proof jsonb,
  foreign key (event_seq, event_ordinal) references event (journal_seq, ordinal),
  constraint webhook_has_an_endpoint check (id is null or (channel = 'webhook') = (webhook is not null)),
  constraint about_one_thing check (id is null or num_nonnulls(notice, letter, event_seq) = 1 or (channel = 'webhook' and num_nonnulls(notice, letter, event_seq) = 0)),
  constraint people_have_an_address check (id is null or channel = 'webhook' or address_sealed is not null),
  constraint ended_once_done check (id is null or (state = 'waiting') = (done_at is null)),
  constraint failed_for_a_reason check (id is null or state in ('waiting', 'sent') or failure is not null)
);
create index delivery_due on delivery (next_at, ordinal) where state = 'waiting' and webhook is null;
create index delivery_due_webhook on delivery (webhook, next_at, ordinal) where state = 'waiting' and webhook is not null;
create index delivery_leased on delivery (webhook) where leased_until is not null;
create index delivery_provider on delivery (provider, ordinal desc);
create index delivery_mid on delivery (mid, ordinal desc);
create index delivery_notice on delivery (notice) where notice is not null;
create index delivery_letter on delivery (letter) where letter is not null;
create index delivery_undone on delivery (channel, state) where state <> 'sent';

-- A merchant's command tells the provider's people too, and the other way round: these run as their owner, over all rows.
create function deliver_notices() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  -- Most of the time nobody named anybody: then this is all there is to do.
  if exists (select from contact where removed_at is null) then
    insert into delivery (id, provider, mid, channel, notice, contact, address_sealed, language, next_at, created_at)
    select gen_random_uuid(), n.provider, n.mid, c.channel, n.id, c.id, c.address_sealed, c.language, n.at, n.at
    from fresh n join contact c on c.mid = n.mid and c.removed_at is null and (c.about is null or n.kind = any (c.about)) where n.audience = 'merchant'
    union all
    select gen_random_uuid(), n.provider, null, c.channel, n.id, c.id, c.address_sealed, c.language, n.at, n.at
    from fresh n join contact c on c.provider = n.provider and c.removed_at is null and (c.about is null or n.kind = any (c.about)) where n.audience = 'provider';
  end if;
  -- A merchant that named nobody is told by the telephone in the register, where the provider's policy says so.
  insert into delivery (id, provider, mid, channel, notice, contact, address_sealed, language, next_at, created_at)
  select gen_random_uuid(), n.provider, n.mid, 'sms', n.id, null, m.phone_sealed, 'zh', n.at, n.at
  from (select provider, max(at) as at from fresh where audience = 'merchant' group by provider) x
  cross join lateral (
    select p.document -> 'telling' -> 'registeredPhone' as kinds from policy p where p.provider = x.provider and p.effective_from <= x.at
    order by p.effective_from desc, p.version desc limit 1) p
  join fresh n on n.provider = x.provider and p.kinds ? n.kind
  join merchant m on m.mid = n.mid and m.phone_sealed is not null
  where n.audience = 'merchant' and not exists (select from contact c where c.mid = n.mid and c.removed_at is null);
  return null;
end $$;
create trigger deliver after insert on notice referencing new table as fresh for each statement execute function deliver_notices();

create function deliver_letters() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  if not exists (select from contact where removed_at is null) then return null; end if;
  insert into delivery (id, provider, mid, channel, letter, contact, address_sealed, language, next_at, created_at)
  select gen_random_uuid(), l.provider, l.mid, c.channel, l.no, c.id, c.address_sealed, c.language, l.issued_at, l.issued_at
  from fresh l join contact c on c.mid = l.mid and c.removed_at is null and (c.about is null or 'letter' = any (c.about));
  return null;
end $$;
create trigger deliver after insert on letter referencing new table as fresh for each statement execute function deliver_letters();

create function deliver_events() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  if not exists (select from webhook where disabled_at is null and removed_at is null) then return null; end if;
  insert into delivery (id, provider, mid, channel, event_seq, event_ordinal, webhook, next_at, created_at)
  select gen_random_uuid(), w.provider, w.mid, 'webhook', e.journal_seq, e.ordinal, w.id, e.at, e.at
  from fresh e join webhook w on w.disabled_at is null and w.removed_at is null and (w.kinds is null or e.kind = any (w.kinds))
    and (w.provider = e.provider or w.mid = e.mid or (w.provider is null and w.mid is null));
  return null;
end $$;
create trigger deliver after insert on event referencing new table as fresh for each statement execute function deliver_events();

-- ── Complaints and feedback ──────────────────────────────────────────────────────────────────────────────────────────
create table complaint (
  no text primary key check (length(no) between 5 and 60),
  provider text not null references provider, mid text not null references merchant,
  tid text references terminal, case_no text references application,
  kind text not null check (kind in {{set:complaintKinds}}),
  topic text not null check (topic in {{set:complaintTopics}}),
  state text not null check (state in {{set:complaintStates}}),
  channel text not null check (channel in {{set:channels}}),
  on_behalf boolean not null,
  -- What people wrote, sealed with the merchant's key; null once there is nothing of it.
  words_sealed bytea, proof_sealed bytea, answer_sealed bytea, remark_sealed bytea,
  filed_at timestamptz not null, filed_by text not null,
  deadline_at timestamptz not null, late_at timestamptz,
  assignee text,
  answered_at timestamptz, answered_by text,
  satisfaction smallint check (satisfaction between 1 and 5),
  closed_at timestamptz, closed_by text,
  reopened_at timestamptz,
  due_at timestamptz,
  version integer not null default 1,
  constraint answered_by_somebody check ((answered_at is null) = (answered_by is null)),
  constraint complaint_moments_fit check (no is null or ((state = 'closed') = (closed_at is not null) and (state <> 'answered' or answered_at is not null))),
  constraint nothing_due_once_closed check (closed_at is null or due_at is null),
  constraint not_answered_by_who_filed check (answered_by is null or answered_by <> filed_by)
);
create index complaint_due on complaint (due_at) where due_at is not null;
create index complaint_provider on complaint (provider, filed_at desc, no);
create index complaint_mid on complaint (mid, filed_at desc, no);
create index complaint_filed on complaint (filed_at desc, no);

do $$
declare t text;
begin
  foreach t in array array['event_counter', 'event', 'contact', 'webhook', 'delivery', 'complaint'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
      with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))$p$, t);
  end loop;
end $$;
