-- Grants whose code was not redeemed yet. A grant whose code never is ends with it: the cleaning deletes the row here,
-- and a trigger deletes the grant. A separate table, because release 1 has prepared statements on `grants`.
create table unredeemed_grants (
  grant_id text primary key references grants (id) on delete cascade,
  -- of the consent
  created_at timestamptz not null default now()
);

-- replaced by the file in `functions`
create function end_unredeemed_grant() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger end_unredeemed_grant after delete on unredeemed_grants
  for each row execute function end_unredeemed_grant();
