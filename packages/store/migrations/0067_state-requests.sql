-- The rate of requests for stored objects, which are not admitted: `take_state_request` keeps one row for each tree of
-- grants. `full_at`: when the bucket is full again.
create table state_requests (
  grant_id text primary key references grants (id) on delete cascade,
  full_at timestamptz not null
) with (fillfactor = 50);
