-- For the operator's page: the settings of the proxies that run now, one row for each set of equal settings. `settings`
-- is null for proxies of a release that did not report them. A lease without an end belongs to `background`, which is
-- not a proxy: see `keep_in_background`.
create or replace function list_replica_settings() returns table (proxies integer, settings jsonb)
language sql stable security definer set search_path = public, pg_temp as $$
  select count(*)::integer, s.settings from replicas r left join replica_settings s on s.replica_id = r.id
  where r.lease_until > now() and r.lease_until < 'infinity' group by s.settings order by count(*) desc, s.settings::text
$$;
