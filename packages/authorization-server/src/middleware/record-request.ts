import { type RequestSpan, statusClassOf } from '@aipassport/contracts';
import type { ParameterizedContext } from 'koa';
import type { RequestState } from '../context.js';
import type { findEndpoint } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { describeParties } from './describe-parties.js';

export interface Arrival {
  /** `performance.now()` */
  readonly startedAt: number;
  /** The client's IP address. */
  readonly ipAddress: string | undefined;
  /** The trace that the client named, or else the trace of this server. */
  readonly traceId: string | undefined;
  readonly span: RequestSpan;
  /** Undefined when no endpoint has the path of the request. */
  readonly endpoint: ReturnType<typeof findEndpoint>;
}

/** Counts a request that has been answered, ends its span, and writes its log line. */
export function recordRequest(
  { metrics }: Pick<Foundation, 'metrics'>,
  ctx: ParameterizedContext,
  { startedAt, ipAddress, traceId, span, endpoint }: Arrival,
): void {
  const elapsedMilliseconds = performance.now() - startedAt;
  const { log, requestId } = ctx.state as RequestState;
  const parties = describeParties(ctx);
  metrics.requests.inc({ endpoint: endpoint?.path ?? 'unknown', status: statusClassOf(ctx.status) ?? 'other' });
  metrics.requestDuration.observe({ answers: endpoint?.answers ?? 'unknown' }, elapsedMilliseconds / 1_000);
  const line = {
    event: 'request',
    method: ctx.method,
    // The log contains the template of a known path, such as `/grants/:grant_id`, and no part of an unknown path. A
    // path may contain a secret, such as an interaction's identifier or a token that was put in the wrong place.
    path: endpoint?.path ?? '(unknown)',
    address: ipAddress,
    trace_id: traceId,
    ...parties,
    status: ctx.status,
    milliseconds: Math.round(elapsedMilliseconds),
  };
  span.end({
    name: `${ctx.method} ${line.path}`,
    status: ctx.status,
    facts: { 'aipassport.request_id': requestId, 'aipassport.client_id': parties.client_id },
  });
  log[ctx.status >= 500 ? 'warn' : 'info'](line);
}
