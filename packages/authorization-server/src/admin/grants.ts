import { formatLimitMembers, formatScope } from '@aipassport/policy';
import { findGrant, type Grant, listAllGrants, listAncestors } from '@aipassport/store/authorization';
import { queryText } from '../account/sign-in.js';
import { cutPage, pageSize, readCursor } from '../api/cursor.js';
import { invalid, unknownObject } from '../api/refusals.js';
import { orNull, timeOrNull } from '../api/values.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { describeUsed } from '../oidc/grant-management/describe-grant.js';
import type { AdminCall, Specified } from './admin-call.js';

/** `GET /api/admin/grants` */
export async function getAdminGrants({ db }: Dependencies, { ctx }: AdminCall): Promise<Specified['AdminGrantPage']> {
  const found = await listAllGrants(db, {
    accountId: queryText(ctx, 'account_id') || undefined,
    clientId: queryText(ctx, 'client_id') || undefined,
    withEnded: readState(ctx) === 'all',
    after: readCursor(ctx, (text) => text) ?? '',
    limit: pageSize + 1,
  });
  const { rows, next } = cutPage(found, ({ id }) => id);
  return { grants: rows.map(describeAdminGrant), next };
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
