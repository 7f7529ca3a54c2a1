import { limitKinds, limitTable } from '@aipassport/policy';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** One part of an account's data: its name, and its rows as objects. */
export interface ExportedPart {
  readonly name: string;
  readonly rows: AsyncIterable<ExportedRow>;
}

/** The number of requests that are read at a time. */
const pageSize = 1_000;

/**
 * The data of an account for its owner, part by part, except the audit log. Hashes, sealed provider keys and tokens are
 * left out: each statement names the columns that are shown. Requests are read page by page, so few of them are in
 * memory at a time.
 */
export function exportAccount(db: Database, accountId: string): readonly ExportedPart[] {
  return [
    ...Object.entries(statements(accountId)).map(([name, statement]) => ({ name, rows: readAll(db, statement) })),
    { name: 'requests', rows: readRequests(db, accountId) },
  ];
}

/** The columns of a grant's limits, named as clients name them. Amounts of money are in nano-US-dollars. */
const limitsOfGrant = sql.join(
  limitKinds.map((kind) => {
    const { column, member } = limitTable[kind];
    return sql`${sql.ref(`g.${column}`)} as ${sql.id(member.replace('_usd', '_nano_usd'))}`;
  }),
);

type ExportedRow = Readonly<Record<string, unknown>>;

function statements(accountId: string): Readonly<Record<string, RawBuilder<ExportedRow>>> {
  return {
    account: sql<ExportedRow>`
      select a.id, a.email, a.created_at, a.time_zone, s.language, l.max_cost_per_month as max_cost_nano_usd_per_month,
        s.default_max_cost as default_max_cost_nano_usd, s.default_lifetime_seconds,
        o.max_cost_per_month as max_cost_nano_usd_per_month_with_shared_keys,
        coalesce(m.confirmed_email = a.email, false) as email_confirmed, m.muted as muted_notices
      from accounts a
        left join account_mail m on m.account_id = a.id
        left join account_settings s on s.account_id = a.id
        left join account_limits l on l.account_id = a.id
        left join account_operator_caps o on o.account_id = a.id
      where a.id = ${accountId}`,
    registered_apps: sql<ExportedRow>`
      select c.id, c.name, o.type, c.metadata, c.created_at
      from client_owners o join clients c on c.id = o.client_id where o.account_id = ${accountId} order by c.created_at`,
    sessions: sql<ExportedRow>`
      select browser, system, created_at, authenticated_at, last_seen_at, expires_at from owner_sessions
      where account_id = ${accountId} order by created_at`,
    passkeys: sql<ExportedRow>`
      select name, created_at, last_used_at from passkeys where account_id = ${accountId} order by created_at`,
    authenticator_app: sql<ExportedRow>`
      select created_at, confirmed_at from authenticator_apps where account_id = ${accountId}`,
    api_tokens: sql<ExportedRow>`
      select name, scopes, (select s.scopes from account_token_admin_scopes s where s.token_id = t.id) as admin_scopes,
        created_at, expires_at, last_used_at from account_tokens t
      where account_id = ${accountId} order by created_at`,
    identities: sql<ExportedRow>`
      select issuer, subject, email, created_at from account_identities
      where account_id = ${accountId} order by created_at`,
    provider_keys: sql<ExportedRow>`
      select k.upstream, k.host, n.name, k.last_four, k.created_at, k.last_used_at, r.refused_at, r.refusal,
        t.requested_at as tested_at, t.verdict as test_result
      from provider_keys k left join provider_key_refusals r on r.provider_key_id = k.id
        left join provider_key_names n on n.account_id = k.account_id and n.upstream = k.upstream
        left join provider_key_tests t on t.provider_key_id = k.id
      where k.account_id = ${accountId} order by k.upstream`,
    spare_provider_keys: sql<ExportedRow>`
      select upstream, host, name, last_four, created_at, last_used_at, refused_at, refusal,
        test_requested_at as tested_at, test_verdict as test_result
      from spare_provider_keys where account_id = ${accountId} order by upstream, place`,
    access: sql<ExportedRow>`
      select g.id, g.client_id, c.name as app, g.scope, s.scope as asked_scope, g.reason, g.status, g.created_at, g.expires_at, g.last_used_at,
        g.revoked_at, g.revoked_reason, ${limitsOfGrant}, g.used_requests, g.spent as spent_nano_usd
      from grants g left join clients c on c.id = g.client_id left join shown_scopes s on s.grant_id = g.id
      where g.account_id = ${accountId} order by g.created_at, g.id`,
    invitations: sql<ExportedRow>`
      select note, created_at, expires_at, used_at from invitations where created_by = ${accountId} order by created_at`,
  };
}

async function* readAll(db: Database, statement: RawBuilder<ExportedRow>) {
  yield* (await statement.execute(db)).rows;
}

async function* readRequests(db: Database, accountId: string) {
  const grants = await db
    .selectFrom('grants')
    .select('id')
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .execute();
  for (const { id } of grants) yield* readRequestsOf(db, id);
}

async function* readRequestsOf(db: Database, grantId: string) {
  let after = { position: '-infinity', request_id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    // `position` is exact: dates of JavaScript have milliseconds only
    const { rows } = await sql<RequestRow>`
      select admitted_at::text as position, request_id, grant_id as access_id, admitted_at, settled_at, client_id, upstream,
        model, operation, settlement, cost as cost_nano_usd, input_tokens, cached_input_tokens, cache_write_tokens,
        output_tokens, tool_calls, status, cut_off, duration_milliseconds, corrects,
        is_simulated
      from ledger
      where grant_id = ${grantId} and (admitted_at, request_id) > (${after.position}::timestamptz, ${after.request_id}::uuid)
      order by admitted_at, request_id limit ${pageSize}`.execute(db);
    for (const { position: _position, ...row } of rows) yield row;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = last;
  }
}

interface RequestRow extends ExportedRow {
  readonly position: string;
  readonly request_id: string;
}
