import { type Database, makeSecret } from '@aipassport/store';
import { insertAuditEvent, insertPasswordReset } from '@aipassport/store/authorization';

const lifetimeSeconds = 3_600;

interface ResetLinkRequest {
  readonly accountId: string;
  /** The identifier of the operator's account, or `operator` for the operator's command. */
  readonly by: string;
}

/**
 * Makes the token of a link with which the owner of an account sets a new password once, within an hour.
 * @returns SECRET: the token, of which only the hash is stored; undefined when the account is disabled
 */
export async function createResetToken(db: Database, { accountId, by }: ResetLinkRequest): Promise<string | undefined> {
  const token = makeSecret();
  return db.transaction().execute(async (transaction) => {
    if (!(await insertPasswordReset(transaction, { accountId, token, lifetimeSeconds }))) return undefined;
    await insertAuditEvent(transaction, { event: 'password_reset_link_created', accountId, detail: { by } });
    return token;
  });
}
