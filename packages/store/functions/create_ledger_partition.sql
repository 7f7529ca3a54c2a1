-- Makes the ledger's partition of one month (UTC), given by its first day, unless it exists.
create or replace function create_ledger_partition(first_day date) returns void language plpgsql as $$
begin
  execute format('create table if not exists %I partition of ledger for values from (%L) to (%L)',
    'ledger_' || to_char(first_day, 'YYYY_MM'), first_day::timestamp at time zone 'UTC',
    (first_day + interval '1 month')::timestamp at time zone 'UTC');
end
$$;
