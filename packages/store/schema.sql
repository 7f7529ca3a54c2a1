-- The schema of a new database of this release, for readers: no program runs this file. A test compares it with a
-- database that was migrated. To write it anew: npm run update:schema
-- The bodies of the functions are in functions/, and the reasons of the rights in rights.sql.

create table abandoned_requests (
  request_id uuid not null,
  grant_id text not null,
  account_id text not null,
  admitted_at timestamp with time zone not null,
  charged bigint not null,
  estimate bigint not null,
  day date not null,
  month date not null,
  client_id text not null,
  upstream text not null,
  model text not null,
  operation text not null,
  catalogue_version text not null,
  operator_month date,
  expires_at timestamp with time zone default now() + '1 day'::interval not null,
  is_simulated boolean default false not null,
  constraint abandoned_requests_pkey primary key (request_id)
);
create index abandoned_requests_expires_at on abandoned_requests using btree (expires_at);
grant select on abandoned_requests to aipassport_authorization;

create table account_identities (
  issuer text not null,
  subject text not null,
  account_id text not null,
  email text,
  created_at timestamp with time zone default now() not null,
  constraint account_identities_pkey primary key (issuer, subject),
  constraint account_identities_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint account_identities_one_of_each unique (account_id, issuer)
);
grant delete, insert, select on account_identities to aipassport_authorization;

create table account_limits (
  account_id text not null,
  time_zone text not null,
  max_cost_per_month bigint not null,
  month date not null,
  month_cost bigint default 0 not null,
  constraint account_limits_pkey primary key (account_id),
  constraint account_limits_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint account_limits_is_positive check (max_cost_per_month > 0),
  constraint account_limits_month_cost_is_not_negative check (month_cost >= 0)
);
grant select on account_limits to aipassport_authorization;
grant select on account_limits to aipassport_proxy;

create table account_mail (
  account_id text not null,
  confirmed_email text,
  language text not null,
  muted text[] default '{}'::text[] not null,
  constraint account_mail_pkey primary key (account_id),
  constraint account_mail_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint account_mail_language check (language ~ '^[a-z]{2,3}$'::text)
);
grant insert, select, update on account_mail to aipassport_authorization;

create table account_operator_caps (
  account_id text not null,
  max_cost_per_month bigint not null,
  constraint account_operator_caps_pkey primary key (account_id),
  constraint account_operator_caps_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint account_operator_caps_max_cost_per_month_check check (max_cost_per_month >= 0)
);
grant delete, insert, select, update on account_operator_caps to aipassport_authorization;

create table account_settings (
  account_id text not null,
  language text,
  default_max_cost bigint,
  default_lifetime_seconds integer,
  has_chosen_time_zone boolean default false not null,
  constraint account_settings_pkey primary key (account_id),
  constraint account_settings_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint account_settings_default_lifetime_seconds check (default_lifetime_seconds >= 60 and default_lifetime_seconds <= 31536000) not valid,
  constraint account_settings_default_max_cost check (default_max_cost > 0) not valid,
  constraint account_settings_language check (language ~ '^[a-z]{2,3}$'::text)
);
grant insert, select, update on account_settings to aipassport_authorization;

create table account_token_admin_scopes (
  token_id text not null,
  scopes text[] not null,
  constraint account_token_admin_scopes_pkey primary key (token_id),
  constraint account_token_admin_scopes_some check (cardinality(scopes) > 0),
  constraint account_token_admin_scopes_token_id_fkey foreign key (token_id) references account_tokens(id) on delete cascade
);
grant insert, select on account_token_admin_scopes to aipassport_authorization;

create table account_tokens (
  id text not null,
  account_id text not null,
  token_hash text not null,
  name text not null,
  scopes text[] not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint account_tokens_pkey primary key (id),
  constraint account_tokens_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint account_tokens_scopes check (scopes <@ array['read'::text, 'manage'::text, 'developer'::text, 'operator'::text] and ('read'::text = any (scopes))) not valid
);
create index account_tokens_account on account_tokens using btree (account_id);
create index account_tokens_expires_at on account_tokens using btree (expires_at);
create unique index account_tokens_token_hash on account_tokens using btree (token_hash);
grant delete, insert, select, update on account_tokens to aipassport_authorization;

create table accounts (
  id text not null,
  email text not null,
  password_hash text not null,
  time_zone text default 'UTC'::text not null,
  created_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  constraint accounts_pkey primary key (id),
  constraint accounts_email_is_lower_case check (email = lower(email))
);
create unique index accounts_email on accounts using btree (email);
grant insert, select, update on accounts to aipassport_authorization;

create table address_links (
  token_hash text not null,
  account_id text not null,
  email text not null,
  expires_at timestamp with time zone not null,
  constraint address_links_pkey primary key (token_hash),
  constraint address_links_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint address_links_email_is_lower_case check (email = lower(email))
);
create index address_links_account on address_links using btree (account_id);
create index address_links_expires_at on address_links using btree (expires_at);
grant delete, insert, select on address_links to aipassport_authorization;

create table artifacts (
  model text not null,
  id_hash text not null,
  payload jsonb not null,
  grant_id text,
  uid text,
  consumed_at timestamp with time zone,
  expires_at timestamp with time zone,
  constraint artifacts_pkey primary key (model, id_hash)
);
create index artifacts_expires_at on artifacts using btree (expires_at) where expires_at is not null;
create index artifacts_grant on artifacts using btree (grant_id) where grant_id is not null;
create index artifacts_uid on artifacts using btree (model, uid) where uid is not null;
grant delete, insert, select, update on artifacts to aipassport_authorization;

create table attempts (
  key_hash text not null,
  count integer not null,
  window_ends_at timestamp with time zone not null,
  constraint attempts_pkey primary key (key_hash)
);
create index attempts_window_ends_at on attempts using btree (window_ends_at);
grant delete, insert, select, update on attempts to aipassport_authorization;

create table audit_chain (
  name text not null,
  state text default ''::text not null,
  key_id text,
  code bytea,
  constraint audit_chain_pkey primary key (name),
  constraint audit_chain_name_check check (name = 'audit_events'::text)
);
grant select on audit_chain to aipassport_authorization;
grant update (state, key_id, code) on audit_chain to aipassport_authorization;

