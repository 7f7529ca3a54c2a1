import type { AuthorizationServerComponents } from '@aipassport/contracts';
import {
  type AiAccessDetail,
  formatAiAccess,
  formatDecimalUsd,
  formatScope,
  type LimitKind,
  limitKinds,
  limitTable,
  type UsageCounter,
} from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import { findWindowCosts } from '../../limits/window-cost.js';

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
  { limits, usage }: Pick<Grant, 'limits' | 'usage'>,
  timeZone: string,
  now: Date,
): GrantStatus['remaining'] {
  const { today, thisMonth } = findWindowCosts(usage, [], { timeZone, now });
  const used: Readonly<Record<UsageCounter, bigint>> = {
    requests: BigInt(usage.requests),
    cost: usage.spent + usage.reserved,
    day: today,
    month: thisMonth,
  };
  const entries = limitKinds.flatMap((kind: LimitKind) => {
    const { member, usage: counted } = limitTable[kind];
    const limit = limits[kind];
    if (limit === undefined || counted === undefined) return [];
    const left = BigInt(limit) - used[counted];
    const kept = left < 0n ? 0n : left;
    return [[member, typeof limit === 'bigint' ? formatDecimalUsd(kept) : Number(kept)] as const];
  });
  return Object.fromEntries(entries);
}
