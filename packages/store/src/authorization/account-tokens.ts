import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { lockAccount } from './accounts.js';
import { type AdminScope, adminScopes } from './admin-scopes.js';
import { insertNotice } from './insert-mail.js';
import { noteToken } from './note-token.js';

export const maxTokensOfAccount = 20;

/**
 * What a token may do. Every token has the scope `read`, for the data of the account. Each other scope allows more, and
 * none includes another.
 */
export const tokenScopes = ['read', 'manage', 'developer', 'operator'] as const;
export type TokenScope = (typeof tokenScopes)[number];

export interface NewAccountToken {
  readonly accountId: string;
  /** SECRET: only its hash is stored. */
  readonly token: string;
  /** SECRET: the cookie of the session that makes the token. */
  readonly sessionId: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  /** What the token may do through the admin API. Only an operator can make a token with such scopes. */
  readonly adminScopes: readonly AdminScope[];
  readonly lifetimeDays: number;
}

/** A live token, and its account as it is now. */
export interface TokenHolder {
  readonly tokenId: string;
  readonly scopes: readonly TokenScope[];
  /** What the token may do through the admin API, while its account is an operator. */
  readonly adminScopes: readonly AdminScope[];
  readonly accountId: string;
  readonly email: string;
  readonly timeZone: string;
  readonly language: string | undefined;
  readonly createdAt: Date;
  /** Whether the account is an operator now. */
  readonly isOperator: boolean;
}

/** A token as its owner sees it. */
export interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly adminScopes: readonly AdminScope[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** The token may have been used again up to an hour after this time. */
  readonly lastUsedAt: Date | undefined;
  readonly isExpired: boolean;
}

/**
 * Stores a token with its audit row, and tells the owner.
 * @returns false when the account has the maximum number of live tokens, is disabled, has ended the session, or asks
 * for the rights of an operator without being one
 */
export async function insertAccountToken(db: Database, token: NewAccountToken): Promise<boolean> {
  const { accountId, name, scopes, lifetimeDays } = token;
  const isForOperator = scopes.includes('operator') || token.adminScopes.length > 0;
  return db.transaction().execute(async (transaction) => {
    // The second of two concurrent calls must count the token of the first. A new password and a disabled account end
    // all sessions and tokens, so no token may be made afterwards in a session that has ended.
    await lockAccount(transaction, accountId);
    const { rows } = await sql`
      with added as (
        insert into account_tokens (id, account_id, token_hash, name, scopes, expires_at)
        select ${randomUUID()}, ${accountId}, ${hashSecret(token.token)}, ${name}, ${[...scopes]}::text[],
          now() + make_interval(days => ${lifetimeDays})
        where (select count(*) from account_tokens where account_id = ${accountId} and expires_at > now()) < ${maxTokensOfAccount}
          and exists (select from owner_sessions where id_hash = ${hashSecret(token.sessionId)} and account_id = ${accountId})
          and (${!isForOperator}::boolean or exists (select from operators where account_id = ${accountId}))
        returning id, name, scopes, expires_at
      ), admin as (
        insert into account_token_admin_scopes (token_id, scopes)
        select id, ${[...token.adminScopes]}::text[] from added where ${token.adminScopes.length > 0}::boolean
      )
      insert into audit_events (event, account_id, detail)
      select 'account_token_created', ${accountId},
        jsonb_build_object('token', id, 'name', name, 'scopes', array_to_string(scopes || ${[...token.adminScopes]}::text[], ' '), 'expires_at', expires_at) || ${noteRequestSource(transaction)} from added
      returning id`.execute(transaction);
    if (rows.length === 0) return false;
    const detail = { event: 'account_token_created' } as const;
    await insertNotice(transaction, { accountId, kind: 'api_token_changed', detail });
    return true;
  });
}

/**
 * Finds the live token of a request. Every request reads the database, so a removed token is refused at once, at every
 * replica. The time of use is written once an hour at most, so that most requests write nothing.
 * @param token SECRET
 */
