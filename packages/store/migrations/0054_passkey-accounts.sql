-- Accounts that are made with a passkey: the challenge for the first passkey belongs to no account yet. The new kinds
-- contain the old ones, so the rows are not checked again.
alter table sign_in_challenges
  drop constraint sign_in_challenges_kind,
  add constraint sign_in_challenges_kind
    check (kind in ('account_creation', 'passkey_registration', 'passkey_sign_in', 'second_factor')) not valid;

-- Whether the session's owner signed in with a passkey. Setting a new password then needs no old one.
alter table owner_sessions add column by_passkey boolean not null default false;

-- Whether the owner has chosen the time zone. The time zone of an account without a choice is UTC until a sign-in names
-- that of the browser.
alter table account_settings add column has_chosen_time_zone boolean not null default false;
insert into account_settings (account_id, has_chosen_time_zone)
select id, true from accounts
where time_zone = 'UTC'
  and exists (select from audit_events where account_id = accounts.id and event = 'time_zone_changed')
on conflict (account_id) do update set has_chosen_time_zone = true;
