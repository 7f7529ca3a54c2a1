-- How far the database has come, as a time in microseconds. The servers keep copies in files outside of the database. If
-- a copy is higher, a backup was restored. One row.
create table restore_mark (
  name text primary key check (name = 'restore_mark'),
  at bigint not null default 0
);
insert into restore_mark (name) values ('restore_mark');
