-- The trigger on the ledger that keeps `usage_days`. A correction has the day and the model of its request, so it
-- changes the same sum.
create or replace function count_usage() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into usage_days as u (grant_id, month, day, upstream, model, with_operator_key, account_id, client_id, cost, requests)
  select grant_id, month, day, upstream, model, operator_month is not null, min(account_id), min(client_id), sum(cost),
    count(*) filter (where counted) - count(*) filter (where settlement = 'withdrawn')
  from added where admitted_at >= (select counted_from from usage_start)
  group by 1, 2, 3, 4, 5, 6
  -- Usually the lock on the grant keeps two statements from changing the same rows at a time. A deleted grant cannot be
  -- locked, so the rows are taken in one order, so that two statements cannot deadlock.
  order by 1, 2, 3, 4, 5, 6
  on conflict (grant_id, month, day, upstream, model, with_operator_key) do update
    set cost = u.cost + excluded.cost, requests = u.requests + excluded.requests;
  return null;
end
$$;
