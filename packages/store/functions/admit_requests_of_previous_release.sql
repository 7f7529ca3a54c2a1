-- An overload without operator's caps, proofs and shares, which proxies of release 1 call: the floor of a request is its
-- share, and no request is open or patient. To be dropped in release 3.
create or replace function admit_requests(
  p_replica_id text, p_catalogue_version text,
  p_grant_ids text[], p_ends integer[],
  p_account_ids text[],
  p_request_ids uuid[], p_estimates bigint[], p_floors bigint[], p_tokens integer[], p_streams boolean[],
  p_upstreams text[], p_models text[], p_operations text[]
) returns table (
  item integer, account_id text, upstream text, verdict text, others_hold boolean, reserved bigint,
  retry_after double precision, requests_left bigint, cost_left bigint, rate_left integer, tokens_left integer
) language sql as $$
  select item, account_id, upstream, verdict, others_hold, reserved, retry_after, requests_left, cost_left, rate_left,
    tokens_left
  from admit_requests(p_replica_id, p_catalogue_version, p_grant_ids, p_ends, p_account_ids, p_request_ids, p_estimates,
    p_shares => p_floors, p_floors => p_floors,
    p_open => array_fill(false, array[cardinality(p_floors)]),
    p_patient => array_fill(false, array[cardinality(p_floors)]),
    p_tokens => p_tokens, p_streams => p_streams, p_upstreams => p_upstreams, p_models => p_models,
    p_operations => p_operations, p_operator_upstreams => null, p_operator_max => null,
    p_operator_max_per_account => null, p_proofs => null)
$$;
