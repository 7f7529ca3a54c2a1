-- Ends the move of the rows in the ledger's default partition. All rows have been copied, so the tables of the months
-- replace them. No table is scanned while the ledger is locked. If a table no longer fits, because a constraint of the
-- ledger has changed, the move starts again.
create or replace function end_ledger_move() returns void
language plpgsql set search_path = public, pg_temp as $$
declare
  month_table text;
begin
  lock table only ledger in access exclusive mode;
  lock table ledger_default in access exclusive mode;
  drop table ledger_default;
  create table ledger_default partition of ledger default;
  for month_table in
    select relname from pg_class
    where relname like 'ledger\_moving\_%' and relkind = 'r' and relnamespace = 'public'::regnamespace
    order by relname
  loop
    perform attach_ledger_month(month_table, to_date(right(month_table, 7), 'YYYY_MM'));
  end loop;
  update maintenance set position = null, finished_at = now() where task = 'move_ledger';
exception when datatype_mismatch then
  perform begin_ledger_move();
end
$$;
