-- Makes a table like the ledger for the rows of one month (UTC), unless it exists; it is no partition yet. The constraint
-- says so of its rows, so that nobody has to look through them when it becomes one. Until then it is not vacuumed: that would
-- hold the locks up under which it becomes one.
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
