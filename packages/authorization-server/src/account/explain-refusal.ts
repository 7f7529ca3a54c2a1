const explanations = {
  /** The AI provider does not know the provider key, or it was deleted there. */
  invalid: ['401', 'invalid_api_key', 'authentication_error', 'API_KEY_INVALID', 'UNAUTHENTICATED', 'key_leaked'],
  unpaid: ['insufficient_quota', 'insufficient_credits', 'billing_hard_limit_reached', 'out_of_credit'],
  billing: ['billing_error', 'billing_not_active', 'BILLING_DISABLED'],
  forbidden: [
    'permission_error',
    'permission_denied',
    'insufficient_permissions',
    'missing_scope',
    'ip_not_authorized',
    'PERMISSION_DENIED',
    'SERVICE_DISABLED',
    'API_KEY_SERVICE_BLOCKED',
    'API_KEY_HTTP_REFERRER_BLOCKED',
    'API_KEY_IP_ADDRESS_BLOCKED',
  ],
} as const;

type Explanation = keyof typeof explanations;

const byCode = new Map(
  Object.entries(explanations).flatMap(([explanation, codes]) =>
    codes.map((code) => [code as string, explanation as Explanation] as const),
  ),
);

/**
 * Describes the problem that the owner has to solve after an AI provider refused a provider key.
 * @param refusal a status and the AI provider's error code, such as `401 invalid_api_key`, or a status alone
 * @returns undefined for an unknown code, unless the status is 402. A status alone is explained only if it is 401 or
 *          402. The others are ambiguous: AI providers also answer 403 to requests from some countries
 */
export function explainRefusal(refusal: string): Explanation | undefined {
  const [status = '', code = status] = refusal.split(' ');
  return byCode.get(code) ?? (status === '402' ? 'unpaid' : undefined);
}
