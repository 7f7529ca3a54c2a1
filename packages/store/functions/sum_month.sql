-- Sums up the requests of one month of an account, for its overview. The ledger's index of grants finds the rows, so
-- the time grows with the requests of this account in this month. It hashes and never sorts: for 1,000,000 rows,
-- PostgreSQL would otherwise choose a sort, which takes three times as long.
create or replace function sum_month(p_account_id text, p_month date)
returns table (client_id text, upstream text, model text, day date, cost bigint, requests bigint)
language sql stable set enable_sort = off as $$
  select l.client_id, l.upstream, l.model, l.day, sum(l.cost)::bigint,
    count(*) filter (where l.counted) - count(*) filter (where l.settlement = 'withdrawn')
  from grants g join ledger l on l.grant_id = g.id
  where g.account_id = p_account_id and l.month = p_month
    -- In every time zone, a month begins and ends within a day of that of UTC. These bounds choose the partitions.
    and l.admitted_at >= p_month::timestamp at time zone 'UTC' - interval '1 day'
    and l.admitted_at < (p_month + interval '1 month') at time zone 'UTC' + interval '1 day'
  group by l.client_id, l.upstream, l.model, l.day
$$;
