import type { CostProblem, LimitDenial } from '@aipassport/policy';
import { jsonBounds } from '../json/read-strict-json.js';
import { defaultLimits } from '../limits.js';
import type { BodyProblem, FormProblem, ModelsPlace } from './denial.js';
import type { ErrorCode } from './error-code.js';

const costLess = 'A shorter input, or a lower output limit (such as `max_tokens`), costs less.';

/** The answer to a client when a limit is reached: a code for its program, and a message for its developer. */
interface LimitAnswer {
  readonly code: ErrorCode;
  readonly message: string;
}

const ofBudget = (limit: string): LimitAnswer => ({
  code: 'budget_exhausted',
  message: `What is left of ${limit} does not cover this request. ${costLess}`,
});

export const limitAnswers: Readonly<Record<LimitDenial | 'account_budget_exhausted', LimitAnswer>> = {
  request_limit_reached: {
    code: 'request_limit_reached',
    message: 'All requests that the owner allowed have been used.',
  },
  budget_exhausted: ofBudget('the spending limit'),
  day_budget_exhausted: ofBudget('today’s spending limit'),
  month_budget_exhausted: ofBudget('this month’s spending limit'),
  account_budget_exhausted: ofBudget('the owner’s overall spending limit for this month'),
  rate_limited: { code: 'rate_limited', message: 'Too many requests a minute for this access.' },
  token_rate_limited: { code: 'rate_limited', message: 'Too many tokens a minute for this access.' },
  too_many_streams: {
    code: 'rate_limited',
    message: 'This access has as many streams open as it may. Wait for one to end.',
  },
};

export const budgetReservedMessage =
  'The spending limit covers this request, but running requests have reserved a part of it until they end. Send the request again when they have ended. A lower output limit reserves less.';

/** Followed by the URL of the page where the owner can add a provider key. */
export const operatorBudgetMessage =
  'The monthly spending cap on the API keys of this service’s operator does not cover this request. The owner can add their own API key:';

export const grantUnusableMessage =
  'This request could not be recorded for this access, so it was not sent. The operator’s log contains the reason. Ask the owner for access again.';

export const requestRepeatedMessage =
  'A request with this Idempotency-Key was sent, or is being sent. It is not sent again, and its answer is not stored here. To send a new request, use another idempotency key.';

/** Says what the app, the owner and the operator can do about a model that is not served. */
export function describeUnserved({ upstream, modelsPath }: ModelsPlace): string {
  return `No model of this name is served below \`/${upstream}\`. The app can choose another: \`GET ${modelsPath}\` lists those that this token allows, and the owner can allow more of those in \`scopes_supported\`. The operator can serve this one by saying what it costs: \`PRICES_FILE\`, or \`UNKNOWN_MODELS=price-as:<model>\`.`;
}

/** Says why the maximum cost of a request cannot be computed, and names the member that is the reason. */
export function describeCostProblem(driver: string, problem: CostProblem): string {
  switch (problem) {
    case 'not_priced':
      return `The maximum cost of this request cannot be computed: \`${driver}\` has no price.`;
    case 'not_bounded':
      if (driver === 'file')
        return 'The length of this recording cannot be determined, and so neither can its maximum cost. Use MP3, WAV, FLAC, AAC, M4A with AAC, Ogg with Opus or Vorbis, or WebM with Opus.';
      return `The maximum cost of this request cannot be computed: \`${driver}\` has no upper limit.`;
    case 'malformed':
      return `\`${driver}\` is out of range or of the wrong type.${valueAdvice[driver] ?? ''}`;
  }
}

const valueAdvice: Readonly<Record<string, string>> = {
  'thinking.budget_tokens':
    ' It must be a whole number, at least 1024 and less than `max_tokens`. With `tools` it may be more.',
};

export const bodyProblems: Readonly<Record<BodyProblem, string>> = {
  not_utf8: 'The body is not valid UTF-8.',
  byte_order_mark: 'The body begins with a byte order mark.',
  not_json: 'The body is not valid JSON.',
  not_an_object: 'The body must be a JSON object.',
  repeated_member: 'An object in the body has the same member twice.',
  too_deep: `The body is nested too deeply: it may have ${jsonBounds.depth} levels.`,
  too_many_members: `The body has too many members: all its objects together may have ${format(jsonBounds.members)}.`,
  too_many_values: `The body has too many values: with the elements of its lists it may have ${format(jsonBounds.values)}.`,
  too_many_stored_values: `The body has too many values: with the elements of its lists, a body that changes stored objects may have ${format(defaultLimits.smallBodyValues)}.`,
  too_many_escapes: `The body has too many escapes in its strings: it may have ${format(jsonBounds.escapes)}. Letters in UTF-8 need no escapes.`,
  too_much_text: `The body has too much text: it may have ${format(jsonBounds.textBytes)} bytes besides its pictures, recordings and files in base64.`,
  forbidden_member: 'The body has a member named `__proto__`, which is never accepted.',
  unpaired_surrogate: 'The body contains a text that is not valid Unicode.',
  number_out_of_range: 'The body contains a number that cannot be passed on unchanged.',
};

export const formProblems: Readonly<Record<FormProblem, string>> = {
  malformed: 'The multipart body is malformed.',
  repeated_field: 'The form repeats a field that may occur only once.',
  field_too_long: 'A field of the form is too long.',
  file_missing: 'The form must contain one file, named `file`.',
  picture_missing:
    'The form must contain the picture to edit as a file named `image`, or several pictures named `image[]`.',
  too_many_pictures: 'The form has too many pictures: it may have 16 of `image` or `image[]`.',
};

function format(count: number): string {
  return count.toLocaleString('en-US');
}
