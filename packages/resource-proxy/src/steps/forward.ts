import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import { AnswerRelay } from '../forwarding/answer-relay.js';
import { forwardJson } from '../forwarding/forward-json.js';
import { forwardUpload } from '../forwarding/forward-upload.js';
import type { Outcome } from '../forwarding/outcome.js';
import type { AnswerSink } from '../forwarding/relay-options.js';
import { buildRequestHeaders } from '../headers/build-request-headers.js';
import type { Meter } from '../metering/meter.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { LiveRequest } from '../revocation/live-requests.js';
import { AnswerFilter } from '../secrecy/answer-filter.js';
import { buildUpstreamPath } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { ComposedContent } from './compose-request.js';
import type { OperationMatch } from './match-operation.js';

export interface Forwarding {
  readonly exchange: Exchange;
  readonly match: OperationMatch;
  /** The client's headers that are passed on. */
  readonly clientHeaders: Readonly<Record<string, string>>;
  readonly content: ComposedContent;
  readonly providerKey: ProviderKey;
  readonly live: LiveRequest;
  readonly meter: Meter;
  /** Present when the answer may name objects that the upstream stores. */
  readonly record?: ((relay: AnswerSink) => AnswerSink) | undefined;
}

/** Sends a request to its upstream and relays the answer. Never throws: the outcome says how the exchange ended. */
export function forward(deps: ProxyDependencies, forwarding: Forwarding): Promise<Outcome> {
  return deps.tracing.step('forward', () => send(deps, forwarding));
}

function send(
  deps: ProxyDependencies,
  { exchange, match, content, providerKey, live, meter, record, ...forwarding }: Forwarding,
): Promise<Outcome> {
  const clientHeaders = { ...forwarding.clientHeaders, ...deps.tracing.headers() };
  const { dispatcher, drains, limits, now, onFailpoint } = deps;
  const { operation } = match;
  const api = upstreamApis[operation.dialect];
  const { origin, basePath } = providerKey.url;
  const path = `${basePath}${buildUpstreamPath(operation, match)}`;
  const filter = new AnswerFilter(providerKey, operation.form);
  const relay = new AnswerRelay({ exchange, live, api, filter, limits, meter, drains, now, onFailpoint });
  if (relay.isDone) return relay.outcome;
  const sink = record?.(relay) ?? relay;
  const { method, keyHeader } = operation;
  switch (content.kind) {
    case 'json': {
      const { contentType, takeBody, bodyReservation } = content;
      const headers = buildRequestHeaders({ keyHeader, providerKey, contentType, clientHeaders });
      const body = takeBody();
      forwardJson(sink, { dispatcher, origin, method, path, headers, body, onSent: bodyReservation.close, ...limits });
      break;
    }
    case 'none': {
      const headers = buildRequestHeaders({ keyHeader, providerKey, contentType: undefined, clientHeaders });
      const onSent = () => undefined;
      forwardJson(sink, { dispatcher, origin, method, path, headers, body: undefined, onSent, ...limits });
      break;
    }
    case 'upload': {
      const { contentType, body } = content.upload;
      const headers = buildRequestHeaders({ keyHeader, providerKey, contentType, clientHeaders });
      forwardUpload(relay, { exchange, origin, path, headers, body, ...limits });
      break;
    }
  }
  return relay.outcome;
}
