-- Ends admitted requests, each exactly once: deletes its reservation, writes its row in the ledger, and gives the
-- unspent part of the reservation back to the counters. A request without a reservation is settled already, and nothing
-- changes. One exception: if the request was charged because its replica was declared dead, the charge is corrected.
-- A request counts for its grant and for all grants above it, and has one row in the ledger.
-- `p_grant_ids`: each grant once.
-- Locks are taken in one order everywhere: account limits by id, then grants by id, then the operator's spending.
-- Returns how many requests were settled or corrected by this call. The setting `aipassport.corrected` then says how many
-- of them were corrected.
create or replace function settle_requests(
  p_account_ids text[], p_grant_ids text[],
  p_request_ids uuid[], p_settlements text[], p_costs bigint[],
  p_input_tokens bigint[], p_cached_input_tokens bigint[], p_cache_write_tokens bigint[], p_output_tokens bigint[],
  p_tool_calls integer[], p_statuses integer[], p_durations integer[], p_first_bytes integer[],
  p_cut_offs text[]
) returns integer language plpgsql as $$
declare
  -- requests of the grant spending_ids[n] count for the grant counting_ids[n], which is the same grant or one above it
  spending_ids text[] := p_grant_ids;
  counting_ids text[] := p_grant_ids;
  settled integer;
  corrected integer := 0;
  -- one element for each request that was sent with the operator's provider key: its account, its month, and its
  -- amounts
  accounts text[];
  months date[];
  differences bigint[];
  freed bigint[];
begin
  if position('.' in array_to_string(p_grant_ids, ' ')) > 0 then
    select array_agg(id), array_agg(above) into spending_ids, counting_ids
    from unnest(p_grant_ids) as id, unnest(with_ancestors(array[id])) as above;
  end if;
  perform from account_limits where account_id = any (p_account_ids) order by account_id collate "C" for update;
  perform from grants where id = any (counting_ids) order by id collate "C" for update;
  with ended as (
    delete from reservations r using generate_subscripts(p_request_ids, 1) as item
    where r.request_id = p_request_ids[item] and r.grant_id = any (p_grant_ids)
    returning r.request_id, r.admitted_at, r.grant_id, r.account_id, r.client_id, r.upstream, r.model, r.operation,
      r.reserved, r.estimate, r.tokens, r.is_stream, r.day, r.month, r.operator_month, r.catalogue_version, r.is_simulated,
      p_settlements[item] as settlement, coalesce(p_costs[item], r.reserved) as cost,
      p_input_tokens[item] as input_tokens, p_cached_input_tokens[item] as cached_input_tokens,
      p_cache_write_tokens[item] as cache_write_tokens, p_output_tokens[item] as output_tokens, p_tool_calls[item] as tool_calls,
      p_statuses[item] as status, p_durations[item] as duration, p_first_bytes[item] as first_byte,
      p_cut_offs[item] as cut_off
  ), written as (
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, operator_month, input_tokens, cached_input_tokens, cache_write_tokens,
      output_tokens, tool_calls, status, duration_milliseconds, first_byte_milliseconds, catalogue_version,
      is_simulated, cut_off)
    select request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      settlement <> 'released', cost, estimate, day, month, operator_month, input_tokens, cached_input_tokens,
      cache_write_tokens, output_tokens, tool_calls, status, duration, first_byte, catalogue_version, is_simulated, cut_off
    from ended
  ), updated as (
    update grants g set held = to_counter(g.held - o.reserved), spent = to_counter(g.spent + o.cost),
      used_requests = greatest(0, g.used_requests - o.released), open_streams = greatest(0, g.open_streams - o.streams),
      -- a grant has counters for one day and one month only, so amounts of an earlier day or month change nothing
      day_cost = case when o.last_day = g.day then to_counter(g.day_cost - o.freed_of_last_day) else g.day_cost end,
      month_cost = case when o.last_month = g.month then to_counter(g.month_cost - o.freed_of_last_month) else g.month_cost end,
      -- at most a minute's worth is given back, because a bucket cannot be more than full
      tokens_full_at = case when g.max_tokens_per_minute is not null then greatest(now(), g.tokens_full_at
        - interval '60 seconds' * least(1, o.unused_tokens / g.max_tokens_per_minute)::double precision) end
    from (
      select counting_id, sum(reserved) as reserved, sum(cost) as cost,
        count(*) filter (where settlement = 'released') as released, count(*) filter (where is_stream) as streams,
        last_day, sum(reserved - cost) filter (where day = last_day) as freed_of_last_day,
        last_month, sum(reserved - cost) filter (where month = last_month) as freed_of_last_month,
        -- unused reserved tokens go back into the bucket; if the usage is unknown, all count as used
        sum(case when settlement in ('released', 'unbilled') then tokens
          else greatest(0, tokens - coalesce(input_tokens + output_tokens, tokens)) end) as unused_tokens
      from (
        select counting_id, settlement, reserved, cost, tokens, input_tokens, output_tokens, is_stream, day, month,
          max(day) over of_grant as last_day, max(month) over of_grant as last_month
        from ended join unnest(spending_ids, counting_ids) as c (spending_id, counting_id) on spending_id = grant_id
        window of_grant as (partition by counting_id)
      ) e
      group by counting_id, last_day, last_month
    ) o where g.id = o.counting_id
  ), account_updated as (
    update account_limits a set month_cost = to_counter(a.month_cost - f.freed)
    from (select account_id, month, sum(reserved - cost) as freed from ended group by account_id, month) f
    -- An account may get a limit after this function has taken its locks. The counter of that limit already includes
    -- these requests, so it is corrected too. But the limit's row is not locked yet, and waiting for its lock now would
    -- break the lock order and could deadlock. So if another transaction has the lock, the function fails at once with
    -- lock_not_available, and the caller retries.
    cross join lateral (select account_id from account_limits where account_id = f.account_id for update nowait) l
    where a.account_id = l.account_id and a.month = f.month
  )
  select count(*), array_agg(account_id) filter (where operator_month is not null),
    array_agg(operator_month) filter (where operator_month is not null),
    array_agg(cost - reserved) filter (where operator_month is not null),
    array_agg(reserved) filter (where operator_month is not null)
  into settled, accounts, months, differences, freed from ended;

  if accounts is not null then
    perform move_operator_spending(accounts, months, differences, freed);
  end if;
  if settled < cardinality(p_request_ids) then
    corrected := correct_requests(p_grant_ids, p_request_ids, p_settlements, p_costs, p_input_tokens,
      p_cached_input_tokens, p_cache_write_tokens, p_output_tokens, p_tool_calls, p_statuses, p_durations, p_first_bytes);
  end if;
  -- for the statement that calls this function: the signature must stay as it is
  perform set_config('aipassport.corrected', corrected::text, true);
  return settled + corrected;
end
$$;
