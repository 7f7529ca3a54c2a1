import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';

export interface IdempotencyKey {
  readonly grantId: string;
  /** The text that the client chose. */
  readonly key: string;
  /** The id of the request that claims the idempotency key. */
  readonly requestId: string;
}

/** A day: programs retry within minutes, and people may retry hours later. */
const lifetimeSeconds = 86_400;

/**
 * Claims idempotency keys for requests, in one statement. If several requests claim the same idempotency key at the
 * same time, at any replicas, exactly one gets it.
 *
 * @returns whether each request has its idempotency key now, in the order of the requests
 */
export async function claimIdempotencyKeys(
  db: Database,
  claims: readonly IdempotencyKey[],
): Promise<readonly boolean[]> {
  // A statement must not change a row twice. Claims and releases lock rows in this order, so that they cannot deadlock.
  const first = new Map<string, IdempotencyKey>();
  for (const claim of claims) {
    const name = `${claim.grantId} ${hashSecret(claim.key)}`;
    if (!first.has(name)) first.set(name, claim);
  }
  const sorted = [...first].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, claim]) => claim);
  const { rows } = await sql<{ request_id: string }>`
    insert into idempotency_keys as k (grant_id, key_hash, request_id, expires_at)
    select grant_id, key_hash, request_id, now() + make_interval(secs => ${lifetimeSeconds})
    from unnest(${formatKeys(sorted)}) as wanted (grant_id, key_hash, request_id)
    on conflict on constraint idempotency_keys_pkey do update
    set request_id = excluded.request_id, expires_at = excluded.expires_at
    where k.expires_at < now()
    returning request_id`.execute(db);
  const granted = new Set(rows.map(({ request_id: requestId }) => requestId));
  return claims.map(({ requestId }) => granted.has(requestId));
}

/**
 * Releases idempotency keys, so that their requests can be sent again under them. An idempotency key that another
 * request has stays as it is.
 *
 * @returns whether each idempotency key belonged to its request, in the order of the idempotency keys
 */
export async function releaseIdempotencyKeys(
  db: Database,
  keys: readonly IdempotencyKey[],
): Promise<readonly boolean[]> {
  const { rows } = await sql<{ request_id: string }>`
    with own as (
      select k.grant_id, k.key_hash from idempotency_keys k
      join unnest(${formatKeys(keys)}) as given (grant_id, key_hash, request_id)
        using (grant_id, key_hash, request_id)
      order by k.grant_id collate "C", k.key_hash collate "C" for update of k
    )
    delete from idempotency_keys k using own where k.grant_id = own.grant_id and k.key_hash = own.key_hash
    returning k.request_id`.execute(db);
  const released = new Set(rows.map(({ request_id: requestId }) => requestId));
  return keys.map(({ requestId }) => released.has(requestId));
}

function formatKeys(keys: readonly IdempotencyKey[]) {
  const grantIds = formatArray(keys.map(({ grantId }) => grantId));
  const hashes = formatArray(keys.map(({ key }) => hashSecret(key)));
  const requestIds = formatArray(keys.map(({ requestId }) => requestId));
  return sql`${grantIds}::text[], ${hashes}::text[], ${requestIds}::uuid[]`;
}
