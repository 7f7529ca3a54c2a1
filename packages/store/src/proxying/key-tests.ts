import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import type { KeyTestVerdict } from '../schema.js';

/** A test of a provider key that an owner waits for. */
export interface KeyTest {
  readonly accountId: string;
  readonly upstream: string;
  readonly providerKeyId: string;
}

/**
 * Takes tests that owners asked for, the oldest first. Each test is taken by one proxy, and once more if that proxy has
 * not noted a result after 15 seconds. After a minute, nobody waits for the result any more.
 */
export async function takeKeyTests(db: Database, limit: number): Promise<readonly KeyTest[]> {
  const { rows } = await sql<{ account_id: string; upstream: string; provider_key_id: string }>`
    with waiting as materialized (
      select account_id, upstream from provider_key_tests
      where verdict is null and requested_at > now() - interval '1 minute'
        and (taken_at is null or taken_at < now() - interval '15 seconds')
      order by requested_at limit ${limit} for update skip locked
    )
    update provider_key_tests t set taken_at = now() from waiting w
    where t.account_id = w.account_id and t.upstream = w.upstream
    returning t.account_id, t.upstream, t.provider_key_id`.execute(db);
  return rows.map((row) => ({
    accountId: row.account_id,
    upstream: row.upstream,
    providerKeyId: row.provider_key_id,
  }));
}

/** Notes the result of a test, unless the owner has asked for a test of another provider key meanwhile. */
export async function noteKeyTest(
  db: Database,
  { accountId, upstream, providerKeyId }: KeyTest,
  verdict: KeyTestVerdict,
): Promise<void> {
  await sql`
    update provider_key_tests set verdict = ${verdict}
    where account_id = ${accountId} and upstream = ${upstream} and provider_key_id = ${providerKeyId}
      and verdict is null`.execute(db);
}