export async function findTokenHolder(db: Database, token: string): Promise<TokenHolder | undefined> {
  const { rows } = await sql<HolderRow>`
    with live as (
      select t.id, t.account_id, t.scopes, t.last_used_at from account_tokens t
      where t.token_hash = ${hashSecret(token)} and t.expires_at > now()
    ), used as (
      update account_tokens t set last_used_at = now() from live
      where t.id = live.id
        -- an instant in the future was written while the clock was wrong
        and (live.last_used_at is null or live.last_used_at not between now() - interval '1 hour' and now())
    )
    select live.id, live.scopes, ${adminScopesOf('live')} as admin_scopes, a.id as account_id, a.email, a.time_zone, a.created_at,
      (select language from account_settings o where o.account_id = a.id) as language,
      exists (select from operators r where r.account_id = a.id) as is_operator
    from live join accounts a on a.id = live.account_id
    where a.disabled_at is null`.execute(db);
  const [row] = rows;
  return (
    row && {
      tokenId: row.id,
      scopes: row.scopes,
      adminScopes: knownScopes(row.admin_scopes),
      accountId: row.account_id,
      email: row.email,
      timeZone: row.time_zone,
      language: row.language ?? undefined,
      createdAt: row.created_at,
      isOperator: row.is_operator,
    }
  );
}

/** SQL: the scopes of the admin API that a token has; null if it has none. */
function adminScopesOf(token: 'live' | 'account_tokens') {
  return sql<string[] | null>`(
    select s.scopes from account_token_admin_scopes s where s.token_id = ${sql.ref(`${token}.id`)})`;
}

/** A scope that this release does not know allows nothing. */
function knownScopes(stored: readonly string[] | null): readonly AdminScope[] {
  return adminScopes.filter((scope) => stored?.includes(scope));
}

interface HolderRow {
  readonly id: string;
  readonly scopes: TokenScope[];
  readonly admin_scopes: string[] | null;
  readonly account_id: string;
  readonly email: string;
  readonly time_zone: string;
  readonly language: string | null;
  readonly created_at: Date;
  readonly is_operator: boolean;
}

/** Lists the tokens of an account, the newest first. Expired ones are listed until they are removed. */
export async function listAccountTokens(db: Database, accountId: string): Promise<readonly ListedToken[]> {
  const { rows } = await sql<
    Omit<ListedToken, 'adminScopes'> & { lastUsedAt: Date | null; adminScopes: string[] | null }
  >`
    select id, name, scopes, ${adminScopesOf('account_tokens')} as "adminScopes", created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt",
      expires_at <= now() as "isExpired"
    from account_tokens where account_id = ${accountId} order by created_at desc, id`.execute(db);
  return rows.map((row) => ({
    ...row,
    adminScopes: knownScopes(row.adminScopes),
    lastUsedAt: row.lastUsedAt ?? undefined,
  }));
}

/**
 * Removes a token, writes the audit row, and tells the owner. Once this has returned, no replica accepts the token.
 * @param removal `apiToken`: the id of the token with which a program asked for this; undefined when a person asked, on
 * a page
 * @returns false when the account has no such token
 */
export async function deleteAccountToken(
  db: Database,
  { accountId, id, apiToken }: { readonly accountId: string; readonly id: string; readonly apiToken?: string },
): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    await lockAccount(transaction, accountId);
    const { rows } = await sql`
      with removed as (delete from account_tokens where id = ${id} and account_id = ${accountId} returning id, name)
      insert into audit_events (event, account_id, detail)
      select 'account_token_removed', ${accountId}, jsonb_build_object('token', id, 'name', name) || ${noteToken(transaction, apiToken)}
      from removed returning id`.execute(transaction);
    if (rows.length === 0) return false;
    const detail = { event: 'account_token_removed' } as const;
    await insertNotice(transaction, { accountId, kind: 'api_token_changed', detail });
    return true;
  });
}

/**
 * Ends the tokens of an account that have rights of an operator or may call the admin API, writes the audit rows, and
 * tells the owner. Call it in the transaction in which the account stops being an operator.
 */
export async function deleteOperatorTokens(transaction: Database, accountId: string): Promise<void> {
  const { rows } = await sql`
    with ended as (
      delete from account_tokens where account_id = ${accountId}
        and ('operator' = any (scopes) or ${adminScopesOf('account_tokens')} is not null)
      returning id, name
    )
    insert into audit_events (event, account_id, detail)
    select 'account_token_removed', ${accountId}, jsonb_build_object('token', id, 'name', name, 'reason', 'operator_removed') || ${noteRequestSource(transaction)}
    from ended returning id`.execute(transaction);
  const detail = { event: 'account_token_removed' } as const;
  if (rows.length > 0) await insertNotice(transaction, { accountId, kind: 'api_token_changed', detail });
}

/** Ends all tokens of an account. */
export async function deleteAccountTokens(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom('account_tokens').where('account_id', '=', accountId).execute();
}
