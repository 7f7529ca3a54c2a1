import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import httpProxy from 'http-proxy';
import { Denied } from '../denials/denial.js';
import type { Exchange } from '../exchange.js';
import type { AnswerRelay } from './answer-relay.js';
import { describeFailure } from './describe-failure.js';

export interface UploadForward {
  readonly exchange: Exchange;
  readonly origin: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Readable;
  readonly connectTimeoutMilliseconds: number;
  readonly answerTimeoutMilliseconds: number;
  readonly idleTimeoutMilliseconds: number;
}

/**
 * Streams an upload through http-proxy and relays the answer. The library leaves to us what this function does
 * around it: headers are replaced before it sees the request, an upload that fails or a client that leaves ends the
 * upstream request without its last chunk, and an answer that breaks off is an error.
 */
export function forwardUpload(relay: AnswerRelay, forward: UploadForward): void {
  const { exchange, origin, path, headers, body } = forward;
  const { request, response } = exchange;
  const refuse = (error: Error) => relay.failUpload(error instanceof Denied ? error.denial : { reason: 'client_left' });
  // It may have failed while the request was being admitted.
  if (body.errored !== null) return refuse(body.errored);
  body.once('error', refuse);
  // It copies the request's headers upstream: from here on there are no others than ours.
  request.headers = headers;
  const proxy = httpProxy.createProxyServer({
    target: { ...parseTarget(origin), path },
    // The path is the target's alone: the client's is not joined to it, nor even parsed.
    ignorePath: true,
    toProxy: true,
    selfHandleResponse: true,
    buffer: body,
    secure: true,
  });
  proxy.on('proxyReq', (upstreamRequest) => relayRequest(relay, upstreamRequest, forward));
  proxy.on('proxyRes', (answer) => relayAnswer(relay, answer, forward.idleTimeoutMilliseconds));
  proxy.on('error', (error) => relay.fail(describeFailure(error)));
  try {
    proxy.web(request, response);
  } catch (error) {
    relay.fail(describeFailure(error));
  }
}

function parseTarget(origin: string): { protocol: string; host: string; hostname: string; port: string } {
  const { protocol, hostname, port } = new URL(origin);
  // Brackets belong to the URL, not to the address.
  const host = hostname.replace(/^\[|\]$/g, '');
  return { protocol, host, hostname: host, port: port === '' ? defaultPort(protocol) : port };
}

/** The upstream request has its socket, which is still connecting: none is reused, since an upload cannot be sent twice. */
function relayRequest(relay: AnswerRelay, upstreamRequest: ClientRequest, forward: UploadForward): void {
  const { socket } = upstreamRequest;
  const connectTimer = setTimeout(
    () => upstreamRequest.destroy(new Error('connect timeout')),
    forward.connectTimeoutMilliseconds,
  );
  socket?.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
    clearTimeout(connectTimer);
    if (!relay.isDone) relay.markReached();
  });
  socket?.once('close', () => clearTimeout(connectTimer));
  upstreamRequest.setTimeout(forward.answerTimeoutMilliseconds, () => {
    relay.fail({ reason: 'upstream_timeout' });
    upstreamRequest.destroy();
  });
  // No other event reports that there will be no answer.
  upstreamRequest.once('upgrade', (_answer, upgraded) => {
    upgraded.destroy();
    relay.fail({ reason: 'upstream_failed', detail: 'upgrade' });
  });
  relay.attach({
    pause: () => undefined,
    resume: () => undefined,
    abort: () => upstreamRequest.destroy(),
    outlivesClient: false,
  });
}

function relayAnswer(relay: AnswerRelay, answer: IncomingMessage, idleTimeoutMilliseconds: number): void {
  relay.attach({
    pause: () => answer.pause(),
    resume: () => answer.resume(),
    abort: () => answer.destroy(),
    outlivesClient: false,
  });
  relay.start(answer.statusCode ?? 502, answer.headers);
  answer.setTimeout(idleTimeoutMilliseconds, () => {
    relay.fail({ reason: 'upstream_timeout' });
    answer.destroy();
  });
  answer.on('data', (chunk: Buffer) => relay.data(chunk));
  answer.on('error', (error) => relay.fail(describeFailure(error)));
  answer.on('end', () => {
    if (answer.complete) relay.end();
  });
  answer.on('close', () => relay.fail({ reason: 'upstream_failed', detail: 'truncated' }));
}

function defaultPort(protocol: string): string {
  return protocol === 'https:' ? '443' : '80';
}
