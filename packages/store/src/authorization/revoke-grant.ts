import { type RawBuilder, sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { retryDeadlocks } from '../database/retry-deadlocks.js';
import { isMadeByOwner } from '../live-grants.js';
import { deleteArtifactsOf } from './artifacts.js';
import type { NewGrant } from './grants.js';
import { noteToken } from './note-token.js';

/** Why a grant ended before its expiry. */
export type RevocationReason =
  | 'owner'
  /** The owner allowed the same client a new grant instead. */
  | 'replaced'
  | 'client'
  | 'code_replay'
  | 'refresh_token_reuse'
  | 'account_disabled'
  | 'client_deleted'
  /** The grant above it was revoked. The trigger `end_grants_below` writes this reason. */
  | 'parent'
  | 'operator';

interface Revocation {
  readonly reason: RevocationReason;
  /** An account id, a client id, or `operator`. */
  readonly revokedBy: string;
  /** The grant that the owner made instead. */
  readonly replacedBy?: string;
  /** The id of the API token with which a program of the owner asked; undefined when a person asked. */
  readonly apiToken?: string | undefined;
}

export interface GrantRevocation extends Revocation {
  readonly grantId: string;
  /** Set when an owner revokes the grant. Then only a grant of this owner is revoked. */
  readonly accountId?: string;
}

/**
 * Revokes one grant, even one that has expired. Once this has returned, no replica admits a request under it.
 *
 * @returns false when there was nothing to revoke: the grant is unknown, not this owner's, or already revoked. Callers
 * answer all three alike, so a guessed identifier reveals nothing.
 */
export async function revokeGrant(db: Database, revocation: GrantRevocation): Promise<boolean> {
  const { grantId, accountId } = revocation;
  const ofOwner = accountId === undefined ? sql`` : sql`and account_id = ${accountId}`;
  const { ids } = await revokeWhere(db, sql`id = ${grantId} ${ofOwner}`, revocation);
  await deleteArtifactsOf(db, ids);
  return ids.length > 0;
}

/** What ended when an owner removed the access of one app or of all apps. */
export interface EndedAccess {
  readonly clients: number;
  /** The number of ended grants that the owner had made. The grants below them ended too, and are not counted. */
  readonly grants: number;
  /** The access and refresh tokens of the ended grants and of the grants below them that could still be used. */
  readonly tokens: number;
  /** How many requests were in progress. The proxies cut them off. */
  readonly requests: number;
}

/** The access that an owner gave: to one client, or to all. */
export interface OwnersAccess extends Pick<Revocation, 'apiToken'> {
  readonly accountId: string;
  readonly clientId?: string;
}

/**
 * Revokes all live grants that an owner has, for one client or for all, in one statement, with the grants below them.
 * Once this has returned, no replica admits a request under them.
 */
export async function revokeGrantsOfOwner(
  db: Database,
  { accountId, clientId, apiToken }: OwnersAccess,
): Promise<EndedAccess> {
  const ofClient = clientId === undefined ? sql`` : sql`and client_id = ${clientId}`;
  const which = sql`account_id = ${accountId} ${ofClient} and expires_at > now()`;
  const { ids, ...ended } = await revokeWhere(db, which, { reason: 'owner', revokedBy: accountId, apiToken });
  return { ...ended, tokens: await deleteArtifactsOf(db, ids) };
}

/**
 * Revokes the live grants that an owner made for a client, in favor of a new grant. The same transaction inserts the
 * new grant, so the client always has either the old grants or the new one.
 * @param only the identifiers of the grants to revoke; undefined: all but the new grant
 * @returns the grants that ended; the caller deletes their artifacts once the transaction has ended
 */
export async function revokeReplacedGrants(
  transaction: Database,
  { id, accountId, clientId }: Pick<NewGrant, 'id' | 'accountId' | 'clientId'>,
  only?: readonly string[],
): Promise<readonly string[]> {
  const others = sql`account_id = ${accountId} and client_id = ${clientId} and id <> ${id}
    and ${isMadeByOwner()} and expires_at > now()`;
  const which = only === undefined ? others : sql`${others} and id = any (${formatArray(only)}::text[])`;
  return (await revokeWhere(transaction, which, { reason: 'replaced', revokedBy: accountId, replacedBy: id })).ids;
}

/** @returns the grants that ended; the caller deletes their artifacts once the transaction has ended */
export async function revokeGrantsOfAccount(
  db: Database,
  revocation: Revocation & { readonly accountId: string },
): Promise<readonly string[]> {
  return (await revokeWhere(db, sql`account_id = ${revocation.accountId}`, revocation)).ids;
}

/**
 * Revokes every live grant of every account. The caller deletes the artifacts.
 * @returns how many grants ended
 */
export async function revokeAllGrants(db: Database, revocation: Revocation): Promise<number> {
  return (await revokeWhere(db, sql`expires_at > now()`, revocation)).ids.length;
}

/** The grants that the operator ends: those of an account, of a client, or of both; without either, all. */
export interface OperatorsRevocation {
  readonly accountId: string | undefined;
  readonly clientId: string | undefined;
}

/** The most grants that one statement revokes, so that no statement reaches the time limit. */
const grantsInStep = 2_000;

/**
 * Revokes the live grants of an account, of a client, or of everybody, for the operator, with the grants below them.
 * Once this has returned, no replica admits a request under them. Grants that are made meanwhile stay. If this is
 * interrupted, some of the grants have ended, and the operator can repeat it.
 */
export async function revokeGrantsForOperator(
  db: Database,
  { accountId, clientId }: OperatorsRevocation,
): Promise<Omit<EndedAccess, 'clients'>> {
  const { rows } = await sql<{ now: string }>`select now()::text as now`.execute(db);
  const ofAccount = accountId === undefined ? sql`` : sql`and account_id = ${accountId}`;
  const ofClient = clientId === undefined ? sql`` : sql`and client_id = ${clientId}`;
  const which = sql`id in (
    select id from grants where status = 'active' and expires_at > now() and created_at <= ${rows[0]?.now}::timestamptz
      ${ofAccount} ${ofClient}
    order by id collate "C" limit ${grantsInStep})`;
  let total = { grants: 0, tokens: 0, requests: 0 };
  for (;;) {
    const revoke = () => revokeWhere(db, which, { reason: 'operator', revokedBy: 'operator' });
    const { ids, grants, requests } = await retryDeadlocks(revoke);
    if (ids.length === 0) return total;
    const tokens = await deleteArtifactsOf(db, ids);
    total = { grants: total.grants + grants, tokens: total.tokens + tokens, requests: total.requests + requests };
  }
}

/** @returns as `revokeGrantsOfAccount` does */
export async function revokeGrantsOfClient(
  db: Database,
  revocation: Revocation & { readonly clientId: string },
): Promise<readonly string[]> {
  return (await revokeWhere(db, sql`client_id = ${revocation.clientId}`, revocation)).ids;
}

/**
 * Revokes grants. No other code revokes grants, except the trigger `end_grants_below`. One statement changes the status
 * in the row that decides admissions, adds a row to the shared register, and adds the audit row. Triggers of the
 * register notify every proxy, which cuts the streams, and revoke all grants below.
 *
 * The grant's tokens and codes stop working at once. Their rows are deleted afterwards, for two reasons. A refresh that
 * this statement waited for has stored rows that the statement cannot see. A refresh that uses a row waits for the
 * grant, so deleting the row here could deadlock.
 */
async function revokeWhere(
  db: Database,
  which: RawBuilder<unknown>,
  { reason, revokedBy, replacedBy, apiToken }: Revocation,
): Promise<Omit<EndedAccess, 'tokens'> & { readonly ids: readonly string[] }> {
  const { rows } = await sql<{ id: string; client_id: string; requests: number }>`
    with locked as materialized (
      -- in the order of admissions, so that this and an admission for several grants cannot deadlock
      select id from grants where ${which} and status = 'active' order by id collate "C" for update
    ), revoked as (
      update grants g set status = 'revoked', revoked_at = now(), revoked_reason = ${reason}
      from locked where g.id = locked.id
      returning g.id, g.account_id, g.client_id, g.expires_at
    ), registered as (
      insert into revocations (grant_id, reason, revoked_by, until)
      select id, ${reason}, ${revokedBy}, expires_at from revoked
    ), audited as (
      insert into audit_events (event, account_id, client_id, grant_id, detail)
      select 'grant_revoked', account_id, client_id, id, jsonb_strip_nulls(jsonb_build_object(
        'reason', ${reason}::text, 'by', ${revokedBy}::text, 'replaced_by', ${replacedBy ?? null}::text)) || ${noteToken(db, apiToken)}
      from revoked
    )
    select id, client_id, (select count(*)::integer from reservations where grant_id in (select id from revoked)) as requests
    from revoked`.execute(db);
  const ids = rows.map(({ id }) => id);
  return {
    ids,
    clients: new Set(rows.map(({ client_id: clientId }) => clientId)).size,
    // the id of a grant below another one has a dot
    grants: ids.filter((id) => !id.includes('.')).length,
    requests: rows[0]?.requests ?? 0,
  };
}
