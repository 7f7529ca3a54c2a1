import { formatScope, type GrantTerms, type LifetimeKind, lifetimeKinds, limitTable } from '@aipassport/policy';
import { type RawBuilder, sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { formatAuditedLimits, formatTermsBefore, listLimitColumns } from '../grant-row.js';
import { isLive, noteChosenEnd } from '../live-grants.js';
import { lockParent } from './delegate-grant.js';
import type { Grant } from './grants.js';

export interface GrantChange {
  /** The grant as it was shown to the owner. */
  readonly grant: Grant;
  readonly action: 'update' | 'replace';
  readonly terms: GrantTerms;
  /** The client's reason for the change, in its own words; undefined: the earlier reason stays. */
  readonly reason: string | undefined;
}

/**
 * Changes the scope, the limits and the end of a live grant, as its client asked. The usage so far stays. The grant
 * ends at the latest when the grant above it ends. One statement checks and changes: it changes the grant only if it is
 * still as it was shown to the owner, and if no new limit is below the usage.
 * @returns false when the grant has ended or was changed after it was shown to the owner, or when a new limit is below
 * the usage
 */
export async function changeGrant(db: Database, change: GrantChange): Promise<boolean> {
  const { grant, action, terms, reason } = change;
  const scope = formatScope(terms.tokens);
  const columns = listLimitColumns(terms.limits);
  const { rows } = await sql`
    with parent as materialized (${lockParent(grant.id)}), changed as (
      update grants set ${sql.join(columns.map(({ column, value }) => sql`${sql.ref(column)} = ${value}`))},
        scope = ${scope}, expires_at = least(${terms.expiresAt}, parent_ends_at), reason = coalesce(${reason ?? null}, reason)
      from (select min(expires_at) as parent_ends_at from parent) p
      where id = ${grant.id} and account_id = ${grant.accountId} and client_id = ${grant.clientId}
        and ${isLive()}
        and ${isAsShown(grant)}
        and ${coversUse(terms.limits)}
      returning id, account_id, client_id, expires_at
    ), chosen as (${noteChosenEnd(grant.expiresAt.getTime() !== terms.expiresAt.getTime())})
    insert into audit_events (event, account_id, client_id, grant_id, detail)
    select 'grant_changed', account_id, client_id, id, jsonb_build_object('action', ${action}::text,
      'scope', ${scope}::text, 'expires_at', expires_at) || ${formatAuditedLimits(terms.limits)}::jsonb
      || ${formatTermsBefore(grant)}::jsonb || ${noteRequestSource(db)}
    from changed cross join shorten_grants_below(id, expires_at)
    returning id`.execute(db);
  return rows.length > 0;
}

const columnOfCounter: Readonly<Record<(typeof limitTable)[LifetimeKind]['usage'], string>> = {
  cost: 'spent',
  requests: 'used_requests',
};

/** Whether no limit is below the usage. `null` means no limit. */
function coversUse(limits: GrantTerms['limits']): RawBuilder<boolean> {
  const covered = lifetimeKinds.map((kind) => {
    const used = sql.ref(columnOfCounter[limitTable[kind].usage]);
    return sql`coalesce(${limits[kind] ?? null}::bigint >= ${used}, true)`;
  });
  return sql.join(covered, sql` and `);
}

/** Whether the row of `grants` has the terms that were shown to the owner. A `Date` has only milliseconds. */
export function isAsShown({
  storedScope,
  limits,
  expiresAt,
}: Pick<Grant, 'storedScope' | 'limits' | 'expiresAt'>): RawBuilder<boolean> {
  const unchanged = listLimitColumns(limits).map(
    ({ column, value }) => sql`${sql.ref(column)} is not distinct from ${value}`,
  );
  return sql`scope = ${storedScope} and date_trunc('milliseconds', expires_at) = ${expiresAt}
    and ${sql.join(unchanged, sql` and `)}`;
}
