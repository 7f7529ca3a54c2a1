-- Corrects the charges of requests whose replica was declared dead and now reports their cost, each request only once.
-- Adds a row with the difference to the ledger and updates the counters. Called by `settle_requests`, which has locked
-- the account limits and the grants.
-- Returns the number of these requests, including those whose charge was already right.
create or replace function correct_requests(
  p_grant_ids text[],
  p_request_ids uuid[], p_settlements text[], p_costs bigint[],
  p_input_tokens bigint[], p_cached_input_tokens bigint[], p_cache_write_tokens bigint[], p_output_tokens bigint[],
  p_tool_calls integer[], p_statuses integer[], p_durations integer[], p_first_bytes integer[]
) returns integer language plpgsql as $$
declare
  corrected integer;
  -- one element for each request that was sent with the operator's provider key: its account, its month, and the
  -- difference of its cost
  accounts text[];
  months date[];
  differences bigint[];
begin
  with late as (
    delete from abandoned_requests a using generate_subscripts(p_request_ids, 1) as item
    where a.request_id = p_request_ids[item] and a.grant_id = any (p_grant_ids) and p_settlements[item] <> 'abandoned'
    returning a.request_id, a.admitted_at, a.grant_id, a.account_id, a.client_id, a.upstream, a.model, a.operation,
      a.estimate, a.day, a.month, a.operator_month, a.catalogue_version, a.is_simulated,
      coalesce(p_costs[item], a.charged) - a.charged as difference,
      p_settlements[item] = 'released' as is_withdrawn,
      p_input_tokens[item] as input_tokens, p_cached_input_tokens[item] as cached_input_tokens,
      p_cache_write_tokens[item] as cache_write_tokens, p_output_tokens[item] as output_tokens, p_tool_calls[item] as tool_calls,
      p_statuses[item] as status, p_durations[item] as duration, p_first_bytes[item] as first_byte
  ), written as (
    -- the id is derived from the corrected row's id, so a second correction of a request would violate the primary key
    insert into ledger (request_id, corrects, admitted_at, grant_id, account_id, client_id, upstream, model, operation,
      settlement, counted, cost, estimate, day, month, operator_month, input_tokens, cached_input_tokens,
      cache_write_tokens, output_tokens, tool_calls, status, duration_milliseconds, first_byte_milliseconds,
      catalogue_version, is_simulated)
    select md5('correction of ' || request_id)::uuid, request_id, admitted_at, grant_id, account_id, client_id, upstream,
      model, operation, case when is_withdrawn then 'withdrawn' else 'corrected' end, false, difference, estimate, day,
      month, operator_month, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, tool_calls, status,
      duration, first_byte, catalogue_version, is_simulated
    from late where difference <> 0 or is_withdrawn
  ), counted as (
    select above as grant_id, difference, is_withdrawn, day, month
    from late cross join unnest(with_ancestors(array[grant_id])) as above
  ), updated as (
    update grants g set spent = to_counter(g.spent + o.difference),
      used_requests = greatest(0, g.used_requests - o.withdrawn),
      day_cost = to_counter(g.day_cost + o.of_day), month_cost = to_counter(g.month_cost + o.of_month)
    from (
      select l.grant_id, sum(l.difference) as difference, count(*) filter (where l.is_withdrawn) as withdrawn,
        coalesce(sum(l.difference) filter (where l.day = c.day), 0) as of_day,
        coalesce(sum(l.difference) filter (where l.month = c.month), 0) as of_month
      from counted l join grants c on c.id = l.grant_id group by l.grant_id
    ) o where g.id = o.grant_id
  ), account_updated as (
    update account_limits a set month_cost = to_counter(a.month_cost + o.difference)
    from (select account_id, month, sum(difference) as difference from late group by account_id, month) o
    -- `nowait`: fails at once if another transaction has the lock, for the reason that is given in `settle_requests`
    cross join lateral (select account_id from account_limits where account_id = o.account_id for update nowait) l
    where a.account_id = l.account_id and a.month = o.month
  )
  select count(*), array_agg(account_id) filter (where operator_month is not null),
    array_agg(operator_month) filter (where operator_month is not null),
    array_agg(difference) filter (where operator_month is not null)
  into corrected, accounts, months, differences from late;

  if accounts is not null then
    perform move_operator_spending(accounts, months, differences, array_fill(0::bigint, array[cardinality(accounts)]));
  end if;
  return corrected;
end
$$;
