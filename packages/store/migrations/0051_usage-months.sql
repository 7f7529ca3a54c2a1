-- The sums of the operator's spending page, by month. They have a row for each account, which many requests share, and
-- rows for each model, client and day, which all requests share. If each settlement wrote these rows, all settlements
-- would wait for each other. So the trigger on the ledger writes into `usage_recent`, where the requests of a grant have
-- rows of their own, and `add_up_usage` moves these sums into `usage_days` and `usage_months` about once a minute.

-- The sums of requests that ended in the last minutes, as in `usage_days`.
create table usage_recent (
  -- the value of `usage_start.period` when the sum was written
  period bigint not null,
  grant_id text not null,
  month date not null,
  day date not null,
  upstream text not null,
  model text not null,
  -- whose provider key was used; unknown for requests that were admitted before this was recorded
  provider_key text not null check (provider_key in ('operator', 'owner', 'unknown')),
  account_id text not null,
  client_id text not null,
  -- not a bigint, because a sum must never be a reason to refuse a row of the ledger
  cost numeric not null,
  requests bigint not null,
  primary key (period, grant_id, month, day, upstream, model, provider_key)
) with (fillfactor = 70, -- room for updates in place
  -- rows are deleted soon, so their number says nothing about when a vacuum is useful
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
-- for: the overview of an account, and its deletion
create index usage_recent_account on usage_recent (account_id);

-- The sums of each month in five parts, each of which adds up all requests of the month:
--   provider  `upstream`, and `name` is whose provider key was used, as in `usage_recent`
--   model     `upstream`, and `name` is the model
--   client    `name` is the client
--   account   `name` is the account
--   day       `name` is the day, in the time zone of the account
create table usage_months (
  month date not null,
  part text not null check (part in ('provider', 'model', 'client', 'account', 'day')),
  -- empty in the other parts
  upstream text not null,
  name text not null,
  cost numeric not null,
  requests bigint not null,
  primary key (month, part, upstream, name)
) with (fillfactor = 70);

alter table usage_start
  -- The number that the trigger writes into `usage_recent`. Rows of an earlier period do not change any more, as soon as
  -- all transactions have ended that may have read its number.
  add column period bigint not null default 1,
  add column period_began_at timestamptz not null default '-infinity',
  -- The transactions that may have read the number of the previous period are older than this one. Null: not noted yet.
  add column period_began_before xid8 default '0',
  -- Whose provider key a request used is recorded for requests that were admitted from this instant on.
  add column keys_recorded_from timestamptz not null default '-infinity',
  -- In this month and in earlier ones, rows of the ledger may be missing, because the operator dropped them.
  add column dropped_month date not null default '-infinity';

-- Complete here, for the same reason as in 0049. The lock that this statement needs is held until the end of the
-- migration, so no row is added to the ledger meanwhile.
create or replace function count_usage() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  first_counted timestamptz;
  this_period bigint;
  first_recorded timestamptz;
begin
  select s.counted_from, s.period, s.keys_recorded_from into first_counted, this_period, first_recorded from usage_start s;
  if first_counted > '-infinity' and exists (select from added a where a.admitted_at < first_counted) then
    perform pg_advisory_xact_lock_shared(7205759407);
    select s.counted_from into first_counted from usage_start s;
  end if;
  insert into usage_recent as u (period, grant_id, month, day, upstream, model, provider_key, account_id, client_id, cost,
    requests)
  select this_period, a.grant_id, a.month, a.day, a.upstream, a.model,
    case when a.operator_month is not null then 'operator' when a.admitted_at >= first_recorded then 'owner'
      else 'unknown' end, min(a.account_id), min(a.client_id), sum(a.cost),
    count(*) filter (where a.counted) - count(*) filter (where a.settlement = 'withdrawn')
  from added a where a.admitted_at >= first_counted
  group by 2, 3, 4, 5, 6, 7
  order by 2, 3, 4, 5, 6, 7
  on conflict on constraint usage_recent_pkey do update
    set cost = u.cost + excluded.cost, requests = u.requests + excluded.requests;
  return null;
end
$$;
create or replace trigger count_usage after insert on ledger referencing new table as added
for each statement execute function count_usage();

-- The sums begin anew. Earlier requests are added up from the ledger, by `add_up_usage` in the background.
truncate table usage_days;
update usage_start set
  counted_from = (select case when max(admitted_at) is null then '-infinity'
    else greatest(clock_timestamp(), max(admitted_at) + interval '1 microsecond') end from ledger),
  keys_recorded_from = coalesce((
    select applied_at from schema_migrations where name = '0008_operator-spending' and exists (select from ledger)
  ), '-infinity');
