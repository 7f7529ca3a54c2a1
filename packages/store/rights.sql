-- The rights of each role of the database. They are defined only here. `migrate` and `init` apply this file at every
-- run, after the migrations and the functions, if `aipassport_owner` owns the database. In one transaction, it revokes
-- everything and then grants the rights below. If another role owns the database, that role may do everything, and this
-- file does nothing.
--
--   aipassport_owner          owns everything. For `init`, `migrate` and the operator's commands, never for a server.
--   aipassport_authorization  the authorization server: accounts, clients, grants and their limits. It reads counters and
--                             the ledger. It cannot write them itself.
--   aipassport_proxy          the resource proxy: admits and settles through the functions. It reads limits and cannot
--                             write them. It has no right to accounts.
--
-- A paragraph for each table. Where a role may write some columns only, the paragraph names every column of the table.
-- A test fails if a table or a function is not named here. It also fails if a role may write only some columns of a
-- table and one of the table's columns is not named.

revoke all on all tables in schema public from public, aipassport_authorization, aipassport_proxy;
revoke all on all sequences in schema public from public, aipassport_authorization, aipassport_proxy;
revoke all on all functions in schema public from public, aipassport_authorization, aipassport_proxy;
revoke all on schema public from public, aipassport_authorization, aipassport_proxy;
grant usage on schema public to aipassport_authorization, aipassport_proxy;
-- by default every role may call a new function; this must be revoked before the function is created
alter default privileges revoke execute on functions from public;

-- the database itself: the roles that may connect; neither server may create temporary tables
do $$
begin
  execute format('revoke all on database %I from public, aipassport_authorization, aipassport_proxy', current_database());
  execute format('grant connect on database %I to aipassport_authorization, aipassport_proxy', current_database());
end
$$;

-- migrations: each server compares them with its own
grant select on migrations to aipassport_authorization, aipassport_proxy;

-- schema_migrations
grant select on schema_migrations to aipassport_authorization, aipassport_proxy;

-- functions: which definitions were applied
grant select on functions to aipassport_authorization, aipassport_proxy;

-- accounts
grant select, insert, update on accounts to aipassport_authorization;

-- account_settings
grant select, insert, update on account_settings to aipassport_authorization;

-- inviters: the operator says who may invite, with a command or on the operator's pages
grant select, insert, delete on inviters to aipassport_authorization;

-- operators: the server adds one when a link is used; only the operator's command removes one
grant select, insert on operators to aipassport_authorization;

-- operator_links: only the operator's commands make links
grant select, delete on operator_links to aipassport_authorization;

-- invitations
grant select, insert, update, delete on invitations to aipassport_authorization;

-- owner_sessions
grant select, insert, update, delete on owner_sessions to aipassport_authorization;

-- account_identities
grant select, insert, delete on account_identities to aipassport_authorization;

-- recovery_codes
grant select, insert, delete on recovery_codes to aipassport_authorization;

-- unsaved_recovery_codes
grant select, insert, delete on unsaved_recovery_codes to aipassport_authorization;

-- passkeys
grant select, insert, update, delete on passkeys to aipassport_authorization;

-- account_tokens
grant select, insert, update, delete on account_tokens to aipassport_authorization;

-- account_token_admin_scopes: rows are deleted with their token, by the foreign key
grant select, insert on account_token_admin_scopes to aipassport_authorization;

-- sign_in_challenges
grant select, insert, delete on sign_in_challenges to aipassport_authorization;

-- authenticator_apps
grant select, insert, update, delete on authenticator_apps to aipassport_authorization;

-- password_resets
grant select, insert, delete on password_resets to aipassport_authorization;

-- account_mail
grant select, insert, update on account_mail to aipassport_authorization;

-- address_links
grant select, insert, delete on address_links to aipassport_authorization;

-- sent_notices
grant select, insert on sent_notices to aipassport_authorization;

-- notice_checks
grant select, insert, update on notice_checks to aipassport_authorization;

-- mails: the sender notes its tries, and changes nothing else
grant select, insert, delete, update (tries, next_try_at) on mails to aipassport_authorization;
-- for no server to change: id, account_id, address, kind, language, detail, created_at, expires_at

-- artifacts
grant select, insert, update, delete on artifacts to aipassport_authorization;

-- device_codes
grant select, insert, update on device_codes to aipassport_authorization;

