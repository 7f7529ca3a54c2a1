-- One short step of what the ledger needs: first that the rows of the default partition are moved where they belong, then a
-- partition for this month and each of the next three. To be called until it says `ready`; `p_rows` are moved in a step. Anybody may call it at any time:
-- `busy` says that another one is at it. Neither admissions nor settlements wait for it longer than a lock's timeout.
create or replace function prepare_ledger(p_rows integer default 2000) returns text
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '300ms' as $$
declare
  missing date;
begin
  if not pg_try_advisory_xact_lock(7205759405) then
    return 'busy';
  end if;
  if exists (select from ledger_default) then
    perform move_ledger_rows(p_rows);
    return 'moving';
  end if;
  select first_day into missing
  from (
    select (date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date as first_day
    from generate_series(0, 3) as n
  ) as months
  where not exists (
    select from ledger_partitions()
    where begins_at < (first_day + interval '1 month')::timestamp at time zone 'UTC'
      and ends_at > first_day::timestamp at time zone 'UTC'
  )
  order by first_day limit 1;
  if missing is null then
    return 'ready';
  end if;
  perform create_ledger_partition(missing);
  return 'made';
end
$$;
