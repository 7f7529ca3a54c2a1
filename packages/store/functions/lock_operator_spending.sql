-- Locks the row of an account, or of all accounts together (''), and inserts it if it is missing. Every caller locks
-- the grants first, then the row of all accounts, and then the rows of single accounts in any order. A row of an
-- earlier month is returned as an empty row of the given month.
create or replace function lock_operator_spending(p_account_id text, p_month date) returns operator_spending
language plpgsql as $$
declare
  spending operator_spending;
begin
  select * into spending from operator_spending where account_id = p_account_id for update;
  if not found then
    insert into operator_spending (account_id, month) values (p_account_id, p_month) on conflict do nothing;
    select * into spending from operator_spending where account_id = p_account_id for update;
  end if;
  if spending.month < p_month then
    spending.month := p_month;
    spending.cost := 0;
    spending.held := 0;
  end if;
  return spending;
end
$$;
