-- Locks the row of an account, or of all accounts together (''), and makes it where it is missing. The row of all is always
-- locked first, and after grants: whoever has it may lock rows of accounts in any order.
-- Months only go forward; the row of a month that is over is returned as that of the new one.
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
    spending := row(p_account_id, p_month, 0, 0)::operator_spending;
  end if;
  return spending;
end
$$;
