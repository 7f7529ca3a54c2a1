-- The partitions of the ledger with their ranges of time. The default partition has no range.
create or replace function ledger_partitions() returns table (name text, begins_at timestamptz, ends_at timestamptz)
language sql stable set search_path = public, pg_temp as $$
  select c.relname::text, bounds[1]::timestamptz, bounds[2]::timestamptz
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  left join regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') as bounds on true
  where i.inhparent = 'ledger'::regclass
$$;
