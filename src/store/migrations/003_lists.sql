-- What lists need to stay quick over a million rows while row level security is on. PostgreSQL keeps an operator that might
-- leak (LIKE, @>, strpos …) behind the policy, so that no index serves it: what must be looked up by such an operator goes
-- through a function of the owner, which applies the policy itself and gives back keys only. Plain comparisons do not leak
-- and use their indexes as ever. The owner must be a superuser or have BYPASSRLS; else the same answers come, slower.

-- ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────────────
-- A merchant is found by any part of its name. Trigrams do not see Chinese where LC_CTYPE is C, and most searches have two
-- characters: so every character and every pair is indexed, beside each provider of the merchant, because a part that many
-- merchants have may be rare among those of one provider. The whole is compared afterwards.
drop index merchant_name_trgm;
alter table merchant_provider add column name_folded text not null default '';
create function folded(name text) returns text immutable strict parallel safe
  return lower(normalize(name, nfkc));
create function grams(provider text, whole text) returns text[] language plpgsql immutable strict parallel safe as $$
declare gathered text[] := '{}';
begin
  for i in 1..length(whole) loop
    gathered := gathered || (provider || ':' || substr(whole, i, 1)) || (provider || ':' || substr(whole, i, 2));
  end loop;
  return gathered;
end $$;
create index merchant_provider_grams on merchant_provider using gin (grams(provider, name_folded));

create function merchant_provider_named() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  select folded(m.name) into strict new.name_folded from merchant m where m.mid = new.mid;
  return new;
end $$;
create trigger named before insert on merchant_provider for each row execute function merchant_provider_named();
create function merchant_renamed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update merchant_provider set name_folded = folded(new.name) where mid = new.mid;
  return null;
end $$;
create trigger renamed after update of name on merchant for each row when (old.name is distinct from new.name) execute function merchant_renamed();

-- The merchants the looker may see whose name has this part; `p_grams` are the part's pairs, or its one character. Where there
-- are more than `p_max`, none are given: the list is then read in its order, and each name looked at. `about` is how many.
create function merchants_named(p_part text, p_grams text[], p_max integer, out mids text[], out about bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
declare looker text := looking(); party text; keys text[]; plan json;
begin
  mids := '{}'; about := 0;
  if looker like 'm:%' then
    mids := array(select m.mid from merchant m where m.mid = substr(looker, 3) and strpos(folded(m.name), p_part) > 0);
    about := cardinality(mids);
    return;
  end if;
  -- What the planner knows to be very common is not gathered only to be thrown away. A pair is indexed with its provider,
  -- so that nothing more needs to be said about whose merchant it is.
  for party in select id from provider where looker = '*' or looker = 'p:' || id loop
    keys := array(select party || ':' || g from unnest(p_grams) g);
    execute format('explain (format json) select from merchant_provider where grams(provider, name_folded) @> %L', keys) into plan;
    about := about + (plan->0->'Plan'->>'Plan Rows')::bigint;
  end loop;
  for party in select id from provider where (looker = '*' or looker = 'p:' || id) and about <= 2 * p_max loop
    keys := array(select party || ':' || g from unnest(p_grams) g);
    mids := mids || array(
      select mp.mid from merchant_provider mp where grams(mp.provider, mp.name_folded) @> keys and strpos(mp.name_folded, p_part) > 0
      limit p_max + 1 - cardinality(mids));
    exit when cardinality(mids) > p_max;
  end loop;
  if about > 2 * p_max or cardinality(mids) > p_max then
    mids := null; about := greatest(about, p_max + 1);
  end if;
end $$;

-- About how many rows of a list there are under plain equalities, within what the looker may see.
create function about_rows(p_table text, p_where jsonb) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare plan json; conditions text; looker text := looking();
begin
  if p_table not in ('terminal', 'application', 'merchant_provider') then raise exception 'no such list: %', p_table; end if;
  if looker = '' then return 0; end if;
  select string_agg(format(' and %I = %L', key, value), '') into conditions from jsonb_each_text(p_where || case left(looker, 2)
    when 'p:' then jsonb_build_object('provider', substr(looker, 3)) when 'm:' then jsonb_build_object('mid', substr(looker, 3)) else '{}' end);
  execute format('explain (format json) select from %I where true%s', p_table, conditions) into plan;
  return (plan->0->'Plan'->>'Plan Rows')::bigint;
end $$;

-- ── The journal of one terminal ──────────────────────────────────────────────────────────────────────────────────────
-- Rows about it, newest first, as far as the looker may see them.
create function journal_of_terminal(p_tid text, p_before bigint, p_max integer) returns table (seq bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  with found as materialized (select j.seq, j.provider, j.mid from journal j where j.tids @> array[p_tid])
  select f.seq from found f where f.seq < p_before and looking() in ('*', 'p:' || f.provider, 'm:' || f.mid) order by f.seq desc limit p_max
$$;

-- ── A merchant's devices ─────────────────────────────────────────────────────────────────────────────────────────────
-- Asked device by device: as a sub-query of the policy it was answered by reading every terminal there is.
create function device_is_mine(p_serial text) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from terminal t where t.serial = p_serial and t.closed_at is null and looking() = 'm:' || t.mid)
$$;
drop policy on_own_terminal on device;
create policy on_own_terminal on device for select using (device_is_mine(serial));

-- ── Orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Terminals by number: all, of a provider, of a merchant, in a status, for a reason. Nearly all are active: the order of all
-- serves those, and the few others have indexes of their own. Every index carries what the policy asks, so that a page and a
-- count are read from the index alone.
do $$
declare references_again text[]; again text;
begin
  select array_agg(format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))) into references_again
  from pg_constraint where confrelid = 'terminal'::regclass and contype = 'f';
  alter table terminal drop constraint terminal_pkey cascade;
  alter table terminal add primary key (tid) include (provider, mid);
  foreach again in array references_again loop execute again; end loop;
end $$;
drop index terminal_provider, terminal_mid, terminal_service, terminal_reason;
create index terminal_provider on terminal (provider, tid) include (mid);
create index terminal_mid on terminal (mid, tid) include (provider);
create index terminal_service on terminal (service, tid) include (provider, mid) where service <> 'active';
create index terminal_reason on terminal (reason, tid) include (provider, mid) where reason is not null;
create index terminal_provider_service on terminal (provider, service, tid) include (mid) where service <> 'active';
create index terminal_provider_reason on terminal (provider, reason, tid) include (mid) where reason is not null;

-- Cases: the desk's queues by deadline, the rest newest first. Nearly all are completed suspensions and reactivations.
create index application_open on application (deadline_at, no) where state in ('submitted', 'in_review', 'second_review');
create index application_assignee on application (assignee, deadline_at, no) where state in ('submitted', 'in_review', 'second_review');
create index application_returned on application (answer_by, no) where state = 'returned';
create index application_state on application (state, created_at desc, no) where state <> 'completed';
create index application_provider_state on application (provider, state, created_at desc, no) where state <> 'completed';
create index application_kind on application (kind, created_at desc, no) where kind not in ('suspend', 'reactivate');
