import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeSender, noTracing, type RequestSpan, type Tracing } from '@aipassport/contracts';
import type { Model } from '@aipassport/policy';
import type { Settlement } from '@aipassport/store/proxying';
import type { DialectReader, ErrorDialect } from './denials/dialect.js';
import { sdkForms } from './denials/sdk-forms.js';
import type { AccessTokenClaims } from './introspection/access-token-claims.js';
import type { OperationMatch } from './steps/match-operation.js';
import type { CredentialScheme } from './steps/read-access-token.js';

/** One request and its answer, with the facts that are known so far. Error answers and the log use them. */
export interface Exchange {
  /** The identifier in the ledger. It is a new UUID for each request, so that no client can choose one. */
  readonly id: string;
  /** The `x-request-id` of the answer and of the log: the client's own if it sent one, otherwise the same as `id`. */
  readonly requestId: string;
  /** The client's IP address. */
  readonly ipAddress: string | undefined;
  readonly span: RequestSpan;
  /** The trace that the client named, or else the trace of this server. */
  readonly traceId: string | undefined;
  readonly startedAtMilliseconds: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dialect: ErrorDialect;
  match: OperationMatch | undefined;
  /** How the client sent its token. */
  scheme: CredentialScheme | undefined;
  claims: AccessTokenClaims | undefined;
  /**
   * The hash of the request's DPoP proof. No other request may use that proof. Undefined if the token is not bound
   * to a key.
   */
  proofHash: string | undefined;
  /** The model, once the body has been read. */
  model: Model | undefined;
  /** The names of unknown parts that were left out of the forwarded request. */
  dropped: readonly string[];
  /** When the first byte was sent to the upstream; undefined if the upstream was not reached. */
  sentAtMilliseconds: number | undefined;
  /** The status of the upstream's answer; undefined if there was no answer. */
  upstreamStatus: number | undefined;
  /** When the upstream's answer began, unless it is an error. */
  firstByteAtMilliseconds: number | undefined;
  /** What the request was charged, once that is known. */
  charge: ExchangeCharge | undefined;
  /** The AI provider's own error code. */
  upstreamCode: string | undefined;
  /**
   * Whether the vendor continues the request without a connection. If it does, this exchange does not settle the
   * request.
   */
  isHandedOver: boolean;
  /** Functions that release resources when the exchange ends, however it ends. */
  readonly cleanups: (() => void)[];
}

/** Undefined counts of tokens are not known. */
export interface ExchangeCharge {
  readonly settlement: Settlement['settlement'];
  readonly costNanoUsd: bigint;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

export interface ExchangeDependencies {
  readonly now: () => number;
  readonly readDialect: DialectReader;
  /** The number of reverse proxies in front of this server that append to `X-Forwarded-For`. */
  readonly trustedProxyHops: number;
  /** By default, there are no traces. */
  readonly tracing?: Tracing;
}

/** Begins an exchange: sets the headers that every answer carries. */
export function openExchange(
  { now, readDialect, trustedProxyHops, tracing = noTracing }: ExchangeDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const id = randomUUID();
  const span = tracing.beginRequest(request.headers);
  const { ipAddress, requestId = id, traceId = span.traceId } = describeSender(request, trustedProxyHops);
  const dialect = readDialect(request.url ?? '');
  // The error means that bytes were written while the client was leaving. It is ignored, because 'close' reports that
  // the client has left.
  response.on('error', () => undefined);
  response.setHeader('x-request-id', requestId);
  for (const name of sdkForms[dialect].requestIdHeaders) response.setHeader(name, requestId);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  return {
    id,
    requestId,
    ipAddress,
    span,
    traceId,
    startedAtMilliseconds: now(),
    request,
    response,
    dialect,
    match: undefined,
    scheme: undefined,
    claims: undefined,
    proofHash: undefined,
    model: undefined,
    dropped: [],
    sentAtMilliseconds: undefined,
    upstreamStatus: undefined,
    firstByteAtMilliseconds: undefined,
    charge: undefined,
    upstreamCode: undefined,
    isHandedOver: false,
    cleanups: [],
  };
}

/** The maximum number of names in the header and in the log line. */
const maxDropped = 20;

/** Reports the left-out names to the client in an answer header, and in the log. */
export function noteDropped(exchange: Exchange, names: readonly string[]): void {
  // Without this, each further name of a query with thousands of names would build the header again.
  if (names.length === 0 || exchange.dropped.length === maxDropped) return;
  exchange.dropped = [...new Set([...exchange.dropped, ...names])].slice(0, maxDropped);
  if (!exchange.response.headersSent) exchange.response.setHeader('aipassport-dropped', exchange.dropped.join(', '));
}

export function closeExchange({ cleanups }: Exchange): void {
  for (const cleanup of cleanups.splice(0)) cleanup();
}
