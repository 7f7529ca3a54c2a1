import { type GrantTerms, listUselessScopeTokens } from '@aipassport/policy';
import type { ExistingAccess, OwnerSession } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import type { SummaryProps } from '../pages/consent-summary.js';
import type { CheckedChoice } from './check-choice.js';
import { compareAccess, compareTerms, type Difference } from './compare-terms.js';
import type { ConsentFields } from './consent-fields.js';
import { hashSummary } from './consent-summary.js';
import { explainAmount } from './explain-amount.js';
import { listWarnings } from './explain-choice.js';

interface Described {
  readonly consent: Pick<ConsentRequest, 'request' | 'changed'>;
  /** The access that the app has already; undefined when it has none, or when the request changes it. */
  readonly existing: ExistingAccess | undefined;
  readonly owner: Pick<OwnerSession, 'timeZone'>;
  readonly fields: ConsentFields;
  readonly considered: CheckedChoice;
  readonly shownAt: Date;
  readonly appName: string | undefined;
}

/** Describes the choices of a form for the parts of the page that change with them. */
export function summarizeChoice(
  { configuration }: Pick<Dependencies, 'configuration'>,
  described: Described,
): SummaryProps {
  const { consent, fields, considered, shownAt, appName } = described;
  const { request, changed } = consent;
  const { models, prices } = configuration;
  const time = { now: shownAt, timeZone: described.owner.timeZone };
  const terms = considered.outcome === 'terms' ? considered.terms : undefined;
  const useless = terms === undefined ? [] : listUselessScopeTokens(terms.tokens, models);
  return {
    appName,
    considered,
    hash: terms === undefined ? '' : hashSummary(fields, shownAt),
    shownAt,
    fields,
    difference: terms && findDifference(terms, described),
    updated: changed?.action === 'update' ? changed.grant : undefined,
    explanations:
      terms === undefined ? [] : explainAmount(terms, { changed: changed?.grant, now: shownAt }, { models, prices }),
    warnings: terms === undefined ? [] : listWarnings(terms, { request, useless, time }, { models, prices }),
    useless,
    upstreams: models.upstreams,
    timeZone: time.timeZone,
  };
}

function findDifference(terms: GrantTerms, { consent, existing, fields }: Described): Difference | undefined {
  if (consent.changed !== undefined) return compareTerms(consent.changed.grant, terms);
  return existing && compareAccess(existing, terms, fields.existingAccess);
}
