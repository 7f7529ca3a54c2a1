import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { lockAccount, lockEnabledAccount } from './accounts.js';
import { insertNotice } from './insert-mail.js';

const maxPasskeysOfAccount = 20;

export interface NewPasskey {
  readonly accountId: string;
  /** base64url */
  readonly credentialId: string;
  /** COSE, base64url */
  readonly publicKey: string;
  readonly signCount: number;
  readonly transports: readonly string[];
  readonly name: string;
}

/** A passkey that someone wants to sign in with. */
export interface Passkey extends NewPasskey {
  readonly email: string;
}

/** A passkey as its owner sees it. */
export interface ListedPasskey {
  readonly id: string;
  readonly credentialId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
}

/** @returns false when the account has the maximum number of passkeys, or the passkey is stored already */
export async function insertPasskey(db: Database, passkey: NewPasskey): Promise<boolean> {
  const { accountId, credentialId, publicKey, signCount, transports, name } = passkey;
  return inTransaction(db, async (transaction) => {
    // the second of two concurrent calls must count the passkey of the first
    await lockAccount(transaction, accountId);
    const { rows } = await sql`
      with added as (
        insert into passkeys (id, account_id, credential_id, public_key, sign_count, transports, name)
        select ${randomUUID()}, ${accountId}, ${credentialId}, ${publicKey}, ${signCount}, ${[...transports]}::text[], ${name}
        where (select count(*) from passkeys where account_id = ${accountId}) < ${maxPasskeysOfAccount}
        on conflict (credential_id) do nothing returning 1
      )
      insert into audit_events (event, account_id, detail) select 'passkey_added', ${accountId}, ${noteRequestSource(transaction)} from added
      returning id`.execute(transaction);
    const isAdded = rows.length > 0;
    if (isAdded)
      await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail: { event: 'passkey_added' } });
    return isAdded;
  });
}

/** @returns undefined when the passkey is unknown or its account is disabled */
export async function findPasskey(db: Database, credentialId: string): Promise<Passkey | undefined> {
  const row = await db
    .selectFrom('passkeys as p')
    .innerJoin('accounts as a', 'a.id', 'p.account_id')
    .select(['p.account_id', 'p.public_key', 'p.sign_count', 'p.transports', 'p.name', 'a.email'])
    .where('p.credential_id', '=', credentialId)
    .where('a.disabled_at', 'is', null)
    .executeTakeFirst();
  return (
    row && {
      accountId: row.account_id,
      email: row.email,
      credentialId,
      publicKey: row.public_key,
      signCount: Number(row.sign_count),
      transports: row.transports,
      name: row.name,
    }
  );
}

/**
 * Records a use of a passkey, and keeps its account from being disabled until the transaction ends. The account is
 * locked before the passkey, as in a removal of the passkey. In the opposite order, the two could deadlock.
 * @param use `signCount`: the authenticator's counter at this use. The counter must have grown. If it has not, another
 * copy of the passkey was used. An authenticator that does not count always sends 0, which is accepted.
 * @returns false when the account has no such passkey or is disabled, or when the counter has not grown
 */
export async function recordPasskeyUse(
  transaction: Database,
  use: Pick<NewPasskey, 'accountId' | 'credentialId' | 'signCount'>,
): Promise<boolean> {
  const { accountId, credentialId, signCount } = use;
  if (!(await lockEnabledAccount(transaction, accountId))) return false;
  const { rows } = await sql`
    update passkeys set sign_count = ${signCount}, last_used_at = now()
    where account_id = ${accountId} and credential_id = ${credentialId}
      and (sign_count < ${signCount} or (sign_count = 0 and ${signCount} = 0))
    returning 1`.execute(transaction);
  return rows.length > 0;
}

export async function listPasskeys(db: Database, accountId: string): Promise<readonly ListedPasskey[]> {
  const rows = await db
    .selectFrom('passkeys')
    .select(['id', 'credential_id', 'name', 'created_at', 'last_used_at'])
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    credentialId: row.credential_id,
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  }));
}

interface OwnPasskey {
  readonly accountId: string;
  readonly id: string;
}

/** @returns false when the account has no such passkey */
export async function renamePasskey(db: Database, { accountId, id }: OwnPasskey, name: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('passkeys')
    .set({ name })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** @returns false when the account has no such passkey */
export async function deletePasskey(db: Database, { accountId, id }: OwnPasskey): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    await lockAccount(transaction, accountId);
    const { rows } = await sql`
      with removed as (delete from passkeys where id = ${id} and account_id = ${accountId} returning 1)
      insert into audit_events (event, account_id, detail) select 'passkey_removed', ${accountId}, ${noteRequestSource(transaction)} from removed
      returning id`.execute(transaction);
    const isRemoved = rows.length > 0;
    if (isRemoved)
      await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail: { event: 'passkey_removed' } });
    return isRemoved;
  });
}
