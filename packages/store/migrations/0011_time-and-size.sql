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

-- Set once a day for a client that is used. Clients that are there already are taken to be used now; no row is rewritten.
alter table clients add column last_used_at timestamptz not null default now();
