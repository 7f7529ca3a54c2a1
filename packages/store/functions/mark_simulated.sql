-- Notes in the reservation of an admitted request that its AI provider is simulated. The caller sends the request after
-- this is committed, so the ledger says so even if the caller dies. Repeating the call changes nothing.
create or replace function mark_simulated(p_request_id uuid, p_grant_id text) returns void language sql as $$
  update reservations set is_simulated = true where request_id = p_request_id and grant_id = p_grant_id;
$$;
