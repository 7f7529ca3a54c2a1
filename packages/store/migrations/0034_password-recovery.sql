-- Recovery codes of an account. Each replaces a forgotten password or a lost authenticator app once. A code has 80
-- random bits; only its hash is stored.
create table recovery_codes (
  account_id text not null references accounts (id) on delete cascade,
  -- of the account's id and the code
  code_hash text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, code_hash)
);

-- Links that set a new password once. The token has 256 random bits; only its hash is stored.
create table password_resets (
  token_hash text primary key,
  account_id text not null references accounts (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
-- for: ending an account's other links
create index password_resets_account on password_resets (account_id);
-- for: the removal of expired rows
create index password_resets_expires_at on password_resets (expires_at);
