import {
  type AccessRequest,
  includesToken,
  limitKinds,
  mapLimitKinds,
  type ScopeToken,
  stricterLimits,
} from '@aipassport/policy';
import type { ExistingAccess, Grant } from '@aipassport/store/authorization';
import type { LifetimeChoice } from '../limits/lifetime-choices.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import type { ConsentFields, ExistingChoice } from './consent-fields.js';

/**
 * The values that are filled in when an app asks for access again: those that the owner chose for the newest grant, but
 * never more than the app asks for. A limit that the owner did not set is filled in as for a new app.
 */
export function proposeAgain(
  proposed: ConsentFields,
  { request, wantsAnother, destination }: Pick<ConsentRequest, 'request' | 'wantsAnother' | 'destination'>,
  { existing, lifetimes }: { readonly existing: ExistingAccess; readonly lifetimes: readonly LifetimeChoice[] },
): ConsentFields {
  const [newest] = existing.grants;
  const earlier = formatLimitTexts(stricterLimits(request.limits, newest.limits));
  const wasSet = limitKinds.filter((kind) => newest.limits[kind] !== undefined);
  const limits = mapLimitKinds((kind) => (wasSet.includes(kind) ? earlier : proposed.limits)[kind]);
  return {
    ...proposed,
    tickedTokens: listTicked(request, existing),
    limits,
    spending: limits.maxCost,
    expiresIn: findLifetime(newest, lifetimes) ?? proposed.expiresIn,
    existingAccess: proposeChoice({ wantsAnother, destination }),
  };
}

/**
 * A new grant replaces the others by default, except in two cases: the client asks for a grant besides those that it
 * has, or the request comes from a terminal. The same app often runs in terminals on several computers. If the new
 * grant replaced the others, the other terminals would lose their access.
 */
function proposeChoice({
  wantsAnother,
  destination,
}: Pick<ConsentRequest, 'wantsAnother' | 'destination'>): ExistingChoice {
  return wantsAnother || destination.kind === 'terminal' ? 'add' : 'replace';
}

/** The scope tokens that are to be marked as new: the app does not have them, and the owner has not unticked them. */
export function listNewTokens(request: AccessRequest, existing: ExistingAccess): readonly ScopeToken[] {
  return listAdded(request, existing).filter(
    (token) => !existing.grants.some(({ tokens }) => includesToken(tokens, token)),
  );
}

/** The requested scope tokens that the newest grant does not allow, and for which the owner was not asked yet. */
function listAdded({ tokens }: AccessRequest, { grants: [newest], shownTokens }: ExistingAccess) {
  // The previous release did not store which scope tokens the owner was asked for.
  if (shownTokens === undefined) return [];
  return tokens.filter((token) => !includesToken(newest.tokens, token) && !shownTokens.includes(token.text));
}

/**
 * The scope tokens that are ticked: those that the newest grant allows, and those for which the owner was not asked
 * yet. Scope tokens that the owner has unticked or removed stay unticked.
 */
function listTicked(request: AccessRequest, existing: ExistingAccess): readonly string[] {
  const [{ tokens: allowed }] = existing.grants;
  const added = listAdded(request, existing);
  const isAllowed = (text: string) => allowed.some((token) => token.text === text);
  return [
    ...request.tokens.filter((token) => includesToken(allowed, token) || added.includes(token)),
    // A newest grant that allows all models of a provider does not tick the single models of that provider.
    ...request.choosable.filter(({ text }) => isAllowed(text)),
  ].map(({ text }) => text);
}

/** A form is sent within an hour after the page was shown, so a grant may last an hour less than its owner chose. */
const longestReadingSeconds = 3_600;

/**
 * The longest lifetime in the list that does not exceed the one that the owner last chose. If all exceed it: the
 * shortest.
 */
function findLifetime({ endChosenAt, expiresAt }: Grant, lifetimes: readonly LifetimeChoice[]): string | undefined {
  const seconds = (expiresAt.getTime() - endChosenAt.getTime()) / 1_000 + longestReadingSeconds;
  return (lifetimes.findLast(({ value }) => Number(value) <= seconds) ?? lifetimes[0])?.value;
}
