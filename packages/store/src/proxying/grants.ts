import type { Limits, ScopeToken } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type GrantUsage, grantColumns, toGrantUsage, toLimits } from '../grant-row.js';
import { isLive } from '../live-grants.js';
import { readTokens, scopesAbove } from '../scopes-above.js';

/** The parts of its own grant that a client may see. */
export interface GrantStatus {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  /** The part of the grant's scope that all grants above it allow too. */
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly usage: GrantUsage;
  /** By the database's clock. */
  readonly state: 'active' | 'expired' | 'revoked';
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** A DPoP proof, and the request that brings it. */
export interface ProofOfRequest {
  readonly proofHash: string;
  readonly requestId: string;
}

export async function findGrantStatus(db: Database, grantId: string): Promise<GrantStatus | undefined> {
  const row = await selectStatus(db, grantId).executeTakeFirst();
  return row && toStatus(row);
}

/**
 * Finds a grant for a request that needs no admission, or not yet, and marks the request's proof as used, in one
 * statement.
 *
 * @returns the grant, with `isProofUsed`: whether another request has brought the same proof; undefined when there is
 * no such grant
 */
export async function findGrantStatusOnce(
  db: Database,
  grantId: string,
  { proofHash, requestId }: ProofOfRequest,
): Promise<(GrantStatus & { readonly isProofUsed: boolean }) | undefined> {
  const marked = db.with('marked', (query) =>
    query
      .insertInto('used_proofs')
      .values({ proof_hash: proofHash, request_id: requestId })
      .onConflict((conflict) => conflict.doNothing())
      .returning('request_id'),
  );
  // A row with the id of this request was written by an earlier statement of the same request. A row that another
  // request writes at the same time is not visible here, but it prevents this statement from marking the proof, so
  // `is_own` is false.
  const isOwn = sql<boolean>`exists (select from marked) or exists (
    select from used_proofs u where u.proof_hash = ${proofHash} and u.request_id = ${requestId})`;
  const row = await selectStatus(marked, grantId).select(isOwn.as('is_own')).executeTakeFirst();
  return row && { ...toStatus(row), isProofUsed: !row.is_own };
}

function selectStatus(db: Pick<Database, 'selectFrom'>, grantId: string) {
  return db
    .selectFrom('grants')
    .select(grantColumns)
    .select([
      sql<boolean>`expires_at <= now()`.as('expired'),
      sql<readonly string[] | null>`${sql.raw(scopesAbove)}`.as('scopes_above'),
    ])
    .where('id', '=', grantId);
}

type StatusRow = NonNullable<Awaited<ReturnType<ReturnType<typeof selectStatus>['executeTakeFirst']>>>;

function toStatus(row: StatusRow): GrantStatus {
  return {
    id: row.id,
    accountId: row.account_id,
    clientId: row.client_id,
    tokens: readTokens(row),
    limits: toLimits(row),
    usage: toGrantUsage(row),
    state: row.status === 'revoked' ? 'revoked' : row.expired ? 'expired' : 'active',
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** Lists those of the given grants that have ended: they are revoked, expired or deleted. */
export async function listEndedGrants(db: Database, grantIds: readonly string[]): Promise<readonly string[]> {
  if (grantIds.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select asked.id from unnest(${[...grantIds]}::text[]) as asked (id)
    left join grants g on g.id = asked.id and ${isLive('g')}
    where g.id is null`.execute(db);
  return rows.map(({ id }) => id);
}
