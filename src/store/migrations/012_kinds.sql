-- Replacement, installation and appeal; devices apart from terminals. A number is reserved when its installation is approved
-- and is nobody's before and after; a device goes from hand to hand with both signatures, and is bound to nothing while it is
-- somebody's; what it was bound to before stays on record. Evidence of an appeal stays as it was handed in.
alter table letter drop constraint letter_kind_check, add constraint letter_kind_check check (kind in {{set:letterKinds}});
alter table notice drop constraint notice_kind_check, add constraint notice_kind_check check (kind in {{set:noticeKinds}});
alter table step drop constraint step_kind_check, add constraint step_kind_check check (kind in {{set:stepKinds}});
alter table application drop constraint application_reason_check, add constraint application_reason_check check (reason in {{set:reasons}});
alter table hold drop constraint hold_reason_check, add constraint hold_reason_check check (reason in {{set:reasons}});
alter table terminal drop constraint terminal_reason_check, add constraint terminal_reason_check check (reason in {{set:reasons}});
alter table application_terminal
  drop constraint application_terminal_result_check, add constraint application_terminal_result_check check (result in {{set:terminalResults}}),
  drop constraint application_terminal_direction_check, add constraint application_terminal_direction_check check (direction in {{set:directions}});

-- ── Cases ────────────────────────────────────────────────────────────────────────────────────────────────────────────
-- What a new installation is to be: at which store, how many.
alter table application add column wish jsonb,
  add constraint application_wish check (wish is null or kind = 'install');
-- Which device a case took off a terminal, and which it put on.
alter table application_terminal add column old_serial text references device, add column new_serial text references device;
-- One appeal per hold at a time, however many holds a terminal has; everything else one per terminal and direction.
drop index one_open_case;
create unique index one_open_case on application_terminal (tid, direction) where open and direction <> 'plea';
create unique index one_open_appeal on application_terminal (hold) where open and direction = 'plea';
alter table application_terminal add constraint appeal_names_hold check (no is null or direction <> 'plea' or hold is not null);

create function evidence_kept() returns trigger language plpgsql as $$
begin
  if exists (select from application a where a.no = old.no and a.kind = 'appeal') and (tg_op = 'DELETE'
    or (new.id, new.no, new.type, new.sha256, new.media_type, new.size_bytes, new.added_at, new.added_by) is distinct from
       (old.id, old.no, old.type, old.sha256, old.media_type, old.size_bytes, old.added_at, old.added_by)) then
    raise exception 'evidence of an appeal stays as it was handed in: %', old.id using errcode = 'check_violation', constraint = 'evidence_kept';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger evidence_kept before update or delete on material for each row execute function evidence_kept();

-- ── Terminals ────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Of a terminal not installed yet: since when its device is on it and waits for its test. And since when the present device is.
alter table terminal add column setup_at timestamptz, add column bound_at timestamptz;
grant select (setup_at) on terminal to tingqi_gate;

-- Numbers are counted on within a provider's lead; the owner looks at all of them, since none is used twice by anybody.
create function reserve_tids(p_provider text, p_lead text, p_count integer) returns text[]
language plpgsql security definer set search_path = public, pg_temp as $$
declare looker text := looking(); at integer; reserved text[] := '{}'; candidate text; width integer := 8 - length(p_lead);
begin
  if looker not in ('*', 'p:' || p_provider) then raise exception 'numbers of % are given out by itself', p_provider using errcode = 'insufficient_privilege'; end if;
  perform set_config('tingqi.scope', '*', true);
  if p_lead !~ '^[0-9A-Z]{0,4}$' then raise exception 'not the lead of a terminal number: %', p_lead; end if;
  insert into case_counter values (p_provider, 'tid ' || p_lead, '2000-01-01',
    coalesce((select substr(max(t.tid), length(p_lead) + 1)::integer from terminal t where t.provider = p_provider and t.tid ~ ('^' || p_lead || '[0-9]{' || width || '}$')), 0))
    on conflict do nothing;
  select c.last into at from case_counter c where c.provider = p_provider and c.series = 'tid ' || p_lead and c.day = '2000-01-01' for update;
  while cardinality(reserved) < p_count loop
    at := at + 1;
    if at >= (10 ^ width)::integer then raise exception 'the terminal numbers of % are used up', p_provider; end if;
    candidate := p_lead || lpad(at::text, width, '0');
    if not exists (select from terminal t where t.tid = candidate) then reserved := reserved || candidate; end if;
  end loop;
  update case_counter c set last = at where c.provider = p_provider and c.series = 'tid ' || p_lead and c.day = '2000-01-01';
  perform set_config('tingqi.scope', looker, true);
  return reserved;
