-- Moves the mark that shows how far the database has come, to the present time. The mark never goes back, even if the
-- clock does.
-- `p_known`: the highest mark that the caller has seen; 0 if it has seen none.
-- Returns the new mark; null when the mark is lower than `p_known`. Then the database was restored from a backup.
create or replace function move_restore_mark(p_known bigint) returns bigint language sql as $$
  update restore_mark set at = greatest(at + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
  where at >= p_known returning at
$$;
