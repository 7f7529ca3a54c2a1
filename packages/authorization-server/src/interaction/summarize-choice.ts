import type { OwnerSession } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import type { SummaryProps } from '../pages/consent-summary.js';
import type { ConsentFields } from './consent-fields.js';
import { hashSummary } from './consent-summary.js';
import type { Considered } from './consider-choice.js';
import { explainAmount, listWarnings } from './explain-choice.js';

interface Described {
  readonly consent: Pick<ConsentRequest, 'request'>;
  readonly owner: Pick<OwnerSession, 'timeZone'>;
  readonly fields: ConsentFields;
  readonly considered: Considered;
  readonly shownAt: Date;
  readonly appName: string | undefined;
}

/** Describes the choices of a form for the parts of the page that change with them. */
export function summarizeChoice(
  { configuration }: Pick<Dependencies, 'configuration'>,
  { consent: { request }, owner: { timeZone }, fields, considered, shownAt, appName }: Described,
): SummaryProps {
  const { models, prices } = configuration;
  const isAllowable = considered.outcome !== 'problems';
  const terms = considered.outcome === 'terms' ? considered.terms : undefined;
  return {
    appName,
    considered,
    hash: isAllowable ? hashSummary(fields, shownAt) : '',
    shownAt,
    fields,
    price: terms && explainAmount(terms, shownAt, { models, prices }),
    warnings: terms === undefined ? [] : listWarnings(terms, { request, now: shownAt }, { models, prices }),
    upstreams: models.upstreams,
    timeZone,
  };
}
