import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import type { KeyTestVerdict } from '../schema.js';

/** A test of a provider key. The owner asked for the test, and waits for its result. */
export interface KeyTest {
  readonly accountId: string;
  readonly upstream: string;
  readonly providerKeyId: string;
  /** When the owner asked, as the database writes it. */
  readonly requestedAt: string;
}

/**
 * Takes up to `limit` tests of first keys and up to `limit` tests of spare keys. In each group, the oldest come first.
 * When one proxy has taken a test, no other proxy takes it for 15 seconds, which is longer than a test can last. If it
 * has no result then, the first proxy has died or could not store the result, and any proxy takes the test again. One
 * minute after the owner asked, a test without a result is no longer taken.
 */
export async function takeKeyTests(db: Database, limit: number): Promise<readonly KeyTest[]> {
  const { rows } = await sql<{ account_id: string; upstream: string; provider_key_id: string; requested_at: string }>`
    with spare as materialized (
      select account_id, id from spare_provider_keys
      where test_requested_at is not null and test_verdict is null
        and test_requested_at > now() - interval '1 minute'
        and (test_taken_at is null or test_taken_at < now() - interval '15 seconds')
      order by test_requested_at limit ${limit} for update skip locked
    ), taken_spare as (
      update spare_provider_keys t set test_taken_at = now() from spare s
      where t.account_id = s.account_id and t.id = s.id
      returning t.account_id, t.upstream, t.id, t.test_requested_at::text as requested_at
    ), waiting as materialized (
      select account_id, upstream from provider_key_tests
      where verdict is null and requested_at > now() - interval '1 minute'
        and (taken_at is null or taken_at < now() - interval '15 seconds')
      order by requested_at limit ${limit} for update skip locked
    ), taken as (
      update provider_key_tests t set taken_at = now() from waiting w
      where t.account_id = w.account_id and t.upstream = w.upstream
      returning t.account_id, t.upstream, t.provider_key_id, t.requested_at::text as requested_at
    )
    select account_id, upstream, provider_key_id, requested_at from taken
    union all select account_id, upstream, id, requested_at from taken_spare`.execute(db);
  return rows.map((row) => ({
    accountId: row.account_id,
    upstream: row.upstream,
    providerKeyId: row.provider_key_id,
    requestedAt: row.requested_at,
  }));
}

/** Notes the result of a test, unless it has one already, or the owner has asked for another test meanwhile. */
export async function noteKeyTest(
  db: Database,
  { accountId, upstream, providerKeyId, requestedAt }: KeyTest,
  verdict: KeyTestVerdict,
): Promise<void> {
  await sql`
    with spare as (
      update spare_provider_keys set test_verdict = ${verdict}
      where account_id = ${accountId} and id = ${providerKeyId}
        and test_requested_at = ${requestedAt}::timestamptz and test_verdict is null
    )
    update provider_key_tests set verdict = ${verdict}
    where account_id = ${accountId} and upstream = ${upstream} and provider_key_id = ${providerKeyId}
      and requested_at = ${requestedAt}::timestamptz and verdict is null`.execute(db);
}