-- attempts
grant select, insert, update, delete on attempts to aipassport_authorization;

-- clients: the proxy reads only the origins of a client's browser code
grant select, insert, update, delete on clients to aipassport_authorization;
grant select (id, web_origins) on clients to aipassport_proxy;
-- not for the proxy: name, metadata, secret_hash, registered_by, created_at

-- client_documents
grant select, insert, update on client_documents to aipassport_authorization;

-- client_logos
grant select, insert, update on client_logos to aipassport_authorization;

-- client_profiles: set when the operator adds a client, by command or through the admin API, and never changed
grant select, insert on client_profiles to aipassport_authorization;

-- client_admin_scopes: only the operator's command sets them
grant select on client_admin_scopes to aipassport_authorization;

-- client_owners
grant select, insert, delete on client_owners to aipassport_authorization;

-- previous_client_secrets
grant select, insert, delete on previous_client_secrets to aipassport_authorization;

-- client_blocks: the operator's pages set them
grant select, insert, delete on client_blocks to aipassport_authorization;

-- client_approvals: the operator's pages set them
grant select, insert, delete on client_approvals to aipassport_authorization;

-- client_uses
grant select, insert, update on client_uses to aipassport_authorization;

-- grants: the authorization server sets the scope, the limits and the expiry; the functions below count the use
grant select, delete on grants to aipassport_authorization;
grant insert (
  id, account_id, client_id, scope, reason, expires_at, time_zone,
  max_requests, max_requests_per_minute, max_tokens_per_minute, max_streams, max_cost, max_cost_per_day, max_cost_per_month
) on grants to aipassport_authorization;
grant update (
  status, revoked_at, revoked_reason, scope, reason, expires_at, time_zone,
  max_requests, max_requests_per_minute, max_tokens_per_minute, max_streams, max_cost, max_cost_per_day, max_cost_per_month
) on grants to aipassport_authorization;
grant select on grants to aipassport_proxy;
-- counters, which only the functions write: used_requests, spent, held, day, day_cost, month, month_cost, open_streams,
--   bucket_full_at, tokens_full_at, last_used_at
-- for no server to write: created_at

-- unredeemed_grants: its trigger deletes grants
grant select, insert, delete on unredeemed_grants to aipassport_authorization;

-- shown_scopes: rows are deleted with their grant, by the foreign key
grant select, insert on shown_scopes to aipassport_authorization;

-- chosen_ends: rows are deleted with their grant, by the foreign key
grant select, insert, update on chosen_ends to aipassport_authorization;

-- delegated_grants: rows are deleted with their grant, by the foreign key
grant select, insert on delegated_grants to aipassport_authorization;

-- account_limits: written by the functions
grant select on account_limits to aipassport_authorization, aipassport_proxy;

-- revocations
grant select, insert on revocations to aipassport_authorization;

-- provider_keys: the authorization server stores them and cannot open them; the proxy opens them and notes their use
grant select, insert, update, delete on provider_keys to aipassport_authorization;
grant select, update (last_used_at) on provider_keys to aipassport_proxy;
-- not for the proxy to write: id, account_id, upstream, host, version, sealing_key_id, jwe, last_four, created_at

-- provider_key_refusals: the proxy notes them, and deletes them when they are solved; the page of keys shows them
grant select on provider_key_refusals to aipassport_authorization;
grant select, insert, delete, update (provider_key_id, refused_at, refusal) on provider_key_refusals to aipassport_proxy;
-- for no server to change: account_id, upstream

-- provider_key_names
grant select, insert, update, delete on provider_key_names to aipassport_authorization;

-- provider_key_tests: the page of keys asks for them, a proxy takes them and notes the result
grant select, insert, update on provider_key_tests to aipassport_authorization;
grant select, update (taken_at, verdict) on provider_key_tests to aipassport_proxy;
-- not for the proxy to write: account_id, upstream, provider_key_id, requested_at

-- spare_provider_keys: as provider_keys, with the names, refusals and tests; the order changes through a function
grant select, insert, delete, update (name, test_requested_at, test_taken_at, test_verdict)
  on spare_provider_keys to aipassport_authorization;
grant select, update (test_taken_at, test_verdict) on spare_provider_keys to aipassport_proxy;
-- not for the servers to write: account_id, id, upstream, place, host, version, sealing_key_id, jwe, last_four,
-- created_at, last_used_at, refused_at, refusal

