-- The tables from which expired rows are removed, one row each. A new table needs only a row here.
--   `read_by`: the rows are read in the order of this column, which has an index.
--   `ends_at`: the column with the instant after which a row is kept for `keep`. The rows are read nearly in
--     its order, so a pass over the table ends at the first page whose last row is kept. Null: a pass checks
--     `condition` for every row.
--   `condition`: true for a row t that is deleted; $1 is the present time minus `keep`.
--   `keep`: null means for ever. `step`: the most rows that are read in one step, which is one transaction.
--   `every`: the least time between the end of a pass and the next pass.
create or replace function expiring_tables() returns table (
  name text, read_by text, ends_at text, condition text, keep interval, step integer, every interval
) language sql stable security definer set search_path = public, pg_temp as $$
  select e.name, e.read_by, e.ends_at, coalesce(e.condition, format('t.%I < $1', e.ends_at)),
    case when e.retention is null then e.keep else make_interval(days => r.keep_days) end, e.step, e.every
  from (values
    ('artifacts',        'expires_at',     'expires_at',     null, interval '1 minute', null, 1000, interval '5 minutes'),
    ('device_codes',     'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('owner_sessions',   'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('password_resets',  'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('account_tokens',   'expires_at',     'expires_at',     null, interval '30 days', null,       1000, interval '1 day'),
    ('operator_links',   'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('sign_in_challenges', 'expires_at',   'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('attempts',         'window_ends_at', 'window_ends_at', null, interval '0', null,         1000, interval '5 minutes'),
    ('idempotency_keys', 'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('used_proofs',      'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('stored_objects',   'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('previous_client_secrets', 'expires_at', 'expires_at', null, interval '0', null,  1000, interval '1 day'),
    ('abandoned_requests', 'expires_at',   'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('address_links',    'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    ('sent_notices',     'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '1 day'),
    ('mails',            'expires_at',     'expires_at',     null, interval '0', null,         1000, interval '5 minutes'),
    -- the grant of a deleted row is deleted too: see `end_unredeemed_grant`
    ('unredeemed_grants', 'grant_id', null, 't.created_at < $1 and not has_tokens(t.grant_id)', interval '2 minutes',
      null, 1000, interval '5 minutes'),
    -- events have ascending numbers, so their table needs no index of times
    ('audit_events',     'id',             'at',             null, null, 'audit_events',       1000, interval '1 hour'),
    -- A grant is deleted together with its row in `revocations`. By then all its tokens have expired, and all its
    -- reservations are settled.
    ('grants', 'id', null, $condition$
      (t.expires_at < $1 or t.revoked_at < $1) and t.held = 0 and t.open_streams = 0
      and not exists (select from reservations r where r.grant_id = t.id)
      and not exists (select from artifacts a where a.grant_id = t.id)
      -- `repair_grant` adds up what the grants below a grant have spent in a month, so grants below others stay longer
      and (position('.' in t.id) = 0 or t.expires_at < now() - interval '40 days')
      -- the grants below a grant are deleted before it
      and not exists (select from delegated_grants d where d.parent_grant_id = t.id)
    $condition$, null, 'ended_grants', 500, interval '1 day'),
    -- Everything that is stored for a client is younger than a day or belongs to a grant. So nothing is lost when a
    -- client is deleted that has no grant and was not used after $1.
    ('clients', 'id', null, $condition$
      t.registered_by = 'registration' and t.created_at < $1
      and not exists (select from client_uses u where u.client_id = t.id and u.last_used_at >= $1)
      and not exists (select from grants g where g.client_id = t.id)
      -- a client that an account registered stays until the account deletes it
      and not exists (select from client_owners o where o.client_id = t.id)
    $condition$, null, 'unused_clients', 500, interval '1 day'),
    -- a used invitation stays: it records who invited an account
    ('invitations', 'id', null, 't.used_at is null and t.expires_at < $1', interval '30 days', null, 1000, interval '1 day'),
    ('ledger_archive', 'grant_id', null, 'not exists (select from grants g where g.id = root_of(t.grant_id))',
      interval '0', null, 1000, interval '1 day')
  ) as e (name, read_by, ends_at, condition, keep, retention, step, every)
  left join retention r on r.name = e.retention
$$;
