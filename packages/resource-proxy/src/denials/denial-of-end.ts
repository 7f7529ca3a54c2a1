import type { ExhaustedBudget } from '@aipassport/store/proxying';
import type { Denial } from './denial.js';

/** Why a grant lets nothing through any more. */
export type GrantEnd = 'unknown' | 'revoked' | 'expired' | 'request_limit_reached' | ExhaustedBudget;

/** Of which grant, at which authorization server: from them come the addresses of the pages where its owner can help. */
export interface GrantPlace {
  readonly issuer: string;
  readonly grantId: string;
}

/** The refusal of a request whose grant has ended, or has nothing left. */
export function denialOfEnd(end: GrantEnd, { issuer, grantId }: GrantPlace): Denial {
  switch (end) {
    case 'unknown':
      return { reason: 'grant_unknown' };
    case 'revoked':
      return { reason: 'grant_revoked' };
    case 'expired':
      return { reason: 'grant_expired' };
    case 'request_limit_reached':
    case 'budget_exhausted':
    case 'day_budget_exhausted':
    case 'month_budget_exhausted':
    case 'account_budget_exhausted':
      return { reason: end, manageUrl: `${issuer}/account/grants/${grantId}` };
    case 'operator_budget_exhausted':
      return { reason: end, keysUrl: `${issuer}/account/keys` };
  }
}
