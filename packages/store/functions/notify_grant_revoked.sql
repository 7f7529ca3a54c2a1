-- The trigger on `revocations`: notifies all listening proxies when the revocation commits.
create or replace function notify_grant_revoked() returns trigger language plpgsql as $$
begin
  perform pg_notify('grant_revoked', new.grant_id);
  return null;
end
$$;
