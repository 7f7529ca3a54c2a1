-- The access tokens that owners make for programs of their own. They open the JSON API of the account, and nothing else.
create table account_tokens (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  -- the token is stored nowhere
  token_hash text not null,
  -- as the owner calls it
  name text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- written once an hour at most
  last_used_at timestamptz,
  constraint account_tokens_scopes check (scopes <@ array['read', 'manage', 'operator'] and 'read' = any (scopes))
);
-- for: finding the token of a request
create unique index account_tokens_token_hash on account_tokens (token_hash);
-- for: listing the tokens of an account
create index account_tokens_account on account_tokens (account_id);
-- for: the removal of expired rows
create index account_tokens_expires_at on account_tokens (expires_at);
