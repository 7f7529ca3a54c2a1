import type { IncomingHttpHeaders } from 'node:http';
import { type CountedInput, isJsonObject, type Operation } from '@aipassport/policy';
import type { ProxyDependencies } from '../dependencies.js';
import { readBounded } from '../forwarding/read-bounded.js';
import { buildRequestHeaders } from '../headers/build-request-headers.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import { buildUpstreamPath } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';

export interface VendorCount {
  readonly counting: Operation;
  /** The model, for operations that name it in their path. */
  readonly modelId: string;
  readonly providerKey: ProviderKey;
  readonly clientHeaders: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly timeoutMilliseconds: number;
}

/** The longest answer that is read. Answers consist of a few numbers. */
const maxAnswerBytes = 65_536;
const noQuery: ReadonlyMap<string, string> = new Map();

/**
 * Asks a vendor how many tokens an input has, with the provider key that the request itself will use. Vendors do not
 * charge for counting. Only the numbers in the answer are used.
 *
 * @returns undefined when the vendor cannot be reached or does not answer in time, or when its answer is an error or
 * has no count
 */
export async function askVendor(
  { dispatcher, requestRules }: Pick<ProxyDependencies, 'dispatcher' | 'requestRules'>,
  { counting, modelId, providerKey, clientHeaders, body, timeoutMilliseconds }: VendorCount,
): Promise<CountedInput | undefined> {
  const api = upstreamApis[counting.dialect];
  const { origin, basePath } = providerKey.url;
  const { headers } = api.pickClientHeaders(clientHeaders, requestRules.additionsFor(counting.dialect));
  const pathModel = counting.upstreamPath.includes('{model}') ? modelId : undefined;
  try {
    const answer = await dispatcher.request({
      origin,
      path: `${basePath}${buildUpstreamPath(counting, { pathModel, pathIds: [], query: noQuery })}`,
      method: 'POST',
      headers: buildRequestHeaders({
        keyHeader: counting.keyHeader,
        providerKey,
        contentType: 'application/json',
        clientHeaders: headers,
      }),
      body,
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    const text = await readBounded(answer, maxAnswerBytes);
    if (answer.statusCode !== 200 || text === undefined) return undefined;
    const counted: unknown = JSON.parse(text.toString());
    return isJsonObject(counted) ? api.counting.readAnswer(counted) : undefined;
  } catch {
    // On any failure, the caller uses its upper bound for the number of tokens.
    return undefined;
  }
}
