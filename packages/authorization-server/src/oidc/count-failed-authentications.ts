import type { RefusalCounts } from '@aipassport/store';
import type { Provider } from 'oidc-provider';
import { requestSourceOf } from '../for-request.js';
import { onRefusal, type Refusal } from './engine/on-refusal.js';
import { TooManyRequests } from './errors.js';

/**
 * Counts, for the audit log, the requests in which a client did not prove who it is. All unknown clients are one
 * subject, because a stranger can make up any number of them.
 */
export function countFailedAuthentications(provider: Provider, refusals: RefusalCounts): void {
  onRefusal(provider, (endpoint, ctx, refusal) => {
    // no client authenticates at the authorization endpoint
    if (endpoint === 'authorization' || !isFailedAuthentication(refusal)) return;
    refusals.count({
      event: 'client_authentication_failed',
      reason: endpoint,
      clientId: ctx.oidc.client?.clientId,
      ...requestSourceOf(ctx),
    });
  });
}

function isFailedAuthentication({ code, error }: Refusal): boolean {
  return error instanceof TooManyRequests ? error.reason === 'too_many_client_secrets' : code === 'invalid_client';
}
