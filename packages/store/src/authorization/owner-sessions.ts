import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';

export interface OwnerSession {
  readonly accountId: string;
  readonly email: string;
  readonly timeZone: string;
  /** The language that the owner chose for the pages; undefined: that of the browser. */
  readonly language: string | undefined;
  /** When the owner last proved their identity. */
  readonly authenticatedAt: Date;
  /** The seconds since `authenticatedAt`, by the database's clock. */
  readonly authenticatedSecondsAgo: number;
  readonly createdAt: Date;
  /** Whether the account may invite others. */
  readonly mayInvite: boolean;
}

export interface NewOwnerSession {
  /** SECRET: the cookie's value; only its hash is stored. */
  readonly sessionId: string;
  readonly accountId: string;
  /** The session ends after this time, even if it is in use. */
  readonly lifetimeSeconds: number;
}

export async function insertOwnerSession(db: Database, session: NewOwnerSession): Promise<void> {
  await db
    .insertInto('owner_sessions')
    .values({
      id_hash: hashSecret(session.sessionId),
      account_id: session.accountId,
      expires_at: sql`now() + make_interval(secs => ${session.lifetimeSeconds})`,
    })
    .execute();
}

/**
 * Finds the live session of a cookie, and marks it as seen now.
 * @param idleSeconds a session that was not seen for this long has ended
 */
export async function findOwnerSession(
  db: Database,
  sessionId: string,
  { idleSeconds }: { readonly idleSeconds: number },
): Promise<OwnerSession | undefined> {
  const { rows } = await sql<{
    account_id: string;
    email: string;
    time_zone: string;
    language: string | null;
    authenticated_at: Date;
    seconds_ago: number;
    created_at: Date;
    may_invite: boolean;
  }>`
    update owner_sessions s set last_seen_at = now()
    from accounts a
    where s.id_hash = ${hashSecret(sessionId)} and a.id = s.account_id and a.disabled_at is null
      and s.expires_at > now() and s.last_seen_at > now() - make_interval(secs => ${idleSeconds})
    returning s.account_id, a.email, a.time_zone, s.authenticated_at,
      (select language from account_settings o where o.account_id = a.id) as language,
      extract(epoch from now() - s.authenticated_at)::float8 as seconds_ago, s.created_at,
      exists (select from inviters i where i.account_id = a.id) as may_invite`.execute(db);
  const row = rows[0];
  return (
    row && {
      accountId: row.account_id,
      email: row.email,
      timeZone: row.time_zone,
      language: row.language ?? undefined,
      authenticatedAt: row.authenticated_at,
      authenticatedSecondsAgo: row.seconds_ago,
      createdAt: row.created_at,
      mayInvite: row.may_invite,
    }
  );
}

export async function deleteOwnerSession(db: Database, sessionId: string): Promise<void> {
  await db.deleteFrom('owner_sessions').where('id_hash', '=', hashSecret(sessionId)).execute();
}

export async function deleteOwnerSessions(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom('owner_sessions').where('account_id', '=', accountId).execute();
}
