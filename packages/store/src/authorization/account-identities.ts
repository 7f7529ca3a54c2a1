import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { type Account, findAccount, lockAccount } from './accounts.js';
import { insertNotice } from './insert-mail.js';

/** An account at another identity provider: `iss` and `sub` of its ID tokens. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

export interface NewIdentity extends Identity {
  readonly accountId: string;
  /** Shown to the owner only. Accounts are found by issuer and subject, never by this e-mail address. */
  readonly email: string | undefined;
}

export async function findAccountByIdentity(db: Database, { issuer, subject }: Identity): Promise<Account | undefined> {
  const row = await db
    .selectFrom('account_identities')
    .select('account_id')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row && findAccount(db, row.account_id);
}

/**
 * Lets an identity sign in to an account, records it and tells the owner.
 * @param transaction must be a transaction, so that the notice is written together with the identity
 * @returns false when the identity belongs to an account already, or the account has another identity of this issuer
 */
export async function insertIdentity(transaction: Database, identity: NewIdentity): Promise<boolean> {
  const { issuer, subject, accountId, email = null } = identity;
  const { rows } = await sql`
    with added as (
      insert into account_identities (issuer, subject, account_id, email)
      values (${issuer}, ${subject}, ${accountId}, ${email}) on conflict do nothing returning 1
    )
    insert into audit_events (event, account_id, detail)
    select 'identity_connected', ${accountId}, jsonb_build_object('issuer', ${issuer}::text) || ${noteRequestSource(transaction)} from added
    returning id`.execute(transaction);
  const detail = { event: 'identity_connected' } as const;
  if (rows.length > 0) await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail });
  return rows.length > 0;
}

/** An identity as its owner sees it. */
export interface ListedIdentity {
  readonly email: string | undefined;
  readonly createdAt: Date;
}

/** The identities of an account, by issuer. */
export async function listIdentities(db: Database, accountId: string): Promise<ReadonlyMap<string, ListedIdentity>> {
  const rows = await db
    .selectFrom('account_identities')
    .select(['issuer', 'email', 'created_at'])
    .where('account_id', '=', accountId)
    .execute();
  return new Map(rows.map((row) => [row.issuer, { email: row.email ?? undefined, createdAt: row.created_at }]));
}

/**
 * Removes an identity from an account, records it and tells the owner. `transaction` as in `insertIdentity`.
 * @returns false when the account has no identity of this issuer
 */
export async function deleteIdentity(
  transaction: Database,
  { accountId, issuer }: { readonly accountId: string; readonly issuer: string },
): Promise<boolean> {
  await lockAccount(transaction, accountId);
  const { rows } = await sql`
    with removed as (
      delete from account_identities where account_id = ${accountId} and issuer = ${issuer} returning 1
    )
    insert into audit_events (event, account_id, detail)
    select 'identity_removed', ${accountId}, jsonb_build_object('issuer', ${issuer}::text) || ${noteRequestSource(transaction)} from removed
    returning id`.execute(transaction);
  const detail = { event: 'identity_removed' } as const;
  if (rows.length > 0) await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail });
  return rows.length > 0;
}
