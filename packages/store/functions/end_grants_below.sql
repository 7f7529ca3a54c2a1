-- The trigger on `revocations`: when a grant is revoked, all grants below it are revoked in the same transaction. Each
-- of them gets an audit row, and a row in `revocations`, so that the proxies are notified of it.
-- The revoked grant is locked already. A transaction that makes a grant below the revoked grant also locks the revoked
-- grant, so this trigger misses no new grant. A transaction that locks both the revoked grant and a grant below it
-- locks the revoked grant first, so there is no deadlock.
create or replace function end_grants_below() returns trigger language plpgsql as $$
begin
  with locked as materialized (
    select id from grants where id in (select grants_below(new.grant_id)) and status = 'active'
    order by id collate "C" for update
  ), revoked as (
    update grants g set status = 'revoked', revoked_at = now(), revoked_reason = 'parent'
    from locked where g.id = locked.id
    returning g.id, g.account_id, g.client_id, g.expires_at
  ), registered as (
    insert into revocations (grant_id, reason, revoked_by, until)
    select id, 'parent', new.revoked_by, expires_at from revoked
  )
  insert into audit_events (event, account_id, client_id, grant_id, detail)
  select 'grant_revoked', account_id, client_id, id,
    jsonb_build_object('reason', 'parent', 'by', new.revoked_by, 'parent', new.grant_id)
  from revoked;
  return null;
end
$$;
