-- How far the database has come, as times in microseconds. `name` is the identifier of a file outside of the database, in
-- which servers keep a copy of its mark, or `restored`: when `aipassport restored` ran. If a copy is higher than its mark
-- here and than the mark of `restored`, a backup was restored.
create table restore_marks (
  name text primary key,
  at bigint not null
);
