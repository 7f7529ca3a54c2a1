import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

export interface Account {
  readonly id: string;
  readonly email: string;
  /** PHC string (argon2id). SECRET: never logged. */
  readonly passwordHash: string;
  readonly timeZone: string;
  readonly createdAt: Date;
  readonly disabledAt: Date | undefined;
  /** Whether the account may invite others to make accounts. */
  readonly mayInvite: boolean;
}

/** Columns are named: a prepared statement with `*` fails after a migration adds a column. */
const columns = ['id', 'email', 'password_hash', 'time_zone', 'created_at', 'disabled_at'] as const;
const mayInvite = sql<boolean>`exists (select from inviters where account_id = accounts.id)`.as('may_invite');

/** People type e-mail addresses in upper and lower case, so addresses are stored and compared in lower case. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/**
 * @param account `timeZone`: an IANA name. If the database does not know the name, the account gets UTC. `id`: only for
 * an account whose identifier had to be known before the account exists
 * @returns undefined when an account with this e-mail address exists already
 */
export async function insertAccount(
  db: Database,
  account: Pick<Account, 'email' | 'passwordHash'> & {
    readonly id?: string | undefined;
    readonly timeZone?: string | undefined;
  },
): Promise<Account | undefined> {
  const row = await db
    .insertInto('accounts')
    .values({
      id: account.id ?? randomUUID(),
      email: normalizeEmail(account.email),
      password_hash: account.passwordHash,
      time_zone: sql<string>`coalesce((select name from pg_timezone_names where name = ${account.timeZone ?? 'UTC'}), 'UTC')`,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning([...columns, mayInvite])
    .executeTakeFirst();
  return row && toAccount(row);
}

/**
 * Locks an account, as `set_account_limit` does, so that changes of its settings are made one after the other. A
 * transaction that changes other rows of the account must lock the account first. Otherwise, that transaction and a
 * deletion of the account could deadlock. This is also true for a transaction that only adds a row that refers to the
 * account, such as a mail.
 */
export async function lockAccount(transaction: Database, accountId: string): Promise<void> {
  await sql`select from accounts where id = ${accountId} for no key update`.execute(transaction);
}

/**
 * Locks an account, so that it is not disabled before the transaction ends.
 * @returns false when there is no such account, or it is disabled
 */
export async function lockEnabledAccount(transaction: Database, accountId: string): Promise<boolean> {
  const { rows } = await sql`
    select from accounts where id = ${accountId} and disabled_at is null for no key update`.execute(transaction);
  return rows.length > 0;
}

export async function findAccountByEmail(db: Database, email: string): Promise<Account | undefined> {
  const row = await db
    .selectFrom('accounts')
    .select([...columns, mayInvite])
    .where('email', '=', normalizeEmail(email))
    .executeTakeFirst();
  return row && toAccount(row);
}

export async function findAccount(db: Database, id: string): Promise<Account | undefined> {
  const row = await db
    .selectFrom('accounts')
    .select([...columns, mayInvite])
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toAccount(row);
}

export async function listAccounts(db: Database): Promise<readonly Account[]> {
  const rows = await db
    .selectFrom('accounts')
    .select([...columns, mayInvite])
    .orderBy('created_at')
    .execute();
  return rows.map(toAccount);
}

export interface PasswordChange {
  readonly accountId: string;
  /** The hash with which the owner's password was compared. */
  readonly previousHash: string;
  readonly passwordHash: string;
}

/**
 * @returns false when the password was changed after it was checked, or the account is disabled; then nothing changes
 */
export async function updatePasswordHash(
  db: Database,
  { accountId, previousHash, passwordHash }: PasswordChange,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('accounts')
    .set({ password_hash: passwordHash })
    .where('id', '=', accountId)
    .where('password_hash', '=', previousHash)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Keeps the account's password from being changed, and the account from being disabled, until the transaction ends.
 * Each of these two changes ends all sessions, so it then also ends a session that this transaction starts.
 * @returns false when the account no longer has this password, or is disabled
 */
export async function lockPasswordHash(
  transaction: Database,
  accountId: string,
  passwordHash: string,
): Promise<boolean> {
  const account = await transaction
    .selectFrom('accounts')
    .select('id')
    .where('id', '=', accountId)
    .where('password_hash', '=', passwordHash)
    .where('disabled_at', 'is', null)
    // not `for share`: with shared locks, two sign-ins that then set the time zone would wait for each other
    .forNoKeyUpdate()
    .executeTakeFirst();
  return account !== undefined;
}

interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly password_hash: string;
  readonly time_zone: string;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly may_invite: boolean;
}

function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    timeZone: row.time_zone,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
    mayInvite: row.may_invite,
  };
}
