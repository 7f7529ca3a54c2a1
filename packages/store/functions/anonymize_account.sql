-- Gives rows of an account that must stay another, random account id: the ledger, which the sums of money depend on, and
-- the audit log. At most `p_rows` rows in a call, so that each call is short. Returns how many; call it until it
-- returns 0. The ledger has no index of accounts, so its rows are found by the account's grants.
create or replace function anonymize_account(p_account_id text, p_pseudonym text, p_rows integer) returns integer
language plpgsql as $$
declare
  changed integer;
begin
  update audit_events set account_id = p_pseudonym,
    detail = case when detail ->> 'by' = p_account_id then detail || jsonb_build_object('by', p_pseudonym) else detail end
  where id in (select id from audit_events where account_id = p_account_id order by id desc limit p_rows);
  get diagnostics changed = row_count;
  if changed > 0 then
    return changed;
  end if;
  update ledger l set account_id = p_pseudonym
  from (
    select o.admitted_at, o.request_id from grants g join ledger o on o.grant_id = g.id
    where g.account_id = p_account_id and o.account_id = p_account_id limit p_rows
  ) found where l.admitted_at = found.admitted_at and l.request_id = found.request_id;
  get diagnostics changed = row_count;
  return changed;
end
$$;
