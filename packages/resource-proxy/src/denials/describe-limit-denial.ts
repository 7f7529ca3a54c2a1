import { type LimitDenial as DenialOfGrant, limitOfDenial, limitTable } from '@aipassport/policy';
import type { Denial } from './denial.js';
import type { ErrorDescription } from './error-description.js';
import { final, refusal } from './final-answer.js';
import {
  budgetReservedMessage,
  grantUnusableMessage,
  limitMessages,
  operatorBudgetMessage,
  requestRepeatedMessage,
} from './problem-texts.js';

type LimitDenial = Extract<
  Denial,
  {
    readonly reason:
      | DenialOfGrant
      | 'account_budget_exhausted'
      | 'operator_budget_exhausted'
      | 'grant_unusable'
      | 'budget_held'
      | 'request_repeated';
  }
>;

const nameLimit = (reason: DenialOfGrant): string => limitTable[limitOfDenial[reason]].member;

/**
 * Describes refusals because of a limit of the grant, of the account or of the operator, because of a grant whose
 * requests cannot be counted, and because of a repeated request.
 */
export function describeLimitDenial(denial: LimitDenial): ErrorDescription {
  switch (denial.reason) {
    case 'request_limit_reached':
    case 'budget_exhausted':
    case 'day_budget_exhausted':
    case 'month_budget_exhausted':
    case 'account_budget_exhausted':
      return {
        status: 402,
        code: denial.reason === 'request_limit_reached' ? 'request_limit_reached' : 'budget_exhausted',
        message: `${limitMessages[denial.reason]} The owner can allow more: ${denial.manageUrl}`,
        limit: denial.reason === 'account_budget_exhausted' ? 'account' : nameLimit(denial.reason),
        headers: final,
      };
    case 'operator_budget_exhausted':
      return { ...refusal(402, denial.reason, `${operatorBudgetMessage} ${denial.keysUrl}`), limit: 'operator' };
    case 'grant_unusable':
      return refusal(409, denial.reason, grantUnusableMessage);
    case 'budget_held':
      return {
        status: 429,
        code: denial.reason,
        message: budgetReservedMessage,
        headers: { 'retry-after': String(denial.retryAfterSeconds), 'x-should-retry': 'true' },
      };
    case 'rate_limited':
    case 'token_rate_limited':
      return {
        status: 429,
        code: 'rate_limited',
        message: `Too many ${denial.reason === 'rate_limited' ? 'requests' : 'tokens'} a minute for this access.`,
        limit: nameLimit(denial.reason),
        headers: { 'retry-after': String(denial.retryAfterSeconds) },
      };
    case 'too_many_streams':
      return {
        status: 429,
        code: 'rate_limited',
        message: 'This access has as many streams open as it may. Wait for one to end.',
        limit: nameLimit(denial.reason),
        headers: { 'retry-after': '1' },
      };
    case 'request_repeated':
      return refusal(409, denial.reason, requestRepeatedMessage);
  }
}
