-- The trigger on `revocations`: tells every proxy that listens, once the revocation has committed.
create or replace function notify_grant_revoked() returns trigger language plpgsql as $$
begin
  perform pg_notify('grant_revoked', new.grant_id);
  return null;
end
$$;
