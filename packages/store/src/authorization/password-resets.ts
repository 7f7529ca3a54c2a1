import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { deleteAccountTokens } from './account-tokens.js';
import { lockEnabledAccount } from './accounts.js';
import { insertNotice } from './insert-mail.js';
import { deleteOwnerSessions } from './owner-sessions.js';
import { consumeRecoveryCode } from './recovery-codes.js';

export interface NewPasswordReset {
  readonly accountId: string;
  /** SECRET: only its hash is stored. */
  readonly token: string;
  readonly lifetimeSeconds: number;
}

/**
 * Stores a link that sets a new password once. Links that the account has already stay valid.
 * @returns false when there is no such account, or it is disabled
 */
export async function insertPasswordReset(transaction: Database, reset: NewPasswordReset): Promise<boolean> {
  const { accountId, token, lifetimeSeconds } = reset;
  if (!(await lockEnabledAccount(transaction, accountId))) return false;
  await sql`
    insert into password_resets (token_hash, account_id, expires_at)
    values (${hashSecret(token)}, ${accountId}, now() + make_interval(secs => ${lifetimeSeconds}))`.execute(
    transaction,
  );
  return true;
}

/** @returns the e-mail address of the account whose password the link sets; undefined when the link does not work */
export async function findPasswordReset(db: Database, token: string): Promise<string | undefined> {
  const { rows } = await sql<{ email: string }>`
    select a.email from password_resets r join accounts a on a.id = r.account_id
    where r.token_hash = ${hashSecret(token)} and r.expires_at > now() and a.disabled_at is null`.execute(db);
  return rows[0]?.email;
}

export interface PasswordReset {
  /** SECRET. Each proof works once. */
  readonly proof:
    | { readonly kind: 'recovery_code'; readonly accountId: string; readonly code: string }
    | { readonly kind: 'link'; readonly token: string };
  readonly passwordHash: string;
}

/** Ends all links that set a password of the account. */
export async function deletePasswordResets(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom('password_resets').where('account_id', '=', accountId).execute();
}

export interface PasswordResetResult {
  readonly accountId: string;
  /** Whether recovery codes were deleted. */
  readonly endsRecoveryCodes: boolean;
}

/**
 * Sets a new password, ends all sessions, API tokens and password links of the account, and records the reset. A reset
 * by link also deletes recent recovery codes: see `deleteRecentCodes`.
 * @returns undefined when the proof is wrong or was used, or the account is disabled
 */
export async function resetPassword(
  db: Database,
  { proof, passwordHash }: PasswordReset,
): Promise<PasswordResetResult | undefined> {
  return db.transaction().execute(async (transaction) => {
    const accountId = await findProvenAccount(transaction, proof);
    // The account is locked before its proofs, as in the deletion of all its proofs. In the opposite order, the two
    // could deadlock.
    if (accountId === undefined || !(await lockEnabledAccount(transaction, accountId))) return undefined;
    if (!(await consumeProof(transaction, accountId, proof))) return undefined;
    await transaction
      .updateTable('accounts')
      .set({ password_hash: passwordHash })
      .where('id', '=', accountId)
      .execute();
    await deleteOwnerSessions(transaction, accountId);
    await deleteAccountTokens(transaction, accountId);
    await deletePasswordResets(transaction, accountId);
    const endsRecoveryCodes = proof.kind === 'link' && (await deleteRecentCodes(transaction, accountId));
    const detail = JSON.stringify({ by: proof.kind, ...(endsRecoveryCodes ? { recovery_codes: 'ended' } : {}) });
    await sql`insert into audit_events (event, account_id, detail)
      values ('password_reset', ${accountId}, ${detail}::jsonb || ${noteRequestSource(transaction)})`.execute(
      transaction,
    );
    await insertNotice(transaction, { accountId, kind: 'password_changed', detail: {} });
    return { accountId, endsRecoveryCodes };
  });
}

/**
 * Deletes the recovery codes that were made in the last 30 days, because a thief may have made them. Older codes stay:
 * they are the owner's way back if a thief reads the owner's e-mails. The codes of an account with an authenticator app
 * stay too: they are the only way in if its phone is lost.
 * @returns whether there were codes to delete
 */
async function deleteRecentCodes(transaction: Database, accountId: string): Promise<boolean> {
  const { rows } = await sql`
    delete from recovery_codes
    where account_id = ${accountId} and created_at > now() - interval '30 days' and not exists (
      select from authenticator_apps where account_id = ${accountId} and confirmed_at is not null
    ) returning 1`.execute(transaction);
  return rows.length > 0;
}

/** The account whose password the proof may set, if the proof is right. */
async function findProvenAccount(transaction: Database, proof: PasswordReset['proof']): Promise<string | undefined> {
  if (proof.kind === 'recovery_code') return proof.accountId;
  const { rows } = await sql<{ account_id: string }>`
    select account_id from password_resets where token_hash = ${hashSecret(proof.token)}`.execute(transaction);
  return rows[0]?.account_id;
}

async function consumeProof(transaction: Database, accountId: string, proof: PasswordReset['proof']): Promise<boolean> {
  if (proof.kind === 'recovery_code') return consumeRecoveryCode(transaction, proof);
  const { rows } = await sql`
    delete from password_resets
    where token_hash = ${hashSecret(proof.token)} and account_id = ${accountId} and expires_at > now()
    returning 1`.execute(transaction);
  return rows.length > 0;
}
