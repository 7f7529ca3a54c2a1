-- Makes a table the ledger's partition of one month (UTC), under the month's name. Settlements are not held up: what is
-- locked is the default partition (which must be empty, so it takes no time to look through) and the table itself.
create or replace function attach_ledger_month(p_table text, p_first_day date) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
  wanted text := 'ledger_' || to_char(p_first_day, 'YYYY_MM');
  name text := wanted;
  n integer := 1;
begin
  -- somebody may have taken a month out of the ledger, and kept it under its name
  while to_regclass(quote_ident(name)) is not null loop
    n := n + 1;
    name := wanted || '_' || n;
  end loop;
  execute format('alter table %I rename to %I', p_table, name);
  execute format('alter table ledger attach partition %I for values from (%L) to (%L)', name,
    p_first_day::timestamp at time zone 'UTC', (p_first_day + interval '1 month')::timestamp at time zone 'UTC');
  -- it was there so that nothing has to be looked through
  execute format('alter table %I drop constraint is_of_month, reset (autovacuum_enabled)', name);
end
$$;
