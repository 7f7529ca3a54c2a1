-- The sums of some months by month, day, model and other columns, for the caller to add up: several rows can have the
-- same values in these columns. The sums come from `usage_days` and `usage_recent`, and from the ledger for requests
-- that are not added up yet. `p_account_id`: the grants of this account only; null: all grants. `p_first`, `p_last`:
-- the first days of the first and of the last month. `with_operator_key` is null for simulated requests, for which no
-- provider key was used.
create or replace function usage_of_months(p_account_id text, p_first date, p_last date) returns table (
  month date, account_id text, client_id text, upstream text, model text, day date, with_operator_key boolean,
  cost numeric, requests bigint
) language plpgsql stable set enable_sort = off as $$
#variable_conflict use_column
declare
  -- In every time zone, a month begins and ends at most one day before or after the month in UTC. These bounds choose
  -- the partitions.
  begins constant timestamptz := p_first::timestamp at time zone 'UTC' - interval '1 day';
  ends constant timestamptz := least((p_last + interval '1 month') at time zone 'UTC' + interval '1 day',
    (select counted_from from usage_start));
begin
  if p_account_id is null then
    return query
      select u.month, u.account_id, u.client_id, u.upstream, u.model, u.day, p.with_operator_key, p.cost, p.requests
      from usage_days u cross join lateral (values
        (u.with_operator_key, u.cost - u.simulated_cost, u.requests - u.simulated_requests),
        (null, u.simulated_cost, u.simulated_requests)
      ) p (with_operator_key, cost, requests)
      where u.month between p_first and p_last and (p.cost <> 0 or p.requests <> 0)
      union all
      select u.month, u.account_id, u.client_id, u.upstream, u.model, u.day,
        case when u.provider_key <> 'simulated' then u.provider_key = 'operator' end, u.cost, u.requests
      from usage_recent u where u.month between p_first and p_last;
  else
    return query
      select u.month, u.account_id, u.client_id, u.upstream, u.model, u.day, p.with_operator_key, p.cost, p.requests
      from usage_days u cross join lateral (values
        (u.with_operator_key, u.cost - u.simulated_cost, u.requests - u.simulated_requests),
        (null, u.simulated_cost, u.simulated_requests)
      ) p (with_operator_key, cost, requests)
      where u.account_id = p_account_id and u.month between p_first and p_last and (p.cost <> 0 or p.requests <> 0)
      union all
      select u.month, u.account_id, u.client_id, u.upstream, u.model, u.day,
        case when u.provider_key <> 'simulated' then u.provider_key = 'operator' end, u.cost, u.requests
      from usage_recent u where u.account_id = p_account_id and u.month between p_first and p_last;
  end if;
  if begins >= ends then
    return;
  end if;
  return query
    select l.month, l.account_id, l.client_id, l.upstream, l.model, l.day,
      case when l.operator_month is not null or not l.is_simulated then l.operator_month is not null end, sum(l.cost),
      count(*) filter (where l.counted) - count(*) filter (where l.settlement = 'withdrawn')
    from ledger l
    where l.month between p_first and p_last and l.admitted_at >= begins and l.admitted_at < ends
      -- the ledger has an index of grants, and none of accounts
      and (p_account_id is null or l.grant_id = any (array(select id from grants g where g.account_id = p_account_id)))
    group by 1, 2, 3, 4, 5, 6, 7;
end
$$;
