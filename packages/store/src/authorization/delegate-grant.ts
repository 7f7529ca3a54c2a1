import { randomBytes } from 'node:crypto';
import { formatScope, type Limits, type ScopeToken } from '@aipassport/policy';
import { type RawBuilder, sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { formatAuditedLimits, listLimitColumns } from '../grant-row.js';
import { isLive } from '../live-grants.js';
import { findGrant, type Grant } from './grants.js';

/** A new grant for a part of another grant of the same client. The other grant is its parent. */
export interface Delegation {
  readonly parentId: string;
  readonly tokens: readonly ScopeToken[];
  /** Each is at most the parent's limit. */
  readonly limits: Limits;
  /** What the new grant is for, in the client's own words. */
  readonly reason: string | undefined;
  readonly expiresAt: Date;
}

export type Delegated =
  | { readonly kind: 'made'; readonly grant: Grant }
  /** The parent, or a grant above it, is not live any more. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'too_deep' }
  | { readonly kind: 'too_many' };

/** The most levels of grants below a grant that an owner made. */
export const maxDelegationDepth = 4;
/** The most live grants below a grant that an owner made, on all levels together. */
export const maxLiveDelegations = 100;

/**
 * The grants above a grant, from the top. The identifier may come from a client, and an identifier with 50,000 dots
 * would make 50,000 long texts. The list is therefore cut off: it has at most one grant more than can be above a grant.
 */
export function listAncestors(grantId: string): readonly string[] {
  const parts = grantId.split('.', maxDelegationDepth + 2);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

/**
 * Makes a grant below another. All grants above the new one are locked until the transaction ends. A revocation that
 * comes now waits, and then sees the new grant. Admissions wait too, so call this late in the transaction.
 */
export async function delegateGrant(transaction: Database, delegation: Delegation): Promise<Delegated> {
  const { parentId } = delegation;
  const chain = [...listAncestors(parentId), parentId];
  if (chain.length > maxDelegationDepth) return { kind: 'too_deep' };
  if (!(await lockLive(transaction, chain))) return { kind: 'ended' };
  // A new statement, so that it sees what was committed before the locks were taken.
  if ((await countLiveBelow(transaction, chain[0] ?? parentId)) >= maxLiveDelegations) return { kind: 'too_many' };
  const id = `${parentId}.${randomBytes(16).toString('base64url')}`;
  await insertChild(transaction, id, delegation);
  const grant = await findGrant(transaction, id);
  if (grant === undefined) throw new Error('the inserted grant was not found');
  return { kind: 'made', grant };
}

/**
 * Locks a chain of grants from the top down, as admissions do.
 * @returns whether all of them are live
 */
export async function lockLive(transaction: Database, chain: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ is_live: boolean }>`
    select ${isLive()} as is_live from grants
    where id = any (${[...chain]}::text[]) order by id collate "C" for update`.execute(transaction);
  return rows.length === chain.length && rows.every((row) => row.is_live);
}

async function countLiveBelow(transaction: Database, rootId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from grants
    where split_part(id, '.', 1) = ${rootId} and position('.' in id) > 0
      and ${isLive()}`.execute(transaction);
  return rows[0]?.count ?? 0;
}

/** The parent's limits may have been lowered since they were read, so each new limit is at most the parent's. */
async function insertChild(transaction: Database, id: string, delegation: Delegation): Promise<void> {
  const { parentId, limits, reason, expiresAt } = delegation;
  const scope = formatScope(delegation.tokens);
  const columns = listLimitColumns(limits);
  const lesser = columns.map(({ column, value }) => sql`least(p.${sql.ref(column)}, ${value})`);
  await sql`
    with inserted as (
      insert into grants (id, account_id, client_id, scope, reason, expires_at, time_zone,
        ${sql.join(columns.map(({ column }) => sql.ref(column)))})
      select ${id}, p.account_id, p.client_id, ${scope}, ${reason ?? null}, least(p.expires_at, ${expiresAt}), p.time_zone,
        ${sql.join(lesser)}
      from grants p where p.id = ${parentId}
      returning id, account_id, client_id, expires_at
    ), placed as (
      insert into delegated_grants (grant_id, parent_grant_id) select id, ${parentId} from inserted
    )
    insert into audit_events (event, account_id, client_id, grant_id, detail)
    select 'grant_delegated', account_id, client_id, id,
      jsonb_build_object('parent', ${parentId}::text, 'scope', ${scope}::text, 'expires_at', expires_at)
        || ${formatAuditedLimits(limits)}::jsonb || ${noteRequestSource(transaction)}
    from inserted`.execute(transaction);
}

/** SQL that locks the parent of a grant, if there is one. Admissions also lock a parent before the grants below it. */
export function lockParent(grantId: string): RawBuilder<unknown> {
  return sql`select expires_at from grants where id = ${listAncestors(grantId).at(-1) ?? null} for share`;
}
