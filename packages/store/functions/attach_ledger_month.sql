-- Attaches a table to the ledger as the partition of one month (UTC), and renames it to the month's name. Settlements
-- do not wait, because only that table and the default partition are locked exclusively. PostgreSQL scans the
-- default partition for rows of the month. That partition should be empty: then the scan takes no time.
create or replace function attach_ledger_month(p_table text, p_first_day date) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
  wanted text := 'ledger_' || to_char(p_first_day, 'YYYY_MM');
  name text := wanted;
  n integer := 1;
begin
  -- an operator may have detached a table of the same month from the ledger, and kept it with the month's name
  while to_regclass(quote_ident(name)) is not null loop
    n := n + 1;
    name := wanted || '_' || n;
  end loop;
  execute format('alter table %I rename to %I', p_table, name);
  execute format('alter table ledger attach partition %I for values from (%L) to (%L)', name,
    p_first_day::timestamp at time zone 'UTC', (p_first_day + interval '1 month')::timestamp at time zone 'UTC');
  -- The constraint has served its purpose: it showed that all rows are of this month, so PostgreSQL did not scan them.
  execute format('alter table %I drop constraint is_of_month, reset (autovacuum_enabled)', name);
end
$$;
