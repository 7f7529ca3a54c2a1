-- Locks an account, and then its limit. In the common lock order, the account's grants follow by id: the caller locks
-- them. Returns whether there is such an account.
create or replace function lock_account(p_account_id text) returns boolean language plpgsql as $$
declare
  is_found boolean;
begin
  perform from accounts where id = p_account_id for update;
  is_found := found;
  perform from account_limits where account_id = p_account_id for update;
  return is_found;
end
$$;
