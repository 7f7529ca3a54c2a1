-- For the operator's page: the operator's provider keys of the proxies that run now, one row for each upstream.
-- `proxies`: how many of these proxies have a key for the upstream. `running`: how many proxies run. The refusal is the
-- last one since these proxies started. A proxy removes its own when a request with the key succeeds.
create or replace function list_operator_keys() returns table (
  upstream text, sources text[], proxies integer, running integer, refused_at timestamptz, refusal text
) language sql stable security definer set search_path = public, pg_temp as $$
  -- the name under which responses in the background are settled has a lease without an end, and is no proxy
  with live as (select id from replicas where lease_until > now() and lease_until < 'infinity')
  select k.upstream, array_agg(distinct k.source order by k.source), count(*)::integer,
    (select count(*)::integer from live), max(k.refused_at),
    (array_agg(k.refusal order by k.refused_at desc nulls last))[1]
  from operator_keys k join live on live.id = k.replica_id group by k.upstream order by k.upstream
$$;
