-- Moves the mark of a file, which shows how far the database has come, to the present time. A mark never goes back, even
-- if the clock does. The marks of other files stay as they are: a server with a new file says nothing about the others.
-- `p_name`: the identifier of the file, or `restored`
-- `p_known`: the mark in the file; 0 if it has none
-- Returns the new mark; null when `p_known` is higher than the mark of the file here, and than that of `restored`. Then
-- the database was restored from a backup.
create or replace function move_restore_mark(p_name text, p_known bigint) returns bigint language sql as $$
  insert into restore_marks as m (name, at)
  select p_name, greatest(p_known + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
  where p_known <= coalesce((select max(o.at) from restore_marks o where o.name in (p_name, 'restored')), 0)
  on conflict (name) do update set at = greatest(m.at + 1, excluded.at)
  returning at
$$;
