import { type LimitKind, limitTable } from '@aipassport/policy';
import type { ExhaustedBudget } from '@aipassport/store/proxying';
import type { Denial } from './denial.js';

/** Why a grant admits no more requests. */
export type GrantEnd = 'unknown' | 'revoked' | 'expired' | 'request_limit_reached' | ExhaustedBudget;

/** The grant and the issuer of its tokens. The addresses of the owner's pages are built from them. */
export interface GrantPlace {
  readonly issuer: string;
  readonly grantId: string;
}

/** The limit that the owner has to raise. The page at `manageUrl` shows only this limit. */
const limitOf = {
  request_limit_reached: 'maxRequests',
  budget_exhausted: 'maxCost',
  day_budget_exhausted: 'maxCostPerDay',
  month_budget_exhausted: 'maxCostPerMonth',
} as const satisfies Partial<Record<GrantEnd, LimitKind>>;

/** The refusal of a request whose grant has ended or is used up. */
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
      return {
        reason: end,
        manageUrl: `${issuer}/account/grants/${grantId}/limits?limit=${limitTable[limitOf[end]].member}`,
      };
    case 'account_budget_exhausted':
      return { reason: end, manageUrl: `${issuer}/account/settings` };
    case 'operator_budget_exhausted':
      return { reason: end, keysUrl: `${issuer}/account/keys` };
  }
}
