-- The language in which an owner reads the pages. A separate table, because release 1 has prepared statements on
-- `accounts`. An account without a row has the language of its browser.
create table account_settings (
  account_id text primary key references accounts (id) on delete cascade,
  language text,
  constraint account_settings_language check (language ~ '^[a-z]{2,3}$')
);
