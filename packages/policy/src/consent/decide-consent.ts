import { type Limits, lifetimeBounds, limitKinds, limitMaxima } from '../limits.js';
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
  /** Everything was unticked. */
  | { readonly outcome: 'denied' }
  /** The owner has to choose again. */
  | { readonly outcome: 'invalid'; readonly problem: ConsentProblem };

export type ConsentProblem =
  | 'nothing_usable'
  | 'more_than_asked'
  | 'expiry_in_the_past'
  | 'expiry_too_late'
  | 'limit_out_of_bounds'
  | 'limit_above_asked';

/**
 * The owner may tighten everything and loosen nothing: the outcome is never more than was asked, whatever a form
 * (or whoever forged it) says. A limit that the client proposed cannot be left out.
 */
export function decideConsent(request: AccessRequest, choice: ConsentChoice, now: Date): ConsentDecision {
  const ticked = new Set(choice.tickedTokens);
  const tokens = request.tokens.filter(({ text }) => ticked.has(text));
  if (tokens.length !== ticked.size) return { outcome: 'invalid', problem: 'more_than_asked' };
  if (tokens.length === 0) return { outcome: 'denied' };
  if (!isUsable(tokens)) return { outcome: 'invalid', problem: 'nothing_usable' };
  const problem = checkLimits(request.limits, choice.limits) ?? checkExpiry(request, choice.expiresAt, now);
  if (problem !== undefined) return { outcome: 'invalid', problem };
  return { outcome: 'granted', tokens, limits: choice.limits, expiresAt: choice.expiresAt };
}

function checkLimits(asked: Limits, chosen: Limits): ConsentProblem | undefined {
  for (const kind of limitKinds) {
    const most = asked[kind];
    const value = chosen[kind];
    if (most !== undefined && (value === undefined || value > most)) return 'limit_above_asked';
    if (value !== undefined && !(isWhole(value) && value >= 1 && value <= limitMaxima[kind]))
      return 'limit_out_of_bounds';
  }
  return undefined;
}

function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function checkExpiry(request: AccessRequest, expiresAt: Date, now: Date): ConsentProblem | undefined {
  const lifetimeSeconds = (expiresAt.getTime() - now.getTime()) / 1000;
  if (!(lifetimeSeconds > 0)) return 'expiry_in_the_past';
  return lifetimeSeconds > (request.lifetimeSeconds ?? lifetimeBounds.maxSeconds) ? 'expiry_too_late' : undefined;
}
