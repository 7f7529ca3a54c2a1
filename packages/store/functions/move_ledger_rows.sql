-- Does one short step of moving the rows of the ledger's default partition into partitions by month. Each step copies
-- a page of rows, in the order of their key, into the table of their month, which is not a partition yet. A trigger
-- copies rows that are written meanwhile. At the end, one transaction without a scan replaces the default partition's
-- rows by these tables, which become partitions. So each row is in the ledger exactly once at every moment. The caller
-- holds the advisory lock of `prepare_ledger`.
create or replace function move_ledger_rows(p_rows integer) returns void
language plpgsql set search_path = public, pg_temp set timezone = 'UTC' set datestyle = 'ISO' set enable_seqscan = off as $$
declare
  after_at timestamptz;
  after_id uuid;
  first_row timestamptz;
  first_day date;
  month_table text;
  last_of_page text;
begin
  if ledger_move_must_begin() then
    perform begin_ledger_move();
    return;
  end if;
  select split_part(position, '|', 1)::timestamptz, split_part(position, '|', 2)::uuid into after_at, after_id
  from maintenance where task = 'move_ledger';
  select admitted_at into first_row from ledger_default where (admitted_at, request_id) > (after_at, after_id)
  order by admitted_at, request_id limit 1;
  if first_row is null then
    perform end_ledger_move();
    return;
  end if;
  first_day := date_trunc('month', first_row)::date;
  month_table := 'ledger_moving_' || to_char(first_day, 'YYYY_MM');
  perform create_ledger_month(month_table, first_day);
  execute format(
    'with page as materialized (
      select %2$s from ledger_default where (admitted_at, request_id) > ($1, $2) and admitted_at < $3
      order by admitted_at, request_id limit $4
    ), copied as (
      insert into %1$I (%2$s) select %2$s from page on conflict do nothing
    )
    select admitted_at || ''|'' || request_id from page order by admitted_at desc, request_id desc limit 1', month_table,
    list_columns(month_table))
  into last_of_page using after_at, after_id, first_day + interval '1 month', p_rows;
  update maintenance set position = last_of_page where task = 'move_ledger';
end
$$;
