-- The logos of apps, as the authorization server fetched them. Pages load them from this server only.
create table client_logos (
  client_id text primary key references clients (id) on delete cascade,
  -- the address that the client named when the logo was fetched
  url text not null,
  -- no server fetches the logo before; a server that fetches it now has moved the instant on
  next_fetch_at timestamptz not null,
  -- SHA-256 of the bytes, in hexadecimal digits; null if there is no logo that may be shown
  hash text,
  media_type text,
  bytes bytea,
  -- when the bytes were last fetched
  fetched_at timestamptz,
  constraint client_logos_hash check (hash ~ '^[0-9a-f]{64}$'),
  constraint client_logos_media_type check (media_type in ('image/png', 'image/jpeg', 'image/webp', 'image/gif')),
  constraint client_logos_size check (octet_length(bytes) between 1 and 102400),
  constraint client_logos_whole check (num_nulls(hash, media_type, bytes, fetched_at) in (0, 4))
);
-- for the answer at the address of a logo
create index client_logos_by_hash on client_logos (hash);
