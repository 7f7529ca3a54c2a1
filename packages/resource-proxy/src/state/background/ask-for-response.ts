import type { OperationOf } from '@aipassport/policy';
import type { OpenBackgroundResponse } from '@aipassport/store/proxying';
import { request } from 'undici';
import type { ProxyDependencies } from '../../dependencies.js';
import { readBounded } from '../../forwarding/read-bounded.js';
import { buildRequestHeaders } from '../../headers/build-request-headers.js';
import { parseAnswer } from '../../metering/parse-json.js';
import { buildUpstreamPath } from '../../upstreams/upstream-api.js';
import { getStoredState } from '../../upstreams/upstream-apis.js';
import { findOwnKey } from '../find-own-key.js';
import type { StoredResponse } from '../stored-state.js';

/**
 * The vendor's answer. `gone`: the vendor has no such response. `unknown`: the account has no provider key of its own
 * now, or the vendor's answer is not usable.
 */
export type VendorAnswer =
  | { readonly kind: 'response'; readonly response: StoredResponse }
  | { readonly kind: 'gone' | 'unknown' };

export type VendorDependencies = Pick<ProxyDependencies, 'db' | 'dispatcher' | 'models' | 'providerKeys'>;

const timeoutMilliseconds = 20_000;
const maxAnswerBytes = 33_554_432;

/**
 * Asks the vendor for a background response, or to cancel it, with the owner's own provider key.
 * @throws Denied when the account has no usable provider key, and any error of the connection
 */
export async function askForResponse(
  deps: VendorDependencies,
  { accountId, upstream, responseId }: Pick<OpenBackgroundResponse, 'accountId' | 'upstream' | 'responseId'>,
  question: 'get' | 'cancel',
): Promise<VendorAnswer> {
  const operation = deps.models.upstreams.operations.find(
    (one): one is OperationOf<'state'> =>
      one.kind === 'state' &&
      one.upstream === upstream &&
      one.stored?.kind === 'response' &&
      one.stored.action === question,
  );
  if (operation === undefined) throw new Error(`${upstream} has no background responses`);
  const providerKey = await findOwnKey(deps, accountId, operation.upstream);
  if (providerKey === undefined) return { kind: 'unknown' };
  const { origin, basePath } = providerKey.url;
  const target = { pathModel: undefined, pathIds: [responseId], query: new Map<string, string>() };
  const answer = await request(`${origin}${basePath}${buildUpstreamPath(operation, target)}`, {
    method: operation.method,
    headers: buildRequestHeaders({
      keyHeader: operation.keyHeader,
      providerKey,
      contentType: undefined,
      clientHeaders: {},
    }),
    dispatcher: deps.dispatcher,
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  const bytes = await readBounded(answer, maxAnswerBytes);
  const body = bytes && parseAnswer(bytes);
  if (answer.statusCode === 404) return { kind: 'gone' };
  if (answer.statusCode !== 200 || body === undefined) return { kind: 'unknown' };
  return { kind: 'response', response: getStoredState(operation.dialect).readResponse(body) };
}
