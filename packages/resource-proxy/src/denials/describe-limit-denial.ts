import { type LimitDenial, limitOfDenial, limitTable } from '@aipassport/policy';
import type { Denial } from './denial.js';
import type { ErrorDescription } from './error-description.js';
import { refusal } from './final-answer.js';
import {
  budgetReservedMessage,
  grantUnusableMessage,
  limitAnswers,
  operatorBudgetMessage,
  requestRepeatedMessage,
} from './problem-texts.js';

type AdmissionDenial = Extract<
  Denial,
  {
    readonly reason:
      | LimitDenial
      | 'account_budget_exhausted'
      | 'operator_budget_exhausted'
      | 'grant_unusable'
      | 'budget_held'
      | 'request_repeated';
  }
>;

/**
 * Describes refusals because of a limit of the grant, of the account or of the operator, because of a grant whose
 * requests cannot be counted, and because of a repeated request.
 */
export function describeLimitDenial(denial: AdmissionDenial): ErrorDescription {
  switch (denial.reason) {
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
    case 'request_repeated':
      return refusal(409, denial.reason, requestRepeatedMessage);
    default:
      return describeReachedLimit(denial);
  }
}

/** Describes a refusal because of a limit that the owner can raise. */
function describeReachedLimit(
  denial: Extract<AdmissionDenial, { reason: keyof typeof limitAnswers }>,
): ErrorDescription {
  const { code, message } = limitAnswers[denial.reason];
  const limit =
    denial.reason === 'account_budget_exhausted' ? 'account' : limitTable[limitOfDenial[denial.reason]].member;
  if ('manageUrl' in denial)
    return { ...refusal(402, code, `${message} The owner can allow more: ${denial.manageUrl}`), limit };
  return { status: 429, code, message, limit, headers: { 'retry-after': String(denial.retryAfterSeconds) } };
}
