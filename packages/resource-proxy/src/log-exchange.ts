import type { ProxyDependencies } from './dependencies.js';
import type { Exchange } from './exchange.js';

/** How an exchange ended. The words of `reason` are stable, so that operators can search for them in the log. */
export interface ExchangeResult {
  readonly reason: string;
  readonly detail?: string;
}

/**
 * Writes one log line for each request: who sent it, what was asked for and how it ended. It contains no content and no
 * credential.
 */
export function logExchange(
  { log, now }: Pick<ProxyDependencies, 'log' | 'now'>,
  exchange: Exchange,
  { reason, detail }: ExchangeResult,
): void {
  const { id, request, response, match, claims, dialect, dropped, startedAtMilliseconds, upstreamCode } = exchange;
  log.info({
    event: dialect === 'oauth' ? 'request' : 'proxied_request',
    reason,
    detail,
    status: response.headersSent ? response.statusCode : 0,
    request_id: id,
    method: request.method,
    upstream: match?.operation.upstream,
    operation: match?.operation.id,
    upstream_code: upstreamCode,
    grant_id: claims?.grantId,
    client_id: claims?.clientId,
    dropped: dropped.length === 0 ? undefined : dropped,
    duration_ms: now() - startedAtMilliseconds,
  });
}
