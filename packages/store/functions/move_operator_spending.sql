-- Updates the operator's spending for requests that ended. The arrays have for each request its account, its month, the
-- difference between its cost and the amount that was counted, and its reservation until now. Requests of past months
-- change nothing, because there is a counter only for the present month.
create or replace function move_operator_spending(
  p_account_ids text[], p_months date[], p_differences bigint[], p_freed bigint[]
) returns void language plpgsql as $$
begin
  -- the row of all accounts is locked first; the rows of single accounts may then be locked in any order
  perform from operator_spending where account_id = '' for update;
  update operator_spending s set cost = to_counter(s.cost + o.difference), held = to_counter(s.held - o.freed)
  from (
    select counted_for as account_id, month, sum(difference) as difference, sum(freed) as freed
    from unnest(p_account_ids, p_months, p_differences, p_freed) as moved (account_id, month, difference, freed)
    cross join unnest(array[account_id, '']) as counted_for
    group by counted_for, month
  ) o where s.account_id = o.account_id and s.month = o.month;
end
$$;
