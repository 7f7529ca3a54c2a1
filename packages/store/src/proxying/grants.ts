import { type Limits, parseGrantedScope, type ScopeToken } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type GrantUsage, grantColumns, toGrantUsage, toLimits } from '../grant-row.js';

/** The parts of its own grant that a client may see. */
export interface GrantStatus {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly usage: GrantUsage;
  /** By the database's clock. */
  readonly state: 'active' | 'expired' | 'revoked';
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function findGrantStatus(db: Database, grantId: string): Promise<GrantStatus | undefined> {
  const row = await db
    .selectFrom('grants')
    .select(grantColumns)
    .select(sql<boolean>`expires_at <= now()`.as('expired'))
    .where('id', '=', grantId)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      accountId: row.account_id,
      clientId: row.client_id,
      tokens: parseGrantedScope(row.scope),
      limits: toLimits(row),
      usage: toGrantUsage(row),
      state: row.status === 'revoked' ? 'revoked' : row.expired ? 'expired' : 'active',
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    }
  );
}

/** Lists those of the grants under which nothing may run any more: revoked, expired or gone. */
export async function listEndedGrants(db: Database, grantIds: readonly string[]): Promise<readonly string[]> {
  if (grantIds.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select asked.id from unnest(${[...grantIds]}::text[]) as asked (id)
    left join grants g on g.id = asked.id and g.status = 'active' and g.expires_at > now()
    where g.id is null`.execute(db);
  return rows.map(({ id }) => id);
}
