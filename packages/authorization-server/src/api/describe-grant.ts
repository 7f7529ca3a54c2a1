import { formatLimitMembers, formatScope } from '@aipassport/policy';
import { type Grant, listAncestors } from '@aipassport/store/authorization';
import { deriveAppId } from '../account/app-id.js';
import { formatPath, paths } from '../endpoints.js';
import { describeRemaining, describeUsed } from '../oidc/grant-management/describe-grant.js';
import type { Specified } from './api-call.js';
import { orNull, timeOrNull } from './values.js';

interface GrantPlace {
  readonly issuer: string;
  readonly timeZone: string;
  readonly now: Date;
}

/** Describes a grant for its owner. */
export function describeApiGrant(grant: Grant, { issuer, timeZone, now }: GrantPlace): Specified['ApiGrant'] {
  return {
    grant_id: grant.id,
    app_id: deriveAppId(grant.clientId),
    parent_grant_id: orNull(listAncestors(grant.id).at(-1)),
    state: grant.state,
    scope: formatScope(grant.tokens),
    limits: formatLimitMembers(grant.limits),
    used: describeUsed(grant),
    remaining: describeRemaining(grant, timeZone, now),
    reason: orNull(grant.reason),
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
    last_used_at: timeOrNull(grant.lastUsedAt),
    revoked_at: timeOrNull(grant.revokedAt),
    revoked_reason: orNull(grant.revokedReason),
    page: `${issuer}${formatPath(paths.grantLimits, grant.id)}`,
  };
}
