import type { KeyVerdict } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

interface KeyPlace {
  readonly accountId: string;
  readonly upstream: string;
}

/** Gives the account's provider key a name. @param name 1 to 60 characters; empty: the key has no name */
export async function nameProviderKey(db: Database, { accountId, upstream }: KeyPlace, name: string): Promise<void> {
  if (name === '')
    await sql`delete from provider_key_names where account_id = ${accountId} and upstream = ${upstream}`.execute(db);
  else
    await sql`
      insert into provider_key_names (account_id, upstream, name)
      select account_id, upstream, ${name} from provider_keys where account_id = ${accountId} and upstream = ${upstream}
      on conflict on constraint provider_key_names_pkey do update set name = excluded.name`.execute(db);
}

/** Records what the AI provider said about the account's provider key when the owner added it. */
export async function insertKeyTest(
  db: Database,
  { accountId, upstream }: KeyPlace,
  verdict: KeyVerdict,
): Promise<void> {
  await sql`
    insert into provider_key_tests (account_id, upstream, provider_key_id, taken_at, verdict)
    select account_id, upstream, id, now(), ${verdict} from provider_keys
    where account_id = ${accountId} and upstream = ${upstream}
    on conflict on constraint provider_key_tests_pkey do update set provider_key_id = excluded.provider_key_id,
      requested_at = now(), taken_at = now(), verdict = excluded.verdict`.execute(db);
}

/**
 * Asks the resource proxies to test the account's provider key. If a test of this key was asked for less than a minute
 * ago and has no result yet, the owner gets the result of that test, and no other test is asked for: see
 * `takeKeyTests`.
 * @returns false when there is no such provider key
 */
export async function requestKeyTest(db: Database, { accountId, upstream }: KeyPlace): Promise<boolean> {
  const { rows } = await sql`
    with present as (
      select account_id, upstream, id from provider_keys where account_id = ${accountId} and upstream = ${upstream}
    ), asked as (
      insert into provider_key_tests as t (account_id, upstream, provider_key_id) select account_id, upstream, id from present
      on conflict on constraint provider_key_tests_pkey do update
        set provider_key_id = excluded.provider_key_id, requested_at = now(), taken_at = null, verdict = null
        where t.verdict is not null or t.provider_key_id <> excluded.provider_key_id
          or t.requested_at <= now() - interval '1 minute'
    )
    select from present`.execute(db);
  return rows.length > 0;
}
