-- Charges what the dead had set aside, as reserved: what they did with it is not known. Any replica may call this, at any
-- time; `skip locked` keeps them out of each other's way. A replica that is not quite dead may still admit something while
-- its lease is being ended: the next sweep finds that. A sweep charges so many at most that it ends in its time, however many
-- there are; the next one goes on.
create or replace function settle_dead_replicas() returns integer language plpgsql as $$
declare
  request_ids uuid[];
  grant_ids text[];
  account_ids text[];
begin
  delete from replicas where id in (select id from replicas where lease_until <= now() order by id for update skip locked);
  select array_agg(request_id), array_agg(distinct grant_id), array_agg(distinct account_id)
  into request_ids, grant_ids, account_ids
  from (
    select request_id, grant_id, account_id from reservations r
    where not exists (select from replicas where id = r.replica_id) limit 5000
  ) as orphaned;
  if request_ids is null then
    return 0;
  end if;
  return settle_requests(account_ids, grant_ids, request_ids,
    array_fill('abandoned'::text, array[cardinality(request_ids)]), null, null, null, null, null, null, null, null, null);
end
$$;