create table audit_events (
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  event text not null,
  account_id text,
  client_id text,
  grant_id text,
  detail jsonb default '{}'::jsonb not null,
  constraint audit_events_pkey primary key (id)
);
create index audit_events_account on audit_events using btree (account_id, id desc) where account_id is not null;
create index audit_events_shown on audit_events using btree (account_id, id desc) where account_id is not null and event <> 'token_issued'::text;
grant insert, select on audit_events to aipassport_authorization;

create table audit_heads (
  day date not null,
  head text not null,
  constraint audit_heads_pkey primary key (day)
);
grant insert, select on audit_heads to aipassport_authorization;

create table audit_seals (
  sequence bigint not null,
  event_id bigint not null,
  at timestamp with time zone not null,
  account_digest text,
  content_digest bytea not null,
  key_id text not null,
  code bytea not null,
  account_previous bigint,
  address_digest text,
  constraint audit_seals_pkey primary key (sequence),
  constraint audit_seals_event_id_key unique (event_id)
);
create index audit_seals_account on audit_seals using btree (account_digest, sequence) where account_digest is not null;
grant delete, insert, select on audit_seals to aipassport_authorization;

create table authenticator_apps (
  account_id text not null,
  sealed_secret text not null,
  created_at timestamp with time zone default now() not null,
  confirmed_at timestamp with time zone,
  last_step bigint,
  constraint authenticator_apps_pkey primary key (account_id),
  constraint authenticator_apps_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
grant delete, insert, select, update on authenticator_apps to aipassport_authorization;

create table background_responses (
  request_id uuid not null,
  grant_id text not null,
  account_id text not null,
  upstream text not null,
  response_id text not null,
  quote jsonb not null,
  created_at timestamp with time zone default now() not null,
  check_at timestamp with time zone not null,
  checks integer default 0 not null,
  constraint background_responses_pkey primary key (request_id)
);
create index background_responses_check_at on background_responses using btree (check_at);
create index background_responses_response on background_responses using btree (grant_id, upstream, response_id);
grant delete, select on background_responses to aipassport_proxy;
grant update (check_at, checks) on background_responses to aipassport_proxy;

create table chosen_ends (
  grant_id text not null,
  chosen_at timestamp with time zone not null,
  constraint chosen_ends_pkey primary key (grant_id),
  constraint chosen_ends_grant_id_fkey foreign key (grant_id) references grants(id) on delete cascade
);
grant insert, select, update on chosen_ends to aipassport_authorization;

create table client_admin_scopes (
  client_id text not null,
  scopes text[] not null,
  constraint client_admin_scopes_pkey primary key (client_id),
  constraint client_admin_scopes_client_id_fkey foreign key (client_id) references clients(id) on delete cascade,
  constraint client_admin_scopes_some check (cardinality(scopes) > 0)
);
grant select on client_admin_scopes to aipassport_authorization;

create table client_approvals (
  client_id text not null,
  approved_at timestamp with time zone default now() not null,
  constraint client_approvals_pkey primary key (client_id),
  constraint client_approvals_client_id_fkey foreign key (client_id) references clients(id) on delete cascade
);
grant delete, insert, select on client_approvals to aipassport_authorization;

create table client_blocks (
  client_id text not null,
  blocked_at timestamp with time zone default now() not null,
  constraint client_blocks_pkey primary key (client_id)
);
grant delete, insert, select on client_blocks to aipassport_authorization;

create table client_documents (
  client_id text not null,
  fresh_until timestamp with time zone not null,
  constraint client_documents_pkey primary key (client_id),
  constraint client_documents_client_id_fkey foreign key (client_id) references clients(id) on delete cascade
);
grant insert, select, update on client_documents to aipassport_authorization;

create table client_logos (
  client_id text not null,
  url text not null,
  next_fetch_at timestamp with time zone not null,
  hash text,
  media_type text,
  bytes bytea,
  fetched_at timestamp with time zone,
  constraint client_logos_pkey primary key (client_id),
  constraint client_logos_client_id_fkey foreign key (client_id) references clients(id) on delete cascade,
  constraint client_logos_hash check (hash ~ '^[0-9a-f]{64}$'::text),
  constraint client_logos_media_type check (media_type = any (array['image/png'::text, 'image/jpeg'::text, 'image/webp'::text, 'image/gif'::text])),
  constraint client_logos_size check (octet_length(bytes) >= 1 and octet_length(bytes) <= 102400),
  constraint client_logos_whole check (num_nulls(hash, media_type, bytes, fetched_at) = any (array[0, 4]))
);
create index client_logos_by_hash on client_logos using btree (hash);
grant insert, select, update on client_logos to aipassport_authorization;

create table client_owners (
  client_id text not null,
  account_id text not null,
  type text not null,
  constraint client_owners_pkey primary key (client_id),
  constraint client_owners_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint client_owners_client_id_fkey foreign key (client_id) references clients(id) on delete cascade,
  constraint client_owners_type check (type = any (array['web'::text, 'spa'::text, 'terminal'::text]))
);
create index client_owners_account on client_owners using btree (account_id);
grant delete, insert, select on client_owners to aipassport_authorization;

create table client_profiles (
  client_id text not null,
  profile text not null,
  constraint client_profiles_pkey primary key (client_id),
  constraint client_profiles_client_id_fkey foreign key (client_id) references clients(id) on delete cascade,
  constraint client_profiles_profile check (profile = 'fapi_2_0'::text)
);
grant insert, select on client_profiles to aipassport_authorization;

create table client_uses (
  client_id text not null,
  last_used_at timestamp with time zone default now() not null,
  constraint client_uses_pkey primary key (client_id),
  constraint client_uses_client_id_fkey foreign key (client_id) references clients(id) on delete cascade
);
grant insert, select, update on client_uses to aipassport_authorization;

create table clients (
  id text not null,
  name text not null,
  metadata jsonb not null,
  secret_hash text,
  web_origins text[] default '{}'::text[] not null,
  registered_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint clients_pkey primary key (id),
  constraint clients_registered_by check (registered_by = any (array['operator'::text, 'registration'::text]))
);
create index clients_web_origins on clients using gin (web_origins);
grant delete, insert, select, update on clients to aipassport_authorization;
grant select (id, web_origins) on clients to aipassport_proxy;

create table delegated_grants (
  grant_id text collate "C" not null,
  parent_grant_id text collate "C" not null,
  constraint delegated_grants_pkey primary key (grant_id),
  constraint delegated_grants_depth_is_at_most_four check (cardinality(string_to_array(grant_id, '.'::text)) <= 5),
  constraint delegated_grants_grant_id_fkey foreign key (grant_id) references grants(id) on delete cascade,
  constraint delegated_grants_id_continues_that_of_its_parent check (starts_with(grant_id, parent_grant_id || '.'::text) and substr(grant_id, length(parent_grant_id) + 2) ~ '^[\w-]{22}$'::text),
  constraint delegated_grants_parent_grant_id_fkey foreign key (parent_grant_id) references grants(id) deferrable initially deferred
);
create index delegated_grants_parent on delegated_grants using btree (parent_grant_id);
grant insert, select on delegated_grants to aipassport_authorization;

create table device_codes (
  id_hash text not null,
  user_code_hash text not null,
  polled_at timestamp with time zone,
  polled_too_early boolean default false not null,
  interval_seconds integer not null,
  expires_at timestamp with time zone not null,
  constraint device_codes_pkey primary key (id_hash),
  constraint device_codes_user_code unique (user_code_hash)
) with (fillfactor=70);
create index device_codes_expires_at on device_codes using btree (expires_at);
grant insert, select, update on device_codes to aipassport_authorization;

create table functions (
  name text not null,
  checksum text not null,
  release integer default 0 not null,
  constraint functions_pkey primary key (name)
);
grant select on functions to aipassport_authorization;
grant select on functions to aipassport_proxy;

create table grants (
  id text not null,
  account_id text not null,
  client_id text not null,
  scope text not null,
  reason text,
  status text default 'active'::text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  max_requests integer,
  max_requests_per_minute integer,
  used_requests bigint default 0 not null,
  bucket_full_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_reason text,
  time_zone text default 'UTC'::text not null,
  max_cost bigint,
  max_cost_per_day bigint,
  max_cost_per_month bigint,
  max_tokens_per_minute integer,
  max_streams integer,
  spent bigint default 0 not null,
  held bigint default 0 not null,
  day date,
  day_cost bigint default 0 not null,
  month date,
  month_cost bigint default 0 not null,
  tokens_full_at timestamp with time zone,
  open_streams integer default 0 not null,
  constraint grants_pkey primary key (id),
  constraint grants_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint grants_client_id_fkey foreign key (client_id) references clients(id),
  constraint grants_costs_are_not_negative check (spent >= 0 and held >= 0 and day_cost >= 0 and month_cost >= 0),
  constraint grants_limits_are_positive check (max_cost > 0 and max_cost_per_day > 0 and max_cost_per_month > 0 and max_tokens_per_minute > 0 and max_streams > 0),
  constraint grants_max_requests_is_positive check (max_requests > 0),
  constraint grants_max_requests_per_minute_is_positive check (max_requests_per_minute > 0),
  constraint grants_open_streams_is_not_negative check (open_streams >= 0),
  constraint grants_revoked_has_reason check ((status = 'revoked'::text) = (revoked_at is not null and revoked_reason is not null)),
  constraint grants_status check (status = any (array['active'::text, 'revoked'::text])),
  constraint grants_used_requests_is_not_negative check (used_requests >= 0)
) with (fillfactor=70);
create index grants_account on grants using btree (account_id, created_at desc);
create index grants_client on grants using btree (client_id);
create index grants_live_below on grants using btree (split_part(id, '.'::text, 1), expires_at) where status = 'active'::text and position(('.'::text) in (id)) > 0;
create index grants_roots on grants using btree (account_id, created_at desc) where position(('.'::text) in (id)) = 0;
grant delete, select on grants to aipassport_authorization;
grant insert (id, account_id, client_id, scope, reason, expires_at, max_requests, max_requests_per_minute, time_zone, max_cost, max_cost_per_day, max_cost_per_month, max_tokens_per_minute, max_streams) on grants to aipassport_authorization;
grant update (scope, reason, status, expires_at, max_requests, max_requests_per_minute, revoked_at, revoked_reason, time_zone, max_cost, max_cost_per_day, max_cost_per_month, max_tokens_per_minute, max_streams) on grants to aipassport_authorization;
grant select on grants to aipassport_proxy;

create table idempotency_keys (
  grant_id text not null,
  key_hash text not null,
  request_id uuid not null,
  expires_at timestamp with time zone not null,
  constraint idempotency_keys_pkey primary key (grant_id, key_hash)
);
create index idempotency_keys_expires_at on idempotency_keys using btree (expires_at);
grant delete, insert, select, update on idempotency_keys to aipassport_proxy;

create table invitations (
  id text not null,
  code_hash text not null,
  created_by text,
  note text,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  account_id text,
  constraint invitations_pkey primary key (id),
  constraint invitations_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint invitations_created_by_fkey foreign key (created_by) references accounts(id) on delete cascade,
  constraint invitations_used_by_an_account check ((used_at is null) = (account_id is null))
);
create unique index invitations_code on invitations using btree (code_hash);
create index invitations_created_at on invitations using btree (created_at, id);
create index invitations_created_by on invitations using btree (created_by) where created_by is not null;
grant delete, insert, select, update on invitations to aipassport_authorization;

create table inviters (
  account_id text not null,
  constraint inviters_pkey primary key (account_id),
  constraint inviters_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
grant delete, insert, select on inviters to aipassport_authorization;

create table journal (
  name text not null,
  "position" bigint default 0 not null,
  state text default ''::text not null,
  constraint journal_pkey primary key (name),
  constraint journal_name_check check (name = 'journal'::text)
);
grant select on journal to aipassport_authorization;
grant update ("position", state) on journal to aipassport_authorization;
grant select ("position") on journal to aipassport_proxy;

create table ledger (
  request_id uuid not null,
  admitted_at timestamp with time zone not null,
  settled_at timestamp with time zone default now() not null,
  grant_id text not null,
  account_id text not null,
  client_id text not null,
  upstream text not null,
  model text not null,
  operation text not null,
  settlement text not null,
  counted boolean not null,
  cost bigint not null,
  estimate bigint not null,
  day date not null,
  month date not null,
  input_tokens bigint,
  cached_input_tokens bigint,
  cache_write_tokens bigint,
  output_tokens bigint,
  tool_calls integer,
  status integer,
  duration_milliseconds integer,
  first_byte_milliseconds integer,
  catalogue_version text not null,
  operator_month date,
  corrects uuid,
  is_simulated boolean default false not null,
  cut_off text,
  constraint ledger_pkey primary key (admitted_at, request_id),
  constraint ledger_corrections_say_what_they_correct check ((settlement = any (array['corrected'::text, 'withdrawn'::text])) = (corrects is not null)) not valid,
  constraint ledger_cost_is_not_negative check (cost >= 0 or corrects is not null) not valid,
  constraint ledger_settlement check (settlement = any (array['reported'::text, 'produced'::text, 'estimated'::text, 'doubted'::text, 'abandoned'::text, 'unbilled'::text, 'released'::text, 'corrected'::text, 'withdrawn'::text])) not valid
) partition by range (admitted_at);
create index ledger_grant on only ledger using btree (grant_id, admitted_at desc);
create trigger count_usage after insert on ledger referencing new table as added for each statement execute function count_usage();
grant select on ledger to aipassport_authorization;

create table ledger_archive (
  grant_id text not null,
  requests bigint not null,
  cost bigint not null,
  constraint ledger_archive_pkey primary key (grant_id)
);

create table ledger_default partition of ledger default;

create table mails (
  id uuid default gen_random_uuid() not null,
  account_id text,
  address text not null,
  kind text not null,
  language text not null,
  detail jsonb not null,
  created_at timestamp with time zone default now() not null,
  tries integer default 0 not null,
  next_try_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone default now() + '1 day'::interval not null,
  constraint mails_pkey primary key (id),
  constraint mails_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
create index mails_account on mails using btree (account_id);
create index mails_expires_at on mails using btree (expires_at);
create index mails_next_try_at on mails using btree (next_try_at);
grant delete, insert, select on mails to aipassport_authorization;
grant update (tries, next_try_at) on mails to aipassport_authorization;

create table maintenance (
  task text not null,
  worker text,
  claimed_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  "position" text,
  removed bigint default 0 not null,
  finished_at timestamp with time zone,
  constraint maintenance_pkey primary key (task)
);

create table migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migrations_pkey primary key (name)
);
grant select on migrations to aipassport_authorization;
grant select on migrations to aipassport_proxy;

create table notice_checks (
  name text not null,
  began_at timestamp with time zone default now() not null,
  constraint notice_checks_pkey primary key (name)
);
grant insert, select, update on notice_checks to aipassport_authorization;

create table operator_caps (
  only_row boolean default true not null,
  max_cost_per_month bigint,
  max_cost_per_month_per_account bigint,
  constraint operator_caps_pkey primary key (only_row),
  constraint operator_caps_max_cost_per_month_check check (max_cost_per_month >= 0),
  constraint operator_caps_max_cost_per_month_per_account_check check (max_cost_per_month_per_account >= 0),
  constraint operator_caps_only_row_check check (only_row)
);
grant insert, select, update on operator_caps to aipassport_authorization;

create table operator_keys (
  replica_id text not null,
  upstream text not null,
  source text not null,
  refused_at timestamp with time zone,
  refusal text,
  constraint operator_keys_pkey primary key (replica_id, upstream),
  constraint operator_keys_replica_id_fkey foreign key (replica_id) references replicas(id) on delete cascade,
  constraint operator_keys_source_check check (source = any (array['environment'::text, 'file'::text]))
);
grant insert, select on operator_keys to aipassport_proxy;
grant update (refused_at, refusal) on operator_keys to aipassport_proxy;

create table operator_links (
  code_hash text not null,
  for_first boolean not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint operator_links_pkey primary key (code_hash)
);
create index operator_links_expires_at on operator_links using btree (expires_at);
grant delete, select on operator_links to aipassport_authorization;

create table operator_spending (
  account_id text not null,
  month date not null,
  cost bigint default 0 not null,
  held bigint default 0 not null,
  constraint operator_spending_pkey primary key (account_id),
  constraint operator_spending_is_not_negative check (cost >= 0 and held >= 0)
) with (fillfactor=70);
grant select on operator_spending to aipassport_authorization;

create table operators (
  account_id text not null,
  created_at timestamp with time zone default now() not null,
  constraint operators_pkey primary key (account_id),
  constraint operators_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
grant insert, select on operators to aipassport_authorization;

create table owner_sessions (
  id_hash text not null,
  account_id text not null,
  authenticated_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  last_seen_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  browser text,
  system text,
  by_passkey boolean default false not null,
  constraint owner_sessions_pkey primary key (id_hash),
  constraint owner_sessions_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
create index owner_sessions_account on owner_sessions using btree (account_id);
create index owner_sessions_expires_at on owner_sessions using btree (expires_at);
grant delete, insert, select, update on owner_sessions to aipassport_authorization;

create table passkeys (
  id text not null,
  account_id text not null,
  credential_id text not null,
  public_key text not null,
  sign_count bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  constraint passkeys_pkey primary key (id),
  constraint passkeys_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
create index passkeys_account on passkeys using btree (account_id);
create unique index passkeys_credential_id on passkeys using btree (credential_id);
grant delete, insert, select, update on passkeys to aipassport_authorization;

create table password_resets (
  token_hash text not null,
  account_id text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint password_resets_pkey primary key (token_hash),
  constraint password_resets_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
create index password_resets_account on password_resets using btree (account_id);
create index password_resets_expires_at on password_resets using btree (expires_at);
grant delete, insert, select on password_resets to aipassport_authorization;

create table previous_client_secrets (
  client_id text not null,
  secret_hash text not null,
  expires_at timestamp with time zone not null,
  constraint previous_client_secrets_pkey primary key (client_id, secret_hash),
  constraint previous_client_secrets_client_id_fkey foreign key (client_id) references clients(id) on delete cascade
);
create index previous_client_secrets_expires_at on previous_client_secrets using btree (expires_at);
grant delete, insert, select on previous_client_secrets to aipassport_authorization;

create table provider_key_names (
  account_id text not null,
  upstream text not null,
  name text not null,
  constraint provider_key_names_pkey primary key (account_id, upstream),
  constraint provider_key_names_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint provider_key_names_length check (char_length(name) >= 1 and char_length(name) <= 60)
);
grant delete, insert, select, update on provider_key_names to aipassport_authorization;

create table provider_key_refusals (
  account_id text not null,
  upstream text not null,
  provider_key_id text not null,
  refused_at timestamp with time zone not null,
  refusal text not null,
  constraint provider_key_refusals_pkey primary key (account_id, upstream),
  constraint provider_key_refusals_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
grant select on provider_key_refusals to aipassport_authorization;
grant delete, insert, select on provider_key_refusals to aipassport_proxy;
grant update (provider_key_id, refused_at, refusal) on provider_key_refusals to aipassport_proxy;

create table provider_key_tests (
  account_id text not null,
  upstream text not null,
  provider_key_id text not null,
  requested_at timestamp with time zone default now() not null,
  taken_at timestamp with time zone,
  verdict text,
  constraint provider_key_tests_pkey primary key (account_id, upstream),
  constraint provider_key_tests_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint provider_key_tests_verdict check (verdict = any (array['accepted'::text, 'refused'::text, 'unpaid'::text, 'unknown'::text, 'unusable'::text]))
);
create index provider_key_tests_waiting on provider_key_tests using btree (requested_at) where verdict is null;
grant insert, select, update on provider_key_tests to aipassport_authorization;
grant select on provider_key_tests to aipassport_proxy;
grant update (taken_at, verdict) on provider_key_tests to aipassport_proxy;

create table provider_keys (
  id text not null,
  account_id text not null,
  upstream text not null,
  host text not null,
  version integer not null,
  sealing_key_id text not null,
  jwe text not null,
  last_four text not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  constraint provider_keys_one_per_upstream primary key (account_id, upstream),
  constraint provider_keys_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint provider_keys_id_is_unique unique (id)
);
create index provider_keys_sealing_key on provider_keys using btree (sealing_key_id, id);
create trigger promote_next_spare_key after delete on provider_keys for each row execute function promote_next_spare_key();
grant delete, insert, select, update on provider_keys to aipassport_authorization;
grant select on provider_keys to aipassport_proxy;
grant update (last_used_at) on provider_keys to aipassport_proxy;

create table recent_requests (
  grant_id text not null,
  times timestamp with time zone[] not null,
  counts integer[] not null,
  constraint recent_requests_pkey primary key (grant_id),
  constraint recent_requests_grant_id_fkey foreign key (grant_id) references grants(id) on delete cascade
) with (fillfactor=50);

create table recovery_codes (
  account_id text not null,
  code_hash text not null,
  created_at timestamp with time zone default now() not null,
  constraint recovery_codes_pkey primary key (account_id, code_hash),
  constraint recovery_codes_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
grant delete, insert, select on recovery_codes to aipassport_authorization;

create table refusal_counts (
  counted_until timestamp with time zone not null,
  event text not null,
  reason text not null,
  account_id text not null,
  client_id text not null,
  grant_id text not null,
  count bigint not null,
  first_at timestamp with time zone default now() not null,
  last_at timestamp with time zone default now() not null,
  request_id text not null,
  address text,
  constraint refusal_counts_pkey primary key (counted_until, event, reason, account_id, client_id, grant_id)
);
grant delete, insert, select, update on refusal_counts to aipassport_authorization;
grant insert, select on refusal_counts to aipassport_proxy;
grant update (count, last_at, request_id, address) on refusal_counts to aipassport_proxy;

create table replica_settings (
  replica_id text not null,
  settings jsonb not null,
  constraint replica_settings_pkey primary key (replica_id),
  constraint replica_settings_replica_id_fkey foreign key (replica_id) references replicas(id) on delete cascade
);
grant insert, select on replica_settings to aipassport_proxy;

create table replicas (
  id text not null,
  lease_until timestamp with time zone not null,
  constraint replicas_pkey primary key (id)
);
grant insert, select on replicas to aipassport_proxy;
grant update (lease_until) on replicas to aipassport_proxy;

create table reservations (
  request_id uuid not null,
  replica_id text not null,
  grant_id text not null,
  account_id text not null,
  admitted_at timestamp with time zone default now() not null,
  reserved bigint not null,
  estimate bigint not null,
  tokens integer not null,
  is_stream boolean not null,
  day date not null,
  month date not null,
  client_id text not null,
  upstream text not null,
  model text not null,
  operation text not null,
  catalogue_version text not null,
  operator_month date,
  is_simulated boolean default false not null,
  constraint reservations_pkey primary key (request_id)
);
grant select on reservations to aipassport_authorization;
grant select on reservations to aipassport_proxy;

create table restore_marks (
  name text not null,
  at bigint not null,
  constraint restore_marks_pkey primary key (name)
);

create table retention (
  name text not null,
  keep_days integer not null,
  constraint retention_pkey primary key (name),
  constraint retention_keep_days_is_positive check (keep_days > 0)
);

create table retired_sealing_keys (
  id text not null,
  retired_at timestamp with time zone default now() not null,
  constraint retired_sealing_keys_pkey primary key (id)
);
grant select on retired_sealing_keys to aipassport_authorization;

create table revocations (
  grant_id text not null,
  reason text not null,
  revoked_by text not null,
  revoked_at timestamp with time zone default now() not null,
  until timestamp with time zone not null,
  constraint revocations_pkey primary key (grant_id),
  constraint revocations_grant_id_fkey foreign key (grant_id) references grants(id) on delete cascade
);
create trigger end_grants_below after insert on revocations for each row when (new.reason <> 'parent'::text) execute function end_grants_below();
create trigger notify_grant_revoked after insert on revocations for each row execute function notify_grant_revoked();
grant insert, select on revocations to aipassport_authorization;

create table schema_migrations (
  name text not null,
  checksum text not null,
  needed_release integer,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migrations_pkey primary key (name)
);
grant select on schema_migrations to aipassport_authorization;
grant select on schema_migrations to aipassport_proxy;

create table sent_notices (
  account_id text not null,
  notice text not null,
  expires_at timestamp with time zone default now() + '400 days'::interval not null,
  constraint sent_notices_pkey primary key (account_id, notice),
  constraint sent_notices_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
create index sent_notices_expires_at on sent_notices using btree (expires_at);
grant insert, select on sent_notices to aipassport_authorization;

create table shown_scopes (
  grant_id text not null,
  scope text not null,
  constraint shown_scopes_pkey primary key (grant_id),
  constraint shown_scopes_grant_id_fkey foreign key (grant_id) references grants(id) on delete cascade
);
grant insert, select on shown_scopes to aipassport_authorization;

create table sign_in_challenges (
  value_hash text not null,
  kind text not null,
  account_id text,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint sign_in_challenges_pkey primary key (value_hash),
  constraint sign_in_challenges_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint sign_in_challenges_kind check (kind = any (array['account_creation'::text, 'passkey_registration'::text, 'passkey_sign_in'::text, 'second_factor'::text])) not valid
);
create index sign_in_challenges_account on sign_in_challenges using btree (account_id) where account_id is not null;
create index sign_in_challenges_expires_at on sign_in_challenges using btree (expires_at);
grant delete, insert, select on sign_in_challenges to aipassport_authorization;

create table spare_provider_keys (
  account_id text not null,
  id text not null,
  upstream text not null,
  place integer not null,
  host text not null,
  version integer not null,
  sealing_key_id text not null,
  jwe text not null,
  last_four text not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  name text,
  refused_at timestamp with time zone,
  refusal text,
  test_requested_at timestamp with time zone,
  test_taken_at timestamp with time zone,
  test_verdict text,
  constraint spare_provider_keys_pkey primary key (account_id, id),
  constraint spare_provider_keys_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade,
  constraint spare_provider_keys_name_length check (char_length(name) >= 1 and char_length(name) <= 60),
  constraint spare_provider_keys_places unique (account_id, upstream, place),
  constraint spare_provider_keys_refusal check ((refused_at is null) = (refusal is null)),
  constraint spare_provider_keys_verdict check (test_verdict = any (array['accepted'::text, 'refused'::text, 'unpaid'::text, 'unknown'::text, 'unusable'::text]))
);
create index spare_provider_keys_sealing_key on spare_provider_keys using btree (sealing_key_id, id);
create index spare_provider_keys_tests on spare_provider_keys using btree (test_requested_at) where test_requested_at is not null and test_verdict is null;
grant delete, insert, select on spare_provider_keys to aipassport_authorization;
grant update (name, test_requested_at, test_taken_at, test_verdict) on spare_provider_keys to aipassport_authorization;
grant select on spare_provider_keys to aipassport_proxy;
grant update (test_taken_at, test_verdict) on spare_provider_keys to aipassport_proxy;

create table state_requests (
  grant_id text not null,
  full_at timestamp with time zone not null,
  constraint state_requests_pkey primary key (grant_id),
  constraint state_requests_grant_id_fkey foreign key (grant_id) references grants(id) on delete cascade
) with (fillfactor=50);

create table stored_objects (
  grant_id text not null,
  upstream text not null,
  id text not null,
  kind text not null,
  parent_id text,
  tokens bigint not null,
  output_tokens bigint,
  open_request uuid,
  expires_at timestamp with time zone not null,
  pictures integer default 0 not null,
  constraint stored_objects_pkey primary key (grant_id, upstream, id),
  constraint stored_objects_kind check (kind = any (array['response'::text, 'output_item'::text, 'input_item'::text, 'conversation'::text, 'file'::text])) not valid
);
create index stored_objects_expires_at on stored_objects using btree (expires_at);
create index stored_objects_parent on stored_objects using btree (grant_id, upstream, parent_id) where parent_id is not null;
grant delete, insert, select, update on stored_objects to aipassport_proxy;

create table unredeemed_grants (
  grant_id text not null,
  created_at timestamp with time zone default now() not null,
  constraint unredeemed_grants_pkey primary key (grant_id),
  constraint unredeemed_grants_grant_id_fkey foreign key (grant_id) references grants(id) on delete cascade
);
create trigger end_unredeemed_grant after delete on unredeemed_grants for each row execute function end_unredeemed_grant();
grant delete, insert, select on unredeemed_grants to aipassport_authorization;

create table unsaved_recovery_codes (
  account_id text not null,
  constraint unsaved_recovery_codes_pkey primary key (account_id),
  constraint unsaved_recovery_codes_account_id_fkey foreign key (account_id) references accounts(id) on delete cascade
);
grant delete, insert, select on unsaved_recovery_codes to aipassport_authorization;

create table usage_days (
  grant_id text not null,
  month date not null,
  day date not null,
  upstream text not null,
  model text not null,
  with_operator_key boolean not null,
  account_id text not null,
  client_id text not null,
  cost numeric not null,
  requests bigint not null,
  simulated_cost numeric default 0 not null,
  simulated_requests bigint default 0 not null,
  constraint usage_days_pkey primary key (grant_id, month, day, upstream, model, with_operator_key)
) with (fillfactor=70);
create index usage_days_account on usage_days using btree (account_id, month);
create index usage_days_month on usage_days using btree (month);
grant select on usage_days to aipassport_authorization;

create table usage_months (
  month date not null,
  part text not null,
  upstream text not null,
  name text not null,
  cost numeric not null,
  requests bigint not null,
  constraint usage_months_pkey primary key (month, part, upstream, name),
  constraint usage_months_part_check check (part = any (array['provider'::text, 'model'::text, 'client'::text, 'account'::text, 'day'::text]))
) with (fillfactor=70);
grant select on usage_months to aipassport_authorization;

create table usage_recent (
  period bigint not null,
  grant_id text not null,
  month date not null,
  day date not null,
  upstream text not null,
  model text not null,
  provider_key text not null,
  account_id text not null,
  client_id text not null,
  cost numeric not null,
  requests bigint not null,
  constraint usage_recent_pkey primary key (period, grant_id, month, day, upstream, model, provider_key),
  constraint usage_recent_provider_key_check check (provider_key = any (array['operator'::text, 'owner'::text, 'simulated'::text, 'unknown'::text])) not valid
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=10000);
create index usage_recent_account on usage_recent using btree (account_id);
grant select on usage_recent to aipassport_authorization;

create table usage_start (
  counted_from timestamp with time zone not null,
  period bigint default 1 not null,
  period_began_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  period_began_before xid8 default '0'::xid8,
  keys_recorded_from timestamp with time zone default '-infinity'::timestamp with time zone not null,
  dropped_month date default '-infinity'::date not null
);
grant select on usage_start to aipassport_authorization;

create table used_proofs (
  proof_hash text collate "C" not null,
  request_id uuid not null,
  expires_at timestamp with time zone default now() + '00:10:00'::interval not null,
  constraint used_proofs_pkey primary key (proof_hash)
);
create index used_proofs_expires_at on used_proofs using btree (expires_at);
grant insert, select on used_proofs to aipassport_proxy;

create function add_up_usage(p_rows integer, out has_more boolean)
 returns boolean
 language plpgsql
 security definer
 set lock_timeout to '300ms'
 set search_path to 'public', 'pg_temp';
grant execute on function add_up_usage(integer) to aipassport_authorization;

create function admit_requests(p_replica_id text, p_catalogue_version text, p_grant_ids text[], p_ends integer[], p_account_ids text[], p_request_ids uuid[], p_estimates bigint[], p_floors bigint[], p_tokens integer[], p_streams boolean[], p_upstreams text[], p_models text[], p_operations text[])
 returns table(item integer, account_id text, upstream text, verdict text, others_hold boolean, reserved bigint, retry_after double precision, requests_left bigint, cost_left bigint, rate_left integer, tokens_left integer)
 language sql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function admit_requests(text,text,text[],integer[],text[],uuid[],bigint[],bigint[],integer[],boolean[],text[],text[],text[]) to aipassport_proxy;

create function admit_requests(p_replica_id text, p_catalogue_version text, p_grant_ids text[], p_ends integer[], p_account_ids text[], p_request_ids uuid[], p_estimates bigint[], p_shares bigint[], p_floors bigint[], p_open boolean[], p_patient boolean[], p_tokens integer[], p_streams boolean[], p_upstreams text[], p_models text[], p_operations text[], p_operator_upstreams text[], p_operator_max bigint, p_operator_max_per_account bigint, p_proofs text[])
 returns table(item integer, account_id text, upstream text, verdict text, others_hold boolean, reserved bigint, retry_after double precision, requests_left bigint, cost_left bigint, rate_left integer, tokens_left integer, uses_operator_key boolean)
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function admit_requests(text,text,text[],integer[],text[],uuid[],bigint[],bigint[],bigint[],boolean[],boolean[],integer[],boolean[],text[],text[],text[],text[],bigint,bigint,text[]) to aipassport_proxy;

create function anonymize_account(p_account_id text, p_pseudonym text, p_rows integer)
 returns integer
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function anonymize_account(text,text,integer) to aipassport_authorization;

create function attach_ledger_month(p_table text, p_first_day date)
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp';

create function begin_ledger_move()
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp';

create function charge_abandoned(p_account_ids text[], p_grant_ids text[], p_request_ids uuid[])
 returns integer
 language plpgsql;

create function copy_ledger_row()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';

create function correct_charge(p_request_id uuid, p_cost bigint, p_reason text)
 returns bigint
 language plpgsql;

create function correct_requests(p_grant_ids text[], p_request_ids uuid[], p_settlements text[], p_costs bigint[], p_input_tokens bigint[], p_cached_input_tokens bigint[], p_cache_write_tokens bigint[], p_output_tokens bigint[], p_tool_calls integer[], p_statuses integer[], p_durations integer[], p_first_bytes integer[])
 returns integer
 language plpgsql;

create function count_above(inout p_above grants[], inout p_recent recent_requests[], p_reserved bigint, p_tokens integer, p_is_stream boolean, p_most_groups integer)
 returns record
 language plpgsql;

create function count_usage()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';

create function counter_ceiling()
 returns bigint
 language sql
 immutable parallel safe;

create function create_ledger_month(p_table text, p_first_day date)
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp';

create function create_ledger_partition(first_day date)
 returns void
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp'
 set lock_timeout to '300ms';
grant execute on function create_ledger_partition(date) to aipassport_proxy;

create function delete_account(p_account_id text, p_pseudonym text)
 returns void
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function delete_account(text,text) to aipassport_authorization;

create function delete_expired(p_name text, p_worker text, p_rows integer default 1000, out removed integer, out has_more boolean)
 returns record
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp'
 set lock_timeout to '300ms'
 set "TimeZone" to 'UTC'
 set "DateStyle" to 'ISO'
 set enable_seqscan to 'off';
grant execute on function delete_expired(text,text,integer) to aipassport_authorization;

create function end_grants_below()
 returns trigger
 language plpgsql;

create function end_ledger_move()
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp';

create function end_unredeemed_grant()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';

create function expiring_tables()
 returns table(name text, read_by text, ends_at text, condition text, keep interval, step integer, every interval)
 language sql
 stable security definer
 set search_path to 'public', 'pg_temp';
grant execute on function expiring_tables() to aipassport_authorization;

create function grants_below(p_grant_id text)
 returns setof text
 language sql
 stable;
grant execute on function grants_below(text) to aipassport_authorization;

create function has_tokens(p_grant_id text)
 returns boolean
 language sql
 stable;

create function judge_above(p_above grants[], p_recent recent_requests[], p_tokens integer, p_is_stream boolean, out total_left bigint, out day_left bigint, out month_left bigint, out room bigint, out alone bigint, out tokens integer, out verdict text, out retry_after double precision, out others_hold boolean)
 returns record
 language plpgsql
 stable;

create function keep_in_background(p_request_id uuid, p_grant_id text, p_account_id text, p_upstream text, p_response_id text, p_quote jsonb, p_first_check interval)
 returns void
 language sql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function keep_in_background(uuid,text,text,text,text,jsonb,interval) to aipassport_proxy;

create function key_owner(p_operator_month date, p_is_simulated boolean, p_admitted_at timestamp with time zone, p_recorded_from timestamp with time zone)
 returns text
 language sql
 immutable parallel safe;
grant execute on function key_owner(date,boolean,timestamp with time zone,timestamp with time zone) to aipassport_authorization;

create function ledger_move_must_begin()
 returns boolean
 language sql
 stable
 set search_path to 'public', 'pg_temp';

create function ledger_partitions()
 returns table(name text, begins_at timestamp with time zone, ends_at timestamp with time zone)
 language sql
 stable
 set search_path to 'public', 'pg_temp';

create function left_above(p_above grants[], p_recent recent_requests[], out requests_left bigint, out rate_left integer, out tokens_left integer)
 returns record
 language plpgsql
 stable;

create function left_alone(amount_left bigint, amount_held bigint)
 returns bigint
 language sql
 immutable parallel safe;

create function list_columns(p_table text)
 returns text
 language sql
 stable
 set search_path to 'public', 'pg_temp';

create function list_operator_keys()
 returns table(upstream text, sources text[], proxies integer, running integer, refused_at timestamp with time zone, refusal text)
 language sql
 stable security definer
 set search_path to 'public', 'pg_temp';
grant execute on function list_operator_keys() to aipassport_authorization;

create function list_replica_settings()
 returns table(proxies integer, settings jsonb)
 language sql
 stable security definer
 set search_path to 'public', 'pg_temp';
grant execute on function list_replica_settings() to aipassport_authorization;

create function lock_account(p_account_id text)
 returns boolean
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function lock_account(text) to aipassport_authorization;

create function lock_operator_spending(p_account_id text, p_month date)
 returns operator_spending
 language plpgsql;

create function mark_simulated(p_request_id uuid, p_grant_id text)
 returns boolean
 language sql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function mark_simulated(uuid,text) to aipassport_proxy;

create function move_ledger_rows(p_rows integer)
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "DateStyle" to 'ISO'
 set enable_seqscan to 'off';

create function move_operator_spending(p_account_ids text[], p_months date[], p_differences bigint[], p_freed bigint[])
 returns void
 language plpgsql;

create function move_restore_mark(p_name text, p_known bigint, p_runs text[], out at bigint, out runs text[])
 returns setof record
 language sql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function move_restore_mark(text,bigint,text[]) to aipassport_authorization;
grant execute on function move_restore_mark(text,bigint,text[]) to aipassport_proxy;

create function notify_grant_revoked()
 returns trigger
 language plpgsql;

create function overdue_rows()
 returns table(name text, due_at timestamp with time zone)
 language plpgsql
 stable
 set search_path to 'public', 'pg_temp';

create function prepare_ledger(p_rows integer default 2000)
 returns text
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp'
 set lock_timeout to '300ms';
grant execute on function prepare_ledger(integer) to aipassport_proxy;

create function promote_next_spare_key()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';

create function promote_spare_key(p_account_id text, p_id text)
 returns text
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function promote_spare_key(text,text) to aipassport_authorization;

create function read_accounting()
 returns table(reserved_nano_usd bigint, open_reservations integer, oldest_seconds double precision, abandoned_requests integer, misplaced_rows integer)
 language sql
 stable security definer
 set search_path to 'public', 'pg_temp';
grant execute on function read_accounting() to aipassport_proxy;

create function read_upkeep()
 returns jsonb
 language sql
 stable security definer
 set search_path to 'public', 'pg_temp';
grant execute on function read_upkeep() to aipassport_authorization;
grant execute on function read_upkeep() to aipassport_proxy;

create function repair_account_months()
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp';

create function repair_grant(p_id text)
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp';

create function repair_operator_months()
 returns void
 language plpgsql
 set search_path to 'public', 'pg_temp';

create function request_interval(p_max_requests_per_minute integer)
 returns interval
 language sql
 immutable parallel safe;

create function root_of(p_grant_id text)
 returns text
 language sql
 immutable parallel safe;
grant execute on function root_of(text) to aipassport_authorization;
grant execute on function root_of(text) to aipassport_proxy;

create function set_account_limit(p_account_id text, p_max_cost_per_month bigint, p_may_raise boolean)
 returns boolean
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function set_account_limit(text,bigint,boolean) to aipassport_authorization;

create function set_time_zone(p_account_id text, p_time_zone text)
 returns void
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function set_time_zone(text,text) to aipassport_authorization;

create function settle_dead_replicas()
 returns integer
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function settle_dead_replicas() to aipassport_proxy;

create function settle_requests(p_account_ids text[], p_grant_ids text[], p_request_ids uuid[], p_settlements text[], p_costs bigint[], p_input_tokens bigint[], p_cached_input_tokens bigint[], p_cache_write_tokens bigint[], p_output_tokens bigint[], p_tool_calls integer[], p_statuses integer[], p_durations integer[], p_first_bytes integer[])
 returns integer
 language sql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function settle_requests(text[],text[],uuid[],text[],bigint[],bigint[],bigint[],bigint[],bigint[],integer[],integer[],integer[],integer[]) to aipassport_proxy;

create function settle_requests(p_account_ids text[], p_grant_ids text[], p_request_ids uuid[], p_settlements text[], p_costs bigint[], p_input_tokens bigint[], p_cached_input_tokens bigint[], p_cache_write_tokens bigint[], p_output_tokens bigint[], p_tool_calls integer[], p_statuses integer[], p_durations integer[], p_first_bytes integer[], p_cut_offs text[])
 returns integer
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function settle_requests(text[],text[],uuid[],text[],bigint[],bigint[],bigint[],bigint[],bigint[],integer[],integer[],integer[],integer[],text[]) to aipassport_proxy;

create function shorten_grants_below(p_grant_id text, p_expires_at timestamp with time zone)
 returns void
 language plpgsql;
grant execute on function shorten_grants_below(text,timestamp with time zone) to aipassport_authorization;

create function take_state_request(p_grant_id text)
 returns double precision
 language sql
 security definer
 set search_path to 'public', 'pg_temp';
grant execute on function take_state_request(text) to aipassport_proxy;

create function to_counter(amount numeric)
 returns bigint
 language sql
 immutable parallel safe;

create function usage_lock()
 returns bigint
 language sql
 immutable parallel safe;

create function usage_of_months(p_account_id text, p_first date, p_last date)
 returns table(month date, account_id text, client_id text, upstream text, model text, day date, with_operator_key boolean, cost numeric, requests bigint)
 language plpgsql
 stable
 set enable_sort to 'off';
grant execute on function usage_of_months(text,date,date) to aipassport_authorization;

create function usage_parts(p_upstream text, p_provider_key text, p_model text, p_client_id text, p_account_id text, p_day date)
 returns table(part text, upstream text, name text)
 language sql
 stable;
grant execute on function usage_parts(text,text,text,text,text,date) to aipassport_authorization;

create function watch_clock()
 returns text
 language plpgsql
 security definer
 set search_path to 'public', 'pg_temp'
 set lock_timeout to '300ms';
grant execute on function watch_clock() to aipassport_proxy;

create function with_ancestors(p_grant_ids text[])
 returns text[]
 language sql
 stable parallel safe;
grant execute on function with_ancestors(text[]) to aipassport_authorization;
grant execute on function with_ancestors(text[]) to aipassport_proxy;

-- audit_events_id_seq of kind S
-- default rights of new objects of kind f: {aipassport_owner=X/aipassport_owner}
grant usage on schema public to aipassport_authorization;
grant usage on schema public to aipassport_proxy;
