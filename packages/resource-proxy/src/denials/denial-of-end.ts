import type { ExhaustedBudget } from '@aipassport/store/proxying';
import type { Denial } from './denial.js';

/** Why a grant lets nothing through any more. */
export type GrantEnd = 'unknown' | 'revoked' | 'expired' | 'request_limit_reached' | ExhaustedBudget;

/** @param manageUrl where the owner can grant more */
export function denialOfEnd(end: GrantEnd, manageUrl: string): Denial {
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
      return { reason: end, manageUrl };
  }
}

/** The page of a grant, where its owner can change it. */
export function buildManageUrl(issuer: string, grantId: string): string {
  return `${issuer}/account/grants/${grantId}`;
}
