import { formatLimitMembers, formatScope } from '@aipassport/policy';
import {
  findGrant,
  type Grant,
  listAllGrants,
  listAncestors,
  revokeGrant,
  revokeGrantsForOperator,
} from '@aipassport/store/authorization';
import { queryText } from '../account/sign-in.js';
import { buildListPage, pageSize, readCursor } from '../api/cursor.js';
import { invalid, unknownObject } from '../api/refusals.js';
import { orNull, timeOrNull } from '../api/values.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { describeUsed } from '../oidc/grant-management/describe-grant.js';
import type { AdminCall, Specified } from './admin-call.js';

/** `GET /api/admin/grants` */
export async function getAdminGrants({ db }: Dependencies, { ctx }: AdminCall): Promise<Specified['AdminGrantPage']> {
  const found = await listAllGrants(db, {
    ...readFilter(ctx),
    withEnded: readState(ctx) === 'all',
    after: readCursor(ctx, (text) => text) ?? '',
    limit: pageSize + 1,
  });
  const { rows, next } = buildListPage(found, ({ id }) => id);
  return { grants: rows.map(describeAdminGrant), next };
}

function readFilter(ctx: Context) {
  return {
    accountId: queryText(ctx, 'account_id') || undefined,
    clientId: queryText(ctx, 'client_id') || undefined,
  };
}

function readState(ctx: Context): 'active' | 'all' {
  const state = queryText(ctx, 'state') || 'active';
  if (state === 'active' || state === 'all') return state;
  throw invalid('state', 'must be active or all');
}

/** `GET /api/admin/grants/:grant_id` */
export async function getAdminGrant(
  { db }: Dependencies,
  { value: grantId }: AdminCall,
): Promise<Specified['AdminGrant']> {
  const grant = await findGrant(db, grantId);
  if (grant === undefined) throw unknownObject();
  return describeAdminGrant(grant);
}

/** `DELETE /api/admin/grants/:grant_id`. A grant that was revoked before stays as it is. */
export async function removeGrant({ db }: Dependencies, { value: grantId }: AdminCall): Promise<undefined> {
  if ((await findGrant(db, grantId)) === undefined) throw unknownObject();
  await revokeGrant(db, { grantId, reason: 'operator', revokedBy: 'operator' });
}

/**
 * `DELETE /api/admin/grants`: revokes the live grants of an account, of a client, or of both. A request without these
 * revokes all grants of the server, so it must say that it wants this.
 */
export async function removeGrants(
  { db }: Dependencies,
  { ctx, caller: { by } }: AdminCall,
): Promise<Specified['RevokedGrants']> {
  const filter = readFilter(ctx);
  const isForAll = filter.accountId === undefined && filter.clientId === undefined;
  const confirmation = queryText(ctx, 'confirm');
  if (isForAll && confirmation !== 'all') throw invalid('confirm', 'must be all, to revoke all grants of this server');
  if (!isForAll && confirmation !== '')
    throw invalid('confirm', 'is only for a request without account_id and client_id');
  const ended = await revokeGrantsForOperator(db, filter);
  ctx.state.log.info({ event: 'grants_revoked', grants: ended.grants, by });
  return ended;
}

function describeAdminGrant(grant: Grant): Specified['AdminGrant'] {
  return {
    grant_id: grant.id,
    account_id: grant.accountId,
    client_id: grant.clientId,
    parent_grant_id: orNull(listAncestors(grant.id).at(-1)),
    state: grant.state,
    scope: formatScope(grant.tokens),
    limits: formatLimitMembers(grant.limits),
    used: describeUsed(grant),
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
    last_used_at: timeOrNull(grant.lastUsedAt),
    revoked_at: timeOrNull(grant.revokedAt),
    revoked_reason: orNull(grant.revokedReason),
  };
}
