import { describeKeyQuestion, judgeKey } from '@aipassport/policy';
import type { KeyTest, KeyTestVerdict } from '@aipassport/store/proxying';
import { request } from 'undici';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import { buildRequestHeaders } from '../headers/build-request-headers.js';

export type KeyTestDependencies = Pick<ProxyDependencies, 'db' | 'dispatcher' | 'models' | 'providerKeys'>;

const timeoutMilliseconds = 5_000;

/**
 * Asks the AI provider for its list of models with the owner's provider key. This costs nothing. Only the status of the
 * answer is used.
 */
export async function testProviderKey(
  { dispatcher, models, providerKeys }: KeyTestDependencies,
  { accountId, upstream, providerKeyId }: KeyTest,
): Promise<KeyTestVerdict> {
  const entry = models.upstreams.find(upstream);
  // Another proxy, with a newer configuration, may know the upstream.
  if (entry === undefined) return 'unknown';
  try {
    const providerKey = await providerKeys.findOwn(accountId, upstream, providerKeyId);
    // The owner has replaced or deleted the provider key.
    if (providerKey === undefined) return 'unknown';
    const { path, keyHeader, headers, refusals } = describeKeyQuestion(entry);
    const { origin, basePath } = providerKey.url;
    const { statusCode, body } = await request(`${origin}${basePath}${path}`, {
      headers: buildRequestHeaders({ keyHeader, providerKey, contentType: undefined, clientHeaders: headers }),
      dispatcher,
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    body.on('error', () => undefined).destroy();
    return judgeKey({ refusals }, statusCode);
  } catch (error) {
    return error instanceof Denied && error.denial.reason === 'provider_key_unusable' ? 'unusable' : 'unknown';
  }
}
