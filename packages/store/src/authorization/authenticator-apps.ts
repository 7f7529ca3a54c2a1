import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { lockAccount } from './accounts.js';
import { insertNotice } from './insert-mail.js';

export interface AuthenticatorApp {
  readonly sealedSecret: string;
  /** When the owner first entered a code of the app. Undefined before that. Until then, sign-ins need no code. */
  readonly confirmedAt: Date | undefined;
}

export async function findAuthenticatorApp(db: Database, accountId: string): Promise<AuthenticatorApp | undefined> {
  const row = await db
    .selectFrom('authenticator_apps')
    .select(['sealed_secret', 'confirmed_at'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row && { sealedSecret: row.sealed_secret, confirmedAt: row.confirmed_at ?? undefined };
}

/**
 * Stores the secret of an app that the owner sets up. It replaces an app that was not confirmed.
 * @returns false when the account has a confirmed app
 */
export async function insertAuthenticatorApp(db: Database, accountId: string, sealedSecret: string): Promise<boolean> {
  const { rows } = await sql`
    insert into authenticator_apps as a (account_id, sealed_secret) values (${accountId}, ${sealedSecret})
    on conflict (account_id) do update set sealed_secret = excluded.sealed_secret, created_at = now(), last_step = null
    where a.confirmed_at is null
    returning 1`.execute(db);
  return rows.length > 0;
}

export interface AppCodeUse {
  readonly accountId: string;
  /** The secret with which the code was checked. */
  readonly sealedSecret: string;
  /** The time step of the code. */
  readonly step: bigint;
  /** The same secret, sealed with the present encryption key. It is stored in place of `sealedSecret`. */
  readonly resealedSecret: string;
}

/**
 * Uses up the code of a time step. Codes of this step and of earlier ones are refused afterwards, at every replica.
 * @returns false when a code of this step or of a later one was used, or the app was replaced or removed, or is not
 * confirmed
 */
export async function useAppCode(db: Database, use: AppCodeUse): Promise<boolean> {
  const { accountId, sealedSecret, step, resealedSecret } = use;
  const { rows } = await sql`
    update authenticator_apps set last_step = ${step}, sealed_secret = ${resealedSecret}
    where account_id = ${accountId} and sealed_secret = ${sealedSecret} and confirmed_at is not null
      and (last_step is null or last_step < ${step})
    returning 1`.execute(db);
  return rows.length > 0;
}

/**
 * Ends every code that would be accepted now, for all apps: a restored database does not know which codes were used. A
 * step lasts 30 seconds, and the code of the next step is accepted too, so both end.
 */
export async function endAppCodes(transaction: Database): Promise<void> {
  await sql`
    update authenticator_apps set last_step = greatest(last_step, floor(extract(epoch from now()) / 30)::bigint + 1)
    where confirmed_at is not null`.execute(transaction);
}

/**
 * Confirms an app with its first code, records the confirmation and tells the owner.
 * @returns false when the app was replaced or confirmed meanwhile
 */
export async function confirmAuthenticatorApp(
  db: Database,
  { accountId, sealedSecret, step }: Omit<AppCodeUse, 'resealedSecret'>,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    const { rows } = await sql`
      with confirmed as (
        update authenticator_apps set confirmed_at = now(), last_step = ${step}
        where account_id = ${accountId} and sealed_secret = ${sealedSecret} and confirmed_at is null returning 1
      )
      insert into audit_events (event, account_id, detail)
      select 'authenticator_app_added', ${accountId}, ${noteRequestSource(transaction)} from confirmed returning id`.execute(
      transaction,
    );
    const detail = { event: 'authenticator_app_added' } as const;
    if (rows.length > 0) await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail });
    return rows.length > 0;
  });
}

/**
 * Removes the app. If the app was confirmed, records the removal and tells the owner.
 * @param by the operator's account; undefined when the owner removes the app
 * @returns false when the account has no confirmed app. An unconfirmed app is removed too
 */
export async function deleteAuthenticatorApp(db: Database, accountId: string, by?: string): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    await lockAccount(transaction, accountId);
    const { rows } = await sql`
      with removed as (delete from authenticator_apps where account_id = ${accountId} returning confirmed_at)
      insert into audit_events (event, account_id, detail)
      select 'authenticator_app_removed', ${accountId}, ${JSON.stringify(by === undefined ? {} : { by })}::jsonb || ${noteRequestSource(transaction)} from removed where confirmed_at is not null
      returning id`.execute(transaction);
    const detail = { event: 'authenticator_app_removed' } as const;
    if (rows.length > 0) await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail });
    return rows.length > 0;
  });
}
