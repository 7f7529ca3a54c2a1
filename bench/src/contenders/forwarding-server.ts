import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { defaultLimits, parseUpstreamUrl, Secret } from '@aipassport/resource-proxy';
import { closeExchange, openExchange } from '@aipassport/resource-proxy/src/exchange.js';
import { AnswerRelay } from '@aipassport/resource-proxy/src/forwarding/answer-relay.js';
import { forwardJson } from '@aipassport/resource-proxy/src/forwarding/forward-json.js';
import { buildRequestHeaders } from '@aipassport/resource-proxy/src/headers/build-request-headers.js';
import type { Meter } from '@aipassport/resource-proxy/src/metering/meter.js';
import type { ProviderKey } from '@aipassport/resource-proxy/src/provider-keys/provider-keys.js';
import { BodyMemory } from '@aipassport/resource-proxy/src/reading/body-memory.js';
import { readBody } from '@aipassport/resource-proxy/src/reading/read-body.js';
import { LiveRequest } from '@aipassport/resource-proxy/src/revocation/live-requests.js';
import { AnswerFilter } from '@aipassport/resource-proxy/src/secrecy/answer-filter.js';
import { upstreamApis } from '@aipassport/resource-proxy/src/upstreams/upstream-apis.js';
import { Agent } from 'undici';
import { listen } from '../processes/listen.js';
import { serveCommands } from '../processes/serve-commands.js';

/** The commands of a server that only forwards: the proxy without its checks and its accounting. */
export type ForwardingCommands = typeof commands;

const limits = defaultLimits;
const memory = new BodyMemory(limits.bodyMemory);
const owner = { accountId: 'account', grantId: 'grant' };
const dispatcher = new Agent({
  allowH2: false,
  pipelining: 1,
  connect: { timeout: limits.connectTimeoutMilliseconds },
});
const api = upstreamApis.openai;

const nothing = Buffer.alloc(0);
const unmetered: Meter = {
  start: () => ({ changesLength: false, contentType: undefined }),
  feed: (chunk) => chunk,
  end: () => nothing,
  readUsage: () => ({ trusted: false, problem: 'usage_missing' }),
  readError: () => undefined,
  readSeen: () => ({ bytes: 0, outputTokens: 0, textBytes: 0, mayHide: false, reported: undefined, isFailure: false }),
};

function createForwardingServer(providerKey: ProviderKey) {
  return createServer(
    { keepAliveTimeout: 600_000 },
    (request, response) => void forward(providerKey, request, response),
  );
}

async function forward(providerKey: ProviderKey, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = openExchange({ now: Date.now, readDialect: () => 'openai', trustedProxyHops: 0 }, request, response);
  const bodyReservation = memory.open(owner);
  exchange.cleanups.push(bodyReservation.close);
  const body = await readBody({
    request,
    response,
    limits,
    maxBytes: limits.maxJsonBodyBytes,
    bodyReservation,
    requireOpenGrant: () => Promise.resolve(),
  });
  const live = new LiveRequest();
  response.once('close', () => {
    if (!response.writableFinished) live.cut('client_left');
  });
  const filter = new AnswerFilter(providerKey, 'openai.chat/completions');
  const relay = new AnswerRelay({ exchange, live, api, filter, limits, meter: unmetered, now: Date.now });
  const headers = buildRequestHeaders({
    keyHeader: 'authorization',
    providerKey,
    contentType: 'application/json',
    clientHeaders: {},
  });
  forwardJson(relay, {
    dispatcher,
    origin: providerKey.url.origin,
    method: 'POST',
    path: '/v1/chat/completions',
    headers,
    body: body.join(),
    onSent: bodyReservation.close,
    ...limits,
  });
  await relay.outcome;
  closeExchange(exchange);
}

const commands = {
  listen: ({ upstreamUrl, key }: { readonly upstreamUrl: string; readonly key: string }) =>
    listen(
      createForwardingServer({
        key: new Secret(key),
        url: parseUpstreamUrl(upstreamUrl),
        kind: 'operator',
        id: undefined,
      }),
    ),
};

serveCommands(commands);
