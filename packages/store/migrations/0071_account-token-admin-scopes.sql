-- What an API token of an operator may do through the admin API. A token without a row may do nothing there. A separate
-- table, because servers of the previous release do not know these scopes.
create table account_token_admin_scopes (
  token_id text primary key references account_tokens (id) on delete cascade,
  scopes text[] not null,
  constraint account_token_admin_scopes_some check (cardinality(scopes) > 0)
);
