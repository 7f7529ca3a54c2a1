-- The grant at the top of a grant's tree: the grant itself, if it has no parent.
create or replace function root_of(p_grant_id text) returns text language sql immutable parallel safe as $$
  select split_part(p_grant_id, '.', 1)
$$;
