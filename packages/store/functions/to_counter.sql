-- A sum as a counter can hold it. Sums are made of numerics, and end where a bigint ends instead of failing: a statement
-- that fails for one request fails for everybody in its batch.
create or replace function to_counter(amount numeric) returns bigint language sql immutable parallel safe as $$
  select least(greatest(amount, 0), 9223372036854775807)::bigint
$$;
