-- Deletes an account with everything that belongs to it: provider keys, sessions, settings, grants and what is stored
-- under them. Before this call, the caller has done three things in the same transaction: locked the account
-- (`lock_account`), revoked its grants, so that the proxies are notified when the transaction commits, and replaced the
-- account id with `p_pseudonym` in the ledger and in the audit log (`anonymize_account`). The event of the deletion
-- contains the digests that `anonymize_account` has collected. Requests in progress end later. They are charged to
-- `p_pseudonym`, so the operator's sums include them.
create or replace function delete_account(p_account_id text, p_pseudonym text) returns void language plpgsql as $$
begin
  update reservations set account_id = p_pseudonym where account_id = p_account_id;
  update abandoned_requests set account_id = p_pseudonym where account_id = p_account_id;
  update background_responses set account_id = p_pseudonym where account_id = p_account_id;
  -- until this transaction ends, `add_up_usage` moves no sums
  perform from usage_start for update;
  update usage_months set name = p_pseudonym where part = 'account' and upstream = '' and name = p_account_id
    and month in (select month from usage_days where account_id = p_account_id);
  update usage_days set account_id = p_pseudonym where account_id = p_account_id;
  update usage_recent set account_id = p_pseudonym where account_id = p_account_id;
  update operator_spending set account_id = p_pseudonym where account_id = p_account_id;
  delete from stored_objects where grant_id in (select id from grants where account_id = p_account_id);
  delete from idempotency_keys where grant_id in (select id from grants where account_id = p_account_id);
  -- the other tables follow by their foreign keys
  delete from accounts where id = p_account_id;
  insert into audit_events (event, account_id, detail) values ('account_deleted', p_pseudonym, case
    when coalesce(current_setting('aipassport.sealed_as', true), '') = '' then '{}'::jsonb
    else jsonb_build_object('sealed_as', current_setting('aipassport.sealed_as')::jsonb) end
    -- the setting has the identifier and the IP address of the request; the IP address is left out, because it is that
    -- of the deleted account's owner
    || (coalesce(nullif(current_setting('aipassport.origin', true), ''), '{}')::jsonb - 'address'));
end
$$;
