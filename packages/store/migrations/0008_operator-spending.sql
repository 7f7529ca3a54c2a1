-- What the operator's own keys may spend in a month (UTC): for each account, and for all of them together. Kept only by
-- proxies that are told a cap.

create table operator_spending (
  -- '' is all accounts together
  account_id text primary key,
  month date not null,
  -- spent and held by the requests that were admitted in this month
  cost bigint not null default 0,
  held bigint not null default 0,
  constraint operator_spending_is_not_negative check (cost >= 0 and held >= 0)
) with (fillfactor = 70); -- room for updates in place

-- The month of `operator_spending` that the request counts in; null where it is not counted there. In the order in which
-- settlements reach these tables, so that none of them and this wait for each other.
alter table reservations add column operator_month date;
alter table ledger add column operator_month date;
