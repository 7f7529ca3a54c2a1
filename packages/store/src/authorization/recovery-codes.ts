import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { insertNotice } from './insert-mail.js';

export interface RecoveryCode {
  readonly accountId: string;
  /** SECRET: without spaces and hyphens. Only its hash is stored. */
  readonly code: string;
}

/**
 * Replaces all recovery codes of an account, records this in the audit log, and sends the owner a notice.
 * @param transaction must hold the lock of the account (see `lockAccount`). Otherwise the second of two concurrent
 * calls does not see, and delete, the codes of the first
 * @param codes SECRET
 */
export async function replaceRecoveryCodes(
  transaction: Database,
  accountId: string,
  codes: readonly string[],
): Promise<void> {
  await transaction.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
  const rows = codes.map((code) => ({ account_id: accountId, code_hash: hashCode({ accountId, code }) }));
  await transaction.insertInto('recovery_codes').values(rows).execute();
  await markCodesSaved(transaction, accountId);
  await sql`insert into audit_events (event, account_id, detail)
    values ('recovery_codes_created', ${accountId}, ${noteRequestSource(transaction)})`.execute(transaction);
  const detail = { event: 'recovery_codes_created' } as const;
  await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail });
}

/** Notes that the owner of a new account has not said yet that they saved their first codes. */
export async function markCodesUnsaved(transaction: Database, accountId: string): Promise<void> {
  await transaction.insertInto('unsaved_recovery_codes').values({ account_id: accountId }).execute();
}

/** Notes that the owner has saved the codes, or has made new ones. */
export async function markCodesSaved(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom('unsaved_recovery_codes').where('account_id', '=', accountId).execute();
}

/** How many characters of a used code's hash its audit event has, so that the code can be ended after a restore too. */
const namedLength = 16;

/** Uses up a code, and records this in the audit log. @returns false when the account does not have the code */
export async function consumeRecoveryCode(db: Database, { accountId, code }: RecoveryCode): Promise<boolean> {
  const { rows } = await sql`
    with used as (
      delete from recovery_codes
      where account_id = ${accountId} and code_hash = ${hashCode({ accountId, code })} returning code_hash
    )
    insert into audit_events (event, account_id, detail)
    select 'recovery_code_used', ${accountId},
      ${noteRequestSource(db)} || jsonb_build_object('code', left(code_hash, ${namedLength})) from used returning id`.execute(
    db,
  );
  return rows.length > 0;
}

/** Ends a code that was used since the backup of the database. @param code how the event of its use names it */
export async function endRecoveryCode(
  db: Database,
  { accountId, code }: { readonly accountId: string; readonly code: string },
): Promise<void> {
  await sql`delete from recovery_codes where account_id = ${accountId} and left(code_hash, ${namedLength}) = ${code}`.execute(
    db,
  );
}

export interface RecoveryCodes {
  /** The number of codes that still work. */
  readonly left: number;
  /** When the codes were made, all at once; undefined when there are none. */
  readonly createdAt: Date | undefined;
  /** False: the owner of a new account has not said yet that they saved the codes. */
  readonly areSaved: boolean;
}

export async function summarizeRecoveryCodes(db: Database, accountId: string): Promise<RecoveryCodes> {
  const { rows } = await sql<{ count: number; created_at: Date | null; are_saved: boolean }>`
    select count(*)::int as count, max(created_at) as created_at,
      not exists (select from unsaved_recovery_codes where account_id = ${accountId}) as are_saved
    from recovery_codes where account_id = ${accountId}`.execute(db);
  const [row] = rows;
  return { left: row?.count ?? 0, createdAt: row?.created_at ?? undefined, areSaved: row?.are_saved ?? true };
}

/**
 * Hashes the account together with the code. So the same code has a different hash for each account, and the hashes do
 * not show that two accounts have the same code.
 */
function hashCode({ accountId, code }: RecoveryCode): string {
  return hashSecret(JSON.stringify(['recovery code', accountId, code]));
}
