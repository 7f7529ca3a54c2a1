-- The account that registered a client on the page for developers, and what kind of program the client is. A separate
-- table, because a new column in `clients` would break the prepared statements of release 1.
create table client_owners (
  client_id text primary key references clients (id) on delete cascade,
  account_id text not null references accounts (id) on delete cascade,
  type text not null,
  constraint client_owners_type check (type in ('web', 'spa', 'terminal'))
);
-- for the list of an account's own clients
create index client_owners_account on client_owners (account_id);
