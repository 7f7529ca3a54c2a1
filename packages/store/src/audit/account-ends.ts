import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type AccountEnds, type AuditKey, digestAccount, type SealedEvent } from './seal-codes.js';

/**
 * Finds the last seal of each account of some events. The digest of an account depends on the audit key, so a new key
 * begins a new chain for each account.
 */
export async function listAccountEnds(
  transaction: Database,
  key: AuditKey,
  events: readonly SealedEvent[],
): Promise<AccountEnds> {
  const digests = new Set(
    events.map(({ account_id: id }) => digestAccount(key, id)).filter((digest) => digest !== null),
  );
  if (digests.size === 0) return new Map();
  const { rows } = await sql<{ digest: string; sequence: bigint }>`
    select d.digest, s.sequence from unnest(${[...digests]}::text[]) as d (digest) cross join lateral (
      select sequence from audit_seals where account_digest = d.digest order by sequence desc limit 1
    ) s`.execute(transaction);
  return new Map(rows.map(({ digest, sequence }) => [digest, sequence]));
}