end $$;

-- ── Devices ──────────────────────────────────────────────────────────────────────────────────────────────────────────
alter table device add column accessories jsonb not null default '[]', add column condition jsonb not null default '[]';

-- What a device was bound to before: from when to when. What it is bound to now stands at the terminal.
create table device_binding (
  id bigint generated always as identity primary key,
  serial text not null references device, tid text not null references terminal,
  provider text not null, mid text not null,
  bound_at timestamptz not null, unbound_at timestamptz not null check (unbound_at >= bound_at)
);
create index device_binding_serial on device_binding (serial, unbound_at desc);
create index device_binding_tid on device_binding (tid, unbound_at desc);

create function program_now() returns timestamptz language sql stable as $$
  select coalesce((select i.now from installation i), clock_timestamp())
$$;
create function device_rebound() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
declare at timestamptz := coalesce(new.closed_at, program_now());
begin
  if old.serial is not null then
    insert into device_binding (serial, tid, provider, mid, bound_at, unbound_at)
    select old.serial, old.tid, old.provider, old.mid, least(since, at), at from (select coalesce(old.bound_at, old.installed_at, at) as since) x;
    if new.closed_at is null then
      update device set state = case ownership when 'owned' then 'stored_by_merchant' else 'swapped_out' end where serial = old.serial and state = 'deployed';
    end if;
  end if;
  if new.serial is not null then
    if exists (select from device_return r where r.serial = new.serial and r.ended_at is null) then
      raise exception 'device % is not free', new.serial using errcode = 'check_violation', constraint = 'device_is_free';
    end if;
    update device set state = 'deployed' where serial = new.serial;
  end if;
  new.bound_at := case when new.serial is null then null else at end;
  return new;
end $$;
create trigger device_rebound before update on terminal for each row when (old.serial is distinct from new.serial) execute function device_rebound();
create function device_is_free() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
declare taken text;
begin
  select a.serial into taken from added a join device_return r on r.serial = a.serial and r.ended_at is null limit 1;
  if taken is not null then raise exception 'device % is not free', taken using errcode = 'check_violation', constraint = 'device_is_free'; end if;
  return null;
end $$;
create trigger device_is_free after insert on terminal referencing new table as added for each statement execute function device_is_free();

-- A device called back that is on no terminal any more was swapped out; one that is stays where it is.
create or replace function device_follows_return() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  update device d set state = case new.state when 'shipped' then 'in_transit' when 'received' then 'under_inspection' when 'inspected' then 'in_custody'
    when 'restocked' then 'in_stock' when 'retired' then 'retired' when 'lost' then 'lost'
    else case when exists (select from terminal t where t.serial = d.serial and t.closed_at is null) then 'deployed' else 'swapped_out' end end
  where serial = new.serial;
  return null;
end $$;

-- The five elements of a terminal, each time a device is put on it: number, merchant, serial, position, model.
create table terminal_registration (
  id bigint generated always as identity primary key,
  tid text not null references terminal, mid text not null, provider text not null,
  serial text not null references device, model text not null,
  longitude double precision not null check (longitude between -180 and 180),
  latitude double precision not null check (latitude between -90 and 90),
  photo text, case_no text not null references application, at timestamptz not null, by text not null
);
create index terminal_registration_tid on terminal_registration (tid, at desc);
create index terminal_registration_serial on terminal_registration (serial, at desc);

