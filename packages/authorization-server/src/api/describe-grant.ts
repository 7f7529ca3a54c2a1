import { formatLimitMembers, formatScope, limitTable } from '@aipassport/policy';
import { type Grant, listAncestors, type OpenRequests } from '@aipassport/store/authorization';
import { deriveAppId } from '../account/app-id.js';
import { formatPath, paths } from '../endpoints.js';
import { findReached } from '../limits/find-reached.js';
import { listOpenOfTree } from '../limits/open-requests.js';
import { describeRemaining, describeUsed } from '../oidc/grant-management/describe-grant.js';
import type { Specified } from './api-call.js';
import { orNull, timeOrNull } from './values.js';

interface GrantPlace {
  readonly issuer: string;
  readonly timeZone: string;
  readonly now: Date;
  /** The owner's requests in progress. */
  readonly open: readonly OpenRequests[];
}

/** Describes a grant for its owner. */
export function describeApiGrant(grant: Grant, place: GrantPlace): Specified['ApiGrant'] {
  const { issuer, timeZone, now } = place;
  return {
    grant_id: grant.id,
    app_id: deriveAppId(grant.clientId),
    parent_grant_id: orNull(listAncestors(grant.id).at(-1)),
    state: grant.state,
    scope: formatScope(grant.tokens),
    limits: formatLimitMembers(grant.limits),
    used: describeUsed(grant),
    remaining: describeRemaining(grant, timeZone, now),
    limit_reached: describeReached(grant, place),
    reason: orNull(grant.reason),
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
    last_used_at: timeOrNull(grant.lastUsedAt),
    revoked_at: timeOrNull(grant.revokedAt),
    revoked_reason: orNull(grant.revokedReason),
    page: `${issuer}${formatPath(paths.grantLimits, grant.id)}`,
  };
}

function describeReached(grant: Grant, { open, ...view }: GrantPlace): Specified['ReachedLimit'] | null {
  if (grant.state !== 'active') return null;
  const reached = findReached(grant, { ...view, open: listOpenOfTree(grant.id, open) });
  return reached === undefined ? null : { limit: limitTable[reached.kind].member, until: timeOrNull(reached.until) };
}
