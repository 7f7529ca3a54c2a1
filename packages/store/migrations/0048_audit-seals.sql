-- One seal for each event of the audit log, in a chain: each seal's code also covers the code of the seal before it. The
-- codes are made with a key that is not in the database. So a change of an event is detected, even one by a superuser.
-- The chain has the order in which events were sealed. It is nearly the order of their numbers.
create table audit_seals (
  sequence bigint primary key,
  event_id bigint not null unique,
  -- the time of the event, and a keyed digest of its account. They stay when the event is removed or its account deleted.
  at timestamptz not null,
  account_digest text,
  content_digest bytea not null,
  key_id text not null,
  code bytea not null
);

-- How far the audit log is sealed. One row; the server that seals has locked it.
create table audit_chain (
  name text primary key check (name = 'audit_events'),
  -- JSON, as the servers wrote it; empty as long as nothing is sealed
  state text not null default '',
  key_id text,
  code bytea
);
insert into audit_chain (name) values ('audit_events');
