-- The names that clients gave to requests which were sent, or are about to be: of a grant each is sent once. No reference
-- to grants: the row outlives nobody, since it expires.
create table idempotency_keys (
  grant_id text not null,
  key_hash text not null,
  -- the request that has it, which alone may give it back
  request_id uuid not null,
  expires_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (grant_id, key_hash)
);

-- For removing what has expired.
create index idempotency_keys_expires_at on idempotency_keys (expires_at);
