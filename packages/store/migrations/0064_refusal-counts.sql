-- Refusals that change nothing, and that strangers can cause as often as they like: counted for each subject and window
-- of ten minutes. When a window has ended, an authorization server moves its rows to the audit log. An empty text: the
-- refusal has no such id.
create table refusal_counts (
  counted_until timestamptz not null,
  event text not null,
  reason text not null,
  account_id text not null,
  client_id text not null,
  grant_id text not null,
  count bigint not null,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  -- of the last refusal; the proxy knows no address
  request_id text not null,
  address text,
  primary key (counted_until, event, reason, account_id, client_id, grant_id)
);
