-- What the requests of a grant cost on a day of its owner, by model: the sums of the ledger that pages show. A trigger
-- on the ledger keeps them, so a page does not read every request of a month. A grant's rows are written only while the
-- grant is locked. There is no reference to `grants`: the rows stay as long as the ledger's.
create table usage_days (
  grant_id text not null,
  month date not null,
  day date not null,
  upstream text not null,
  model text not null,
  -- whether the operator's provider key was used
  with_operator_key boolean not null,
  account_id text not null,
  client_id text not null,
  -- not a bigint, because a sum must never be a reason to refuse a row of the ledger
  cost numeric not null,
  requests bigint not null,
  primary key (grant_id, month, day, upstream, model, with_operator_key)
) with (fillfactor = 70); -- room for updates in place
-- for: the overview of an account, and its deletion
create index usage_days_account on usage_days (account_id, month);
-- for: the spending of the instance, and the months that the operator drops
create index usage_days_month on usage_days (month);

-- keeps rows from being added until the end of this migration
lock table ledger in share row exclusive mode;

-- The sums are those of requests that were admitted from this instant on. Earlier requests are added up from the ledger
-- each time. The trigger counts all rows that are added after this migration.
create table usage_start (counted_from timestamptz not null);
insert into usage_start
select case when max(admitted_at) is null then '-infinity'
  else greatest(clock_timestamp(), max(admitted_at) + interval '1 microsecond') end from ledger;

-- Complete here, and not only in `functions/`: those are defined after this migration has been committed, and a request
-- that is settled in between must be counted too.
create function count_usage() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into usage_days as u (grant_id, month, day, upstream, model, with_operator_key, account_id, client_id, cost, requests)
  select grant_id, month, day, upstream, model, operator_month is not null, min(account_id), min(client_id), sum(cost),
    count(*) filter (where counted) - count(*) filter (where settlement = 'withdrawn')
  from added where admitted_at >= (select counted_from from usage_start)
  group by 1, 2, 3, 4, 5, 6
  order by 1, 2, 3, 4, 5, 6
  on conflict (grant_id, month, day, upstream, model, with_operator_key) do update
    set cost = u.cost + excluded.cost, requests = u.requests + excluded.requests;
  return null;
end
$$;
create trigger count_usage after insert on ledger referencing new table as added
for each statement execute function count_usage();

-- The caps of the operator's provider keys that the operator's page sets. One row. The environment of the proxies
-- bounds them; null sets none.
create table operator_caps (
  only_row boolean primary key default true check (only_row),
  max_cost_per_month bigint check (max_cost_per_month >= 0),
  max_cost_per_month_per_account bigint check (max_cost_per_month_per_account >= 0)
);

-- The cap of one account, in place of `max_cost_per_month_per_account`.
create table account_operator_caps (
  account_id text primary key references accounts (id) on delete cascade,
  max_cost_per_month bigint not null check (max_cost_per_month >= 0)
);

-- The operator's provider keys that each running proxy has, without the keys. A proxy has another id after each start,
-- so a refusal is never one of an earlier key.
create table operator_keys (
  replica_id text not null references replicas (id) on delete cascade,
  upstream text not null,
  source text not null check (source in ('environment', 'file')),
  refused_at timestamptz,
  refusal text,
  primary key (replica_id, upstream)
);
