-- Gives another, random account id to the rows of an account that must stay: the rows of the ledger, on which the sums
-- of money depend, and those of the audit log. Each call changes at most `p_rows` rows, so that it is short, and returns
-- how many it changed. Call it until it returns 0. The ledger has no index of accounts, so its rows are found by the
-- account's grants.
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
