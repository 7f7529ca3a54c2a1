-- Notices that were sent and must not be sent again, such as those of a budget in one month.
create table sent_notices (
  account_id text not null references accounts (id) on delete cascade,
  -- says what the notice was about, such as `budget:<grant>:month:2026-11-01:80`
  notice text not null,
  expires_at timestamptz not null default now() + interval '400 days',
  primary key (account_id, notice)
);
-- for: the removal of expired rows
create index sent_notices_expires_at on sent_notices (expires_at);

-- When one of the servers last looked for things of which owners are to be told. One row.
create table notice_checks (
  name text primary key,
  began_at timestamptz not null default now()
);
