-- Charges the reservations of dead replicas in full, because the real cost is not known. Each charge is recorded for a
-- day, in case the replica was not dead. Any replica may call this at any time; `skip locked` gives concurrent
-- callers different replicas. If a replica admits a request while its lease is being ended, the next sweep finds that
-- request.
-- Returns how many requests were charged, up to the limit of one statement. The caller repeats the call until it
-- returns 0.
create or replace function settle_dead_replicas() returns integer language plpgsql as $$
declare
  most constant integer := 1000;
  request_ids uuid[];
  grant_ids text[];
  account_ids text[];
  settled integer := 0;
begin
  delete from replicas where id in (select id from replicas where lease_until <= now() order by id for update skip locked);
  select array_agg(request_id), array_agg(distinct grant_id), array_agg(distinct account_id)
  into request_ids, grant_ids, account_ids
  from (
    select r.request_id, r.grant_id, r.account_id from reservations r
    where not exists (select from replicas where id = r.replica_id) limit most
  ) abandoned;
  if request_ids is null then
    return 0;
  end if;
  begin
    return charge_abandoned(account_ids, grant_ids, request_ids);
  exception when data_exception or integrity_constraint_violation then
    -- one grant at a time, so that a grant that fails does not delay the others
  end;
  for n in 1 .. cardinality(grant_ids) loop
    begin
      settled := settled + charge_abandoned(account_ids, grant_ids[n:n], request_ids);
    exception when data_exception or integrity_constraint_violation then
      raise warning 'the reservations of a dead replica for grant % cannot be charged: %', grant_ids[n], sqlerrm;
    end;
  end loop;
  return settled;
end
$$;
