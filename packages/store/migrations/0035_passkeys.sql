-- Passkeys (WebAuthn credentials) of an account. A public key is no secret.
create table passkeys (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  -- as the authenticator names it, base64url
  credential_id text not null,
  -- COSE, base64url
  public_key text not null,
  -- counts the uses at the authenticator; 0 for those that do not count
  sign_count bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
-- for: sign-in with a passkey
create unique index passkeys_credential_id on passkeys (credential_id);
-- for: listing an account's passkeys
create index passkeys_account on passkeys (account_id);

-- Random values that one step of a sign-in must answer, once. Only their hashes are stored.
create table sign_in_challenges (
  value_hash text primary key,
  kind text not null,
  -- null: the account is not known yet
  account_id text references accounts (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint sign_in_challenges_kind check (kind in ('passkey_registration', 'passkey_sign_in', 'second_factor'))
);
-- for: the removal of expired rows
create index sign_in_challenges_expires_at on sign_in_challenges (expires_at);
-- for: ending those of an account
create index sign_in_challenges_account on sign_in_challenges (account_id) where account_id is not null;

-- The authenticator app of an account (TOTP, RFC 6238).
create table authenticator_apps (
  account_id text primary key references accounts (id) on delete cascade,
  -- encrypted with a key of the authorization server
  sealed_secret text not null,
  created_at timestamptz not null default now(),
  -- null: the owner has not yet given a code, and sign-ins need none
  confirmed_at timestamptz,
  -- the time step of the last code that was used; a code of this step or an earlier one is refused
  last_step bigint
);