-- retired_sealing_keys: written by the command that rotates
grant select on retired_sealing_keys to aipassport_authorization;

-- audit_events: the server only adds rows; `delete_expired` deletes them after the retention
grant select, insert on audit_events to aipassport_authorization;

-- refusal_counts: counts of refusals in windows of time. Both servers count, and an authorization server moves the
-- counts of ended windows to the audit log.
grant select, insert, update, delete on refusal_counts to aipassport_authorization;
grant select, insert, update (count, last_at, request_id, address) on refusal_counts to aipassport_proxy;
-- not for the proxy to change: counted_until, event, reason, account_id, client_id, grant_id, first_at

-- audit_seals: a change that is made without the key is detected
grant select, insert, delete on audit_seals to aipassport_authorization;

-- journal: one row, which says how far the journal has come
grant select, update (position, state) on journal to aipassport_authorization;
grant select (position) on journal to aipassport_proxy;
-- for no server to change: name

-- audit_heads: the server only adds rows
grant select, insert on audit_heads to aipassport_authorization;

-- audit_chain
grant select, update (state, key_id, code) on audit_chain to aipassport_authorization;
-- for no server to change: name

-- idempotency_keys
grant select, insert, update, delete on idempotency_keys to aipassport_proxy;

-- used_proofs: the proxy itself adds the proofs of requests that are not admitted
grant select, insert on used_proofs to aipassport_proxy;

-- stored_objects: what AI providers store for a grant
grant select, insert, update, delete on stored_objects to aipassport_proxy;

-- background_responses: a function adds them, together with the change of their reservations
grant select, delete, update (check_at, checks) on background_responses to aipassport_proxy;
-- not for the proxy to write: request_id, grant_id, account_id, upstream, response_id, quote, created_at

-- replicas: the proxies' leases
grant select, insert, update (lease_until) on replicas to aipassport_proxy;
-- for no server to change: id

-- reservations: written by the functions. Pages for owners show how many requests are in progress.
grant select on reservations to aipassport_authorization, aipassport_proxy;

-- ledger: written by the functions, shown to owners. Its partitions are reached through it alone.
grant select on ledger to aipassport_authorization;

-- ledger_archive: for the operator's commands
revoke all on ledger_archive from aipassport_authorization, aipassport_proxy;

-- usage_days: written by a function, shown to owners and operators
grant select on usage_days to aipassport_authorization;

-- usage_months: the same
grant select on usage_months to aipassport_authorization;

-- usage_recent: written by a trigger on the ledger, shown to owners and operators
grant select on usage_recent to aipassport_authorization;

-- usage_start
grant select on usage_start to aipassport_authorization;

-- operator_spending: written by the functions, shown to operators
grant select on operator_spending to aipassport_authorization;

-- operator_caps: the operator's page sets them, and `admit_requests` reads them
grant select, insert, update on operator_caps to aipassport_authorization;

-- account_operator_caps: the same
grant select, insert, update, delete on account_operator_caps to aipassport_authorization;

-- operator_keys: each proxy says for which providers it has a key, and notes refusals; a function below lists them
grant select, insert, update (refused_at, refusal) on operator_keys to aipassport_proxy;
-- for no server to change: replica_id, upstream, source

-- replica_settings: each proxy says how it runs; a function below lists them
grant select, insert on replica_settings to aipassport_proxy;

-- abandoned_requests: written by the functions. The authorization server reads them for the journal, because the charge
-- of such a request may still be corrected.
grant select on abandoned_requests to aipassport_authorization;

-- recent_requests: for the functions only
revoke all on recent_requests from aipassport_authorization, aipassport_proxy;

-- state_requests: for the functions only
revoke all on state_requests from aipassport_authorization, aipassport_proxy;

-- restore_marks: for a function only
revoke all on restore_marks from aipassport_authorization, aipassport_proxy;

-- maintenance: for the functions only
revoke all on maintenance from aipassport_authorization, aipassport_proxy;

-- retention: written by `init`; the servers cannot change it
revoke all on retention from aipassport_authorization, aipassport_proxy;

-- Functions. Functions that run as the owner do what a role may not do directly. They look for tables only in this
-- schema. A line applies to every overload of the name.
do $$
declare
  granted record;
