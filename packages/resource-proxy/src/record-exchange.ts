import type { Logger } from 'pino';
import type { Exchange, ExchangeCharge } from './exchange.js';
import type { Ending, ExchangeResult } from './exchange-result.js';
import type { CatalogueLabels } from './metrics/catalogue-labels.js';
import type { ProxyMetrics } from './metrics/proxy-metrics.js';
import { labelStatus } from './metrics/status-label.js';

export interface RecordDependencies {
  readonly log: Logger;
  readonly now: () => number;
  readonly metrics: ProxyMetrics;
  readonly labels: CatalogueLabels;
}

/** Writes the log line of a request that has ended, and counts the request. */
export function recordExchange(deps: RecordDependencies, exchange: Exchange, result: ExchangeResult): void {
  writeLine(deps, exchange, result);
  count(deps, exchange, result);
  endSpan(exchange, result);
}

/** The line says who sent the request, what was asked for and how it ended. It has no content and no credential. */
function writeLine({ log, now }: RecordDependencies, exchange: Exchange, { reason, detail }: ExchangeResult): void {
  const { id, requestId, ipAddress, traceId, request, response, match, claims, dialect, model, dropped, charge } =
    exchange;
  const { startedAtMilliseconds, firstByteAtMilliseconds, upstreamStatus, upstreamCode } = exchange;
  log.info({
    event: dialect === 'oauth' ? 'request' : 'proxied_request',
    reason,
    detail,
    status: response.headersSent ? response.statusCode : 0,
    request_id: requestId,
    ledger_id: id === requestId ? undefined : id,
    address: ipAddress,
    trace_id: traceId,
    method: request.method,
    upstream: match?.operation.upstream,
    operation: match?.operation.id,
    model: model?.id,
    upstream_status: upstreamStatus,
    upstream_code: upstreamCode,
    account_id: claims?.accountId,
    grant_id: claims?.grantId,
    client_id: claims?.clientId,
    ...(charge && describeCharge(charge)),
    dropped: dropped.length === 0 ? undefined : dropped,
    first_byte_ms: firstByteAtMilliseconds && firstByteAtMilliseconds - startedAtMilliseconds,
    duration_ms: now() - startedAtMilliseconds,
  });
}

function describeCharge({ settlement, costNanoUsd, inputTokens, outputTokens }: ExchangeCharge): object {
  const cost_usd = Number(costNanoUsd) / 1e9;
  return { settlement, cost_usd, input_tokens: inputTokens, output_tokens: outputTokens };
}

/**
 * The span contains no account, grant or IP address. The log line of the request contains them. The span contains the
 * request's identifier, with which people find that line.
 */
function endSpan({ span, request, response, match, ...exchange }: Exchange, { reason }: ExchangeResult): void {
  const { requestId, claims, model, upstreamStatus, charge } = exchange;
  span.end({
    name: `${request.method} ${match?.operation.id ?? 'own path'}`,
    status: response.headersSent ? response.statusCode : 0,
    facts: {
      'aipassport.request_id': requestId,
      'aipassport.client_id': claims?.clientId,
      'aipassport.reason': reason,
      'aipassport.upstream_status': upstreamStatus,
      'gen_ai.request.model': model?.id,
      'gen_ai.usage.input_tokens': charge?.inputTokens,
      'gen_ai.usage.output_tokens': charge?.outputTokens,
    },
  });
}

/** The endings of requests that the upstream should have answered, and did not. */
const unanswered: ReadonlySet<Ending> = new Set(['upstream_failed', 'upstream_timeout', 'upstream_unreachable']);

function count({ metrics, labels }: RecordDependencies, exchange: Exchange, { reason }: ExchangeResult): void {
  const { match, dropped, sentAtMilliseconds, firstByteAtMilliseconds, upstreamStatus } = exchange;
  const upstream = labels.upstream(match?.operation.upstream);
  metrics.requests.inc({ upstream, reason });
  if (dropped.length > 0) metrics.droppedFields.inc({ upstream }, dropped.length);
  if (upstreamStatus === undefined && !unanswered.has(reason)) return;
  const model = labels.model(exchange.model);
  metrics.upstreamAnswers.inc({ upstream, model, status: labelStatus(upstreamStatus) });
  if (sentAtMilliseconds === undefined || firstByteAtMilliseconds === undefined) return;
  // the clock may have been set back in between
  const seconds = Math.max(0, firstByteAtMilliseconds - sentAtMilliseconds) / 1_000;
  metrics.firstByte.observe({ upstream, model }, seconds);
}
