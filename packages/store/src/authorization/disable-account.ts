import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { deleteAccountTokens } from './account-tokens.js';
import { deleteArtifactsOf } from './artifacts.js';
import { insertAuditEvent } from './audit-events.js';
import { classOfMail, mailKinds } from './mail-kinds.js';
import { isOnlyOperator } from './only-operator.js';
import { deleteOwnerSessions } from './owner-sessions.js';
import { deletePasswordResets } from './password-resets.js';
import { revokeGrantsOfAccount } from './revoke-grant.js';

/**
 * Disables the account, and ends its sessions, its sign-ins that wait for a code, its API tokens, its links that set a
 * password or confirm an e-mail address, its unused invitations, and its grants with their tokens. None of these works
 * again when the account is enabled.
 * @param by who does it for the operator: see `StandingChange`. `command` is the operator's command
 * @returns false when there is no such account, or it is already disabled
 */
export async function disableAccount(db: Database, accountId: string, by = 'command'): Promise<boolean> {
  return (await disable(db, { accountId, by, keepsOperator: false })) === true;
}

/**
 * As `disableAccount`, for a page or a program, but never disables the account of the only operator who can sign in.
 * Without that account, the operator's pages could not be opened. Only the operator's command may disable it, because
 * the command can also make another operator.
 * @returns `only_operator` when nothing was changed for that reason
 */
export async function disableReplaceableAccount(
  db: Database,
  accountId: string,
  by: string,
): Promise<boolean | 'only_operator'> {
  return disable(db, { accountId, by, keepsOperator: true });
}

interface Disabling {
  readonly accountId: string;
  readonly by: string;
  readonly keepsOperator: boolean;
}

async function disable(db: Database, { accountId, by, keepsOperator }: Disabling): Promise<boolean | 'only_operator'> {
  const ended = await inTransaction(db, async (transaction) => {
    // Called for the command too, because the call makes concurrent callers, such as a page, wait.
    const isOnly = await isOnlyOperator(transaction, accountId);
    if (isOnly && keepsOperator) return 'only_operator';
    const disabled = await transaction
      .updateTable('accounts')
      .set({ disabled_at: sql`now()` })
      .where('id', '=', accountId)
      .where('disabled_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (disabled === undefined) return undefined;
    // Later statements, because something may have been committed while the update waited for the account's row.
    await deleteOwnerSessions(transaction, accountId);
    await deleteAccountTokens(transaction, accountId);
    await deleteLinks(transaction, accountId, by);
    const revocation = { accountId, reason: 'account_disabled', revokedBy: 'operator' } as const;
    const revoked = await revokeGrantsOfAccount(transaction, revocation);
    await insertAuditEvent(transaction, { event: 'account_disabled', accountId, detail: { by } });
    return revoked;
  });
  if (ended === 'only_operator') return ended;
  await deleteArtifactsOf(db, ended ?? []);
  return ended !== undefined;
}

/**
 * Lets a disabled account sign in again. Its grants stay ended.
 * @param by who does it for the operator: see `StandingChange`. `command` is the operator's command
 * @returns false when there is no such account, or it is not disabled
 */
export async function enableAccount(db: Database, accountId: string, by = 'command'): Promise<boolean> {
  const { rows } = await sql`
    with enabled as (
      update accounts set disabled_at = null where id = ${accountId} and disabled_at is not null returning id
    )
    insert into audit_events (event, account_id, detail)
    select 'account_enabled', id, jsonb_build_object('by', ${by}::text) || ${noteRequestSource(db)} from enabled
    returning id`.execute(db);
  return rows.length > 0;
}

/** Deletes the links of an account, its mails with links that have not been sent yet, and its unused invitations. */
async function deleteLinks(transaction: Database, accountId: string, by: string): Promise<void> {
  await deletePasswordResets(transaction, accountId);
  await transaction.deleteFrom('address_links').where('account_id', '=', accountId).execute();
  const kinds = mailKinds.filter((kind) => classOfMail(kind) === 'link');
  await transaction.deleteFrom('mails').where('account_id', '=', accountId).where('kind', 'in', kinds).execute();
  await sql`
    with deleted as (delete from invitations where created_by = ${accountId} and used_at is null returning id)
    insert into audit_events (event, account_id, detail)
    select 'invitation_withdrawn', ${accountId}, jsonb_build_object('by', ${by}::text, 'invitation', id) || ${noteRequestSource(transaction)} from deleted`.execute(
    transaction,
  );
}
