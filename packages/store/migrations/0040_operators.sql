-- The accounts that may use the operator's pages. This is a separate table for the reason that `inviters` is one.
create table operators (
  account_id text primary key references accounts (id) on delete cascade,
  created_at timestamptz not null default now()
);

-- Links with which an account becomes an operator once. A code is a secret of 256 bits; only its hash is stored.
create table operator_links (
  code_hash text primary key,
  -- whether the link works only while there is no operator: the link that is printed at the start
  for_first boolean not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
-- for: the removal of expired rows
create index operator_links_expires_at on operator_links (expires_at);