begin
  for granted in
    select p.oid::regprocedure as signature, rights.role, rights.as_owner
    from (values
      -- function, who may call it (a line for each), whether it runs as the owner
      ('admit_requests', 'aipassport_proxy', true),
      ('settle_requests', 'aipassport_proxy', true),
      ('settle_dead_replicas', 'aipassport_proxy', true),
      ('keep_in_background', 'aipassport_proxy', true),
      ('mark_simulated', 'aipassport_proxy', true),
      ('take_state_request', 'aipassport_proxy', true),
      -- creates the months of the ledger ahead of time: the only tables that a server creates
      ('prepare_ledger', 'aipassport_proxy', true),
      ('create_ledger_partition', 'aipassport_proxy', true),
      ('watch_clock', 'aipassport_proxy', true),
      -- notices that a backup was restored
      ('move_restore_mark', 'aipassport_authorization', true),
      ('move_restore_mark', 'aipassport_proxy', true),
      -- for the metrics: sums and counts
      ('read_accounting', 'aipassport_proxy', true),
      ('set_account_limit', 'aipassport_authorization', true),
      ('set_time_zone', 'aipassport_authorization', true),
      -- deleting an account
      ('anonymize_account', 'aipassport_authorization', true),
      ('delete_account', 'aipassport_authorization', true),
      ('lock_account', 'aipassport_authorization', true),
      -- the owner's overview
      ('usage_of_months', 'aipassport_authorization', false),
      -- the sums that pages show
      ('add_up_usage', 'aipassport_authorization', true),
      ('usage_parts', 'aipassport_authorization', false),
      ('key_owner', 'aipassport_authorization', false),
      ('usage_lock', null, false),
      -- the operator's page
      ('list_operator_keys', 'aipassport_authorization', true),
      ('list_replica_settings', 'aipassport_authorization', true),
      -- the order of an owner's provider keys
      ('promote_spare_key', 'aipassport_authorization', true),
      -- removing expired rows
      ('expiring_tables', 'aipassport_authorization', true),
      ('delete_expired', 'aipassport_authorization', true),
      ('end_unredeemed_grant', null, true),
      ('has_tokens', null, false),
      -- trees of grants
      ('grants_below', 'aipassport_authorization', false),
      ('root_of', 'aipassport_authorization', false),
      ('root_of', 'aipassport_proxy', false),
      ('shorten_grants_below', 'aipassport_authorization', false),
      ('with_ancestors', 'aipassport_authorization', false),
      ('with_ancestors', 'aipassport_proxy', false),
      -- for `doctor`: counts and sizes
      ('read_upkeep', 'aipassport_authorization', true),
      ('read_upkeep', 'aipassport_proxy', true),
      -- trigger functions: no role calls them
      ('copy_ledger_row', null, true),
      ('count_usage', null, true),
      ('promote_next_spare_key', null, true),
      -- parts of the functions above, and functions of release 1
      ('attach_ledger_month', null, false),
      ('begin_ledger_move', null, false),
      ('create_ledger_month', null, false),
      ('end_ledger_move', null, false),
      ('ledger_move_must_begin', null, false),
      ('ledger_partitions', null, false),
      ('list_columns', null, false),
      ('move_ledger_rows', null, false),
      ('overdue_rows', null, false),
      ('repair_account_months', null, false),
      ('repair_operator_months', null, false),
      ('charge_abandoned', null, false),
      ('correct_requests', null, false),
      ('lock_operator_spending', null, false),
      ('move_operator_spending', null, false),
      ('to_counter', null, false),
      ('left_alone', null, false),
      ('counter_ceiling', null, false),
      ('repair_grant', null, false),
      ('count_above', null, false),
      ('judge_above', null, false),
      ('left_above', null, false),
      ('request_interval', null, false),
      -- for the operator's commands
      ('correct_charge', null, false),
      -- trigger functions: no role calls them
      ('end_grants_below', null, false),
      ('notify_grant_revoked', null, false)
    ) as rights (name, role, as_owner)
    join pg_proc p on p.proname = rights.name and p.pronamespace = 'public'::regnamespace
  loop
    if granted.as_owner then
      execute format('alter function %s security definer set search_path = public, pg_temp', granted.signature);
    else
      execute format('alter function %s security invoker', granted.signature);
    end if;
    if granted.role is not null then
      execute format('grant execute on function %s to %I', granted.signature, granted.role);
    end if;
  end loop;
end
$$;
