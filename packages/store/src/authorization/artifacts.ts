import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';

/** An object that oidc-provider stores, for instance an authorization code. */
export interface Artifact {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly grantId: string | undefined;
  readonly consumedAt: Date | undefined;
  /**
   * The seconds since the artifact was consumed, by the database's clock, which all replicas share; undefined: not
   * consumed.
   */
  readonly consumedForSeconds: number | undefined;
}

export interface ArtifactKey {
  /** oidc-provider's model name, for instance `RefreshToken`. */
  readonly model: string;
  readonly idHash: string;
}

export interface NewArtifact extends ArtifactKey {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly grantId: string | undefined;
  readonly uid: string | undefined;
  /** Undefined: the artifact does not expire. */
  readonly expiresInSeconds: number | undefined;
}

export async function upsertArtifact(db: Database, artifact: NewArtifact): Promise<void> {
  const { model, idHash, payload, grantId, uid, expiresInSeconds } = artifact;
  const values = {
    payload: JSON.stringify(payload),
    grant_id: grantId ?? null,
    uid: uid ?? null,
    expires_at: expiresInSeconds === undefined ? null : sql<Date>`now() + make_interval(secs => ${expiresInSeconds})`,
  };
  await db
    .insertInto('artifacts')
    .values({ model, id_hash: idHash, ...values })
    .onConflict((conflict) => conflict.columns(['model', 'id_hash']).doUpdateSet(values))
    .execute();
}

export async function findArtifact(db: Database, { model, idHash }: ArtifactKey): Promise<Artifact | undefined> {
  const row = await selectLive(db, model).where('id_hash', '=', idHash).executeTakeFirst();
  return row && toArtifact(row);
}

/**
 * Like `findArtifact`, but also locks the row. Other transactions that lock the row wait until this transaction ends,
 * and then see its result.
 */
export async function lockArtifact(
  transaction: Database,
  { model, idHash }: ArtifactKey,
): Promise<Artifact | undefined> {
  const row = await selectLive(transaction, model).where('id_hash', '=', idHash).forUpdate().executeTakeFirst();
  return row && toArtifact(row);
}

export async function findArtifactByUid(
  db: Database,
  { model, uid }: { readonly model: string; readonly uid: string },
): Promise<Artifact | undefined> {
  const row = await selectLive(db, model).where('uid', '=', uid).executeTakeFirst();
  return row && toArtifact(row);
}

function selectLive(db: Database, model: string) {
  return db
    .selectFrom('artifacts')
    .select(['payload', 'consumed_at', 'grant_id', consumedForSeconds])
    .where('model', '=', model)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]));
}

const consumedForSeconds = sql<number | null>`extract(epoch from now() - consumed_at)::float8`.as(
  'consumed_for_seconds',
);

interface ArtifactRow {
  readonly payload: Record<string, unknown>;
  readonly grant_id: string | null;
  readonly consumed_at: Date | null;
  readonly consumed_for_seconds: number | null;
}

function toArtifact(row: ArtifactRow): Artifact {
  return {
    payload: row.payload,
    grantId: row.grant_id ?? undefined,
    consumedAt: row.consumed_at ?? undefined,
    consumedForSeconds: row.consumed_for_seconds ?? undefined,
  };
}

/**
 * Marks an artifact as used, once: exactly one of several concurrent callers gets true. RFC 6749 section 4.1.2: an
 * authorization code must not be used more than once. A used code is kept until its grant expires, so that a second use
 * is detected. A used pushed request (RFC 9126) has no grant. It is kept for an hour, as are the interactions that it
 * began.
 */
export async function consumeArtifact(db: Database, { model, idHash }: ArtifactKey): Promise<boolean> {
  const grantEnds = sql<Date>`(select g.expires_at from grants g where g.id = artifacts.grant_id)`;
  const anHour = sql<Date>`now() + interval '1 hour'`;
  const { numUpdatedRows } = await db
    .updateTable('artifacts')
    .set({ consumed_at: sql`now()`, expires_at: sql`coalesce(${grantEnds}, ${anHour})` })
    .where('model', '=', model)
    .where('id_hash', '=', idHash)
    .where('consumed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Keeps an artifact for at least this long from now. The expiry inside its payload does not change. */
export async function keepArtifact(db: Database, { model, idHash }: ArtifactKey, seconds: number): Promise<void> {
  const end = sql<Date>`now() + make_interval(secs => ${seconds})`;
  await db
    .updateTable('artifacts')
    .set({ expires_at: sql<Date>`greatest(expires_at, ${end})` })
    .where('model', '=', model)
    .where('id_hash', '=', idHash)
    .execute();
}

export async function deleteArtifact(db: Database, { model, idHash }: ArtifactKey): Promise<void> {
  await db.deleteFrom('artifacts').where('model', '=', model).where('id_hash', '=', idHash).execute();
}

/** Deletes the tokens that a client got for itself, without an owner (`client_credentials`). */
export async function deleteOwnTokensOf(db: Database, clientId: string): Promise<void> {
  await sql`delete from artifacts where model = 'ClientCredentials' and payload ->> 'clientId' = ${clientId}`.execute(
    db,
  );
}

/**
 * Deletes all tokens and codes of these grants, and of the grants below them. Call it when the grants have ended.
 * @returns how many access and refresh tokens there were that could still be used
 */
export async function deleteArtifactsOf(db: Database, grantIds: readonly string[]): Promise<number> {
  if (grantIds.length === 0) return 0;
  const { rows } = await sql<{ tokens: number }>`
    with deleted as (
      delete from artifacts where grant_id in (
        select id from unnest(${formatArray(grantIds)}::text[]) as id
        union select below from unnest(${formatArray(grantIds)}::text[]) as id, grants_below(id) as below
      )
      returning model, consumed_at, expires_at
    )
    select count(*)::integer as tokens from deleted
    where model in ('AccessToken', 'RefreshToken') and consumed_at is null and expires_at > now()`.execute(db);
  return rows[0]?.tokens ?? 0;
}
