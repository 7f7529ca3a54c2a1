-- One short step of adding up the sums that pages show. Moves at most `p_rows` rows of `usage_recent` into `usage_days`
-- and `usage_months`, or adds up about `p_rows` requests from before the sums were kept. A worker calls this function
-- until `has_more` is false, and again about a minute later. Several workers may call it: while one is working, the
-- others get false.
--
-- No settlement waits for this. The rows of a period are moved after all transactions have ended that may still write
-- them: a settlement reads the number of the period after it got its transaction id, so the ids of all settlements that
-- have read an earlier number are less than an id that is given after the next period has begun.
create or replace function add_up_usage(p_rows integer, out has_more boolean) language plpgsql
set lock_timeout = '300ms' as $$
declare
  state record;
  ended_before bigint := 1;
  moved integer;
  begins timestamptz;
begin
  has_more := false;
  select counted_from, period, period_began_at, period_began_before, keys_recorded_from, dropped_month into state
  from usage_start for update skip locked;
  if not found then
    return;
  end if;
  -- a transaction id in the future comes from another server, whose backup was restored here
  if state.period_began_before is null or state.period_began_before > pg_current_xact_id() then
    update usage_start set period_began_before = pg_current_xact_id();
    has_more := true;
    return;
  end if;
  if pg_snapshot_xmin(pg_current_snapshot()) >= state.period_began_before then
    ended_before := state.period;
  end if;
  with ended as materialized (
    delete from usage_recent where ctid = any (array(
      select ctid from usage_recent where period < ended_before
      order by period, grant_id, month, day, upstream, model, provider_key limit p_rows
    ))
    returning grant_id, month, day, upstream, model, provider_key, account_id, client_id, cost, requests
  ), days as (
    insert into usage_days as u (grant_id, month, day, upstream, model, with_operator_key, account_id, client_id, cost,
      requests, simulated_cost, simulated_requests)
    select grant_id, month, day, upstream, model, provider_key = 'operator', min(account_id), min(client_id), sum(cost),
      sum(requests), coalesce(sum(cost) filter (where provider_key = 'simulated'), 0),
      coalesce(sum(requests) filter (where provider_key = 'simulated'), 0)
    from ended group by 1, 2, 3, 4, 5, 6
    on conflict (grant_id, month, day, upstream, model, with_operator_key) do update
      set cost = u.cost + excluded.cost, requests = u.requests + excluded.requests,
        simulated_cost = u.simulated_cost + excluded.simulated_cost,
        simulated_requests = u.simulated_requests + excluded.simulated_requests
  ), months as (
    insert into usage_months as m (month, part, upstream, name, cost, requests)
    select e.month, p.part, p.upstream, p.name, sum(e.cost), sum(e.requests)
    from ended e cross join usage_parts(e.upstream, e.provider_key, e.model, e.client_id, e.account_id, e.day) p
    group by 1, 2, 3, 4
    on conflict (month, part, upstream, name) do update
      set cost = m.cost + excluded.cost, requests = m.requests + excluded.requests
  )
  select count(*) into moved from ended;
  if moved = p_rows then
    has_more := true;
  -- a time in the future was written while the clock was wrong
  elsif ended_before = state.period and state.period_began_at not between now() - interval '1 minute' and now()
    and exists (select from usage_recent where period = state.period) then
    update usage_start set period = period + 1, period_began_at = now(), period_began_before = null;
    has_more := true;
  -- Does not wait for the lock, because that could deadlock: one settlement may hold this lock and wait for another
  -- settlement, which waits for this lock. A settlement holds its shared lock until it ends, so its rows are seen here.
  elsif state.counted_from > '-infinity' and pg_try_advisory_xact_lock(usage_lock()) then
    select admitted_at into begins from ledger where admitted_at < state.counted_from
    order by admitted_at desc offset p_rows - 1 limit 1;
    -- period 0 is written only here
    insert into usage_recent as u (period, grant_id, month, day, upstream, model, provider_key, account_id, client_id,
      cost, requests)
    select 0, l.grant_id, l.month, l.day, l.upstream, l.model,
      key_owner(l.operator_month, l.is_simulated, l.admitted_at, state.keys_recorded_from),
      min(l.account_id), min(l.client_id), sum(l.cost),
      count(*) filter (where l.counted) - count(*) filter (where l.settlement = 'withdrawn')
    from ledger l
    where l.admitted_at >= coalesce(begins, '-infinity') and l.admitted_at < state.counted_from
      and l.month >= state.dropped_month
    group by 2, 3, 4, 5, 6, 7
    on conflict on constraint usage_recent_pkey do update
      set cost = u.cost + excluded.cost, requests = u.requests + excluded.requests;
    update usage_start set counted_from = coalesce(begins, '-infinity');
    has_more := true;
  end if;
end
$$;
