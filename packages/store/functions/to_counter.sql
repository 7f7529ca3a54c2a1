-- Clamps a sum to the range of a counter. The sum is a numeric, so that it cannot overflow: an error for one request
-- would fail the whole batch.
create or replace function to_counter(amount numeric) returns bigint language sql immutable parallel safe as $$
  select least(greatest(amount, 0), 9223372036854775807)::bigint
$$;
