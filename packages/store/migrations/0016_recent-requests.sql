-- The requests that a grant with a limit of requests per minute was admitted in the last minute, in groups and in order:
-- when the last of a group was admitted, and how many they are. A table of its own, because a new column in `grants`
-- would break the prepared statements of release 1.
create table recent_requests (
  grant_id text primary key references grants (id) on delete cascade,
  times timestamptz[] not null,
  counts integer[] not null
) with (fillfactor = 50);
