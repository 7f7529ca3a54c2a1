import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';

export interface AttemptLimit {
  /** Identifies what the attempts are counted for, such as an account or an IP address. Only its hash is stored. */
  readonly key: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

export type AttemptVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** Counts one attempt, over all replicas, and says whether it is within the limit. */
export async function countAttempt(db: Database, { key, limit, windowSeconds }: AttemptLimit): Promise<AttemptVerdict> {
  const { rows } = await sql<{ count: number; seconds_left: number }>`
    insert into attempts as a (key_hash, count, window_ends_at)
    values (${hashSecret(key)}, 1, now() + make_interval(secs => ${windowSeconds}))
    on conflict (key_hash) do update set
      -- If the window ends much later than a new window would, it was begun while the clock was ahead, and is replaced.
      -- If it ends only a moment later, a concurrent request began it.
      count = case when a.window_ends_at between now() and excluded.window_ends_at + interval '10 seconds'
        then a.count + 1 else 1 end,
      window_ends_at = case when a.window_ends_at between now() and excluded.window_ends_at + interval '10 seconds'
        then a.window_ends_at else excluded.window_ends_at end
    returning count, ceil(extract(epoch from window_ends_at - now()))::int as seconds_left`.execute(db);
  const row = rows[0];
  if (row === undefined || row.count > limit)
    return { allowed: false, retryAfterSeconds: Math.max(1, row?.seconds_left ?? windowSeconds) };
  return { allowed: true };
}

/** Subtracts one attempt that must not count, such as a right guess. */
export async function uncountAttempt(db: Database, key: string): Promise<void> {
  await sql`update attempts set count = greatest(count - 1, 0) where key_hash = ${hashSecret(key)}`.execute(db);
}

/** Ends the count of these attempts, after a right guess. */
export async function clearAttempts(db: Database, key: string): Promise<void> {
  await db.deleteFrom('attempts').where('key_hash', '=', hashSecret(key)).execute();
}
