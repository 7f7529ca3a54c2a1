-- For `doctor`: the tables with expired rows that were not removed, and when the oldest such row was due for removal.
-- Tables without `ends_at` (see `expiring_tables`) are left out, because the whole table would have to be scanned.
create or replace function overdue_rows() returns table (name text, due_at timestamptz)
language plpgsql stable set search_path = public, pg_temp as $$
declare
  e record;
begin
  for e in select * from expiring_tables() x where x.ends_at is not null and x.keep is not null loop
    execute format('select t.%1$I + $1 from %2$I t where t.%3$I is not null order by t.%3$I limit 1', e.ends_at, e.name, e.read_by)
    into due_at using e.keep;
    if due_at < now() then
      name := e.name;
      return next;
    end if;
  end loop;
end
$$;
