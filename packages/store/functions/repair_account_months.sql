-- Repairs the account limits that have a month in the future because the clock was ahead. Recomputes their sums from
-- the ledger and the reservations. A limit whose month is only the next month is left unchanged, because a change of
-- the account's time zone can cause this.
create or replace function repair_account_months() returns void language plpgsql set search_path = public, pg_temp as $$
begin
  with wrong as (
    select account_id, date_trunc('month', now() at time zone time_zone)::date as this_month
    from account_limits where month > date_trunc('month', now() at time zone time_zone) + interval '1 month'
    order by account_id collate "C" for update
  )
  update account_limits a set month = w.this_month, month_cost = (
    select coalesce(sum(cost), 0) from (
      select l.cost from grants g join ledger l on l.grant_id = g.id
      where g.account_id = w.account_id and l.admitted_at > now() - interval '33 days' and l.month = w.this_month
      union all select r.reserved from reservations r where r.account_id = w.account_id and r.month = w.this_month
    ) as of_month
  )
  from wrong w where a.account_id = w.account_id;
end
$$;
