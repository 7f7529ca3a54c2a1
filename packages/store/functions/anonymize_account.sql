-- Replaces the account id with a pseudonym in the rows that must outlive the account: the rows of the ledger, on which
-- the sums of money depend, and those of the audit log. Each call changes at most `p_rows` rows, so that it is short,
-- and returns how many it changed. Call it until it returns 0. The ledger has no index of accounts, so its rows are
-- found by the account's grants.
-- The IP addresses in the account's events are removed, except from events that an earlier release sealed. The seals
-- keep the digests of the account and of the IP addresses. This function collects the digests of the account in a
-- setting of the transaction. `delete_account` reads the setting and records them, so that the events can still be
-- verified.
create or replace function anonymize_account(p_account_id text, p_pseudonym text, p_rows integer) returns integer
language plpgsql as $$
declare
  changed bigint[];
  count integer;
  digests jsonb := coalesce(nullif(current_setting('aipassport.sealed_as', true), ''), '[]');
begin
  -- until this transaction ends, no event is sealed
  perform from audit_chain for share;
  with anonymized as (
    update audit_events e set account_id = p_pseudonym, detail =
      case when detail ->> 'by' = p_account_id then detail || jsonb_build_object('by', p_pseudonym) else detail end
      -- a seal of an earlier release covers the address together with the rest of the detail
      - case when exists (select from audit_seals s where s.event_id = e.id and s.address_digest is null)
        then '' else 'address' end
    where id in (select id from audit_events where account_id = p_account_id order by id desc limit p_rows)
    returning id
  )
  select array_agg(id) into changed from anonymized;
  if changed is not null then
    perform set_config('aipassport.sealed_as', jsonb_agg(known.digest)::text, true) from (
      select jsonb_array_elements_text(digests) as digest
      union select account_digest from audit_seals where event_id = any (changed) and account_digest is not null
    ) known having count(*) > 0;
    return cardinality(changed);
  end if;
  update ledger l set account_id = p_pseudonym
  from (
    select o.admitted_at, o.request_id from grants g join ledger o on o.grant_id = g.id
    where g.account_id = p_account_id and o.account_id = p_account_id limit p_rows
  ) found where l.admitted_at = found.admitted_at and l.request_id = found.request_id;
  get diagnostics count = row_count;
  return count;
end
$$;
