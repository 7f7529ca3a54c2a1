import { randomUUID } from 'node:crypto';
import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import type { KeyTestVerdict } from '../schema.js';
import { noteToken } from './note-token.js';

/** The parts of a stored provider key that may be shown. */
export interface ProviderKeySummary {
  readonly id: string;
  readonly upstream: Upstream;
  readonly host: string;
  readonly lastFour: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
  /**
   * When the vendor last refused the provider key, with the status and the vendor's error code: `401
   * invalid_api_key`.
   */
  readonly refused: { readonly at: Date; readonly reason: string } | undefined;
  /** The name that the owner gave the provider key. undefined: it has no name. */
  readonly name: string | undefined;
  /** The last test that the owner asked for. The verdict is undefined until it is known. */
  readonly test: { readonly at: Date; readonly verdict: KeyTestVerdict | undefined } | undefined;
}

export interface NewProviderKey {
  readonly accountId: string;
  readonly upstream: Upstream;
  readonly host: string;
  /** The version that the JWE's header contains too. `nextProviderKeyVersion` gives the next version. */
  readonly version: number;
  readonly sealingKeyId: string;
  readonly jwe: string;
  readonly lastFour: string;
}

/**
 * The version for the next provider key of this account and upstream. No stored one has it. Two concurrent calls return
 * the same version. That does no harm to the first key, because the provider key that is stored later replaces every
 * column of the other; a spare key is not stored with a version that another key has.
 */
export async function nextProviderKeyVersion(db: Database, accountId: string, upstream: Upstream): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    select coalesce(max(version), 0) + 1 as version from (
      select version from provider_keys where account_id = ${accountId} and upstream = ${upstream}
      union all
      select version from spare_provider_keys where account_id = ${accountId} and upstream = ${upstream}
    ) keys`.execute(db);
  return rows[0]?.version ?? 1;
}

/**
 * Adds the provider key or replaces the first one of its upstream, with its audit row, in one statement.
 * @returns false when its sealing key has been retired, so that it could not be decrypted later, or when the account
 * has been deleted or disabled. The provider key is then not stored
 */
export async function upsertProviderKey(db: Database, key: NewProviderKey): Promise<boolean> {
  const { rows } = await sql`
    with account as materialized (
      -- waits until a change of the account that is in progress has ended, and sees its result
      select id from accounts where id = ${key.accountId} and disabled_at is null for share
    ), replaced as (
      select id from provider_keys where account_id = ${key.accountId} and upstream = ${key.upstream}
    ), stored as (
      insert into provider_keys (id, account_id, upstream, host, version, sealing_key_id, jwe, last_four)
      select ${randomUUID()}, account.id, ${key.upstream}, ${key.host}, ${key.version}::int, ${key.sealingKeyId}, ${key.jwe}, ${key.lastFour}
      from account where not exists (select from retired_sealing_keys where id = ${key.sealingKeyId})
      on conflict on constraint provider_keys_one_per_upstream do update set id = excluded.id, host = excluded.host,
        version = excluded.version, sealing_key_id = excluded.sealing_key_id, jwe = excluded.jwe,
        last_four = excluded.last_four, created_at = now(), last_used_at = null
      returning account_id, upstream, version
    )
    insert into audit_events (event, account_id, detail)
    select case when version = 1 then 'provider_key_added' else 'provider_key_replaced' end, account_id,
      jsonb_strip_nulls(jsonb_build_object('upstream', upstream, 'key_id', (select id from replaced)))
        || ${noteRequestSource(db)} from stored
    returning id`.execute(db);
  return rows.length > 0;
}

/** @returns undefined when the account has no provider key for this upstream */
export async function findListedKey(
  db: Database,
  { accountId, upstream }: { readonly accountId: string; readonly upstream: string },
): Promise<ProviderKeySummary | undefined> {
  return (await listProviderKeys(db, accountId)).find((key) => key.upstream === upstream);
}

/** The first provider key of each upstream: the one that requests use. `listSpareKeys` has the others. */
export async function listProviderKeys(db: Database, accountId: string): Promise<readonly ProviderKeySummary[]> {
  const rows = await db
    .selectFrom('provider_keys as k')
    // The account and the upstream are compared because the index has these columns. The id is compared because a row
    // may belong to a provider key that was replaced.
    .leftJoin('provider_key_refusals as r', (join) =>
      join
        .onRef('r.account_id', '=', 'k.account_id')
        .onRef('r.upstream', '=', 'k.upstream')
        .onRef('r.provider_key_id', '=', 'k.id'),
    )
    .leftJoin('provider_key_tests as t', (join) =>
      join
        .onRef('t.account_id', '=', 'k.account_id')
        .onRef('t.upstream', '=', 'k.upstream')
        .onRef('t.provider_key_id', '=', 'k.id'),
    )
    .leftJoin('provider_key_names as n', (join) =>
      join.onRef('n.account_id', '=', 'k.account_id').onRef('n.upstream', '=', 'k.upstream'),
    )
    .select([
      'k.id',
      'k.upstream',
      'k.host',
      'k.last_four',
      'k.created_at',
      'k.last_used_at',
      'r.refused_at',
      'r.refusal',
    ])
    .select(['n.name', 't.requested_at', 't.verdict'])
    .where('k.account_id', '=', accountId)
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
    test: row.requested_at === null ? undefined : { at: row.requested_at, verdict: row.verdict ?? undefined },
  }));
}

export interface ProviderKeyDeletion {
  readonly accountId: string;
  readonly upstream: Upstream;
  /** The id of the API token with which a program of the owner asks; undefined when a person asks. */
  readonly apiToken?: string;
}

/**
 * Deletes the account's first provider key for the upstream. The account's next spare key for the upstream then becomes
 * the first one.
 * @returns false when there was no such provider key
 */
export async function deleteProviderKey(
  db: Database,
  { accountId, upstream, apiToken }: ProviderKeyDeletion,
): Promise<boolean> {
  const { rows } = await sql`
    with deleted as (
      delete from provider_keys where account_id = ${accountId} and upstream = ${upstream}
      returning account_id, upstream, id
    ), nameless as (
      delete from provider_key_names where account_id = ${accountId} and upstream = ${upstream}
    )
    insert into audit_events (event, account_id, detail)
    select 'provider_key_deleted', account_id,
      jsonb_build_object('upstream', upstream, 'key_id', id) || ${noteToken(db, apiToken)}
    from deleted
    returning id`.execute(db);
  return rows.length > 0;
}
