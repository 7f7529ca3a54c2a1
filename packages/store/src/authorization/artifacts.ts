import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** One thing that oidc-provider persists, for instance an authorization code. */
export interface Artifact {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly consumedAt: Date | undefined;
  /** By the database's clock, which all replicas share; undefined when it is not consumed. */
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
  /** Undefined for what does not expire. */
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
  const row = await db
    .selectFrom('artifacts')
    .select(['payload', 'consumed_at', consumedForSeconds])
    .where('model', '=', model)
    .where('id_hash', '=', idHash)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]))
    .executeTakeFirst();
  return row && toArtifact(row);
}

export async function findArtifactByUid(
  db: Database,
  { model, uid }: { readonly model: string; readonly uid: string },
): Promise<Artifact | undefined> {
  const row = await db
    .selectFrom('artifacts')
    .select(['payload', 'consumed_at', consumedForSeconds])
    .where('model', '=', model)
    .where('uid', '=', uid)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]))
    .executeTakeFirst();
  return row && toArtifact(row);
}

const consumedForSeconds = sql<number | null>`extract(epoch from now() - consumed_at)::float8`.as(
  'consumed_for_seconds',
);

interface ArtifactRow {
  readonly payload: Record<string, unknown>;
  readonly consumed_at: Date | null;
  readonly consumed_for_seconds: number | null;
}

function toArtifact(row: ArtifactRow): Artifact {
  return {
    payload: row.payload,
    consumedAt: row.consumed_at ?? undefined,
    consumedForSeconds: row.consumed_for_seconds ?? undefined,
  };
}

/**
 * Marks an artifact as used, once: of any number of callers at the same time exactly one is told true.
 * RFC 6749 section 4.1.2: an authorization code must not be used more than once.
 */
export async function consumeArtifact(db: Database, { model, idHash }: ArtifactKey): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('artifacts')
    .set({ consumed_at: sql`now()` })
    .where('model', '=', model)
    .where('id_hash', '=', idHash)
    .where('consumed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function deleteArtifact(db: Database, { model, idHash }: ArtifactKey): Promise<void> {
  await db.deleteFrom('artifacts').where('model', '=', model).where('id_hash', '=', idHash).execute();
}

/**
 * Removes what has expired: artifacts, sessions, counts of attempts, clients' names for requests, and
 * charges that nothing corrects any more.
 */
export async function deleteExpired(db: Database): Promise<void> {
  await sql`delete from artifacts where expires_at < now() - interval '1 minute'`.execute(db);
  await sql`delete from owner_sessions where expires_at < now()`.execute(db);
  await sql`delete from attempts where window_ends_at < now()`.execute(db);
  await sql`delete from idempotency_keys where expires_at < now()`.execute(db);
  await sql`delete from abandoned_requests where expires_at < now()`.execute(db);
}
