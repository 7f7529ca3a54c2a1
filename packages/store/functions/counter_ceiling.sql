-- Half of what a counter can hold. No real amount is larger, and later additions still fit.
create or replace function counter_ceiling() returns bigint language sql immutable parallel safe as $$
  select 4611686018427387904::bigint
$$;
