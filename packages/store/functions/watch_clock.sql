-- Detects that the database's clock was ahead and has been set back, and repairs stored times that are in the future.
-- Without the repair, a grant would be refused, or keep the counters of a day, until the stored time is reached. This
-- is one short step: call it every minute, and repeat the call while it returns `mending`. It returns `mended` after a
-- repair, and `steady` when there was nothing to do or another process is doing this step. Any process may call it at
-- any time.
create or replace function watch_clock() returns text
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '300ms' as $$
declare
  page constant integer := 200;
  seen_at timestamptz;
  after_id text;
  last_id text;
  looked_at integer;
  outcome text := 'steady';
begin
  if not pg_try_advisory_xact_lock(7205759406) then
    return 'steady';
  end if;
  insert into maintenance (task, finished_at) values ('watch_clock', now()) on conflict do nothing;
  select finished_at, position into seen_at, after_id from maintenance where task = 'watch_clock';
  if now() < seen_at - interval '1 minute' then
    after_id := '';
    -- running replicas renew their leases within seconds; dead ones are swept after ten minutes, which is longer than
    -- any lease
    update replicas set lease_until = now() + interval '10 minutes' where lease_until > now() + interval '10 minutes'
      and lease_until < 'infinity';
    perform repair_account_months();
    perform repair_operator_months();
  end if;
  if after_id is not null then
    select count(*), max(id) into looked_at, last_id
    from (select id from grants where id > after_id order by id limit page) as g;
    perform repair_grant(id) from (select id from grants where id > after_id and id <= last_id order by id) as g;
    after_id := case when looked_at = page then last_id end;
    outcome := case when looked_at = page then 'mending' else 'mended' end;
  end if;
  update maintenance set finished_at = now(), position = after_id where task = 'watch_clock';
  return outcome;
end
$$;
