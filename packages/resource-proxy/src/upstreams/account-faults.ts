import { words } from './words.js';

/**
 * The beginnings of texts about the account or the provider key, each with the error code that this proxy notes. Some
 * vendors send these texts with a code that also has other causes, such as a wrong request or a rate limit. The words
 * count only at the beginning, because the vendor may repeat a client's text elsewhere in the error.
 */
const texts = [
  {
    beginning:
      /^(?:Your credit balance is too low|You have reached your specified (?:workspace )?API usage limits|Your prepayment credits are depleted|Your project has exceeded its (?:monthly )?spending cap)/,
    code: 'out_of_credit',
  },
  { beginning: /^This organization has been disabled/, code: 'organization_disabled' },
  { beginning: /^Your API key was reported as leaked/, code: 'key_leaked' },
] as const;

/**
 * Returns a code in place of the vendor's own one, if the text says that the account or the provider key has a problem.
 */
export function readAccountProblem(text: unknown): (typeof texts)[number]['code'] | undefined {
  return typeof text === 'string' ? texts.find(({ beginning }) => beginning.test(text))?.code : undefined;
}

/**
 * Error codes of problems that affect every request: of the account, of the provider key, or of this server's IP
 * address.
 */
const faultCodes = words(
  'out_of_credit insufficient_quota insufficient_credits billing_hard_limit_reached billing_not_active billing_error BILLING_DISABLED',
  'organization_disabled account_deactivated key_leaked CONSUMER_SUSPENDED CONSUMER_INVALID SERVICE_DISABLED',
  'unsupported_country_region_territory ip_not_authorized',
);

/**
 * Whether only the owner of the provider key can solve the problem: 401 is about the provider key, and 402 about the
 * credit of its account. A 403 with another code is about the model or the feature that the client has chosen: other
 * requests with the same provider key are served. A rate limit passes by itself.
 */
export function isFaultOfAccount(status: number, code: string | undefined): boolean {
  return status === 401 || status === 402 || (code !== undefined && faultCodes.has(code));
}
