import { formatScope, type Limits, type ScopeToken } from '@aipassport/policy';
import { type Selectable, sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import {
  formatAuditedLimits,
  type GrantUsage,
  grantColumns,
  listLimitColumns,
  toGrantUsage,
  toLimits,
} from '../grant-row.js';
import { endChosenAt, isLive, isMadeByOwner } from '../live-grants.js';
import type { Schema } from '../schema.js';
import { readTokens, scopesAbove } from '../scopes-above.js';

/** The scope and the limits that an owner allowed a client, and the usage so far. */
export interface Grant {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  /** The part of the stored scope that all grants above this grant allow too. */
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  /** The scope as it is stored. It may name models that no longer exist, and scopes that a grant above has lost. */
  readonly storedScope: string;
  /** Why the client asks, in its own words. */
  readonly reason: string | undefined;
  /** By the database's clock. A grant that is both revoked and expired counts as revoked. */
  readonly state: 'active' | 'expired' | 'revoked';
  readonly usage: GrantUsage;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** When the owner chose `expiresAt`: when the grant was made, or when its end was last changed. */
  readonly endChosenAt: Date;
  readonly lastUsedAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  readonly revokedReason: string | undefined;
}

export interface NewGrant {
  /** oidc-provider's identifier of the same grant. */
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly reason: string | undefined;
  readonly expiresAt: Date;
  /**
   * The scope tokens that the owner has been asked about: those on this consent page, and those on earlier consent pages
   * that the owner left out of the client's newest grant. If the client asks again, the page marks only other tokens as
   * new.
   */
  readonly shownTokens?: readonly string[];
}

/**
 * Inserts the grant and its audit row, in one statement. If a grant with this identifier exists already, that grant
 * stays as it is. The new grant ends early unless `markRedeemed` is called in time.
 * @returns whether the grant was inserted. A grant for a blocked client, or of a disabled account, is not inserted
 */
export async function insertGrant(db: Database, grant: NewGrant): Promise<boolean> {
  const { id, accountId, clientId, limits, shownTokens = [] } = grant;
  const scope = formatScope(grant.tokens);
  const columns = listLimitColumns(limits);
  const { numAffectedRows } = await sql`
    with inserted as (
      insert into grants (id, account_id, client_id, scope, reason, expires_at, time_zone,
        ${sql.join(columns.map(({ column }) => sql.ref(column)))})
      select ${id}, id, ${clientId}, ${scope}, ${grant.reason ?? null}, ${grant.expiresAt}, time_zone,
        ${sql.join(columns.map(({ value }) => value))}
      -- waits for a transaction that is changing the time zone or disabling the account
      from accounts where id = ${accountId} and disabled_at is null
        and not exists (select from client_blocks where client_id = ${clientId})
      for share
      on conflict (id) do nothing
      returning id, expires_at
    ), unredeemed as (
      insert into unredeemed_grants (grant_id) select id from inserted
    ), shown as (
      insert into shown_scopes (grant_id, scope) select id, ${shownTokens.join(' ')} from inserted
    )
    insert into audit_events (event, account_id, client_id, grant_id, detail)
    select 'consent_given', ${accountId}, ${clientId}, id,
      jsonb_build_object('scope', ${scope}::text, 'expires_at', expires_at) || ${formatAuditedLimits(limits)}::jsonb || ${noteRequestSource(db)} from inserted`.execute(
    db,
  );
  return numAffectedRows === 1n;
}

/** Records that the grant's code was redeemed and its tokens are stored. The grant then no longer ends early. */
export async function markRedeemed(transaction: Database, grantId: string): Promise<void> {
  await transaction.deleteFrom('unredeemed_grants').where('grant_id', '=', grantId).execute();
}

export async function findGrant(db: Database, grantId: string): Promise<Grant | undefined> {
  const row = await selectGrants(db).where('grants.id', '=', grantId).executeTakeFirst();
  return row && toGrant(row);
}

/**
 * Locks the grant if it is live, so that a revocation waits until the transaction ends. Admissions of the grant wait
 * too, so call this last in the transaction.
 * @returns whether the grant is live
 */
export async function holdGrant(transaction: Database, grantId: string): Promise<boolean> {
  const { rows } = await sql`
    select from grants where id = ${grantId} and ${isLive()} for key share`.execute(transaction);
  return rows.length === 1;
}

/** Lists at most 100 live grants that an owner made for a client, the newest first. Delegated grants are left out. */
export async function listActiveGrants(
  db: Database,
  { accountId, clientId }: Pick<Grant, 'accountId' | 'clientId'>,
): Promise<readonly Grant[]> {
  const rows = await selectGrants(db)
    .where('grants.account_id', '=', accountId)
    .where('grants.client_id', '=', clientId)
    .where(isMadeByOwner())
    .where(isLive())
    .orderBy('grants.created_at', 'desc')
    .limit(100)
    .execute();
  return rows.map(toGrant);
}

export function selectGrants(db: Database) {
  return db
    .selectFrom('grants')
    .select(grantColumns)
    .select([
      sql<boolean>`grants.expires_at <= now()`.as('expired'),
      sql<readonly string[] | null>`${sql.raw(scopesAbove)}`.as('scopes_above'),
      endChosenAt().as('end_chosen_at'),
    ]);
}

export type SelectedGrant = Selectable<Schema['grants']> & {
  readonly expired: boolean;
  readonly scopes_above: readonly string[] | null;
  readonly end_chosen_at: Date;
};

export function toGrant(row: SelectedGrant): Grant {
  return {
    id: row.id,
    accountId: row.account_id,
    clientId: row.client_id,
    tokens: readTokens(row),
    limits: toLimits(row),
    storedScope: row.scope,
    reason: row.reason ?? undefined,
    state: row.status === 'revoked' ? 'revoked' : row.expired ? 'expired' : 'active',
    usage: toGrantUsage(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endChosenAt: row.end_chosen_at,
    lastUsedAt: row.last_used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    revokedReason: row.revoked_reason ?? undefined,
  };
}
