-- For the operator's page: the provider keys of the operator that the running proxies have, one row for each upstream.
-- `proxies`: the number of running proxies that have a key for the upstream. `running`: the number of all running
-- proxies. `refused_at` and `refusal`: the last time that the upstream refused a key of one of these proxies. A proxy
-- removes its refusal when a request with the key succeeds.
create or replace function list_operator_keys() returns table (
  upstream text, sources text[], proxies integer, running integer, refused_at timestamptz, refusal text
) language sql stable security definer set search_path = public, pg_temp as $$
  -- a lease without an end belongs to `background`, which is not a proxy: see `keep_in_background`
  with live as (select id from replicas where lease_until > now() and lease_until < 'infinity')
  select k.upstream, array_agg(distinct k.source order by k.source), count(*)::integer,
    (select count(*)::integer from live), max(k.refused_at),
    (array_agg(k.refusal order by k.refused_at desc nulls last))[1]
  from operator_keys k join live on live.id = k.replica_id group by k.upstream order by k.upstream
$$;
