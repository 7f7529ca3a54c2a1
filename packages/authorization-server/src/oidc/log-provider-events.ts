import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Logger } from 'pino';
import type { Foundation } from '../foundation.js';
import { labelEngineError } from '../metrics/refusal-label.js';
import { onRefusal } from './engine/on-refusal.js';

const maxDetailLength = 200;

/**
 * Logs each refusal, each revoked grant and each unexpected error of oidc-provider, and counts the refusals and the
 * errors. The answer to a refused request contains little, so the log says which check failed.
 */
export function logProviderEvents(provider: Provider, { log, metrics }: Pick<Foundation, 'log' | 'metrics'>): void {
  onRefusal(provider, (endpoint, ctx, { code, description, detail }) => {
    metrics.refusals.inc({ reason: labelEngineError(code) });
    requestLog(ctx, log).info({
      event: 'request_refused',
      endpoint,
      reason: code,
      description: description?.slice(0, maxDetailLength),
      detail: detail?.slice(0, maxDetailLength),
      client_id: ctx.oidc.client?.clientId,
    });
  });
  provider.on('grant.revoked', (ctx: KoaContextWithOIDC, grantId: string) => {
    requestLog(ctx, log).warn({ event: 'grant_revoked', grant_id: grantId, client_id: ctx.oidc.client?.clientId });
  });
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: Error) => {
    metrics.refusals.inc({ reason: 'unexpected_error' });
    requestLog(ctx, log).error({ event: 'unexpected_error', err: error });
  });
}

function requestLog(ctx: KoaContextWithOIDC, log: Logger): Logger {
  const { log: ofRequest } = ctx.state as { readonly log?: Logger };
  return ofRequest ?? log;
}
