-- Makes the ledger's partition of one month (UTC), given by its first day, unless it exists. While the default
-- partition has rows it does nothing: `prepare_ledger` moves them and creates the months. It waits only briefly for a
-- lock, because all statements that use the default partition would wait behind it.
create or replace function create_ledger_partition(first_day date) returns void
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '300ms' as $$
declare
  month_begins timestamptz := first_day::timestamp at time zone 'UTC';
  month_ends timestamptz := (first_day + interval '1 month')::timestamp at time zone 'UTC';
begin
  -- one call at a time; the key is an arbitrary constant
  perform pg_advisory_xact_lock(7205759405);
  if exists (select from ledger_partitions() where begins_at < month_ends and ends_at > month_begins) then
    return;
  end if;
  lock table only ledger in share update exclusive mode;
  lock table ledger_default in access exclusive mode;
  if exists (select from ledger_default) then
    return;
  end if;
  perform create_ledger_month('ledger_new_month', first_day);
  perform attach_ledger_month('ledger_new_month', first_day);
end
$$;
