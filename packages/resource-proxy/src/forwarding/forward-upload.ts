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
 * Streams an upload through http-proxy and relays the answer. This function adds three things to the library: it
 * replaces the headers before the library sees the request; it aborts the upstream request without its last chunk when
 * the upload fails or the client leaves; and it treats an answer that breaks off as an error.
 */
export function forwardUpload(relay: AnswerRelay, forward: UploadForward): void {
  const { exchange, origin, path, headers, body } = forward;
  const { request, response } = exchange;
  const refuse = (error: Error) => relay.failUpload(error instanceof Denied ? error.denial : { reason: 'client_left' });
  // The upload may have failed while the request was being admitted.
  if (body.errored !== null) return refuse(body.errored);
  body.once('error', refuse);
  // http-proxy sends the headers of `request` to the upstream, so they are replaced here with the headers for the
  // upstream.
  request.headers = headers;
  const proxy = httpProxy.createProxyServer({
    target: { ...parseTarget(origin), path },
    // Only the target's path is used: the client's path is neither joined to it nor parsed.
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
  // The brackets belong to the URL, not to the IPv6 address.
  const host = hostname.replace(/^\[|\]$/g, '');
  return { protocol, host, hostname: host, port: port === '' ? defaultPort(protocol) : port };
}

/**
 * Called when the upstream request has its socket. The socket is always new and still connecting: no socket is reused,
 * because an upload cannot be sent twice if an old connection fails.
 */
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
  // An upgrade is no answer to this request, and no other event reports it.
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
