-- Charges the requests that dead replicas had admitted for the given grants: settles each one, and records it so that
-- a later report can correct the charge. Locks are taken in the order of `settle_requests`.
create or replace function charge_abandoned(p_account_ids text[], p_grant_ids text[], p_request_ids uuid[]) returns integer
language plpgsql as $$
begin
  perform from account_limits where account_id = any (p_account_ids) order by account_id collate "C" for update;
  perform from grants where id = any (with_ancestors(p_grant_ids)) order by id collate "C" for update;
  -- requests that were settled meanwhile have no reservation any more
  insert into abandoned_requests (request_id, grant_id, account_id, admitted_at, charged, estimate, day, month, client_id,
    upstream, model, operation, catalogue_version, operator_month, is_simulated)
  select request_id, grant_id, account_id, admitted_at, reserved, estimate, day, month, client_id, upstream, model,
    operation, catalogue_version, operator_month, is_simulated
  from reservations where request_id = any (p_request_ids) and grant_id = any (p_grant_ids);
  return settle_requests(p_account_ids, p_grant_ids, p_request_ids,
    array_fill('abandoned'::text, array[cardinality(p_request_ids)]), null, null, null, null, null, null, null, null, null,
    null);
end
$$;
