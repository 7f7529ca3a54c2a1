-- How far the database is in the journal: signed files outside of the database, which hold what a restored backup must
-- not forget. The server that writes the next batch locks this row.
create table journal (
  name text primary key check (name = 'journal'),
  -- when the last batch was written, in microseconds; 0: there is none. It never goes back
  position bigint not null default 0,
  -- where the next batch continues, as JSON
  state text not null default ''
);
insert into journal (name) values ('journal');
