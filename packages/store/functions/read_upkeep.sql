-- For `doctor`: counts, sizes and times of the tables, as one object. It shows no row, so every role may call it.
create or replace function read_upkeep() returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'misplacedRows', (select count(*) from (select from ledger_default limit 100000) as d),
    'missingMonths', (
      select coalesce(jsonb_agg(to_char(first_day, 'YYYY-MM') order by first_day), '[]')
      from generate_series(date_trunc('month', now() at time zone 'UTC'), now() at time zone 'UTC' + interval '2 months',
        interval '1 month') as first_day
      where not exists (
        select from ledger_partitions()
        where begins_at <= first_day at time zone 'UTC' and ends_at >= (first_day + interval '1 month') at time zone 'UTC'
      )
    ),
    'overdue', (
      select coalesce(jsonb_agg(jsonb_build_object('table', name, 'hours', extract(epoch from now() - due_at) / 3600)), '[]')
      from overdue_rows()
    ),
    'cleaned', (
      select coalesce(jsonb_agg(jsonb_build_object('table', split_part(task, ' ', 2),
        'hours', extract(epoch from now() - finished_at) / 3600)), '[]')
      from maintenance where task like 'delete_expired %' and finished_at is not null
    ),
    'tables', (
      select coalesce(jsonb_agg(jsonb_build_object('name', name, 'bytes', bytes, 'rows', rows, 'deadRows', dead_rows)
        order by bytes desc), '[]')
      from (
        select coalesce(pg_partition_root(c.oid), c.oid::regclass)::text as name,
          sum(pg_total_relation_size(c.oid)) as bytes, sum(greatest(c.reltuples, 0)) as rows,
          coalesce(sum(s.n_dead_tup), 0) as dead_rows
        from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
        group by 1
      ) as t
    )
  )
$$;
