import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** A sealed provider key, with the values that its protected header must match. */
export interface SealedProviderKey {
  readonly id: string;
  readonly accountId: string;
  readonly upstream: Upstream;
  readonly host: string;
  readonly version: number;
  readonly sealingKeyId: string;
  readonly jwe: string;
}

interface KeyPlace {
  readonly accountId: string;
  readonly upstream: Upstream;
}

interface KeyRow {
  readonly id: string;
  readonly host: string;
  readonly version: number;
  readonly sealing_key_id: string;
  readonly jwe: string;
}

/** Finds the first provider key of the account for this upstream: the one that its requests use. */
export async function findProviderKey(
  db: Database,
  { accountId, upstream }: KeyPlace,
): Promise<SealedProviderKey | undefined> {
  const { rows } = await sql<KeyRow>`
    select id, host, version, sealing_key_id, jwe from provider_keys
    where account_id = ${accountId} and upstream = ${upstream}`.execute(db);
  return rows.map((row) => toSealedKey(row, { accountId, upstream }))[0];
}

/** Finds one spare provider key of the account for this upstream. */
export async function findSpareKey(
  db: Database,
  { accountId, upstream, id }: KeyPlace & { readonly id: string },
): Promise<SealedProviderKey | undefined> {
  const { rows } = await sql<KeyRow>`
    select id, host, version, sealing_key_id, jwe from spare_provider_keys
    where account_id = ${accountId} and upstream = ${upstream} and id = ${id}`.execute(db);
  return rows.map((row) => toSealedKey(row, { accountId, upstream }))[0];
}

function toSealedKey({ sealing_key_id: sealingKeyId, ...row }: KeyRow, place: KeyPlace): SealedProviderKey {
  return { ...place, id: row.id, host: row.host, version: row.version, sealingKeyId, jwe: row.jwe };
}

/** Records the last use of a provider key, at most once a minute, which is exact enough for owners. */
export async function touchProviderKey(
  db: Database,
  { id, accountId, upstream }: Pick<SealedProviderKey, 'id' | 'accountId'> & { readonly upstream: string },
): Promise<void> {
  await sql`
    update provider_keys set last_used_at = now()
    where account_id = ${accountId} and upstream = ${upstream} and id = ${id}
      and (last_used_at is null or last_used_at < now() - interval '1 minute')`.execute(db);
}

/** Identifies a provider key. An owner who replaces a provider key gets another `id`. */
type KeyOfOwner = Pick<SealedProviderKey, 'id' | 'accountId'> & { readonly upstream: string };

/** The vendor's refusal of a provider key. */
export interface KeyRefusal extends KeyOfOwner {
  /** The status, and the vendor's error code. */
  readonly reason: string;
}

/**
 * Records the vendor's last refusals of provider keys. A refusal of a provider key that was replaced or removed
 * meanwhile is ignored, because it would hide what is recorded about the new one. Unless the reason changes, the time
 * of a refusal is written at most once a minute.
 */
export async function noteKeyRefusals(db: Database, refusals: readonly KeyRefusal[]): Promise<void> {
  const reasons = refusals.map(({ reason }) => reason);
  await sql`
    insert into provider_key_refusals as r (account_id, upstream, provider_key_id, refused_at, refusal)
    select k.account_id, k.upstream, k.id, now(), n.reason
    from ${unnestKeys(refusals, sql`, ${reasons}::text[]`)} as n (account_id, upstream, id, reason)
    join provider_keys k using (account_id, upstream, id)
    order by k.account_id, k.upstream -- the order of the locks, also in clearKeyRefusals
    on conflict on constraint provider_key_refusals_pkey do update
      set provider_key_id = excluded.provider_key_id, refused_at = excluded.refused_at, refusal = excluded.refusal
      where (r.provider_key_id, r.refusal) <> (excluded.provider_key_id, excluded.refusal)
        or r.refused_at < now() - interval '1 minute'`.execute(db);
}

/** Removes the vendor's last refusals of provider keys, because the vendor has accepted the keys since. */
export async function clearKeyRefusals(db: Database, keys: readonly KeyOfOwner[]): Promise<void> {
  await sql`
    delete from provider_key_refusals where (account_id, upstream) in (
      select r.account_id, r.upstream
      from ${unnestKeys(keys)} as n (account_id, upstream, id)
      join provider_key_refusals r on (r.account_id, r.upstream, r.provider_key_id) = (n.account_id, n.upstream, n.id)
      order by r.account_id, r.upstream for update of r
    )`.execute(db);
}

function unnestKeys(keys: readonly KeyOfOwner[], more = sql``) {
  const [accountIds, upstreams] = [keys.map(({ accountId }) => accountId), keys.map(({ upstream }) => upstream)];
  return sql`unnest(${accountIds}::text[], ${upstreams}::text[], ${keys.map(({ id }) => id)}::text[]${more})`;
}
