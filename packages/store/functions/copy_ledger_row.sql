-- The trigger on `ledger_default` while its rows are moved. It copies each new row into the table of its month. If a
-- column was added to the ledger after this table was made, the copy does not have the column. `move_ledger_rows` then
-- starts the move again.
create or replace function copy_ledger_row() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  first_day date := date_trunc('month', new.admitted_at at time zone 'UTC')::date;
  month_table text := 'ledger_moving_' || to_char(first_day, 'YYYY_MM');
begin
  perform create_ledger_month(month_table, first_day);
  execute format('insert into %I (%2$s) select %2$s from (select ($1).*) as ledger_row on conflict do nothing',
    month_table, list_columns(month_table))
  using new;
  return null;
end
$$;
