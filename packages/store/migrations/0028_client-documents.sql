-- Clients whose identifier is the URL of their metadata (OAuth Client ID Metadata Document), and how long the copy in
-- `clients` is fresh. A separate table, because release 1 has prepared statements on `clients`.
create table client_documents (
  client_id text primary key references clients (id) on delete cascade,
  fresh_until timestamptz not null
);
