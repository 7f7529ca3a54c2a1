import { insertAuditEvent } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Foundation } from '../foundation.js';
import { endOwnerSession, findOwner } from './owner-session.js';

/**
 * Ends the owner's session at this browser, and records it.
 *
 * @param clientId the client that asked for the sign-out; undefined when the owner signed out on a page of this server
 */
export async function endSession(
  foundation: Pick<Foundation, 'db' | 'configuration'>,
  ctx: Context,
  clientId?: string,
): Promise<void> {
  const owner = await findOwner(foundation, ctx);
  if (owner === undefined) return;
  await foundation.db.transaction().execute(async (transaction) => {
    await endOwnerSession({ ...foundation, db: transaction }, ctx);
    await insertAuditEvent(transaction, {
      event: 'signed_out',
      accountId: owner.accountId,
      ...(clientId !== undefined && { clientId }),
    });
  });
}
