import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Says whether the account is the only operator who can sign in. Other calls wait until the transaction ends. So two
 * operators are not disabled, deleted or deprived of the role at the same time. Every caller calls this before it locks
 * an account.
 */
export async function isOnlyOperator(transaction: Database, accountId: string): Promise<boolean> {
  // a separate statement, so that the next statement sees what a concurrent caller has changed
  await sql`select pg_advisory_xact_lock(hashtext('aipassport disabled operators'))`.execute(transaction);
  const { rows } = await sql`
    select from operators o join accounts a on a.id = o.account_id
    where a.id = ${accountId} and a.disabled_at is null and not exists (
      select from operators p join accounts b on b.id = p.account_id where b.id <> a.id and b.disabled_at is null
    )`.execute(transaction);
  return rows.length > 0;
}

/** Whether the account has the role, even if it is disabled. */
export async function hasRole(db: Database, accountId: string): Promise<boolean> {
  const { rows } = await sql`select from operators where account_id = ${accountId}`.execute(db);
  return rows.length > 0;
}
