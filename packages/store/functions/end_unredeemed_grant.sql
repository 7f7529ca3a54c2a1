-- The trigger on `unredeemed_grants`. A row is deleted when the grant's code is redeemed; the grant then has
-- tokens. It is also deleted when `delete_expired` finds a grant without code and tokens. Such a grant can never be
-- used, and is deleted too.
create or replace function end_unredeemed_grant() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  with deleted as (
    delete from grants g
    -- If the grant was used, its code was redeemed by a server of the previous release, which does not delete the row.
    -- Such a grant stays.
    where g.id = old.grant_id and g.status = 'active' and g.last_used_at is null and not has_tokens(g.id)
    returning g.id, g.account_id, g.client_id
  )
  insert into audit_events (event, account_id, client_id, grant_id)
  select 'grant_not_redeemed', account_id, client_id, id from deleted;
  return null;
end
$$;
