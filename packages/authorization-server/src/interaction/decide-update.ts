import { type ConsentDecision, decideIncrease, findIncrease } from '@aipassport/policy';
import type { OwnerSession } from '@aipassport/store/authorization';
import { listUse } from '../limits/count-use.js';
import { parseLimitTexts } from '../limits/limit-texts.js';
import type { ChangedGrant, ConsentRequest } from '../oidc/interactions.js';
import type { ConsentFields } from './consent-fields.js';
import { findEnd } from './find-end.js';

/** The value of the field `expires_in` that leaves the end of a grant as it is. */
export const unchangedEnd = 'unchanged';

export interface Update {
  readonly request: ConsentRequest['request'];
  readonly changed: ChangedGrant;
  readonly owner: OwnerSession;
  readonly fields: ConsentFields;
  /** When the page showed the sentence that describes the choice. */
  readonly shownAt: Date;
  readonly now: Date;
}

/**
 * Decides about an update, by the fields of the form that the owner sent.
 * @returns `no_expiry` when the form names no valid end
 */
export function decideUpdate({ request, changed, owner, fields, shownAt, now }: Update): ConsentDecision | 'no_expiry' {
  const { grant } = changed;
  const increase = findIncrease(request, grant, now);
  const movesEnd = increase.lifetimeSeconds !== undefined && fields.expiresIn !== unchangedEnd;
  const { lifetimeSeconds } = increase;
  const { timeZone } = owner;
  const expiresAt = movesEnd ? findEnd({ fields, lifetimeSeconds, timeZone, shownAt, now }) : undefined;
  if (movesEnd && expiresAt === undefined) return 'no_expiry';
  const choice = { tickedTokens: fields.tickedTokens, limits: parseLimitTexts(fields.limits), expiresAt };
  return decideIncrease(increase, { terms: grant, used: listUse(grant), choice, now });
}
