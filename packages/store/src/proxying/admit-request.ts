import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The verdict on one request, and what is left after it. */
export type Admission =
  | {
      readonly verdict: 'admitted';
      readonly usedRequests: number;
      readonly maxRequests: number | undefined;
      readonly maxRequestsPerMinute: number | undefined;
      /** Requests that the bucket still holds. */
      readonly burstLeft: number | undefined;
    }
  | { readonly verdict: 'unknown' | 'revoked' | 'expired' | 'request_limit_reached' }
  | { readonly verdict: 'rate_limited'; readonly retryAfterSeconds: number };

interface Row {
  verdict: Exclude<Admission['verdict'], 'unknown'>;
  used_requests: bigint;
  max_requests: number | null;
  max_requests_per_minute: number | null;
  seconds_until_full: number;
}

/**
 * Decides one request, and counts it when it is admitted: one statement on the grant's own row.
 *
 * The row is locked before it is judged, so what is judged is the newest version of it: a revocation that has
 * committed is always seen, and of any number of requests at once no more than the limits allow pass. State and
 * counters must stay in this one row: read committed re-checks only the locked row after waiting for a lock.
 *
 * The rate is a token bucket (GCRA): `bucket_full_at` moves by 60 s / rate a request, and a request passes while
 * the bucket is not emptier than the rate allows. All times are the database's.
 */
export async function admitRequest(db: Database, { grantId }: { readonly grantId: string }): Promise<Admission> {
  const { rows } = await sql<Row>`
    with candidate as materialized (
      select id, status, expires_at, used_requests, max_requests, max_requests_per_minute,
        greatest(bucket_full_at, now()) as bucket_full_at,
        interval '60 seconds' / max_requests_per_minute as per_request
      from grants where id = ${grantId} for update
    ), decision as materialized (
      select *, case
        when status <> 'active' then 'revoked'
        when expires_at <= now() then 'expired'
        when used_requests >= max_requests then 'request_limit_reached'
        when bucket_full_at - now() > (max_requests_per_minute - 1) * per_request then 'rate_limited'
        else 'admitted' end as verdict
      from candidate
    ), counted as (
      update grants g set used_requests = g.used_requests + 1, last_used_at = now(),
        bucket_full_at = case when d.per_request is null then g.bucket_full_at else d.bucket_full_at + d.per_request end
      from decision d where g.id = d.id and d.verdict = 'admitted'
    )
    select verdict, used_requests, max_requests, max_requests_per_minute,
      extract(epoch from bucket_full_at - now())::float8 as seconds_until_full
    from decision`.execute(db);
  return toAdmission(rows[0]);
}

function toAdmission(row: Row | undefined): Admission {
  if (row === undefined) return { verdict: 'unknown' };
  const perMinute = row.max_requests_per_minute ?? undefined;
  switch (row.verdict) {
    case 'admitted':
      return {
        verdict: 'admitted',
        usedRequests: Number(row.used_requests) + 1,
        maxRequests: row.max_requests ?? undefined,
        maxRequestsPerMinute: perMinute,
        burstLeft: perMinute && Math.floor(perMinute - 1 - (row.seconds_until_full * perMinute) / 60),
      };
    case 'rate_limited': {
      // Passes again when the bucket has room for one: one request's share less than empty.
      const wait = perMinute === undefined ? 1 : row.seconds_until_full - (60 * (perMinute - 1)) / perMinute;
      return { verdict: 'rate_limited', retryAfterSeconds: Math.max(1, Math.ceil(wait)) };
    }
    case 'revoked':
    case 'expired':
    case 'request_limit_reached':
      return { verdict: row.verdict };
  }
}

/** Gives back the count of an admitted request that never reached the upstream. Its place in the rate stays used. */
export async function returnRequest(db: Database, { grantId }: { readonly grantId: string }): Promise<void> {
  await sql`update grants set used_requests = used_requests - 1 where id = ${grantId} and used_requests > 0`.execute(
    db,
  );
}
