-- What an account has set about its e-mails. A separate table, because release 1 has prepared statements on `accounts`.
create table account_mail (
  account_id text primary key references accounts (id) on delete cascade,
  -- the address that the owner has confirmed; it counts only while it is the address of the account
  confirmed_email text,
  -- the language of the pages at that time, for owners who chose none in their settings
  language text not null,
  -- the kinds of notices that the owner does not want
  muted text[] not null default '{}',
  constraint account_mail_language check (language ~ '^[a-z]{2,3}$')
);

-- Links that confirm an e-mail address once. The token has 256 random bits; only its hash is stored.
create table address_links (
  token_hash text primary key,
  account_id text not null references accounts (id) on delete cascade,
  -- the address to which the link was sent: the address of the account, or the one that shall replace it
  email text not null,
  expires_at timestamptz not null,
  constraint address_links_email_is_lower_case check (email = lower(email))
);
-- for: a new link ends the earlier ones of its account
create index address_links_account on address_links (account_id);
-- for: the removal of expired rows
create index address_links_expires_at on address_links (expires_at);

-- E-mails that are to be sent. A row is inserted together with its cause, and deleted when the mail was sent.
create table mails (
  id uuid primary key default gen_random_uuid(),
  account_id text not null references accounts (id) on delete cascade,
  address text not null,
  kind text not null,
  language text not null,
  -- SECRET: what the texts of this kind need, which may be the token of a link
  detail jsonb not null,
  created_at timestamptz not null default now(),
  tries integer not null default 0,
  -- no server sends the mail before; a server that sends it now has moved the instant on
  next_try_at timestamptz not null default now(),
  -- servers give up then
  expires_at timestamptz not null default now() + interval '1 day'
);
-- for: the mails that are due
create index mails_next_try_at on mails (next_try_at);
-- for: the end of an account
create index mails_account on mails (account_id);
-- for: the removal of mails that could not be sent
create index mails_expires_at on mails (expires_at);
