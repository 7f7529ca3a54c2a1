import { type LimitKind, limitKinds, limitTable } from '../limits/limit-table.js';
import { type Limits, lifetimeBounds } from '../limits/limits.js';
import { isUsable } from '../scope/scope.js';
import type { ScopeToken } from '../scope/scope-token.js';
import type { AccessRequest } from './access-request.js';

/** What the owner chose on the consent page. */
export interface ConsentChoice {
  /** The texts of the ticked scope tokens. */
  readonly tickedTokens: readonly string[];
  readonly limits: Limits;
  readonly expiresAt: Date;
}

export type ConsentDecision =
  | {
      readonly outcome: 'granted';
      readonly tokens: readonly ScopeToken[];
      readonly limits: Limits;
      readonly expiresAt: Date;
    }
  /** The owner has to choose again. There is at least one problem. */
  | { readonly outcome: 'invalid'; readonly problems: readonly ConsentProblem[] };

export type ConsentProblem = ChoiceProblem | { readonly problem: 'nothing_usable' | 'more_than_asked' };

/** What can be wrong with the chosen limits and the chosen end. */
export type ChoiceProblem =
  | { readonly problem: 'limit_out_of_bounds' | 'limit_above_asked'; readonly limit: LimitKind }
  | { readonly problem: 'limit_below_used'; readonly limit: LimitKind; readonly used: number | bigint }
  | { readonly problem: 'expiry_in_the_past' | 'expiry_too_late' };

/**
 * Decides what is granted. The owner may grant less than the client asked for, but not more, even with a forged form. A
 * limit that the client proposed cannot be left out.
 */
export function decideConsent(request: AccessRequest, choice: ConsentChoice, now: Date): ConsentDecision {
  const ticked = new Set(choice.tickedTokens);
  const tokens = [...request.tokens, ...request.choosable].filter(({ text }) => ticked.has(text));
  const problems: readonly ConsentProblem[] = [
    ...(tokens.length === ticked.size ? [] : [{ problem: 'more_than_asked' } as const]),
    ...(isUsable(tokens) ? [] : [{ problem: 'nothing_usable' } as const]),
    ...listChoiceProblems(request, choice, now),
  ];
  if (problems.length > 0) return { outcome: 'invalid', problems };
  return { outcome: 'granted', tokens, limits: choice.limits, expiresAt: choice.expiresAt };
}

/**
 * Lists everything that is wrong with the limits and the end that an owner chose. At a consent, `asked` is the client's
 * proposal. When the owner answers a client's request for an update of a grant, `asked` has only what the request
 * raises. When the owner changes a grant without such a request, `asked` has no limits, because the proposal binds the
 * owner only at the consent.
 */
export function listChoiceProblems(
  asked: Pick<AccessRequest, 'limits' | 'lifetimeSeconds'>,
  chosen: Pick<ConsentChoice, 'limits' | 'expiresAt'>,
  now: Date,
): readonly ChoiceProblem[] {
  return [
    ...limitKinds.flatMap((kind) => checkLimit(kind, asked.limits[kind], chosen.limits[kind])),
    ...checkExpiry(asked.lifetimeSeconds, chosen.expiresAt, now),
  ];
}

function checkLimit(
  limit: LimitKind,
  most: number | bigint | undefined,
  value: number | bigint | undefined,
): readonly ChoiceProblem[] {
  const isInBounds = value === undefined || (isWhole(value) && value >= 1 && value <= limitTable[limit].max);
  if (!isInBounds) return [{ problem: 'limit_out_of_bounds', limit }];
  const isAboveAsked = most !== undefined && (value === undefined || value > most);
  return isAboveAsked ? [{ problem: 'limit_above_asked', limit }] : [];
}

function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function checkExpiry(longestSeconds: number | undefined, expiresAt: Date, now: Date): readonly ChoiceProblem[] {
  const lifetimeSeconds = (expiresAt.getTime() - now.getTime()) / 1000;
  if (!(lifetimeSeconds > 0)) return [{ problem: 'expiry_in_the_past' }];
  return lifetimeSeconds > (longestSeconds ?? lifetimeBounds.maxSeconds) ? [{ problem: 'expiry_too_late' }] : [];
}
