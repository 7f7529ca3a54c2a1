-- Charges what the dead had set aside, as reserved: what they did with it is not known. What was charged is remembered for
-- a day, for a replica that was not dead after all. Any replica may call this, at any time; `skip locked` keeps them out
-- of each other's way. A replica that is not quite dead may still admit something while its lease is being ended: the next
-- sweep finds that.
-- Returns how many requests were charged, at most as many as one statement may; the caller asks again until there are none.
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
    select * from reservations r where not exists (select from replicas where id = r.replica_id) limit most
  ) abandoned;
  if request_ids is null then
    return 0;
  end if;
  begin
    return charge_abandoned(account_ids, grant_ids, request_ids);
  exception when data_exception or integrity_constraint_violation then
    -- one of them: each grant by itself, so that it holds up no other
  end;
  for n in 1 .. cardinality(grant_ids) loop
    begin
      settled := settled + charge_abandoned(account_ids, grant_ids[n:n], request_ids);
    exception when data_exception or integrity_constraint_violation then
      raise warning 'what a dead replica had set aside of grant % cannot be charged: %', grant_ids[n], sqlerrm;
    end;
  end loop;
  return settled;
end
$$;
