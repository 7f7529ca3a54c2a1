-- All grants below a grant, in the order in which grants are locked.
create or replace function grants_below(p_grant_id text) returns setof text language sql stable as $$
  select grant_id from delegated_grants
  where parent_grant_id = p_grant_id
    -- all ids that begin with this id and a dot: these columns are sorted by bytes, and the slash is the byte after the
    -- dot
    or (parent_grant_id > p_grant_id || '.' and parent_grant_id < p_grant_id || '/')
  order by grant_id
$$;
