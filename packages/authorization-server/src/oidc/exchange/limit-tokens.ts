import { requireFewOf } from '../errors.js';
import type { Redemption } from './redemption.js';

const windowSeconds = 10 * 60;
/** Each refresh adds rows, one of them to the audit log. An access token is valid for ten minutes. */
const perGrant = 300;
/** A client needs a new token for itself every five or ten minutes. */
const perClient = 300;
/** Two exchanges a second. */
const perAccount = 1_200;

type Counting = Pick<Redemption, 'ctx' | 'transaction'>;

/**
 * Counts a refresh, across all replicas. It is counted in the transaction that stores its tokens, so a refresh that
 * fails is not counted. A refused refresh is rolled back, and its refresh token stays valid.
 * @throws TooManyRequests
 */
export async function requireFewRefreshes({ ctx, transaction: db }: Counting): Promise<void> {
  const key = `refresh:${ctx.oidc.entities.Grant?.jti}`;
  await requireFewOf('too_many_tokens', { db, ctx }, { key, limit: perGrant, windowSeconds });
}

/**
 * Counts a request of a client for a token of its own, as `requireFewRefreshes` counts a refresh.
 * @throws TooManyRequests
 */
export async function requireFewClientTokens({ ctx, transaction: db }: Counting): Promise<void> {
  const key = `client_token:${ctx.oidc.client?.clientId}`;
  await requireFewOf('too_many_tokens', { db, ctx }, { key, limit: perClient, windowSeconds });
}

/** Counts a token exchange, as `requireFewRefreshes` counts a refresh. @throws TooManyRequests */
export async function requireFewExchanges({ ctx, transaction: db }: Counting, accountId: string): Promise<void> {
  const key = `exchange:${accountId}`;
  await requireFewOf('too_many_tokens', { db, ctx }, { key, limit: perAccount, windowSeconds });
}
