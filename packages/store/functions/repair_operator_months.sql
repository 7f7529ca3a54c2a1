-- Repairs the operator's spending where its month is in the future because the clock was ahead. Recomputes the sums of
-- this month from the ledger and the reservations. Locks the row of all accounts first, as
-- `lock_operator_spending` requires.
create or replace function repair_operator_months() returns void language plpgsql set search_path = public, pg_temp as $$
declare
  this_month date := date_trunc('month', now() at time zone 'UTC')::date;
begin
  if not exists (select from operator_spending where month > this_month) then
    return;
  end if;
  perform from operator_spending where account_id = '' for update;
  with counted as (
    select account_id, cost, 0 as held from ledger
    where operator_month = this_month and admitted_at > now() - interval '33 days'
    union all
    select account_id, reserved, reserved from reservations where operator_month = this_month
  )
  update operator_spending s set month = this_month,
    cost = to_counter((select sum(cost) from counted c where s.account_id in ('', c.account_id))),
    held = to_counter((select sum(held) from counted c where s.account_id in ('', c.account_id)))
  where s.month > this_month;
end
$$;
