-- The accounts that owners have at other identity providers and use to sign in here. An account that was made this way
-- has an empty password_hash until its owner sets a password.
create table account_identities (
  -- the provider's issuer identifier and its identifier of the person (OpenID Connect Core section 2)
  issuer text not null,
  subject text not null,
  account_id text not null references accounts (id) on delete cascade,
  -- shown to the owner, so that they know which account it is
  email text,
  created_at timestamptz not null default now(),
  primary key (issuer, subject),
  constraint account_identities_one_of_each unique (account_id, issuer)
);
