-- Moves what the operator's keys spend, by requests that ended: for each its account, the month that it counts in, by how
-- much its cost differs from what was counted, and what was set aside for it until now. A month that is over has a counter
-- no more.
create or replace function move_operator_spending(p_moved operator_spending[]) returns void language plpgsql as $$
begin
  -- all accounts together come first: whoever has that row may lock the others in any order
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
