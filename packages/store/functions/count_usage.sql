-- The trigger on the ledger that keeps `usage_recent`. A correction has the day and the model of its request, so it
-- changes the same sum.
create or replace function count_usage() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  first_counted timestamptz;
  this_period bigint;
  first_recorded timestamptz;
begin
  select s.counted_from, s.period, s.keys_recorded_from into first_counted, this_period, first_recorded from usage_start s;
  -- For some time after an upgrade, `add_up_usage` adds up older rows of the ledger. This lock prevents that an older
  -- row that is added now is counted twice or never.
  if first_counted > '-infinity' and exists (select from added a where a.admitted_at < first_counted) then
    perform pg_advisory_xact_lock_shared(usage_lock());
    select s.counted_from into first_counted from usage_start s;
  end if;
  insert into usage_recent as u (period, grant_id, month, day, upstream, model, provider_key, account_id, client_id, cost,
    requests)
  select this_period, a.grant_id, a.month, a.day, a.upstream, a.model,
    key_owner(a.operator_month, a.is_simulated, a.admitted_at, first_recorded), min(a.account_id), min(a.client_id), sum(a.cost),
    count(*) filter (where a.counted) - count(*) filter (where a.settlement = 'withdrawn')
  from added a where a.admitted_at >= first_counted
  group by 2, 3, 4, 5, 6, 7
  -- Usually the lock on the grant keeps two statements from changing the same rows at a time. A deleted grant cannot be
  -- locked, so the rows are taken in one order, so that two statements cannot deadlock.
  order by 2, 3, 4, 5, 6, 7
  on conflict on constraint usage_recent_pkey do update
    set cost = u.cost + excluded.cost, requests = u.requests + excluded.requests;
  return null;
end
$$;