-- A hand-over of devices waits for the other side's signature: the confirmation of a person signed in, or a drawing.
create table handover (
  id uuid primary key,
  provider text not null references provider, mid text references merchant, case_no text references application,
  from_kind text not null check (from_kind in {{set:custodians}}), from_id text not null default '',
  to_kind text not null check (to_kind in {{set:custodians}}), to_id text not null default '',
  items jsonb not null check (jsonb_array_length(items) > 0),
  words text,
  state text not null check (state in {{set:handoverStates}}),
  proposed_at timestamptz not null, ended_at timestamptz,
  -- Sealed: the drawing of a signature, with the name of whoever drew it.
  given_by text, given_drawing bytea,
  taken_by text, taken_drawing bytea,
  constraint other_hands check (id is null or (from_kind, from_id) is distinct from (to_kind, to_id)),
  constraint signed_by_both check (id is null or state <> 'done' or (coalesce(given_by, given_drawing::text) is not null and coalesce(taken_by, taken_drawing::text) is not null)),
  constraint signed_by_two check (given_by is null or given_by is distinct from taken_by),
  constraint ended_once check (id is null or (state = 'proposed') = (ended_at is null))
);
create index handover_provider on handover (provider, proposed_at desc, id);
create index handover_mid on handover (mid, proposed_at desc, id) where mid is not null;
-- A device is in one hand-over at a time.
create table handover_device (
  handover uuid not null references handover, serial text not null references device,
  provider text not null, mid text,
  open boolean not null default true,
  primary key (handover, serial)
);
create unique index handover_under_way on handover_device (serial) where open;

-- The chain: from whom to whom, when, how it looked, what came with it.
create table custody (
  id bigint generated always as identity primary key,
  serial text not null references device, handover uuid not null references handover,
  provider text not null, mid text,
  from_kind text not null check (from_kind in {{set:custodians}}), from_id text not null,
  to_kind text not null check (to_kind in {{set:custodians}}), to_id text not null,
  at timestamptz not null, condition jsonb not null, accessories jsonb not null,
  unique (serial, handover)
);
create index custody_serial on custody (serial, id desc);

do $$
declare t text;
begin
  foreach t in array array['device_binding', 'terminal_registration', 'handover', 'handover_device', 'custody'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format($p$create policy party on %I using ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))
      with check ((select looking()) in ('*', 'p:' || provider, 'm:' || mid))$p$, t);
  end loop;
end $$;
create function chain_kept() returns trigger language plpgsql as $$
begin raise exception 'the chain of custody is append-only'; end $$;
create trigger chain_kept before update or delete on custody for each row execute function chain_kept();
create trigger chain_kept before update or delete on device_binding for each row execute function chain_kept();
create trigger chain_kept before update or delete on terminal_registration for each row execute function chain_kept();

-- Where a device is, and how it is, follows from the hands it went through, whoever's signature was the last.
create function device_follows_custody() returns trigger language plpgsql security definer set search_path = public, pg_temp set tingqi.scope = '*' as $$
begin
  update device d set accessories = new.accessories, condition = case when new.condition = '[]' then d.condition else new.condition end,
    state = case
      when new.to_kind = 'repair' then 'in_repair'
      when exists (select from terminal t where t.serial = d.serial and t.closed_at is null) then case when new.to_kind = 'merchant' then 'deployed' else 'in_custody' end
      when d.state = 'in_repair' then case when new.condition @? '$[*] ? (@.condition == "broken" || @.condition == "missing")' then 'under_inspection' else 'in_stock' end
      when d.state = 'stored_by_merchant' and new.to_kind <> 'merchant' then 'in_custody'
      when d.state = 'in_custody' and new.to_kind = 'merchant' then 'stored_by_merchant'
      else d.state end
  where d.serial = new.serial;
  return null;
end $$;
create trigger device_follows_custody after insert on custody for each row execute function device_follows_custody();

-- Devices are listed by serial; the shelf first.
create index device_provider on device (provider, serial);
create index device_state on device (provider, state, serial) where state <> 'deployed';
