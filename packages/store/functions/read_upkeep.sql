-- For `doctor`: counts, sizes and times of the tables, as one object. It shows no row, so every role may call it.
create or replace function read_upkeep() returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  with months as (
    select day at time zone 'UTC' as begins_at, (day + interval '1 month') at time zone 'UTC' as ends_at,
      to_char(day, 'YYYY-MM') as name
    from generate_series(
      date_trunc('month', now() at time zone 'UTC'), now() at time zone 'UTC' + interval '2 months', interval '1 month'
    ) as day
  ), missing as (
    select m.name from months m
    where not exists (select from ledger_partitions() p where p.begins_at <= m.begins_at and p.ends_at >= m.ends_at)
  ), overdue as (
    select name, extract(epoch from now() - due_at) / 3600 as hours from overdue_rows()
  ), cleaned as (
    select split_part(task, ' ', 2) as name, extract(epoch from now() - finished_at) / 3600 as hours from maintenance
    where task like 'delete_expired %' and finished_at is not null
  ), sizes as (
    -- a partition counts as a part of its table
    select coalesce(pg_partition_root(c.oid), c.oid::regclass)::text as name,
      sum(pg_total_relation_size(c.oid)) as bytes, sum(greatest(c.reltuples, 0)) as rows,
      coalesce(sum(s.n_dead_tup), 0) as dead_rows
    from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    group by 1
  )
  select jsonb_build_object(
    'misplacedRows', (select count(*) from (select from ledger_default limit 100000) as d),
    'missingMonths', (select coalesce(jsonb_agg(name order by name), '[]') from missing),
    'overdue', (select coalesce(jsonb_agg(jsonb_build_object('table', name, 'hours', hours)), '[]') from overdue),
    'cleaned', (select coalesce(jsonb_agg(jsonb_build_object('table', name, 'hours', hours)), '[]') from cleaned),
    'tables', (
      select coalesce(jsonb_agg(
        jsonb_build_object('name', name, 'bytes', bytes, 'rows', rows, 'deadRows', dead_rows) order by bytes desc
      ), '[]')
      from sizes
    )
  )
$$;
