-- The amount that a budget would have left without any reservations. Both amounts are capped, so that their sum fits
-- into a bigint.
create or replace function left_alone(amount_left bigint, amount_held bigint) returns bigint
language sql immutable parallel safe as $$
  select least(amount_left, counter_ceiling()) + least(amount_held, counter_ceiling() - 1)
$$;
