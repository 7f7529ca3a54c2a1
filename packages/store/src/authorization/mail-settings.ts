import { sql } from 'kysely';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { insertAuditEvent } from './audit-events.js';
import { type ChosenNotice, chosenNotices } from './mail-kinds.js';

export interface MailSettings {
  /** Whether the owner has confirmed the e-mail address that the account has now. */
  readonly isConfirmed: boolean;
  /** The notices that the owner switched off. */
  readonly muted: readonly ChosenNotice[];
}

export async function findMailSettings(db: Database, accountId: string): Promise<MailSettings> {
  const { rows } = await sql<{ is_confirmed: boolean; muted: string[] }>`
    select coalesce(m.confirmed_email = a.email, false) as is_confirmed, m.muted
    from account_mail m join accounts a on a.id = m.account_id where m.account_id = ${accountId}`.execute(db);
  const [row] = rows;
  if (row === undefined) return { isConfirmed: false, muted: [] };
  return { isConfirmed: row.is_confirmed, muted: chosenNotices.filter((kind) => row.muted.includes(kind)) };
}

/**
 * Sets which notices an owner does not want, and writes the audit row if this makes a difference.
 * @param language the page's language. Stored only if the account has no row yet
 */
export async function updateMuted(
  db: Database,
  {
    accountId,
    muted,
    language,
  }: Pick<MailSettings, 'muted'> & { readonly accountId: string; readonly language: string },
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const { muted: before } = await findMailSettings(transaction, accountId);
    if (chosenNotices.every((kind) => before.includes(kind) === muted.includes(kind))) return;
    await transaction
      .insertInto('account_mail')
      .values({ account_id: accountId, language, muted: [...muted] })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ muted: [...muted] }))
      .execute();
    const detail = { muted: muted.join(' '), muted_before: before.join(' ') };
    await insertAuditEvent(transaction, { event: 'notices_changed', accountId, detail });
  });
}
