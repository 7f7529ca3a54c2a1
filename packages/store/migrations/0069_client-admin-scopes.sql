-- What a client of the operator may do through the admin API. A client without a row may do nothing there. A separate
-- table, because the authorization server must not be able to change it: only the operator's command writes it.
create table client_admin_scopes (
  client_id text primary key references clients (id) on delete cascade,
  scopes text[] not null,
  constraint client_admin_scopes_some check (cardinality(scopes) > 0)
);
