import type { IncomingHttpHeaders } from 'node:http';
import { type CountedInput, isCount, isJsonObject, type JsonObject, type Operation } from '@aipassport/policy';
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

/** An answer consists of a few numbers. */
const maxAnswerBytes = 65_536;
const noQuery: ReadonlyMap<string, string> = new Map();

/**
 * Asks a vendor how many tokens an input has, with the provider key that the request itself will use. This costs
 * nothing. Only the numbers in the answer are used.
 *
 * @returns undefined when the vendor does not answer in time
 */
export async function askVendor(
  { dispatcher, requestRules }: Pick<ProxyDependencies, 'dispatcher' | 'requestRules'>,
  { counting, modelId, providerKey, clientHeaders, body, timeoutMilliseconds }: VendorCount,
): Promise<CountedInput | undefined> {
  const api = upstreamApis[counting.dialect];
  const { origin, basePath } = providerKey.address;
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
    return answer.statusCode === 200 && text !== undefined ? readCountedInput(JSON.parse(text.toString())) : undefined;
  } catch {
    // On any failure, the upper bound is used.
    return undefined;
  }
}

function readCountedInput(answer: unknown): CountedInput | undefined {
  if (!isJsonObject(answer)) return undefined;
  const tokens = answer.input_tokens ?? answer.totalTokens;
  if (!isCount(tokens) || tokens === 0) return undefined;
  const of = (modality: string): number => sumOf(answer.promptTokensDetails, modality);
  return { tokens, audioTokens: of('AUDIO'), imageTokens: of('IMAGE'), videoTokens: of('VIDEO') };
}

function sumOf(details: unknown, modality: string): number {
  if (!Array.isArray(details)) return 0;
  const counts = details.filter((detail): detail is JsonObject => isJsonObject(detail) && detail.modality === modality);
  return counts.reduce((sum, { tokenCount }) => sum + (isCount(tokenCount) ? tokenCount : 0), 0);
}
