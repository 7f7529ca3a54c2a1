import { type LimitKind, limitKinds } from '../limits/limit-table.js';
import { buildLimits, type Limits } from '../limits/limits.js';
import { allowsToken } from '../scope/scope.js';
import type { ScopeToken } from '../scope/scope-token.js';
import type { AccessRequest } from './access-request.js';
import { type ConsentChoice, type ConsentDecision, findChoiceProblem } from './decide-consent.js';
import { findLimitBelowUse, type LimitUse } from './find-limit-below-use.js';

/** What a grant allows. */
export interface GrantTerms {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly expiresAt: Date;
}

/** What a request for an update asks for beyond what the grant allows already. */
export interface Increase {
  readonly newTokens: readonly ScopeToken[];
  /** The limits that the request raises. */
  readonly raised: readonly LimitKind[];
  /** The most of each limit afterwards: the higher of the present limit and the one that is asked for. */
  readonly limits: Limits;
  /** How long the grant is to live from now on; undefined: the request does not move its end. */
  readonly lifetimeSeconds: number | undefined;
}

/** Compares a request with a grant. A limit that the request does not name, or names lower, stays as it is. */
export function findIncrease(request: AccessRequest, terms: GrantTerms, now: Date): Increase {
  const { tokens, limits, lifetimeSeconds } = request;
  const movesEnd = lifetimeSeconds !== undefined && now.getTime() + lifetimeSeconds * 1_000 > terms.expiresAt.getTime();
  const highest = buildLimits({
    count: (kind) => higher(terms.limits[kind], limits[kind]),
    usd: (kind) => higher(terms.limits[kind], limits[kind]),
  });
  return {
    newTokens: tokens.filter((token) => !allowsToken(terms.tokens, token)),
    raised: limitKinds.filter((kind) => highest[kind] !== terms.limits[kind]),
    limits: highest,
    lifetimeSeconds: movesEnd ? lifetimeSeconds : undefined,
  };
}

/** No limit (undefined) is more than any limit. What is not asked for stays. */
function higher<T extends number | bigint>(present: T | undefined, asked: T | undefined): T | undefined {
  return present === undefined || asked === undefined || asked <= present ? present : asked;
}

/** What the owner chose. `expiresAt` undefined: the grant ends when it would have ended. */
export type IncreaseChoice = Omit<ConsentChoice, 'expiresAt'> & { readonly expiresAt: Date | undefined };

/**
 * Decides what a grant allows after an update. The owner may take over less than the request asks for, down to what is
 * used. Limits that the request does not raise keep their values, whatever the form contains.
 */
export function decideIncrease(
  increase: Increase,
  { terms, used, choice, now }: IncreaseTerms,
): Exclude<ConsentDecision, { outcome: 'denied' }> {
  const ticked = new Set(choice.tickedTokens);
  const added = increase.newTokens.filter(({ text }) => ticked.has(text));
  if (added.length !== ticked.size) return { outcome: 'invalid', problem: 'more_than_asked' };
  const isRaised = (kind: LimitKind) => increase.raised.includes(kind);
  const limits = buildLimits({
    count: (kind) => (isRaised(kind) ? choice.limits : terms.limits)[kind],
    usd: (kind) => (isRaised(kind) ? choice.limits : terms.limits)[kind],
  });
  const asked = { limits: pickRaised(increase), lifetimeSeconds: increase.lifetimeSeconds };
  const end = increase.lifetimeSeconds === undefined ? undefined : choice.expiresAt;
  const problem =
    findChoiceProblem(
      end === undefined ? { ...asked, lifetimeSeconds: undefined } : asked,
      {
        limits,
        expiresAt: end ?? terms.expiresAt,
      },
      now,
    ) ?? findLimitBelowUse(pickRaised(increase, limits), used);
  if (problem !== undefined) return { outcome: 'invalid', ...problem };
  return { outcome: 'granted', tokens: [...terms.tokens, ...added], limits, expiresAt: end ?? terms.expiresAt };
}

export interface IncreaseTerms {
  readonly terms: GrantTerms;
  readonly used: LimitUse;
  readonly choice: IncreaseChoice;
  readonly now: Date;
}

/** The limits of the kinds that the request raises. */
function pickRaised({ raised, limits: highest }: Increase, limits: Limits = highest): Limits {
  return buildLimits({
    count: (kind) => (raised.includes(kind) ? limits[kind] : undefined),
    usd: (kind) => (raised.includes(kind) ? limits[kind] : undefined),
  });
}
