import { type LimitKind, limitKinds } from '../limits/limit-table.js';
import { buildLimits, type Limits } from '../limits/limits.js';
import { allowsToken } from '../scope/scope.js';
import type { ScopeToken } from '../scope/scope-token.js';
import type { AccessRequest } from './access-request.js';
import { type ConsentChoice, type ConsentDecision, listChoiceProblems } from './decide-consent.js';
import { type LimitUse, listLimitsBelowUse } from './list-limits-below-use.js';

/** What a grant allows. */
export interface GrantTerms {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly expiresAt: Date;
}

/** The part of a request for an update that the grant does not allow already. */
export interface Increase {
  readonly newTokens: readonly ScopeToken[];
  /** The limits that the request raises. */
  readonly raised: readonly LimitKind[];
  /** The highest value that each limit may have afterwards: the present or the requested limit, whichever is higher. */
  readonly limits: Limits;
  /** The requested lifetime of the grant, from now on. Undefined when the request does not move the grant's end. */
  readonly lifetimeSeconds: number | undefined;
}

/** Compares a request with a grant. A limit stays as it is if the request does not name it or asks for a lower one. */
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

/**
 * @returns the higher limit; the present limit if it is undefined (unlimited), or if the request does not name this
 * limit
 */
function higher<T extends number | bigint>(present: T | undefined, asked: T | undefined): T | undefined {
  return present === undefined || asked === undefined || asked <= present ? present : asked;
}

/** The choice of the owner. If `expiresAt` is undefined, the end of the grant does not change. */
export type IncreaseChoice = Omit<ConsentChoice, 'expiresAt'> & { readonly expiresAt: Date | undefined };

/**
 * Decides what a grant allows after an update. The owner may allow less than the request asks for. But a limit that the
 * request raises cannot be set below the usage so far. The other limits keep their values, even if the form contains
 * something else.
 */
export function decideIncrease(increase: Increase, { terms, used, choice, now }: IncreaseTerms): ConsentDecision {
  const ticked = new Set(choice.tickedTokens);
  const added = increase.newTokens.filter(({ text }) => ticked.has(text));
  if (added.length !== ticked.size) return { outcome: 'invalid', problems: [{ problem: 'more_than_asked' }] };
  const isRaised = (kind: LimitKind) => increase.raised.includes(kind);
  const limits = buildLimits({
    count: (kind) => (isRaised(kind) ? choice.limits : terms.limits)[kind],
    usd: (kind) => (isRaised(kind) ? choice.limits : terms.limits)[kind],
  });
  const asked = { limits: pickRaised(increase), lifetimeSeconds: increase.lifetimeSeconds };
  const end = increase.lifetimeSeconds === undefined ? undefined : choice.expiresAt;
  const problems = [
    ...listChoiceProblems(
      end === undefined ? { ...asked, lifetimeSeconds: undefined } : asked,
      { limits, expiresAt: end ?? terms.expiresAt },
      now,
    ),
    ...listLimitsBelowUse(pickRaised(increase, limits), used),
  ];
  if (problems.length > 0) return { outcome: 'invalid', problems };
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
