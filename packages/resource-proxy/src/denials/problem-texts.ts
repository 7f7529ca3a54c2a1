import type { CostProblem } from '@aipassport/policy';
import { jsonBounds } from '../json/read-strict-json.js';
import type { BodyProblem, FormProblem, LimitReached, ModelsPlace } from './denial.js';

const costLess = 'A shorter input, or a lower output limit (such as `max_tokens`), costs less.';

/** What is wrong, in sentences for the client's developer. */
export const limitMessages: Readonly<Record<LimitReached, string>> = {
  request_limit_reached: 'All requests that the owner granted have been used.',
  budget_exhausted: `What is left of the budget that the owner granted does not cover this request. ${costLess}`,
  day_budget_exhausted: `What is left of today’s budget does not cover this request. ${costLess}`,
  month_budget_exhausted: `What is left of this month’s budget does not cover this request. ${costLess}`,
  account_budget_exhausted: `What is left of the owner’s monthly budget over all apps does not cover this request. ${costLess}`,
};

export const budgetHeldMessage =
  'The budget covers this request, but other requests that are under way hold a part of it until they end. Send it again then. A lower output limit needs less.';

/** Followed by the address of the page where the owner can add a key. */
export const operatorBudgetMessage =
  'What the operator of this service lets its own provider keys spend in a month does not cover this request. It goes on when the owner adds a key of their own:';

export const grantUnusableMessage =
  'The books of this grant cannot take this request, so it was not sent. The operator’s log says why. Ask the owner for a new grant.';

export const requestRepeatedMessage =
  'A request with this Idempotency-Key was sent, or is being sent. It is not sent again, and its answer is not kept here: to ask anew, use another key.';

/** What app, owner and operator can do about a model that is not served. */
export function describeUnserved({ upstream, modelsPath }: ModelsPlace): string {
  return `No model of this name is served below \`/${upstream}\`. The app can choose another: \`GET ${modelsPath}\` lists those that this token allows, and the owner can allow more of those in \`scopes_supported\`. The operator can serve this one by saying what it costs: \`PRICES_FILE\`, or \`UNKNOWN_MODELS=price-as:<model>\`.`;
}

/** Why the most that a request may cost cannot be worked out, by the member that decides it. */
export function describeCostProblem(driver: string, problem: CostProblem): string {
  switch (problem) {
    case 'not_priced':
      return `What this request may cost cannot be told beforehand: \`${driver}\` has no price.`;
    case 'not_bounded':
      return `What this request may cost cannot be told beforehand: \`${driver}\` has no bound.`;
    case 'malformed':
      return `\`${driver}\` is out of range or of the wrong type.${valueAdvice[driver] ?? ''}`;
  }
}

const valueAdvice: Readonly<Record<string, string>> = {
  'thinking.budget_tokens':
    ' It must be a whole number, at least 1024 and less than `max_tokens`. Only beside `tools` may it be more.',
};

export const bodyProblems: Readonly<Record<BodyProblem, string>> = {
  not_utf8: 'The body is not valid UTF-8.',
  byte_order_mark: 'The body begins with a byte order mark.',
  not_json: 'The body is not valid JSON.',
  not_an_object: 'The body must be a JSON object.',
  repeated_member: 'The body names a member of an object twice.',
  too_deep: `The body is nested too deeply: it may have ${jsonBounds.depth} levels.`,
  too_many_members: `The body has too many members: all its objects together may have ${format(jsonBounds.members)}.`,
  too_many_values: `The body has too many values: with the elements of its lists it may have ${format(jsonBounds.values)}.`,
  too_many_escapes: `The body has too many escapes in its strings: it may have ${format(jsonBounds.escapes)}. UTF-8 needs none for letters.`,
  too_much_text: `The body has too much that is not base64: it may have ${format(jsonBounds.textBytes)} bytes besides its pictures, recordings and files.`,
  forbidden_member: 'The body has a member named `__proto__`, which is never accepted.',
  unpaired_surrogate: 'The body holds a text that is not valid Unicode.',
  number_out_of_range: 'The body holds a number that cannot be passed on unchanged.',
};

export const formProblems: Readonly<Record<FormProblem, string>> = {
  malformed: 'The multipart body is malformed.',
  repeated_field: 'The form has a field twice that may occur once.',
  field_too_long: 'A field of the form is too long.',
  file_missing: 'The form must hold one file, named `file`.',
  picture_missing: 'The form must hold the picture to edit as a file named `image`, or several named `image[]`.',
  too_many_pictures: 'The form has too many pictures: it may have 16 of `image` or `image[]`.',
};

function format(count: number): string {
  return count.toLocaleString('en-US');
}
