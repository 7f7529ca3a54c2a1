-- Shortens the grants below a grant that would end after it. The caller has locked the grant: see `end_grants_below`.
create or replace function shorten_grants_below(p_grant_id text, p_expires_at timestamptz) returns void
language plpgsql as $$
begin
  with locked as materialized (
    select id from grants where id in (select grants_below(p_grant_id)) and expires_at > p_expires_at
    order by id collate "C" for update
  )
  update grants g set expires_at = p_expires_at from locked where g.id = locked.id;
end
$$;
