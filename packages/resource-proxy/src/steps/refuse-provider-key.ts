import { apiTokenPrefix } from '@aipassport/contracts';
import type { UpstreamEntry } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';

/**
 * Refuses an AI provider's API key or other secret, and an API token of the authorization server, so that the answer
 * can explain the mistake. Access tokens are JWTs, which begin with `eyJ`. They pass, even if an operator has set this
 * prefix for the keys of an AI provider.
 *
 * @param credential SECRET
 * @throws Denied `provider_key_sent` or `api_token_sent`
 */
export function refuseProviderKey(entries: readonly UpstreamEntry[], credential: string): void {
  if (credential.startsWith('eyJ')) return;
  if (credential.startsWith(apiTokenPrefix)) throw new Denied({ reason: 'api_token_sent' });
  for (const { keyPrefixes, refusedKeys = [] } of entries)
    for (const prefix of [...keyPrefixes, ...refusedKeys.map((refused) => refused.prefix)])
      if (credential.startsWith(prefix)) throw new Denied({ reason: 'provider_key_sent' });
}
