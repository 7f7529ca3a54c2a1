-- How an owner wants the pages. A separate table, because release 1 has prepared statements on `accounts`. An account
-- without a row has the language of its browser and has not set a time zone.
create table account_settings (
  account_id text primary key references accounts (id) on delete cascade,
  language text,
  has_time_zone boolean not null default false,
  constraint account_settings_language check (language ~ '^[a-z]{2,3}$')
);
insert into account_settings (account_id, has_time_zone)
select id, true from accounts a
where time_zone <> 'UTC'
  or exists (select from audit_events e where e.account_id = a.id and e.event = 'time_zone_changed');
