-- Device codes (RFC 8628), as the owner's page and a polling terminal look for them. What oidc-provider stores of each
-- is a row of `artifacts` with the same `id_hash`.
create table device_codes (
  id_hash text primary key,
  -- keyed, because a hash of 34 bits could be reversed
  user_code_hash text not null,
  -- the time of the last poll, and whether it came too early
  polled_at timestamptz,
  polled_too_early boolean not null default false,
  -- the shortest time between two polls
  interval_seconds integer not null,
  expires_at timestamptz not null,
  constraint device_codes_user_code unique (user_code_hash)
)
-- each poll changes its row, and no index: there is room for the new version in the same page
with (fillfactor = 70);
-- for: removing expired rows
create index device_codes_expires_at on device_codes (expires_at);
