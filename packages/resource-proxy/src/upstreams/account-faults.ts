import { words } from './words.js';

/** The error code that this proxy notes when only the text of the vendor's error says that the account has no credit. */
const outOfCredit = 'out_of_credit';

/**
 * The beginnings of texts that some vendors send with a code that also has other causes, such as a wrong request or a
 * rate limit. A text that only contains these words may be a client's text that the vendor repeats.
 */
const outOfCreditTexts =
  /^(?:Your credit balance is too low|You have reached your specified (?:workspace )?API usage limits|Your prepayment credits are depleted|Your project has exceeded its (?:monthly )?spending cap)/;

/** Error codes for an account without credit, or with a problem of its billing. */
const unpaidCodes = words(
  outOfCredit,
  'insufficient_quota insufficient_credits billing_hard_limit_reached billing_not_active billing_error',
);

/** Returns a code in place of the vendor's own one, if the text says that the account has no credit. */
export function readCreditProblem(text: unknown): string | undefined {
  return typeof text === 'string' && outOfCreditTexts.test(text) ? outOfCredit : undefined;
}

/**
 * The vendor's code in a 403 because the account may not use the model that the client has chosen. Other models work
 * with the same provider key.
 */
const modelNotAllowed = 'model_not_found';

/**
 * Whether only the owner of the provider key can solve the problem: 401 is about the provider key, 402 about the credit
 * of its account, and most 403 are about the permissions of the account or the address of this server. A rate limit
 * passes by itself, so it is no fault of the provider key.
 */
export function isFaultOfAccount(status: number, code: string | undefined): boolean {
  if (status === 403) return code !== modelNotAllowed;
  return status === 401 || status === 402 || (code !== undefined && unpaidCodes.has(code));
}
