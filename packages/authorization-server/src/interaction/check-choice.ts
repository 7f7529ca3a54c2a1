import {
  type AccessRequest,
  type ConsentDecision,
  type ConsentProblem,
  decideConsent,
  type GrantTerms,
  listLimitsBelowUse,
} from '@aipassport/policy';
import type { OwnerSession } from '@aipassport/store/authorization';
import { listUse } from '../limits/count-use.js';
import {
  describeChoiceProblem,
  describeMissingEnd,
  firstOfEachField,
  noLimitUnaccepted,
} from '../limits/describe-choice-problem.js';
import { parseLimitTexts } from '../limits/limit-texts.js';
import { addSeconds } from '../limits/read-expiry.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import type { Problem } from '../pages/parts.js';
import { message } from '../texts/texts.js';
import { type ConsentFields, spendingField } from './consent-fields.js';
import { decideUpdate } from './decide-update.js';
import { findEnd } from './find-end.js';

/** The result of the choices in a form. */
export type CheckedChoice =
  | { readonly outcome: 'terms'; readonly terms: GrantTerms }
  | { readonly outcome: 'problems'; readonly problems: readonly Problem[] };

export interface Choice {
  readonly fields: ConsentFields;
  /** See `readConsentFields`. False for fields that the server has filled in. */
  readonly isSpendingUnclear: boolean;
  /** When the page showed the sentence that describes the choice. A lifetime that the owner chose begins then. */
  readonly shownAt: Date;
  readonly now: Date;
}

/** Decides on a form and says everything that is wrong with it. */
export function checkChoice(consent: ConsentRequest, owner: OwnerSession, choice: Choice): CheckedChoice {
  const { request } = consent;
  const { fields } = choice;
  const { decision, hasEnd } = decideOnTerms(consent, owner, choice);
  const found = decision.outcome === 'invalid' ? decision.problems : [];
  const problems = [
    ...listSpendingProblems(choice),
    ...found.flatMap((problem) => describeProblem(problem, fields, request)),
    ...(hasEnd ? [] : [describeMissingEnd(fields)]),
  ];
  if (decision.outcome === 'granted' && problems.length === 0) {
    const { tokens, limits, expiresAt } = decision;
    return { outcome: 'terms', terms: { tokens, limits, expiresAt } };
  }
  return { outcome: 'problems', problems: firstOfEachField(problems) };
}

interface Decided {
  readonly decision: ConsentDecision;
  /** Whether the form names a valid end. If not, the other choices are decided with an end that is always valid. */
  readonly hasEnd: boolean;
}

/** Decides the terms of a new grant, the new terms of an existing grant, or an increase of an existing grant. */
function decideOnTerms(consent: ConsentRequest, owner: OwnerSession, choice: Choice): Decided {
  const { request, changed } = consent;
  const { fields, shownAt, now } = choice;
  if (changed?.action === 'update') {
    const decision = decideUpdate({ request, changed, owner, fields, shownAt, now });
    if (decision !== 'no_expiry') return { decision, hasEnd: true };
    const valid = { ...fields, expiresIn: String(request.lifetimeSeconds ?? leastSeconds) };
    const other = decideUpdate({ request, changed, owner, fields: valid, shownAt, now });
    return { decision: other === 'no_expiry' ? { outcome: 'invalid', problems: [] } : other, hasEnd: false };
  }
  const end = findEnd({ ...choice, lifetimeSeconds: request.lifetimeSeconds, timeZone: owner.timeZone });
  const limits = parseLimitTexts(fields.limits);
  const expiresAt = end ?? addSeconds(now, Math.min(request.lifetimeSeconds ?? leastSeconds, leastSeconds));
  const decision = decideConsent(request, { tickedTokens: fields.tickedTokens, limits, expiresAt }, now);
  return {
    decision: changed === undefined ? decision : requireUse(decision, changed.grant),
    hasEnd: end !== undefined,
  };
}

const leastSeconds = 60;

/** New terms of an existing grant must allow at least what the grant has used already. */
function requireUse(decision: ConsentDecision, grant: Parameters<typeof listUse>[0]): ConsentDecision {
  if (decision.outcome !== 'granted') return decision;
  const problems = listLimitsBelowUse(decision.limits, listUse(grant));
  return problems.length === 0 ? decision : { outcome: 'invalid', problems };
}

function listSpendingProblems({ fields, isSpendingUnclear }: Choice): readonly Problem[] {
  const { spending, limits, acceptsNoLimit } = fields;
  if (isSpendingUnclear) return [{ field: 'spending', message: message('spending.unclear') }];
  if (spending === '') return [{ field: 'spending', message: message('spending.choose') }];
  if (spending === 'other' && limits.maxCost === '')
    return [{ field: spendingField(fields), message: message('limits.enterAmount'), label: 'spending.amount' }];
  if (spending === 'none' && !acceptsNoLimit) return [noLimitUnaccepted];
  return [];
}

function describeProblem(found: ConsentProblem, fields: ConsentFields, request: AccessRequest): readonly Problem[] {
  switch (found.problem) {
    case 'nothing_usable':
      return listUnticked(fields);
    case 'more_than_asked': {
      return [{ field: undefined, message: message('consent.moreThanAsked') }];
    }
    default: {
      const problem = describeChoiceProblem(found, request);
      return ['limit' in found && found.limit === 'maxCost' ? { ...problem, field: spendingField(fields) } : problem];
    }
  }
}

/** Names each group of checkboxes in which nothing is ticked. */
function listUnticked({ tickedTokens }: ConsentFields): readonly Problem[] {
  const isTicked = (kind: string) => tickedTokens.some((token) => token.startsWith(kind));
  return [
    ...(isTicked('model:') ? [] : [{ field: 'models', message: message('consent.noModel') }]),
    ...(isTicked('cap:') ? [] : [{ field: 'capabilities', message: message('consent.noCapability') }]),
  ];
}
