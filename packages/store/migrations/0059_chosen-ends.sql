-- When the end of a grant was last changed. The time from then to the end is the lifetime that the owner last chose.
-- Without a row: the owner chose the end when the grant was made. A separate table, because release 1 has prepared
-- statements on `grants`.
create table chosen_ends (
  grant_id text primary key references grants (id) on delete cascade,
  chosen_at timestamptz not null
);
