import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DialectReader, ErrorDialect } from './denials/dialect.js';
import type { AccessTokenClaims } from './introspection/access-token-claims.js';
import type { OperationMatch } from './steps/match-operation.js';

/** One request and its answer, with what has become known of it so far: for the answer to errors, and for the log. */
export interface Exchange {
  readonly id: string;
  readonly startedAtMilliseconds: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dialect: ErrorDialect;
  match: OperationMatch | undefined;
  claims: AccessTokenClaims | undefined;
  /** What was left out of the request that is forwarded, because it is not known here. */
  dropped: readonly string[];
  /** When the upstream's answer began. */
  firstByteAtMilliseconds: number | undefined;
  /** The AI provider's own word for its error. */
  upstreamCode: string | undefined;
  /** The vendor goes on with it without a connection: it is settled elsewhere. */
  isHandedOver: boolean;
  /** What has to be given back when the exchange is over, however it ends. */
  readonly cleanups: (() => void)[];
}

/** Begins an exchange: from here on, every answer carries the headers that all answers carry. */
export function openExchange(
  { now, readDialect }: { readonly now: () => number; readonly readDialect: DialectReader },
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const id = randomUUID();
  const dialect = readDialect(request.url ?? '');
  // Bytes written while the client is leaving: its going is noticed by 'close', and is no error of ours.
  response.on('error', () => undefined);
  response.setHeader('x-request-id', id);
  // The SDKs of this dialect look for it here.
  if (dialect === 'anthropic') response.setHeader('request-id', id);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  return {
    id,
    startedAtMilliseconds: now(),
    request,
    response,
    dialect,
    match: undefined,
    claims: undefined,
    dropped: [],
    firstByteAtMilliseconds: undefined,
    upstreamCode: undefined,
    isHandedOver: false,
    cleanups: [],
  };
}

/** The most names that a header and a log line hold. */
const maxDropped = 20;

/** Tells the client, in a header of the answer, and the log what was left out. */
export function noteDropped(exchange: Exchange, names: readonly string[]): void {
  if (names.length === 0) return;
  exchange.dropped = [...new Set([...exchange.dropped, ...names])].slice(0, maxDropped);
  if (!exchange.response.headersSent) exchange.response.setHeader('aipassport-dropped', exchange.dropped.join(', '));
}

export function closeExchange({ cleanups }: Exchange): void {
  for (const cleanup of cleanups.splice(0)) cleanup();
}
