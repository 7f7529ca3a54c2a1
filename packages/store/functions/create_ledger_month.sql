-- Creates a table like the ledger for the rows of one month (UTC), unless it exists. It is not a partition yet. Its
-- constraint allows only rows of this month, so that PostgreSQL need not scan them when the table is attached. Until
-- then the table is not vacuumed, because a vacuum would delay the locks for attaching it.
create or replace function create_ledger_month(p_table text, p_first_day date) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  if to_regclass(quote_ident(p_table)) is not null then
    return;
  end if;
  execute format('create table %I (like ledger including all, constraint is_of_month check (admitted_at >= %L and admitted_at < %L))
    with (autovacuum_enabled = off)', p_table, p_first_day::timestamp at time zone 'UTC', (p_first_day + interval '1 month')::timestamp at time zone 'UTC');
end
$$;
