import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import { dropUnknown } from './drop-unknown.js';
import type { OperationMatch } from './match-operation.js';

/**
 * Picks the client's headers that the vendor understands and that cost nothing, and adds the identifier of the request
 * if the vendor has a header for it.
 * @throws Denied when the client asks for an unknown beta feature and the operator's settings refuse such requests
 */
export function pickClientHeaders(
  deps: Pick<ProxyDependencies, 'requestRules'>,
  exchange: Exchange,
  { operation: { dialect } }: OperationMatch,
): Readonly<Record<string, string>> {
  const additions = deps.requestRules.additionsFor(dialect);
  const { pickClientHeaders: pick, requestIdHeader } = upstreamApis[dialect];
  const { headers, dropped } = pick(exchange.request.headers, additions);
  for (const name of dropped) dropUnknown(deps, exchange, name);
  return requestIdHeader === undefined ? headers : { ...headers, [requestIdHeader]: exchange.requestId };
}
