-- An overload without `p_cut_offs`, which proxies of release 1 call: they do not say why an answer was cut off. To be
-- dropped in release 3.
create or replace function settle_requests(
  p_account_ids text[], p_grant_ids text[],
  p_request_ids uuid[], p_settlements text[], p_costs bigint[],
  p_input_tokens bigint[], p_cached_input_tokens bigint[], p_cache_write_tokens bigint[], p_output_tokens bigint[],
  p_tool_calls integer[], p_statuses integer[], p_durations integer[], p_first_bytes integer[]
) returns integer language sql as $$
  select settle_requests(p_account_ids, p_grant_ids, p_request_ids, p_settlements, p_costs, p_input_tokens,
    p_cached_input_tokens, p_cache_write_tokens, p_output_tokens, p_tool_calls, p_statuses, p_durations, p_first_bytes, null)
$$;
