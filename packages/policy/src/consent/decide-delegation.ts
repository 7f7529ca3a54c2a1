import { formatLimitMembers } from '../limits/limit-members.js';
import { limitKinds, limitTable } from '../limits/limit-table.js';
import { defaultLifetimeSeconds, type Limits, stricterLimits } from '../limits/limits.js';
import { allowsCapability, isUsable, namesModel } from '../scope/scope.js';
import type { ScopeToken } from '../scope/scope-token.js';
import type { AccessRequest } from './access-request.js';

/** The terms of a grant. Its client can delegate all of them or a part of them. */
export interface Delegable {
  readonly tokens: readonly ScopeToken[];
  readonly limits: Limits;
  readonly expiresAt: Date;
}

export type DelegationDecision =
  | { readonly ok: true; readonly delegated: Delegable }
  /** The message is for the client's developer. */
  | { readonly ok: false; readonly problem: 'scope' | 'details'; readonly message: string };

/**
 * Decides what a client may delegate of a grant: never more than the grant allows. A request that names no model and no
 * capability asks for all of them. For a limit that the request does not name, the limit of the grant applies. Without
 * `expires_in`, the delegated part ends after an hour, or with the grant if the grant ends earlier.
 */
export function decideDelegation(
  parent: Delegable,
  asked: Pick<AccessRequest, 'tokens' | 'limits' | 'lifetimeSeconds'>,
  now: Date,
): DelegationDecision {
  const tokens = asked.tokens.length === 0 ? parent.tokens : asked.tokens;
  const foreign = tokens.find((token) => !includesToken(parent.tokens, token));
  if (foreign !== undefined)
    return { ok: false, problem: 'scope', message: `the grant does not allow ${foreign.text}` };
  if (!isUsable(tokens))
    return { ok: false, problem: 'scope', message: 'name at least one model and one capability, or neither' };
  const larger = limitKinds.find((kind) => exceeds(asked.limits[kind], parent.limits[kind]));
  if (larger !== undefined) {
    const { member } = limitTable[larger];
    const most = formatLimitMembers(parent.limits)[member];
    return { ok: false, problem: 'details', message: `${member} is more than the grant has: at most ${most}` };
  }
  const secondsLeft = Math.floor((parent.expiresAt.getTime() - now.getTime()) / 1_000);
  const { lifetimeSeconds = Math.min(defaultLifetimeSeconds, secondsLeft) } = asked;
  if (lifetimeSeconds > secondsLeft)
    return {
      ok: false,
      problem: 'details',
      message: `expires_in is later than the end of the grant: at most ${secondsLeft}`,
    };
  const expiresAt = new Date(Math.min(now.getTime() + lifetimeSeconds * 1_000, parent.expiresAt.getTime()));
  return { ok: true, delegated: { tokens, limits: stricterLimits(asked.limits, parent.limits), expiresAt } };
}

/**
 * Whether the granted scope tokens include a scope token. The scope token for all models of a vendor includes each
 * model of this vendor.
 */
export function includesToken(granted: readonly ScopeToken[], token: ScopeToken): boolean {
  switch (token.kind) {
    case 'capability':
      return allowsCapability(granted, token.capability);
    case 'model':
      return namesModel(granted, { upstream: token.upstream, id: token.modelId });
    case 'all-models':
    case 'gone':
      return granted.some(({ text }) => text === token.text);
  }
}

/** Whether a requested limit is above the limit of the grant. */
function exceeds(asked: number | bigint | undefined, granted: number | bigint | undefined): boolean {
  return asked !== undefined && granted !== undefined && asked > granted;
}
