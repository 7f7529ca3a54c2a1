-- The advisory lock with which `count_usage` and `add_up_usage` agree on who adds up an older row of the ledger.
create or replace function usage_lock() returns bigint language sql immutable parallel safe as $$
  select 7205759407::bigint
$$;
