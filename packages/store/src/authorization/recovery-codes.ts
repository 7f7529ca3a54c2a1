import { sql } from 'kysely';
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
 * @param codes SECRET
 */
export async function replaceRecoveryCodes(db: Database, accountId: string, codes: readonly string[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // the second of two concurrent calls must see, and delete, the codes of the first
    await sql`select from accounts where id = ${accountId} for no key update`.execute(transaction);
    await transaction.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
    const rows = codes.map((code) => ({ account_id: accountId, code_hash: hashCode({ accountId, code }) }));
    await transaction.insertInto('recovery_codes').values(rows).execute();
    await sql`insert into audit_events (event, account_id, detail)
      values ('recovery_codes_created', ${accountId}, '{}')`.execute(transaction);
    const detail = { event: 'recovery_codes_created' } as const;
    await insertNotice(transaction, { accountId, kind: 'sign_in_changed', detail });
  });
}

/** Uses up a code, and records this in the audit log. @returns false when the account does not have the code */
export async function consumeRecoveryCode(db: Database, { accountId, code }: RecoveryCode): Promise<boolean> {
  const { rows } = await sql`
    with used as (
      delete from recovery_codes
      where account_id = ${accountId} and code_hash = ${hashCode({ accountId, code })} returning 1
    )
    insert into audit_events (event, account_id, detail)
    select 'recovery_code_used', ${accountId}, '{}' from used returning id`.execute(db);
  return rows.length > 0;
}

export async function countRecoveryCodes(db: Database, accountId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from recovery_codes where account_id = ${accountId}`.execute(db);
  return rows[0]?.count ?? 0;
}

/**
 * Hashes the account together with the code. So the same code has a different hash for each account, and the hashes do
 * not show that two accounts have the same code.
 */
function hashCode({ accountId, code }: RecoveryCode): string {
  return hashSecret(JSON.stringify(['recovery code', accountId, code]));
}
