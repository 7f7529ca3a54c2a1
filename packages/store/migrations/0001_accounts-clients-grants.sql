-- The first schema. Times are the database's own; hashes are SHA-256, base64url, of random secrets of >= 128 bits.

create table accounts (
  id text primary key,
  email text not null,
  password_hash text not null,
  time_zone text not null default 'UTC',
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  constraint accounts_email_is_lower_case check (email = lower(email))
);
-- for: sign-in, and the refusal of a second account
create unique index accounts_email on accounts (email);

create table owner_sessions (
  id_hash text primary key,
  account_id text not null references accounts (id) on delete cascade,
  -- of the last password check: what needs a recent one asks here
  authenticated_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
-- for: ending all sessions of an account
create index owner_sessions_account on owner_sessions (account_id);
-- for: the removal of expired rows
create index owner_sessions_expires_at on owner_sessions (expires_at);

create table clients (
  id text primary key,
  name text not null,
  -- client metadata (RFC 7591 section 2) without the secret
  metadata jsonb not null,
  secret_hash text,
  -- of its redirect URIs: where its browser code may call from
  web_origins text[] not null default '{}',
  -- who vouches for what it says of itself
  registered_by text not null,
  created_at timestamptz not null default now(),
  constraint clients_registered_by check (registered_by in ('operator', 'registration'))
);
-- for: CORS, is this origin registered by anyone
create index clients_web_origins on clients using gin (web_origins);

-- What oidc-provider persists. Identifiers that are secrets are kept as hashes only.
create table artifacts (
  model text not null,
  id_hash text not null,
  payload jsonb not null,
  grant_id text,
  uid text,
  consumed_at timestamptz,
  expires_at timestamptz,
  primary key (model, id_hash)
);
-- for: the end of a grant takes all its artifacts with it
create index artifacts_grant on artifacts (grant_id) where grant_id is not null;
-- for: sessions found by uid
create unique index artifacts_uid on artifacts (model, uid) where uid is not null;
-- for: the removal of expired rows
create index artifacts_expires_at on artifacts (expires_at) where expires_at is not null;

-- One row decides a proxied request: its state, its limits and what is used of them stand together, so that one
-- conditional statement sees them all and a revocation contends for the same lock.
create table grants (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  client_id text not null references clients (id),
  scope text not null,
  -- the client's own words
  reason text,
  status text not null default 'active',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  max_requests integer,
  max_requests_per_minute integer,
  used_requests bigint not null default 0,
  -- token bucket (GCRA): the instant at which the bucket is full again
  bucket_full_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_reason text,
  constraint grants_status check (status in ('active', 'revoked')),
  constraint grants_revoked_has_reason check ((status = 'revoked') = (revoked_at is not null and revoked_reason is not null)),
  constraint grants_max_requests_is_positive check (max_requests > 0),
  constraint grants_max_requests_per_minute_is_positive check (max_requests_per_minute > 0),
  constraint grants_used_requests_is_in_limits check (used_requests >= 0 and (max_requests is null or used_requests <= max_requests))
) with (fillfactor = 70); -- room for updates in place: every request updates its row
-- for: an owner's list
create index grants_account on grants (account_id, created_at desc);
-- for: the end of a client ends its grants
create index grants_client on grants (client_id);

-- The register of revocations, shared by all servers. A row here and the grant's status change in one statement.
create table revocations (
  grant_id text primary key references grants (id) on delete cascade,
  reason text not null,
  -- an account, a client, or `operator`
  revoked_by text not null,
  revoked_at timestamptz not null default now(),
  -- after this instant no token of the grant can be valid anyway
  until timestamptz not null
);

create function notify_grant_revoked() returns trigger language plpgsql as $$
begin
  perform pg_notify('grant_revoked', new.grant_id);
  return null;
end
$$;
create trigger notify_grant_revoked after insert on revocations for each row execute function notify_grant_revoked();

-- Owners' keys, sealed to the proxy's public key: no server but the proxy can read them.
create table provider_keys (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  upstream text not null,
  host text not null,
  version integer not null,
  sealing_key_id text not null,
  jwe text not null,
  last_four text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  constraint provider_keys_one_per_upstream unique (account_id, upstream)
);

-- Who did what. Rows are only ever inserted.
create table audit_events (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  event text not null,
  account_id text,
  client_id text,
  grant_id text,
  detail jsonb not null default '{}'
);
-- for: an account's history
create index audit_events_account on audit_events (account_id, id desc) where account_id is not null;

-- Failed attempts in a window, for limits on guessing that hold over all replicas.
create table attempts (
  key_hash text primary key,
  count integer not null,
  window_ends_at timestamptz not null
);
-- for: the removal of expired rows
create index attempts_window_ends_at on attempts (window_ends_at);
