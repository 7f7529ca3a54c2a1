import { type Database, isDatabaseUnavailable } from '@aipassport/store';
import { type AttemptLimit, countAttempt } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { describeDenial } from '../denials/describe-denial.js';
import { AnsweredHere } from './engine/provider-errors.js';

/** The database cannot be reached. The answer has the status 503. */
export class Unavailable extends AnsweredHere {
  constructor(cause: unknown) {
    super(describeDenial({ reason: 'oauth_database_unavailable' }), cause);
  }
}

/** Too many wrong client secrets from one IP address, or too many tokens. */
export class TooManyRequests extends AnsweredHere {
  readonly reason: 'too_many_client_secrets' | 'too_many_tokens';

  constructor(reason: TooManyRequests['reason'], retryAfterSeconds: number) {
    super(describeDenial({ reason, retryAfterSeconds }));
    this.reason = reason;
  }
}

/** Like `requireFew`, for a request that oidc-provider answers. @throws TooManyRequests */
export async function requireFewOf(
  reason: TooManyRequests['reason'],
  { db, ctx }: { readonly db: Database; readonly ctx: Pick<Context, 'set'> | undefined },
  limit: AttemptLimit,
): Promise<void> {
  const verdict = await orUnavailable(countAttempt(db, limit));
  if (verdict.allowed) return;
  ctx?.set('Retry-After', String(verdict.retryAfterSeconds));
  throw new TooManyRequests(reason, verdict.retryAfterSeconds);
}

/** Turns an outage of the database into a 503. oidc-provider answers an error that is not its own with 500. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw isDatabaseUnavailable(cause) ? new Unavailable(cause) : cause;
  }
}
