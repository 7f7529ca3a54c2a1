import { statusClassOf } from '@aipassport/contracts';
import type { ParameterizedContext } from 'koa';
import type { RequestState } from '../context.js';
import type { findEndpoint } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { describeParties } from './describe-parties.js';

export interface Arrival {
  /** `performance.now()` */
  readonly startedAt: number;
  /** The client's IP address. */
  readonly address: string | undefined;
  /** Undefined when no endpoint has the path of the request. */
  readonly endpoint: ReturnType<typeof findEndpoint>;
}

/** Counts a request that has been answered, and writes its log line. */
export function recordRequest(
  { metrics }: Pick<Foundation, 'metrics'>,
  ctx: ParameterizedContext,
  { startedAt, address, endpoint }: Arrival,
): void {
  const elapsedMilliseconds = performance.now() - startedAt;
  const { log } = ctx.state as RequestState;
  metrics.requests.inc({ endpoint: endpoint?.path ?? 'unknown', status: statusClassOf(ctx.status) ?? 'other' });
  metrics.requestDuration.observe({ answers: endpoint?.answers ?? 'unknown' }, elapsedMilliseconds / 1_000);
  const line = {
    event: 'request',
    method: ctx.method,
    // The log contains the template of a known path, such as `/grants/:grant_id`, and no part of an unknown path. A path
    // may contain a secret, such as an interaction's identifier or a token that was put in the wrong place.
    path: endpoint?.path ?? '(unknown)',
    address,
    ...describeParties(ctx),
    status: ctx.status,
    milliseconds: Math.round(elapsedMilliseconds),
  };
  log[ctx.status >= 500 ? 'warn' : 'info'](line);
}
