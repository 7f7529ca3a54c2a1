-- Secrets of clients that were replaced and still work until an instant, so that a client can be changed to the new
-- secret without an interruption.
create table previous_client_secrets (
  client_id text not null references clients (id) on delete cascade,
  secret_hash text not null,
  expires_at timestamptz not null,
  primary key (client_id, secret_hash)
);
-- for removing the ones that have ended
create index previous_client_secrets_expires_at on previous_client_secrets (expires_at);
