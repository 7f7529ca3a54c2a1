-- Moves the mark of a file, which shows how far the database has come. A mark is a counter, so no clock can hide a
-- restore. The marks of other files stay as they are: a server with a new file says nothing about the others.
-- `p_name`: the identifier of the file
-- `p_known`: the mark in the file; 0 if it has none
-- `p_runs`: the runs of `aipassport restored` that the file knows. Each run is a row whose name begins with `restored:`
-- Returns the new mark, and the runs here; nothing when `p_known` is higher than the mark here, and the file knows all
-- runs. Then the database was restored from a backup, and `restored` has not run since.
create or replace function move_restore_mark(p_name text, p_known bigint, p_runs text[], out at bigint, out runs text[])
returns setof record language sql as $$
  with present as (
    select coalesce(array_agg(name order by name), '{}') as runs from restore_marks where name like 'restored:%'
  )
  insert into restore_marks as m (name, at)
  select p_name, p_known + 1 from present
  where not present.runs <@ p_runs
    or p_known <= coalesce((select o.at from restore_marks o where o.name = p_name), 0)
  on conflict (name) do update set at = greatest(m.at + 1, excluded.at)
  returning m.at, (select present.runs from present)
$$;
