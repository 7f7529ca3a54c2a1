import { type AccessRequest, type ChoiceProblem, findLimitOfMember } from '@aipassport/policy';
import type { Problem } from '../pages/parts.js';
import { lasting, message } from '../texts/texts.js';
import { describeLimitAboveAsked, describeLimitBelowUse, describeMalformedLimit } from './describe-limit.js';
import type { ChosenExpiry } from './read-expiry.js';

const noExpiry: Problem = { field: 'expires_on', message: message('limits.chooseEnd') };

/** The problem when the owner wants no spending limit, but has not ticked that there is none. */
export const noLimitUnaccepted: Problem = { field: 'accept_no_limit', message: message('spending.acceptNoneMissing') };

/** Says how owners have to change the limits or the end that they chose. */
export function describeChoiceProblem(
  found: ChoiceProblem,
  asked: Pick<AccessRequest, 'limits' | 'lifetimeSeconds'>,
): Problem {
  switch (found.problem) {
    case 'limit_out_of_bounds':
      return describeMalformedLimit(found.limit);
    case 'limit_above_asked':
      return describeLimitAboveAsked(found.limit, asked.limits);
    case 'limit_below_used':
      return describeLimitBelowUse(found.limit, found.used);
    case 'expiry_in_the_past':
      return { field: 'expires_on', message: message('limits.datePassed') };
    case 'expiry_too_late': {
      const { lifetimeSeconds } = asked;
      const text =
        lifetimeSeconds === undefined
          ? message('limits.dateTooLate')
          : message('limits.dateBeyondAsked', { duration: lasting(lifetimeSeconds) });
      return { field: 'expires_on', message: text };
    }
  }
}

/** The problem of a form that names no valid end. */
export function describeMissingEnd({ expiresIn, expiresOn }: ChosenExpiry): Problem {
  const isUnclear = expiresIn === '' && expiresOn !== '';
  return isUnclear ? { field: 'lifetime', message: message('limits.endUnclear') } : noExpiry;
}

/**
 * Says how owners have to change a field whose value breaks the form's rules.
 * @returns undefined for a field that is not about limits or the end
 */
export function describeInvalidChoice(field: string): Problem | undefined {
  const limit = findLimitOfMember(field);
  if (limit !== undefined) return describeMalformedLimit(limit);
  return field === 'expires_in' || field === 'expires_on' ? noExpiry : undefined;
}

/**
 * Keeps the first problem of each field, because a correction of the field may solve the others. Of problems without a
 * field, each text is kept once.
 */
export function firstOfEachField(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(
    ({ field, message: { id } }, index) =>
      problems.findIndex((other) => other.field === field && (field !== undefined || other.message.id === id)) ===
      index,
  );
}
