-- What the servers do by themselves now and then: who does it at this moment, how far it is, and when it was last done.
create table maintenance (
  task text primary key,
  worker text,
  -- a worker that stops in the middle is replaced after this
  claimed_until timestamptz not null default '-infinity',
  -- where the next step goes on; null: nothing is under way
  position text,
  -- rows that this pass, or the last one, has removed
  removed bigint not null default 0,
  finished_at timestamptz
);

-- How long an operator wants something kept that would stay for ever otherwise. No row: for ever. `init` writes these, so
-- that no server can shorten them.
create table retention (
  name text primary key,
  keep_days integer not null,
  constraint retention_keep_days_is_positive check (keep_days > 0)
);

-- The last use of clients that registered themselves, written once a day. No row: not used since its registration. Clients
-- that are there already are taken to be used now. A table, since a column more in `clients` would break the prepared
-- statements of release 1.
create table client_uses (
  client_id text primary key references clients (id) on delete cascade,
  last_used_at timestamptz not null default now()
);
insert into client_uses (client_id) select id from clients where registered_by = 'registration';
