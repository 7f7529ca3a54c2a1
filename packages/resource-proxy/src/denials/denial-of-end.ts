import { accountLimitName, formatPath, authorizationServerPaths as paths } from '@aipassport/contracts';
import { type LastingDenial, limitOfDenial, limitTable } from '@aipassport/policy';
import type { ExhaustedBudget } from '@aipassport/store/proxying';
import type { Denial } from './denial.js';

/** Why a grant admits no more requests. */
export type GrantEnd = 'unknown' | 'revoked' | 'expired' | LastingDenial | ExhaustedBudget;

/** The grant and the issuer of its tokens. The URLs of the owner's pages are built from them. */
export interface GrantPlace {
  readonly issuer: string;
  readonly grantId: string;
}

/** The refusal of a request whose grant has ended or is used up. */
export function denialOfEnd(end: GrantEnd, { issuer, grantId }: GrantPlace): Denial {
  const limitsUrl = (limit: string) => `${issuer}${formatPath(paths.grantLimits, grantId)}?limit=${limit}`;
  switch (end) {
    case 'unknown':
      return { reason: 'grant_unknown' };
    case 'revoked':
      return { reason: 'grant_revoked' };
    case 'expired':
      return { reason: 'grant_expired' };
    case 'account_budget_exhausted':
      return { reason: end, manageUrl: limitsUrl(accountLimitName) };
    case 'operator_budget_exhausted':
      return { reason: end, keysUrl: issuer + paths.keys };
    default:
      // a limit of the grant
      return { reason: end, manageUrl: limitsUrl(limitTable[limitOfDenial[end]].member) };
  }
}
