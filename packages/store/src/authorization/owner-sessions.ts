import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { noteToken } from './note-token.js';

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
  /** Whether the account may use the operator's pages. */
  readonly isOperator: boolean;
  /** Whether the account has a passkey. */
  readonly hasPasskey: boolean;
  /** Whether the account has a password. */
  readonly hasPassword: boolean;
  /** Whether the owner last proved their identity with a passkey. */
  readonly isByPasskey: boolean;
}

/** The device of a session in words. A part is undefined when it is not known. */
export interface SessionDevice {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

export interface NewOwnerSession {
  /** SECRET: the cookie's value; only its hash is stored. */
  readonly sessionId: string;
  readonly accountId: string;
  /** The session ends after this time, even if it is in use. */
  readonly lifetimeSeconds: number;
  readonly device?: SessionDevice;
  /** How many seconds ago the owner proved their identity. Default: 0. */
  readonly authenticatedSecondsAgo?: number;
  /** Whether the owner signed in with a passkey. */
  readonly isByPasskey?: boolean;
}

export async function insertOwnerSession(db: Database, session: NewOwnerSession): Promise<void> {
  await db
    .insertInto('owner_sessions')
    .values({
      id_hash: hashSecret(session.sessionId),
      account_id: session.accountId,
      expires_at: sql`now() + make_interval(secs => ${session.lifetimeSeconds})`,
      authenticated_at: sql`now() - make_interval(secs => ${session.authenticatedSecondsAgo ?? 0})`,
      browser: session.device?.browser ?? null,
      system: session.device?.system ?? null,
      by_passkey: session.isByPasskey ?? false,
    })
    .execute();
}

/**
 * Finds the live session of a cookie. The time at which it was last seen is written at most every five minutes, so that
 * most requests write nothing.
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
    is_operator: boolean;
    has_passkey: boolean;
    has_password: boolean;
    by_passkey: boolean;
  }>`
    with live as (
      select s.id_hash, s.account_id, s.authenticated_at, s.created_at, s.last_seen_at, s.by_passkey from owner_sessions s
      where s.id_hash = ${hashSecret(sessionId)} and ${isLive(idleSeconds)}
    ), seen as (
      update owner_sessions s set last_seen_at = now() from live
      -- an instant in the future was written while the clock was wrong
      where s.id_hash = live.id_hash and live.last_seen_at not between now() - interval '5 minutes' and now()
    )
    select s.account_id, a.email, a.time_zone, s.authenticated_at,
      (select language from account_settings o where o.account_id = a.id) as language,
      extract(epoch from now() - s.authenticated_at)::float8 as seconds_ago, s.created_at,
      exists (select from inviters i where i.account_id = a.id) as may_invite,
      exists (select from operators r where r.account_id = a.id) as is_operator,
      exists (select from passkeys p where p.account_id = a.id) as has_passkey,
      a.password_hash <> '' as has_password, s.by_passkey
    from live s join accounts a on a.id = s.account_id
    where a.disabled_at is null`.execute(db);
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
      isOperator: row.is_operator,
      hasPasskey: row.has_passkey,
      hasPassword: row.has_password,
      isByPasskey: row.by_passkey,
    }
  );
}

export async function deleteOwnerSession(db: Database, sessionId: string): Promise<string | undefined> {
  const session = db.deleteFrom('owner_sessions').where('id_hash', '=', hashSecret(sessionId));
  return (await session.returning('account_id').executeTakeFirst())?.account_id;
}

/** Ends all sessions of an account, and its sign-ins that wait for a code. */
export async function deleteOwnerSessions(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom('sign_in_challenges').where('account_id', '=', accountId).execute();
  await db.deleteFrom('owner_sessions').where('account_id', '=', accountId).execute();
}

/** One of an owner's sessions, for the owner to see. */
export interface ListedSession {
  /** Identifies the session on pages. It is derived from the stored hash and is of no use as a cookie. */
  readonly publicId: string;
  readonly device: SessionDevice;
  readonly createdAt: Date;
  /** The session may have been seen again up to five minutes after this time. */
  readonly lastSeenAt: Date;
  readonly isCurrent: boolean;
}

/** Selects the live sessions of one account, and names the session that asks. */
export interface SessionsOfAccount {
  readonly accountId: string;
  /** SECRET: the cookie of the session that asks; undefined when an API token asks. */
  readonly sessionId?: string;
}

/**
 * Lists the live sessions of an account, at most 1,000. The session that asks comes first, then the others, the latest
 * seen first.
 */
export async function listOwnerSessions(
  db: Database,
  { accountId, sessionId }: SessionsOfAccount,
  { idleSeconds }: { readonly idleSeconds: number },
): Promise<readonly ListedSession[]> {
  const { rows } = await sql<{
    public_id: string;
    browser: string | null;
    system: string | null;
    created_at: Date;
    last_seen_at: Date;
    is_current: boolean;
  }>`
    select ${publicId} as public_id, s.browser, s.system, s.created_at, s.last_seen_at,
      s.id_hash = ${hashSecret(sessionId ?? '')} as is_current
    from owner_sessions s where s.account_id = ${accountId} and ${isLive(idleSeconds)}
    order by is_current desc, s.last_seen_at desc, s.created_at desc limit 1000`.execute(db);
  return rows.map((row) => ({
    publicId: row.public_id,
    device: { browser: row.browser ?? undefined, system: row.system ?? undefined },
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    isCurrent: row.is_current,
  }));
}

/**
 * Ends other sessions of an account, and records this in the audit log.
 * @param only the public id of the one session to end; undefined: all but the session that asks
 * @returns how many were ended
 */
export async function endOtherSessions(
  db: Database,
  { accountId, sessionId, only, apiToken }: SessionsOfAccount & { readonly only?: string; readonly apiToken?: string },
): Promise<number> {
  const which = only === undefined ? sql`` : sql`and ${publicId} = ${only}`;
  const { rows } = await sql<{ count: number }>`
    with ended as (
      delete from owner_sessions s
      where s.account_id = ${accountId} and s.id_hash <> ${hashSecret(sessionId ?? '')} ${which} returning 1
    ), counted as (select count(*)::int as count from ended),
    noted as (
      insert into audit_events (event, account_id, detail)
      select 'sessions_ended', ${accountId}, jsonb_build_object('count', count) || ${noteToken(db, apiToken)} from counted where count > 0
    )
    select count from counted`.execute(db);
  return rows[0]?.count ?? 0;
}

const publicId = sql`encode(sha256(convert_to('owner session ' || s.id_hash, 'UTF8')), 'hex')`;

function isLive(idleSeconds: number) {
  return sql`s.expires_at > now() and s.last_seen_at > now() - make_interval(secs => ${idleSeconds})`;
}
