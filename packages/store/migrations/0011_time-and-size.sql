-- The servers' regular maintenance jobs: the current worker, its progress, and when the job was last finished.
create table maintenance (
  task text primary key,
  worker text,
  -- after this time, another worker replaces one that has stopped in the middle
  claimed_until timestamptz not null default '-infinity',
  -- the position where the next step continues; null: no pass is under way
  position text,
  -- the number of rows that this pass, or the last one, has removed
  removed bigint not null default 0,
  finished_at timestamptz
);

-- How long to keep rows that would otherwise stay for ever. No row: for ever. Only `init` writes this table; the
-- servers cannot change it.
create table retention (
  name text primary key,
  keep_days integer not null,
  constraint retention_keep_days_is_positive check (keep_days > 0)
);

-- The last use of clients that registered themselves, written once a day. No row: not used since its registration.
-- Existing clients count as used now. This is a separate table, because a new column in `clients` would break the
-- prepared statements of release 1.
create table client_uses (
  client_id text primary key references clients (id) on delete cascade,
  last_used_at timestamptz not null default now()
);
insert into client_uses (client_id) select id from clients where registered_by = 'registration';
