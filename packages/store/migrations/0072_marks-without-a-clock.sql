-- The function of this name has other parameters now. No release has called this one.
-- needs-release: 1
drop function if exists move_restore_mark(text, bigint);
