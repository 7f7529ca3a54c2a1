-- What the operator's own keys spend in a month (UTC): for each account, and for all accounts together. Only proxies
-- with a cap write it.

create table operator_spending (
  -- '' means all accounts together
  account_id text primary key,
  month date not null,
  -- what the requests admitted in this month have spent and hold
  cost bigint not null default 0,
  held bigint not null default 0,
  constraint operator_spending_is_not_negative check (cost >= 0 and held >= 0)
) with (fillfactor = 70); -- room for updates in place

-- The month of `operator_spending` that the request counts in; null when it is not counted there. The tables are
-- altered in the order in which settlements lock them, to prevent deadlocks.
alter table reservations add column operator_month date;
alter table ledger add column operator_month date;
