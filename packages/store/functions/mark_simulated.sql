-- Notes in the reservation of an admitted request that its AI provider is simulated. The caller sends the request after
-- this is committed, so the ledger says so even if the caller dies. Returns false if there is no reservation any more:
-- another process has settled it, and the request must not be sent. Repeating the call changes nothing.
create or replace function mark_simulated(p_request_id uuid, p_grant_id text) returns boolean language sql as $$
  with marked as (
    update reservations set is_simulated = true where request_id = p_request_id and grant_id = p_grant_id returning 1
  )
  select exists (select from marked);
$$;
