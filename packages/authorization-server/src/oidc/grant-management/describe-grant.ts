import type { AuthorizationServerComponents } from '@aipassport/contracts';
import {
  type AiAccessDetail,
  countedKinds,
  formatAiAccess,
  formatDecimalUsd,
  formatScope,
  limitTable,
} from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import { countUseAndReserved } from '../../limits/count-use.js';

type Specified = AuthorizationServerComponents['schemas']['GrantStatus'];
type GrantStatus = Omit<Specified, 'authorization_details'> & {
  readonly authorization_details: readonly AiAccessDetail[];
};

interface GrantPlace {
  readonly resource: string;
  readonly timeZone: string;
  readonly now: Date;
}

/**
 * Describes a grant for its client: the privileges in the form of the specification, the usage, and the remaining part
 * of each limit.
 */
export function describeGrant(grant: Grant, { resource, timeZone, now }: GrantPlace): GrantStatus {
  const { tokens, limits, createdAt, expiresAt } = grant;
  return {
    grant_id: grant.id,
    scopes: [{ scope: formatScope(tokens), resource: [resource] }],
    authorization_details: [formatAiAccess(tokens, limits, expiresAt)],
    used: describeUsed(grant),
    remaining: describeRemaining(grant, timeZone, now),
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}

export function describeUsed({ usage }: Pick<Grant, 'usage'>): GrantStatus['used'] {
  return {
    requests: usage.requests,
    cost_usd: formatDecimalUsd(usage.spent),
    held_usd: formatDecimalUsd(usage.reserved),
    streams: usage.openStreams,
  };
}

/**
 * The remaining part of each limit that usage counts towards. Reserved money counts as used, because it is not
 * available now.
 */
export function describeRemaining(
  grant: Pick<Grant, 'limits' | 'usage'>,
  timeZone: string,
  now: Date,
): GrantStatus['remaining'] {
  const used = countUseAndReserved(grant, { timeZone, now });
  const entries = countedKinds.flatMap((kind) => {
    const { member, usage: counter } = limitTable[kind];
    const limit = grant.limits[kind];
    if (limit === undefined) return [];
    const left = BigInt(limit) - BigInt(used[counter]);
    const kept = left < 0n ? 0n : left;
    return [[member, typeof limit === 'bigint' ? formatDecimalUsd(kept) : Number(kept)] as const];
  });
  return Object.fromEntries(entries);
}
