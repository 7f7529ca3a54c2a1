import type { AiAccessRequest } from '../ai-access.js';
import type { Limits } from '../limits.js';
import { noLimits, tighter, tightest } from '../limits.js';
import type { Scope } from '../scope/scope.js';
import { isUsable } from '../scope/scope.js';
import type { ScopeToken } from '../scope/scope-token.js';

/** All that a client asks of an owner: the `scope` parameter and `authorization_details` taken together. */
export interface AccessRequest {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  /** The longest life that the client asks for; undefined when it leaves that to the owner. */
  readonly lifetimeSeconds: number | undefined;
  readonly reason: string | undefined;
}

/** @returns undefined when no model, or nothing to do with one, is asked for: such a grant could never be used */
export function buildAccessRequest(scope: Scope, details: readonly AiAccessRequest[]): AccessRequest | undefined {
  const all = [...scope.tokens, ...details.flatMap(({ tokens }) => tokens)];
  const tokens = [...new Map(all.map((token) => [token.text, token])).values()];
  if (!isUsable(tokens)) return undefined;
  return {
    tokens,
    limits: details.map(({ limits }) => limits).reduce(tightest, noLimits),
    lifetimeSeconds: details
      .map(({ lifetimeSeconds }) => lifetimeSeconds)
      .reduce<number | undefined>(tighter, undefined),
    reason: details.find(({ reason }) => reason !== undefined)?.reason,
  };
}
