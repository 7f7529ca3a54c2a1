-- The scope tokens that an app had asked its owner for when the owner made a grant. If the app asks again, the page
-- marks only the other ones as new, and leaves those unticked that the owner does not allow. A separate table, because
-- release 1 has prepared statements on `grants`. A grant of the previous release has no row.
create table shown_scopes (
  grant_id text primary key references grants (id) on delete cascade,
  scope text not null
);
