-- The sums that pages show tell simulated requests apart: no provider key was used for them, and nobody paid for them.
-- `provider_key` in `usage_recent` and the part `provider` of `usage_months` have the word `simulated` for them.
alter table usage_recent drop constraint usage_recent_provider_key_check,
  add constraint usage_recent_provider_key_check check (provider_key in ('operator', 'owner', 'simulated', 'unknown'))
  not valid;

-- the part of `cost` and of `requests` that was simulated
alter table usage_days
  add column simulated_cost numeric not null default 0,
  add column simulated_requests bigint not null default 0;

-- Locks the ledger, as in 0051, so no row is added until the end of this migration.
create or replace trigger count_usage after insert on ledger referencing new table as added
for each statement execute function count_usage();

-- The sums begin anew. Earlier requests are added up from the ledger, by `add_up_usage` in the background.
truncate table usage_recent;
truncate table usage_months;
truncate table usage_days;
update usage_start set counted_from = (select case when max(admitted_at) is null then '-infinity'
  else greatest(clock_timestamp(), max(admitted_at) + interval '1 microsecond') end from ledger);
