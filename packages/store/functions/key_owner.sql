-- Whose provider key a request used: see `KeyOwner` in summarize-instance.ts. `p_recorded_from`: for requests
-- that were admitted before this time, it was not recorded whose key they used.
create or replace function key_owner(
  p_operator_month date, p_is_simulated boolean, p_admitted_at timestamptz, p_recorded_from timestamptz
) returns text language sql immutable parallel safe as $$
  select case when p_operator_month is not null then 'operator' when p_is_simulated then 'simulated'
    when p_admitted_at >= p_recorded_from then 'owner' else 'unknown' end
$$;
