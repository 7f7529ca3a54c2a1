-- The clients that the operator has blocked. There is no reference to `clients`, so a block outlives the row of a client
-- that is deleted and registered again under the same identifier.
create table client_blocks (
  client_id text primary key,
  blocked_at timestamptz not null default now()
);

-- The clients that registered themselves and that the operator vouches for.
create table client_approvals (
  client_id text primary key references clients (id) on delete cascade,
  approved_at timestamptz not null default now()
);
