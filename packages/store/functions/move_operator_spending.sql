-- Updates the operator's spending for requests that ended. `p_moved` has for each request its account, its month, the
-- difference between its cost and the amount that was counted, and its reservation until now. Requests of past months
-- change nothing, because there is a counter only for the present month.
create or replace function move_operator_spending(p_moved operator_spending[]) returns void language plpgsql as $$
begin
  -- the row of all accounts is locked first; the rows of single accounts may then be locked in any order
  perform from operator_spending where account_id = '' for update;
  update operator_spending s set cost = to_counter(s.cost + o.difference), held = to_counter(s.held - o.freed)
  from (
    select account_id, month, sum(cost) as difference, sum(held) as freed from (
      select account_id, month, cost, held from unnest(p_moved)
      union all
      select '', month, cost, held from unnest(p_moved)
    ) each_and_all group by account_id, month
  ) o where s.account_id = o.account_id and s.month = o.month;
end
$$;
