-- The signature that proxies of the previous release call. They send no operator's caps, no proofs and no shares. The
-- floor of a request is used as its share. This function stays until the release after next.
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
  from (select array_fill(false, array[cardinality(p_floors)]) as flags) no
  cross join admit_requests(p_replica_id, p_catalogue_version, p_grant_ids, p_ends, p_account_ids, p_request_ids, p_estimates,
    p_floors, p_floors, no.flags, no.flags, p_tokens, p_streams, p_upstreams, p_models, p_operations, null, null, null, null)
$$;
