-- Invitations to make an account. A code is a secret of 256 bits; only its hash is stored.

-- The accounts that may invite others; the operator decides. This is a separate table, because a new column in
-- `accounts` would break the prepared statements of release 1.
create table inviters (
  account_id text primary key references accounts (id) on delete cascade
);

create table invitations (
  id text primary key,
  code_hash text not null,
  -- null: the operator
  created_by text references accounts (id) on delete cascade,
  -- free text of the inviter, such as who it is for
  note text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- set once, together with the account that was made with it
  used_at timestamptz,
  account_id text references accounts (id) on delete cascade,
  constraint invitations_used_by_an_account check ((used_at is null) = (account_id is null))
);
-- for: looking up the code of a link
create unique index invitations_code on invitations (code_hash);
-- for: listing and counting an account's invitations
create index invitations_created_by on invitations (created_by) where created_by is not null;
