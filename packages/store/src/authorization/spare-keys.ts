import { randomUUID } from 'node:crypto';
import type { KeyVerdict } from '@aipassport/policy';
import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { noteToken } from './note-token.js';
import type { NewProviderKey, ProviderKeySummary } from './provider-keys.js';

/** The most spare provider keys that an account may have for one upstream. */
export const maxSpareKeys = 9;

/** Identifies a spare provider key. */
export interface SpareKey {
  readonly accountId: string;
  readonly id: string;
}

/** An act on a spare provider key. */
export interface SpareKeyAct extends SpareKey {
  /** The id of the API token with which a program of the owner asks; undefined when a person asks. */
  readonly apiToken?: string;
}

export interface NewSpareKey extends NewProviderKey {
  /** Empty: it has no name. */
  readonly name: string;
  /** What the AI provider said about the provider key when the owner added it. undefined: it was not tried. */
  readonly tested: KeyVerdict | undefined;
}

/** `no_first`: requests would not use any of the account's keys, so the key has to be stored as the first one. */
export type SpareKeyOutcome = 'stored' | 'refused' | 'no_first' | 'too_many';

/**
 * Adds a provider key after those that the account has for the upstream, with its audit row. The caller has locked the
 * account (`lockAccount`).
 * @returns `refused` when its sealing key has been retired, when the account has been deleted or disabled, or when
 * another key of the upstream has the same version
 */
export async function insertSpareKey(db: Database, key: NewSpareKey): Promise<SpareKeyOutcome> {
  const { accountId, upstream } = key;
  const { rows } = await sql<{ has_first: boolean; spare: number; stored: number }>`
    with account as materialized (
      select id from accounts where id = ${accountId} and disabled_at is null for share
    ), others as (
      select id, version, 0 as spare from provider_keys where account_id = ${accountId} and upstream = ${upstream}
      union all
      select id, version, 1 from spare_provider_keys where account_id = ${accountId} and upstream = ${upstream}
    ), stored as (
      insert into spare_provider_keys (account_id, id, upstream, place, host, version, sealing_key_id, jwe, last_four,
        name, test_requested_at, test_taken_at, test_verdict)
      select account.id, ${randomUUID()}, ${upstream}, coalesce((
          select max(place) from spare_provider_keys where account_id = ${accountId} and upstream = ${upstream}
        ), 0) + 1, ${key.host}, ${key.version}::int, ${key.sealingKeyId}, ${key.jwe}, ${key.lastFour},
        nullif(${key.name}::text, ''), case when ${key.tested ?? null}::text is not null then now() end,
        case when ${key.tested ?? null}::text is not null then now() end, ${key.tested ?? null}::text
      from account
      where not exists (select from retired_sealing_keys where id = ${key.sealingKeyId})
        and exists (select from others where spare = 0)
        and not exists (select from others where version = ${key.version}::int)
        and (select count(*) from others where spare = 1) < ${maxSpareKeys}
      returning account_id, upstream, id
    ), noted as (
      insert into audit_events (event, account_id, detail)
      select 'provider_key_added', account_id,
        jsonb_build_object('upstream', upstream, 'spare', true) || ${noteRequestSource(db)}
      from stored
    )
    select exists (select from others where spare = 0) as has_first,
      (select count(*)::int from others where spare = 1) as spare, (select count(*)::int from stored) as stored`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) return 'refused';
  if (row.stored > 0) return 'stored';
  if (!row.has_first) return 'no_first';
  return row.spare >= maxSpareKeys ? 'too_many' : 'refused';
}

/** The account's spare provider keys, those of each upstream in their order. */
export async function listSpareKeys(db: Database, accountId: string): Promise<readonly ProviderKeySummary[]> {
  const rows = await db
    .selectFrom('spare_provider_keys')
    .select(['id', 'upstream', 'host', 'last_four', 'created_at', 'last_used_at', 'name', 'refused_at', 'refusal'])
    .select(['test_requested_at', 'test_verdict'])
    .where('account_id', '=', accountId)
    .orderBy('upstream')
    .orderBy('place')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    upstream: row.upstream,
    host: row.host,
    lastFour: row.last_four,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    refused: row.refused_at === null ? undefined : { at: row.refused_at, reason: row.refusal ?? '' },
    name: row.name ?? undefined,
    test:
      row.test_requested_at === null
        ? undefined
        : { at: row.test_requested_at, verdict: row.test_verdict ?? undefined },
  }));
}

/** @returns undefined when the account has no such spare key; it may be the first key of its upstream now */
export async function findSpareKey(db: Database, { accountId, id }: SpareKey): Promise<ProviderKeySummary | undefined> {
  return (await listSpareKeys(db, accountId)).find((key) => key.id === id);
}

/**
 * Makes a spare provider key the first of its upstream, with its audit row. Requests that are admitted from then on use
 * it. The caller has locked the account.
 * @returns false when there was no such spare key
 */
export async function promoteSpareKey(db: Database, { accountId, id, apiToken }: SpareKeyAct): Promise<boolean> {
  const { rows } = await sql`
    insert into audit_events (event, account_id, detail)
    select 'provider_key_put_first', ${accountId},
      jsonb_build_object('upstream', upstream, 'key_id', ${id}::text) || ${noteToken(db, apiToken)}
    from promote_spare_key(${accountId}, ${id}) as upstream where upstream is not null
    returning id`.execute(db);
  return rows.length > 0;
}

/** Deletes a spare provider key, with its audit row. @returns false when there was no such spare key */
export async function deleteSpareKey(db: Database, { accountId, id, apiToken }: SpareKeyAct): Promise<boolean> {
  const { rows } = await sql`
    with deleted as (
      delete from spare_provider_keys where account_id = ${accountId} and id = ${id} returning account_id, upstream, id
    )
    insert into audit_events (event, account_id, detail)
    select 'provider_key_deleted', account_id,
      jsonb_build_object('upstream', upstream, 'key_id', id, 'spare', true) || ${noteToken(db, apiToken)}
    from deleted
    returning id`.execute(db);
  return rows.length > 0;
}

/** Gives a spare provider key a name. @param name 1 to 60 characters; empty: the key has no name */
export async function nameSpareKey(db: Database, { accountId, id }: SpareKey, name: string): Promise<void> {
  await sql`
    update spare_provider_keys set name = nullif(${name}::text, '')
    where account_id = ${accountId} and id = ${id}`.execute(db);
}

/**
 * `requestKeyTest`, for a spare provider key.
 * @returns false when there is no such spare key
 */
export async function requestSpareKeyTest(db: Database, { accountId, id }: SpareKey): Promise<boolean> {
  const { rows } = await sql`
    with asked as (
      update spare_provider_keys set test_requested_at = now(), test_taken_at = null, test_verdict = null
      where account_id = ${accountId} and id = ${id} and (test_requested_at is null or test_verdict is not null
        or test_requested_at <= now() - interval '1 minute')
    )
    select from spare_provider_keys where account_id = ${accountId} and id = ${id}`.execute(db);
  return rows.length > 0;
}
