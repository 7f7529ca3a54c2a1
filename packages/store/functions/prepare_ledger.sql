-- One short step of the ledger's maintenance. While the default partition has rows, a step moves at most `p_rows` of
-- them to their months and returns `moving`. After that, a step creates one missing partition of this month or the next
-- three and returns `made`. Call it until it returns `ready`. It may be called at any time: `busy` says that another
-- process is doing this. Admissions and settlements wait for it no longer than its lock timeout.
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
