import { Readable } from 'node:stream';
import { deleteReplaceableAccount, findAccountStanding, insertAuditEvent } from '@aipassport/store/authorization';
import { writeAccountData } from '../account/write-account-data.js';
import { conflict, unknownObject } from '../api/refusals.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminCall } from './admin-call.js';

/**
 * `DELETE /api/admin/accounts/:account_id`: deletes the account as its owner could. The account of an operator is not
 * deleted, so that a program cannot leave the server without an operator.
 */
export async function removeAccount({ db }: Dependencies, { ctx, caller, value: id }: AdminCall): Promise<undefined> {
  const account = await findAccountStanding(db, id);
  if (account === undefined) throw unknownObject();
  if (account.isOperator) throw isOperator();
  const deleted = await deleteReplaceableAccount(db, id, 'operator');
  // the account has become an operator since it was read
  if (deleted === 'only_operator') throw isOperator();
  if (!deleted) throw unknownObject();
  ctx.state.log.info({ event: 'account_deleted', by: caller.by });
}

function isOperator() {
  return conflict('The account is an operator. Take the role away with the command first.');
}

/** `GET /api/admin/accounts/:account_id/export`: the data that the owner can download. */
export async function exportAccountData(
  { db }: Dependencies,
  { ctx, caller, value: id }: AdminCall,
): Promise<Readable> {
  if ((await findAccountStanding(db, id)) === undefined) throw unknownObject();
  await insertAuditEvent(db, { event: 'data_exported', accountId: id, detail: { by: caller.by } });
  ctx.type = 'application/json; charset=utf-8';
  return Readable.from(writeAccountData(db, id));
}
