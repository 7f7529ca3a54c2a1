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

export async function findProviderKey(
  db: Database,
  { accountId, upstream }: { readonly accountId: string; readonly upstream: Upstream },
): Promise<SealedProviderKey | undefined> {
  const { rows } = await sql<{ id: string; host: string; version: number; sealing_key_id: string; jwe: string }>`
    select id, host, version, sealing_key_id, jwe from provider_keys
    where account_id = ${accountId} and upstream = ${upstream}`.execute(db);
  const row = rows[0];
  return (
    row && {
      id: row.id,
      accountId,
      upstream,
      host: row.host,
      version: row.version,
      sealingKeyId: row.sealing_key_id,
      jwe: row.jwe,
    }
  );
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

/** Records the vendor's last refusal of a provider key. @param reason the status, and the vendor's error code */
export async function noteKeyRefusal(
  db: Database,
  {
    id,
    accountId,
    upstream,
    reason,
  }: Pick<SealedProviderKey, 'id' | 'accountId'> & { readonly upstream: string; readonly reason: string },
): Promise<void> {
  await sql`
    insert into provider_key_refusals (account_id, upstream, provider_key_id, refused_at, refusal)
    values (${accountId}, ${upstream}, ${id}, now(), ${reason})
    on conflict on constraint provider_key_refusals_pkey do update
      set provider_key_id = excluded.provider_key_id, refused_at = excluded.refused_at, refusal = excluded.refusal`.execute(
    db,
  );
}

/** Removes the vendor's last refusal of a provider key, because the vendor has accepted the key since. */
export async function clearKeyRefusal(
  db: Database,
  { id, accountId, upstream }: Pick<SealedProviderKey, 'id' | 'accountId'> & { readonly upstream: string },
): Promise<void> {
  await sql`
    delete from provider_key_refusals
    where account_id = ${accountId} and upstream = ${upstream} and provider_key_id = ${id}`.execute(db);
}
