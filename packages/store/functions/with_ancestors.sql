-- The given grants and all grants above them. The id of a grant begins with that of its parent: see `delegated_grants`.
create or replace function with_ancestors(p_grant_ids text[]) returns text[] language sql stable parallel safe as $$
  select case when position('.' in array_to_string(p_grant_ids, ' ')) = 0 then p_grant_ids else array(
    select distinct array_to_string(parts[:depth], '.')
    from unnest(p_grant_ids) as id, string_to_array(id, '.') as parts, generate_series(1, cardinality(parts)) as depth
  ) end
$$;
